use std::{
    convert::Infallible,
    future::{Ready, ready},
    pin::pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::Empty;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    decision::{Rejection, Verdict},
    layer::PreconditionLayer,
    representation::Representation,
    source::ValidatorSource,
};

/// Makes the verdict that the layer would give the handler of this request.
///
/// Call the handler with it in a unit test. `current` is the state that the look-up would have found: a
/// [`Representation`], or what becomes one, such as `EntityTag` or `Option<Validators>`. The layer itself evaluates the
/// request, without a requirement; the request's body does not matter.
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
    let service = PreconditionLayer::new(Once(Mutex::new(Some(current.into())))).layer(Handler);
    let mut asked = Request::new(Empty::<Bytes>::new());
    *asked.method_mut() = request.method().clone();
    *asked.uri_mut() = request.uri().clone();
    *asked.version_mut() = request.version();
    *asked.headers_mut() = request.headers().clone();

    let mut response = at_once(service, asked);
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

/// Finds what it was made with, for the one request that it is asked about.
struct Once(Mutex<Option<Representation>>);

impl ValidatorSource for Once {
    type Error = Infallible;
    type Future = Ready<Result<Representation, Infallible>>;

    fn validators(&self, _: &Parts) -> Self::Future {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        ready(Ok(found.unwrap_or_else(Representation::absent)))
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
