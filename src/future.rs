use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response, request::Parts};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    RejectionResponder, ResponseBody, ValidatorSource, Validators,
    layer::Config,
    order::{After, Question, after_lookup},
    respond::{emit, not_modified, refuse, reject},
};

pin_project! {
    /// The response of a [`Precondition`](crate::Precondition) service.
    ///
    /// Dropping it drops the look-up or the inner response with it.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, Service, service_fn};
    /// use tower_precondition::{EntityTag, PreconditionLayer};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) });
    /// let handler = service_fn(|_| async { Ok::<_, Infallible>(Response::new(String::new())) });
    /// let future = layer.layer(handler).call(Request::new(()));
    /// assert_eq!(future.await.unwrap().headers()["etag"], "\"1\"");
    /// # });
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, V, P, R, B, ResBody>
    where
        S: Service<Request<B>>,
        V: ValidatorSource,
    {
        #[pin]
        state: State<S, V, P, R, B, ResBody>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, V, P, R, B, ResBody>
    where
        S: Service<Request<B>>,
        V: ValidatorSource,
    {
        /// Decided; nothing is awaited.
        Answer { response: Option<Response<ResponseBody<ResBody>>> },
        /// The source is asked.
        LookUp { #[pin] lookup: V::Future, held: Held<S, V, P, R, B> },
        /// The inner service answers, and its answer passes.
        Forward { #[pin] response: S::Future },
        /// The inner service answers, and its answer gets these.
        Emit { #[pin] response: S::Future, emitted: Validators },
    }
}

/// What waits for the look-up: the request, and the ready service it is for.
pub(crate) struct Held<S, V, P, R, B> {
    pub(crate) service: S,
    /// Taken once, by what the look-up leads to.
    pub(crate) request: Option<(Parts, B)>,
    pub(crate) config: Arc<Config<V, P, R>>,
    pub(crate) question: Question,
}

impl<S, V, P, R, B, ResBody> ResponseFuture<S, V, P, R, B, ResBody>
where
    S: Service<Request<B>>,
    V: ValidatorSource,
{
    pub(crate) fn answer(response: Response<ResponseBody<ResBody>>) -> Self {
        Self { state: State::Answer { response: Some(response) } }
    }

    pub(crate) fn look_up(lookup: V::Future, held: Held<S, V, P, R, B>) -> Self {
        Self { state: State::LookUp { lookup, held } }
    }

    pub(crate) fn forward(response: S::Future) -> Self {
        Self { state: State::Forward { response } }
    }
}

impl<S, V, P, R, B, ResBody> Future for ResponseFuture<S, V, P, R, B, ResBody>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    V: ValidatorSource,
    R: RejectionResponder,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProjection::Answer { response } => {
                    let response = response.take().expect("polled after it was ready");
                    return Poll::Ready(Ok(response));
                }
                StateProjection::LookUp { lookup, held } => {
                    let Held { service, request, config, question } = held;
                    let (head, _) = request.as_mut().expect("polled after it was ready");
                    let found = ready!(lookup.poll(cx)).map_err(Into::into);
                    let fields = question.fields;
                    let response = match after_lookup(question, found, config.emit, config.expose, head) {
                        After::Forward(emitted) => {
                            let (head, body) = request.take().expect("it was there to be judged");
                            let response = service.call(Request::from_parts(head, body));
                            state.set(match emitted {
                                None => State::Forward { response },
                                Some(emitted) => State::Emit { response, emitted },
                            });
                            continue;
                        }
                        After::NotModified(validators) => not_modified(validators, config.emit, head, fields),
                        After::Reject(rejection) => reject(rejection, &*config.responder, head, fields),
                        After::Refuse(response) => refuse(*response, head, fields),
                    };
                    *request = None;
                    return Poll::Ready(Ok(response));
                }
                StateProjection::Forward { response } => {
                    let response = ready!(response.poll(cx))?;
                    return Poll::Ready(Ok(response.map(ResponseBody::inner)));
                }
                StateProjection::Emit { response, emitted } => {
                    let (mut head, body) = ready!(response.poll(cx))?.into_parts();
                    emit(&mut head, mem::take(emitted));
                    return Poll::Ready(Ok(Response::from_parts(head, ResponseBody::inner(body))));
                }
            }
        }
    }
}

impl<S, V, P, R, B, ResBody> fmt::Debug for ResponseFuture<S, V, P, R, B, ResBody>
where
    S: Service<Request<B>>,
    V: ValidatorSource,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Answer { .. } => "ResponseFuture(answer)",
            State::LookUp { .. } => "ResponseFuture(look-up)",
            State::Forward { .. } => "ResponseFuture(forward)",
            State::Emit { .. } => "ResponseFuture(emit)",
        })
    }
}
