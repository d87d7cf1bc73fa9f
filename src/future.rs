use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Extensions, Request, Response, request::Parts};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    RejectionResponder, ResponseBody, ValidatorSource, Validators,
    attachments::Attachments,
    guard::HeldGuards,
    late::{from_handler, render_late},
    layer::Config,
    order::{After, Question, after_lookup},
    queue::{Turn, WaitedTooLong, Waiting},
    respond::{emit, not_modified, refuse, reject},
};

pin_project! {
    /// The response of a [`Precondition`](crate::Precondition) service.
    ///
    /// Dropping it drops the look-up or the inner response with it.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use http::{Extensions, Request, Response, request::Parts};
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
        /// Other writes of the resource come first.
        Wait { waiting: Waiting, held: Option<Held<S, V, P, R, B>> },
        /// The source is asked.
        LookUp { #[pin] lookup: V::Future, held: Held<S, V, P, R, B> },
        /// The inner service answers, and its answer passes.
        Forward { #[pin] response: S::Future },
        /// The inner service answers a request that was judged.
        Judged { #[pin] response: S::Future, kept: Kept<V, P, R> },
        /// All is done, and what was held is released.
        Done,
    }
}

/// What waits for the look-up: the request, and the ready service it is for.
pub(crate) struct Held<S, V, P, R, B> {
    service: S,
    /// Taken once, by what the look-up leads to.
    request: Option<(Parts, B)>,
    config: Arc<Config<V, P, R>>,
    question: Question,
    turn: Option<Turn>,
}

impl<S, V, P, R, B> Held<S, V, P, R, B> {
    #[inline(always)]
    pub(crate) fn new(
        service: S,
        head: Parts,
        body: B,
        config: &Arc<Config<V, P, R>>,
        question: Question,
    ) -> Self {
        Self { service, request: Some((head, body)), config: Arc::clone(config), question, turn: None }
    }
}

/// What the answer to a judged request is to meet.
struct Kept<V, P, R> {
    /// What a 200 gets.
    emitted: Option<Validators>,
    config: Arc<Config<V, P, R>>,
    /// Held until the inner future has ended.
    guards: Option<Arc<HeldGuards>>,
}

impl<S, V, P, R, B, ResBody> ResponseFuture<S, V, P, R, B, ResBody>
where
    S: Service<Request<B>>,
    V: ValidatorSource,
{
    pub(crate) fn answer(response: Response<ResponseBody<ResBody>>) -> Self {
        Self { state: State::Answer { response: Some(response) } }
    }

    pub(crate) fn wait(waiting: Waiting, held: Held<S, V, P, R, B>) -> Self {
        Self { state: State::Wait { waiting, held: Some(held) } }
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
                StateProjection::Wait { waiting, held } => {
                    let turn = ready!(waiting.as_mut().poll(cx));
                    let mut held = held.take().expect("the wait ends once");
                    let (head, _) = held.request.as_ref().expect("it is not judged yet");
                    match turn {
                        Ok(turn) => {
                            let lookup = held.config.source.validators(head);
                            held.turn = Some(turn);
                            state.set(State::LookUp { lookup, held });
                        }
                        Err(WaitedTooLong) => {
                            let fields = held.question.fields;
                            let rejection = held.question.waited_too_long(head);
                            let response = reject(rejection, &*held.config.responder, head, fields);
                            return Poll::Ready(Ok(response));
                        }
                    }
                }
                StateProjection::LookUp { lookup, held } => {
                    let Held { service, request, config, question, turn } = held;
                    let (head, _) = request.as_mut().expect("polled after it was ready");
                    let found = ready!(lookup.poll(cx)).map_err(Into::into);
                    let fields = question.fields;
                    let response = match after_lookup(question, found, config.emit, config.expose, head) {
                        After::Forward(emitted, attachments) => {
                            let (mut head, body) = request.take().expect("it was there to be judged");
                            let guards = match (attachments, turn.take()) {
                                (None, None) => None,
                                (attachments, turn) => hand_on(attachments, turn, &mut head.extensions),
                            };
                            let config = Arc::clone(config);
                            let response = service.call(Request::from_parts(head, body));
                            state.set(State::Judged { response, kept: Kept { emitted, config, guards } });
                            continue;
                        }
                        After::NotModified(validators) => not_modified(validators, config.emit, head, fields),
                        After::Reject(rejection) => reject(rejection, &*config.responder, head, fields),
                        After::Refuse(response) => refuse(*response, head, fields),
                    };
                    *request = None;
                    *turn = None;
                    return Poll::Ready(Ok(response));
                }
                StateProjection::Forward { response } => {
                    let response = ready!(response.poll(cx))?;
                    return Poll::Ready(Ok(response.map(ResponseBody::inner)));
                }
                StateProjection::Judged { response, kept } => {
                    let answer = ready!(response.poll(cx));
                    let Kept { emitted, config, guards } = kept;
                    let answer = answer.map(|answer| answered(answer, emitted.take(), config));
                    if let Some(guards) = guards.take() {
                        // First the future that was guarded, then the guards.
                        state.set(State::Done);
                        drop(guards);
                    }
                    return Poll::Ready(answer);
                }
                StateProjection::Done => panic!("polled after it was ready"),
            }
        }
    }
}

/// Gives the handler what the source attached, and holds the guards for it.
#[cold]
fn hand_on(
    attachments: Option<Box<Attachments>>,
    turn: Option<Turn>,
    extensions: &mut Extensions,
) -> Option<Arc<HeldGuards>> {
    let Attachments { values, guards } = attachments.map_or_else(Attachments::default, |boxed| *boxed);
    extensions.extend(values);
    guards.behind(turn).hold(extensions)
}

/// The inner service's answer, with what it gets here.
#[inline(always)]
fn answered<V, P, R: RejectionResponder, ResBody>(
    answer: Response<ResBody>,
    emitted: Option<Validators>,
    config: &Config<V, P, R>,
) -> Response<ResponseBody<ResBody>> {
    let (mut head, body) = answer.into_parts();
    if let Some(late) = from_handler(&mut head) {
        return render_late(head, late, config.expose, &*config.responder);
    }
    if let Some(emitted) = emitted {
        emit(&mut head, emitted);
    }
    Response::from_parts(head, ResponseBody::inner(body))
}

impl<S, V, P, R, B, ResBody> fmt::Debug for ResponseFuture<S, V, P, R, B, ResBody>
where
    S: Service<Request<B>>,
    V: ValidatorSource,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Answer { .. } => "ResponseFuture(answer)",
            State::Wait { .. } => "ResponseFuture(wait)",
            State::LookUp { .. } => "ResponseFuture(look-up)",
            State::Forward { .. } | State::Judged { .. } => "ResponseFuture(forward)",
            State::Done => "ResponseFuture(done)",
        })
    }
}
