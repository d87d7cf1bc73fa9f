use std::{
    convert::Infallible,
    fmt,
    future::{Ready, ready},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::Empty;
use tower_layer::Layer;
use tower_service::Service;

#[cfg(feature = "write-ids")]
use crate::decision::WriteIds;
use crate::{
    decision::{Rejection, Verdict},
    layer::PreconditionLayer,
    precondition::{Requirement, RequirementPolicy, TagComparison},
    representation::Representation,
    source::ValidatorSource,
};

/// Makes the verdict that the layer would give the handler of this request.
///
/// Call the handler with it in a unit test. `current` is the state that the look-up would have found: a
/// [`Representation`], or what becomes one, such as `EntityTag` or `Option<Validators>`. A layer with the default
/// settings evaluates the request; [`Verdicts`] has the others. The request's body does not matter.
///
/// # Errors
///
/// The rejection with which the layer would answer instead of the handler.
///
/// # Panics
///
/// If a handler of this request gets no verdict: on GET, HEAD, QUERY, OPTIONS, TRACE and CONNECT, and if the
/// representation is deferred or refused.
///
/// # Example
///
/// ```
/// use http::Request;
/// use tower_precondition::{EntityTag, Rejection, RejectionKind, Verdict, testing};
///
/// // The handler: somebody may have written since the layer looked.
/// fn write(stored: u64, verdict: Verdict) -> Result<u64, Rejection> {
///     if verdict.current_number() == Some(stored) {
///         Ok(stored + 1)
///     } else {
///         Err(verdict.reject(EntityTag::from_version(stored)))
///     }
/// }
///
/// let put = Request::put("/notes/plan").header("if-match", "\"7\"").body(())?;
/// let verdict = testing::verdict(&put, EntityTag::from_version(7)).expect("the layer lets it through");
/// assert_eq!(write(7, verdict.clone()).expect("nobody wrote"), 8);
///
/// // Version 8 was stored after the look-up.
/// let late = write(8, verdict).expect_err("the write lost the race");
/// assert_eq!(late.kind(), RejectionKind::PreconditionFailed);
/// # Ok::<(), http::Error>(())
/// ```
pub fn verdict<B>(request: &Request<B>, current: impl Into<Representation>) -> Result<Verdict, Rejection> {
    Verdicts::new().verdict(request, current)
}

/// Makes verdicts as a layer with these settings does.
///
/// Use it if the handler depends on a setting: on the requirement, on the identity of a write, or on how tags compare.
/// For any other handler use [`verdict`], the same with the default settings. The methods are those of
/// [`PreconditionLayer`]; what it only uses for answers is missing.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "write-ids")] {
/// use http::Request;
/// use tower_precondition::{EntityTag, MadeWrite, RejectionKind, Representation, Requirement};
/// use tower_precondition::{Verdict, WriteIds, testing::Verdicts};
///
/// # #[derive(Clone)]
/// # struct User(&'static str);
/// /// The application's own settings, in one place, as its layer has them.
/// fn write_ids() -> WriteIds {
///     WriteIds::new(|head| head.extensions.get::<User>().map(|user| user.0))
/// }
///
/// /// The handler stores the identity with the write.
/// fn record(verdict: &Verdict) -> Option<[u8; 32]> {
///     verdict.write_identity().map(|identity| *identity.as_bytes())
/// }
///
/// let verdicts = Verdicts::new().require(Requirement::on_writes()).write_ids(write_ids());
/// let put = Request::put("/notes/plan")
///     .extension(User("ada"))
///     .header("if-match", "\"7\"")
///     .header("idempotency-key", "8e03978e-40d5-43dd-bc93-6894a57f9324")
///     .header("content-length", "0")
///     .body(())?;
/// let verdict = verdicts.verdict(&put, EntityTag::from_version(7)).expect("the layer lets it through");
/// assert!(record(&verdict).is_some());
///
/// // A write without a condition does not reach the handler.
/// let blind = Request::put("/notes/plan").body(())?;
/// let refused = verdicts.verdict(&blind, EntityTag::from_version(7)).expect_err("428");
/// assert_eq!(refused.kind(), RejectionKind::PreconditionRequired);
///
/// // The record has this identity: an earlier attempt of the same write was made.
/// let state = |version| Some(EntityTag::from_version(version).into());
/// let made = Representation::from(EntityTag::from_version(8)).with_made_write(MadeWrite::new(state(7), state(8)));
/// assert_eq!(verdict.reject(made).kind(), RejectionKind::AlreadyMade);
/// # }
/// # Ok::<(), http::Error>(())
/// ```
#[must_use = "it makes nothing before `verdict`"]
pub struct Verdicts<P = Requirement> {
    layer: PreconditionLayer<Given, P>,
}

impl Verdicts {
    /// Begins with the default settings: no requirement, no ids of writes, and strong comparison.
    pub fn new() -> Self {
        Self { layer: PreconditionLayer::new(Given) }
    }
}

impl Default for Verdicts {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> Verdicts<P> {
    /// Requires conditions, as [`PreconditionLayer::require`] does.
    pub fn require<Q: RequirementPolicy>(self, policy: Q) -> Verdicts<Q> {
        Verdicts { layer: self.layer.require(policy) }
    }

    /// Chooses how entity tags compare, as [`PreconditionLayer::compare_tags`] does.
    pub fn compare_tags(self, comparison: TagComparison) -> Self {
        Self { layer: self.layer.compare_tags(comparison) }
    }

    /// Reads the ids of writes, as [`PreconditionLayer::write_ids`] does.
    ///
    /// The closure that names the sender gets the extensions of the request that [`verdict`](Self::verdict) takes.
    #[cfg(feature = "write-ids")]
    pub fn write_ids(self, ids: WriteIds) -> Self {
        Self { layer: self.layer.write_ids(ids) }
    }
}

impl<P: RequirementPolicy> Verdicts<P> {
    /// Makes the verdict that the layer would give the handler of this request.
    ///
    /// `current` is the state that the look-up would have found. The request's body does not matter; its head does,
    /// with the extensions.
    ///
    /// # Errors
    ///
    /// The rejection with which the layer would answer instead of the handler.
    ///
    /// # Panics
    ///
    /// As [`testing::verdict`](verdict()) does.
    pub fn verdict<B>(
        &self,
        request: &Request<B>,
        current: impl Into<Representation>,
    ) -> Result<Verdict, Rejection> {
        let mut asked = Request::new(Empty::<Bytes>::new());
        *asked.method_mut() = request.method().clone();
        *asked.uri_mut() = request.uri().clone();
        *asked.version_mut() = request.version();
        *asked.headers_mut() = request.headers().clone();
        *asked.extensions_mut() = request.extensions().clone();
        asked.extensions_mut().insert(State(Arc::new(Mutex::new(Some(current.into())))));

        let mut response = at_once(self.layer.layer(Handler), asked);
        let extensions = response.extensions_mut();
        match (extensions.remove::<Rejection>(), extensions.remove::<Verdict>()) {
            (Some(rejection), _) => Err(rejection),
            (None, Some(verdict)) => Ok(verdict),
            (None, None) => panic!(
                "a handler of {} gets no verdict: only a method that may change state has one, and only if the \
                 representation is neither deferred nor refused",
                request.method(),
            ),
        }
    }
}

// By hand: a derive would demand `Clone` and `Debug` of the policy.
impl<P> Clone for Verdicts<P> {
    fn clone(&self) -> Self {
        Self { layer: self.layer.clone() }
    }
}

impl<P> fmt::Debug for Verdicts<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verdicts").field("layer", &self.layer).finish()
    }
}

/// Calls a service that is always ready and never waits.
fn at_once<S>(mut service: S, request: Request<Empty<Bytes>>) -> S::Response
where
    S: Service<Request<Empty<Bytes>>, Error = Infallible>,
{
    let mut context = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut context).is_ready(), "the handler is always ready");
    match pin!(service.call(request)).poll(&mut context) {
        Poll::Ready(Ok(response)) => response,
        Poll::Pending => unreachable!("neither the source nor the handler waits"),
    }
}

/// The state that a request is evaluated against. It travels with the request, so that one layer serves many.
#[derive(Clone)]
struct State(Arc<Mutex<Option<Representation>>>);

/// Finds the state that the request brought along.
struct Given;

impl ValidatorSource for Given {
    type Error = Infallible;
    type Future = Ready<Result<Representation, Infallible>>;

    fn validators(&self, head: &Parts) -> Self::Future {
        let State(state) = head.extensions.get().expect("`verdict` put it there");
        let state = state.lock().unwrap_or_else(PoisonError::into_inner).take();
        ready(Ok(state.expect("the layer asks once")))
    }
}

/// Hands the verdict back.
#[derive(Clone)]
struct Handler;

impl<B> Service<Request<B>> for Handler {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut response = Response::new(Empty::new());
        if let Some(verdict) = request.extensions_mut().remove::<Verdict>() {
            response.extensions_mut().insert(verdict);
        }
        ready(Ok(response))
    }
}
