use std::{
    fmt, mem,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{
    ResponseFuture,
    checked_head::CheckedHead,
    config::{Config, Suffixed},
    future::{Extra, HeldRequest, forget_outer, mark},
    need::Need,
    on_response::OnResponse,
    order_of_answers::{Before, before_lookup, defer_read},
    write_queue::Joined,
};
#[cfg(feature = "webdav")]
use crate::webdav::IF;
use crate::{
    coding::MarkedResponse,
    precondition::{RequestFields, Requirement, RequirementPolicy},
    response::{ProblemDetails, RejectionResponder, ResponseBody, Unread, reject},
    source::RepresentationSource,
};

/// A service behind preconditions. [`PreconditionLayer`](crate::PreconditionLayer) makes it.
///
/// It is `Clone`, `Send` and `Sync` if the inner service is, and if the source, the policy and the responder
/// are `Send` and `Sync`. It passes the inner service's errors on and adds none: the layer answers instead.
///
/// ```
/// # use tower::Layer;
/// use tower_precondition::{EntityTag, PreconditionLayer};
///
/// let layer = PreconditionLayer::new(|_: &http::request::Parts| async { EntityTag::from_version(1) });
/// let service = layer.layer("any service");
/// assert_eq!(*service.get_ref(), "any service");
/// ```
pub struct Precondition<S, V, P = Requirement, R = ProblemDetails> {
    inner: S,
    policy: Arc<P>,
    config: Arc<Config<V, R>>,
}

impl<S, V, P, R> Precondition<S, V, P, R> {
    pub(super) const fn new(inner: S, policy: Arc<P>, config: Arc<Config<V, R>>) -> Self {
        Self { inner, policy, config }
    }

    /// Returns the inner service.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns the inner service, to change it.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Unwraps the inner service.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, V, P, R, B, ResBody> Service<Request<B>> for Precondition<S, V, P, R>
where
    S: Service<Request<B>, Response = Response<ResBody>> + Clone,
    V: RepresentationSource<S, B>,
    P: RequirementPolicy,
    R: RejectionResponder,
    B: Body + Send + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, V, R, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if self.config.suffixed.is_some() {
            return *self.call_suffixed(request);
        }
        let Self { inner, policy, config } = self;
        let fields = fields_of::<S, V, B>(request.headers());
        match Need::of(&**policy, config.emit, request.method(), fields) {
            Need::Nothing => ResponseFuture::forward(inner.call(request)),
            need => dispatch(inner, &**policy, config, request, fields, need, None),
        }
    }
}

impl<S, V, P, R> Precondition<S, V, P, R> {
    /// Does what `call` does in a layer that takes suffixes off: every tag that leaves is marked.
    ///
    /// The future is boxed, because a future that two functions write costs every request a copy.
    #[cold]
    #[inline(never)]
    fn call_suffixed<B, ResBody>(&mut self, request: Request<B>) -> Box<ResponseFuture<S, V, R, B>>
    where
        S: Service<Request<B>, Response = Response<ResBody>> + Clone,
        V: RepresentationSource<S, B>,
        P: RequirementPolicy,
        R: RejectionResponder,
        B: Body + Send + 'static,
    {
        let Self { inner, policy, config } = self;
        let (mut head, body) = request.into_parts();
        let marked = match &config.suffixed {
            Some(Suffixed { suffixes, .. }) => MarkedResponse::to(&mut head, suffixes),
            None => None,
        };
        // A layer outside marks already if there is nothing to mark here.
        let config = match &config.suffixed {
            Some(Suffixed { inside, .. }) if marked.is_none() => inside,
            _ => config,
        };
        let extra = marked.map(|marked| Box::new(Extra::marking(marked)));
        let fields = fields_of::<S, V, B>(&head.headers);
        let request = Request::from_parts(head, body);
        Box::new(dispatch(inner, &**policy, config, request, fields, Need::Evaluation, extra))
    }
}

/// Sends a request on its way: to an answer, to the service, or to the look-up. `extra` says how the answer is marked.
// In both callers, so that one of them need not ask for marks.
#[cfg_attr(not(debug_assertions), inline(always))]
fn dispatch<S, V, R, B, ResBody>(
    inner: &mut S,
    policy: &impl RequirementPolicy,
    config: &Arc<Config<V, R>>,
    request: Request<B>,
    fields: RequestFields,
    need: Need,
    mut extra: Option<Box<Extra>>,
) -> ResponseFuture<S, V, R, B>
where
    S: Service<Request<B>, Response = Response<ResBody>> + Clone,
    V: RepresentationSource<S, B>,
    R: RejectionResponder,
    B: Body + Send + 'static,
{
    let (mut head, body) = request.into_parts();
    let mut checked = match need {
        Need::Nothing | Need::Validators => CheckedHead::unconditional(fields),
        Need::Evaluation => {
            let before = before_lookup(policy, config.emit, &config.upgrades, &mut head, fields);
            #[cfg(feature = "webdav")]
            let before = match V::JUDGES_IF {
                true => before.check_if(|| config.source.check_if(&head)),
                false => before,
            };
            match before {
                Before::LookUp(checked) => checked,
                Before::Forward => {
                    let response = inner.call(Request::from_parts(head, body));
                    return match extra.and_then(|extra| extra.marked) {
                        None => ResponseFuture::forward(response),
                        marked => ResponseFuture::finish(response, OnResponse::Pass.marked(marked), config),
                    };
                }
                Before::Reject(rejection) => {
                    let mut response = reject(rejection, &*config.responder, &head, fields);
                    mark(extra, &mut response);
                    let unread = Unread::of(&head, fields, &body);
                    return ResponseFuture::answer(response, unread, body, config.refused_uploads);
                }
            }
        }
    };
    if extra.is_some() {
        checked.mark_answer();
    }
    // Fast path: no look-up tells more, so nothing is held for one. It saves 590 instructions of a 304.
    if config.source.defers_reads() && !checked.is_write() {
        let on_response = defer_read(&mut checked, &config.comparison, &mut head);
        let on_response = on_response.marked(extra.and_then(|extra| extra.marked));
        forget_outer(&mut head);
        return ResponseFuture::finish(inner.call(Request::from_parts(head, body)), on_response, config);
    }
    // Call the service that was made ready. Its clone takes its place and is not ready yet.
    let clone = inner.clone();
    let mut service = mem::replace(inner, clone);
    if let (true, Some(writes)) = (checked.is_write(), &config.writes) {
        #[cfg(feature = "write-ids")]
        if writes.identify(&mut head, fields) {
            checked.set_identified();
        }
        match writes.queue.as_ref().map(|queue| queue.join(&head)) {
            None => {}
            Some(Joined::Turn(turn)) => extra.get_or_insert_default().turn = Some(turn),
            Some(Joined::Wait(turn)) => {
                let held = HeldRequest::new(service, head, body, config, checked, extra);
                return ResponseFuture::wait(turn, held);
            }
        }
    }
    let lookup = checked.look_up(&*config.source, &mut head, &mut service);
    ResponseFuture::look_up(lookup, HeldRequest::new(service, head, body, config, checked, extra))
}

/// Finds the fields of a request that matter here.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(
    not(feature = "webdav"),
    expect(clippy::extra_unused_type_parameters, reason = "only a source of locks judges If")
)]
fn fields_of<S, V: RepresentationSource<S, B>, B>(headers: &HeaderMap) -> RequestFields {
    let fields = RequestFields::of(headers);
    // One pass over the names costs less than a look-up by hash: 80 instructions of a browser's request.
    #[cfg(feature = "webdav")]
    let fields = match V::JUDGES_IF && headers.keys().any(|name| *name == IF) {
        true => fields.and(RequestFields::WEBDAV_IF),
        false => fields,
    };
    fields
}

impl<S: Clone, V, P, R> Clone for Precondition<S, V, P, R> {
    fn clone(&self) -> Self {
        let Self { inner, policy, config } = self;
        Self { inner: inner.clone(), policy: Arc::clone(policy), config: Arc::clone(config) }
    }
}

impl<S: fmt::Debug, V, P, R> fmt::Debug for Precondition<S, V, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Precondition").field("inner", &self.inner).finish_non_exhaustive()
    }
}
