use std::{
    fmt, mem,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::config::Config;
use super::future::{Held, ResponseFuture};
use super::order_of_answers::{Before, Question, Want, before_lookup};
use crate::{
    coding::decode,
    precondition::{RequestFields, Requirement, RequirementPolicy},
    response::{ProblemDetails, RejectionResponder, ResponseBody, reject},
    source::Inquiry,
};

/// A service behind preconditions; made by [`PreconditionLayer`](crate::PreconditionLayer).
///
/// It is `Clone`, `Send` and `Sync` where the inner service is and the source,
/// the policy and the responder are `Send` and `Sync`. Its error is the inner
/// service's: the layer answers, it does not fail.
///
/// # Example
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
    config: Arc<Config<V, P, R>>,
}

impl<S, V, P, R> Precondition<S, V, P, R> {
    pub(crate) fn with_config(inner: S, config: Config<V, P, R>) -> Self {
        Self { inner, config: Arc::new(config) }
    }

    /// The inner service.
    ///
    /// The example of [`Precondition`] shows it.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service, to change it.
    ///
    /// ```
    /// # use tower::Layer;
    /// # use tower_precondition::{EntityTag, PreconditionLayer};
    /// # let layer = PreconditionLayer::new(|_: &http::request::Parts| async { EntityTag::from_version(1) });
    /// let mut service = layer.layer(1);
    /// *service.get_mut() = 2;
    /// assert_eq!(*service.get_ref(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service, without the layer.
    ///
    /// ```
    /// # use tower::Layer;
    /// # use tower_precondition::{EntityTag, PreconditionLayer};
    /// # let layer = PreconditionLayer::new(|_: &http::request::Parts| async { EntityTag::from_version(1) });
    /// assert_eq!(layer.layer(1).into_inner(), 1);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, V, P, R, B, ResBody> Service<Request<B>> for Precondition<S, V, P, R>
where
    S: Service<Request<B>, Response = Response<ResBody>> + Clone,
    V: Inquiry<S, B>,
    P: RequirementPolicy,
    R: RejectionResponder,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, V, P, R, B, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match V::NAMES_CODINGS {
            false => self.judge(request),
            true => {
                let mut request = request;
                let sent = decode(&mut request);
                ResponseFuture::encode(self.judge(request), sent)
            }
        }
    }
}

impl<S, V, P, R> Precondition<S, V, P, R> {
    #[inline(always)]
    fn judge<B, ResBody>(&mut self, request: Request<B>) -> ResponseFuture<S, V, P, R, B, ResBody>
    where
        S: Service<Request<B>, Response = Response<ResBody>> + Clone,
        V: Inquiry<S, B>,
        P: RequirementPolicy,
        R: RejectionResponder,
    {
        let config = &self.config;
        let fields = RequestFields::of(request.headers());
        let want = Want::of(&*config.policy, config.emit, request.method(), fields);
        if want == Want::Nothing {
            return ResponseFuture::forward(self.inner.call(request));
        }
        let (mut head, body) = request.into_parts();
        let question = match want {
            Want::Nothing | Want::Validators => Question::NONE,
            Want::Judgement => match before_lookup(&*config.policy, config.emit, &mut head, fields) {
                Before::LookUp(question) => question,
                Before::Forward => {
                    return ResponseFuture::forward(self.inner.call(Request::from_parts(head, body)));
                }
                Before::Reject(rejection) => {
                    return ResponseFuture::answer(reject(rejection, &*config.responder, &head, fields));
                }
            },
        };
        // The service that was made ready is the one that is called; its clone takes its
        // place, and has to be made ready first.
        let clone = self.inner.clone();
        let mut service = mem::replace(&mut self.inner, clone);
        if question.is_write() {
            if let Some(queue) = &self.config.queue {
                let waiting = queue.join(&head);
                let held = Held::new(service, head, body, &self.config, question);
                return ResponseFuture::wait(waiting, held);
            }
        }
        let depends_on_state = V::CALLS_SERVICE && question.depends_on_state(&head);
        let lookup = self.config.source.inquire(&head, depends_on_state, &mut service);
        ResponseFuture::look_up(lookup, Held::new(service, head, body, &self.config, question))
    }
}

impl<S: Clone, V, P, R> Clone for Precondition<S, V, P, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), config: Arc::clone(&self.config) }
    }
}

impl<S: fmt::Debug, V, P, R> fmt::Debug for Precondition<S, V, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Precondition").field("inner", &self.inner).finish_non_exhaustive()
    }
}
