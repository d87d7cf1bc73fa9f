use std::{
    fmt, mem,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::{
    ResponseFuture,
    config::Config,
    future::HeldRequest,
    order_of_answers::{Before, CheckedHead, Need, before_lookup},
};
use crate::{
    precondition::{RequestFields, Requirement, RequirementPolicy},
    response::{ProblemDetails, RejectionResponder, ResponseBody, reject},
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
    pub(super) fn new(inner: S, policy: Arc<P>, config: Config<V, R>) -> Self {
        Self { inner, policy, config: Arc::new(config) }
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
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, V, R, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Self { inner, policy, config } = self;
        let fields = RequestFields::of(request.headers());
        let need = Need::of(&**policy, config.emit, request.method(), fields);
        if need == Need::Nothing {
            return ResponseFuture::forward(inner.call(request));
        }
        let (mut head, body) = request.into_parts();
        #[cfg_attr(not(feature = "write-ids"), allow(unused_mut, reason = "only an identity changes it"))]
        let mut checked = match need {
            Need::Nothing | Need::Validators => CheckedHead::unconditional(fields),
            Need::Evaluation => {
                match before_lookup(&**policy, config.emit, &config.upgrades, &mut head, fields) {
                    Before::LookUp(checked) => checked,
                    Before::Forward => {
                        return ResponseFuture::forward(inner.call(Request::from_parts(head, body)));
                    }
                    Before::Reject(rejection) => {
                        return ResponseFuture::answer(reject(rejection, &*config.responder, &head, fields));
                    }
                }
            }
        };
        // Call the service that was made ready. Its clone takes its place and is not ready yet.
        let clone = inner.clone();
        let mut service = mem::replace(inner, clone);
        if let (true, Some(writes)) = (checked.is_write(), &config.writes) {
            #[cfg(feature = "write-ids")]
            if writes.identify(&mut head, fields) {
                checked.set_identified();
            }
            if let Some(queue) = &writes.queue {
                let turn = queue.join(&head);
                return ResponseFuture::wait(turn, HeldRequest::new(service, head, body, config, checked));
            }
        }
        let lookup = checked.look_up(&*config.source, &head, &mut service);
        ResponseFuture::look_up(lookup, HeldRequest::new(service, head, body, config, checked))
    }
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
