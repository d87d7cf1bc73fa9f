use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Extensions, Request, Response, request::Parts};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::config::Config;
use super::order_of_answers::{After, Question, Then, after_lookup};
use super::queue::{Turn, WaitedTooLong, Waiting};
use crate::{
    coding::{SentTags, encode},
    representation::{Attachments, HeldGuards},
    response::{
        RejectionResponder, ResponseBody, emit, from_handler, not_modified, refuse, reject, render_late,
    },
    source::Inquiry,
    validator::Validators,
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
        V: Inquiry<S, B>,
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
        V: Inquiry<S, B>,
    {
        /// Decided; nothing is awaited.
        Answer { response: Option<Response<ResponseBody<ResBody>>> },
        /// Other writes of the resource come first.
        Wait { waiting: Waiting, held: Option<Held<S, V, P, R, B>> },
        /// The source is asked.
        LookUp { #[pin] lookup: V::Future, held: Held<S, V, P, R, B> },
        /// The inner service answers, and its answer passes.
        Forward { #[pin] response: S::Future },
        /// The inner service answers, and its 200 gets these.
        Emit { #[pin] response: S::Future, emitted: Validators },
        /// The inner service answers, and its answer may be one to judge or to render.
        Judged { #[pin] response: S::Future, kept: Kept<V, P, R> },
        /// All is done, and what was held is released.
        Done,
        /// The answer is to leave with the tag of its content coding. Apart, since few layers are told so.
        Encode { answer: Pin<Box<ResponseFuture<S, V, P, R, B, ResBody>>>, sent: Option<SentTags> },
    }
}

/// What waits for the look-up: the request, and the ready service it is for.
pub(crate) struct Held<S, V, P, R, B> {
    service: S,
    /// Taken once, by what the look-up leads to.
    request: Option<(Parts, B)>,
    config: Arc<Config<V, P, R>>,
    question: Question,
    /// Apart, since most requests have nothing of it, and this is moved often.
    more: Option<Box<More>>,
}

/// What some requests have beyond that.
#[derive(Default)]
struct More {
    turn: Option<Turn>,
    /// What the look-up has led to, where the service that it called has to be made ready again.
    going_on: Option<GoingOn>,
}

/// What goes on to the inner service with the request.
struct GoingOn {
    then: Then,
    guards: Option<Arc<HeldGuards>>,
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
        let request = Some((head, body));
        Self { service, request, config: Arc::clone(config), question, more: None }
    }
}

impl<S, V, P, R, B> Held<S, V, P, R, B>
where
    S: Service<Request<B>>,
    V: Inquiry<S, B>,
{
    fn inquire(&mut self) -> V::Future {
        let Self { service, request, config, question, .. } = self;
        let (head, _) = request.as_ref().expect("it is not judged yet");
        let depends_on_state = V::CALLS_SERVICE && question.depends_on_state(head);
        config.source.inquire(head, depends_on_state, service)
    }

    /// Calls the service, which is ready.
    fn go_on<ResBody>(&mut self, GoingOn { then, guards }: GoingOn) -> State<S, V, P, R, B, ResBody> {
        let (head, body) = self.request.take().expect("it was there to be judged");
        let response = self.service.call(Request::from_parts(head, body));
        State::Judged { response, kept: Kept { then, config: Arc::clone(&self.config), guards } }
    }
}

/// What the answer to a judged request is to meet.
struct Kept<V, P, R> {
    then: Then,
    config: Arc<Config<V, P, R>>,
    /// Held until the inner future has ended.
    guards: Option<Arc<HeldGuards>>,
}

impl<S, V, P, R, B, ResBody> ResponseFuture<S, V, P, R, B, ResBody>
where
    S: Service<Request<B>>,
    V: Inquiry<S, B>,
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

    pub(crate) fn encode(answer: Self, sent: Option<SentTags>) -> Self {
        Self { state: State::Encode { answer: Box::pin(answer), sent } }
    }

    pub(crate) fn forward(response: S::Future) -> Self {
        Self { state: State::Forward { response } }
    }
}

impl<S, V, P, R, B, ResBody> Future for ResponseFuture<S, V, P, R, B, ResBody>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    V: Inquiry<S, B>,
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
                    match turn {
                        Ok(turn) => {
                            held.more = Some(Box::new(More { turn: Some(turn), going_on: None }));
                            let lookup = held.inquire();
                            state.set(State::LookUp { lookup, held });
                        }
                        Err(WaitedTooLong) => {
                            let Held { request, config, question, .. } = held;
                            let (head, _) = request.expect("it is not judged yet");
                            let rejection = question.waited_too_long(&head);
                            let response = reject(rejection, &*config.responder, &head, question.fields);
                            return Poll::Ready(Ok(response));
                        }
                    }
                }
                StateProjection::LookUp { lookup, held } => {
                    if let (true, Some(more)) = (V::CALLS_SERVICE, &mut held.more) {
                        if more.going_on.is_some() {
                            if let Err(error) = ready!(held.service.poll_ready(cx)) {
                                // What is held for the write ends with it.
                                state.set(State::Done);
                                return Poll::Ready(Err(error));
                            }
                        }
                        if let Some(going_on) = more.going_on.take() {
                            let next = held.go_on(going_on);
                            state.set(next);
                            continue;
                        }
                    }
                    let Held { service, request, config, question, more } = held;
                    let (head, _) = request.as_mut().expect("polled after it was ready");
                    let found = ready!(lookup.poll(cx)).map_err(Into::into);
                    let fields = question.fields;
                    let response = match after_lookup(question, found, config.emit, config.expose, head) {
                        After::Emit(emitted) => {
                            let (head, body) = request.take().expect("it was there to be judged");
                            let response = service.call(Request::from_parts(head, body));
                            state.set(State::Emit { response, emitted });
                            continue;
                        }
                        After::Forward(then, attachments) => {
                            let turn = more.take().and_then(|more| more.turn);
                            let guards = match (attachments, turn) {
                                (None, None) => None,
                                (attachments, turn) => hand_on(attachments, turn, &mut head.extensions),
                            };
                            let going_on = GoingOn { then, guards };
                            if V::CALLS_SERVICE {
                                *more = Some(Box::new(More { turn: None, going_on: Some(going_on) }));
                                continue;
                            }
                            let next = held.go_on(going_on);
                            state.set(next);
                            continue;
                        }
                        After::NotModified(validators) => not_modified(validators, config.emit, head, fields),
                        After::Reject(rejection) => reject(rejection, &*config.responder, head, fields),
                        After::Refuse(response) => refuse(*response, head, fields),
                    };
                    *request = None;
                    *more = None;
                    return Poll::Ready(Ok(response));
                }
                StateProjection::Forward { response } => {
                    let response = ready!(response.poll(cx))?;
                    return Poll::Ready(Ok(response.map(ResponseBody::inner)));
                }
                StateProjection::Emit { response, emitted } => {
                    let (mut head, body) = ready!(response.poll(cx))?.into_parts();
                    emit(&mut head, emitted);
                    return Poll::Ready(Ok(Response::from_parts(head, ResponseBody::inner(body))));
                }
                StateProjection::Judged { response, kept } => {
                    let answer = ready!(response.poll(cx));
                    let Kept { then, config, guards } = kept;
                    let then = mem::replace(then, Then::Pass);
                    let answer = answer.map(|answer| answered(answer, then, config));
                    if let Some(guards) = guards.take() {
                        // First the future that was guarded, then the guards.
                        state.set(State::Done);
                        drop(guards);
                    }
                    return Poll::Ready(answer);
                }
                // Where it is not made, no code is: a call of itself would keep this from being inlined.
                StateProjection::Encode { answer, sent } if V::NAMES_CODINGS => {
                    let mut response = ready!(answer.as_mut().poll(cx))?;
                    encode(&mut response, sent.as_ref());
                    return Poll::Ready(Ok(response));
                }
                StateProjection::Encode { .. } | StateProjection::Done => panic!("polled after it was ready"),
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
    let guards = attachments.map(|attachments| attachments.give_to(extensions)).unwrap_or_default();
    guards.behind(turn).hold(extensions)
}

/// The inner service's answer, with what it gets here.
#[inline(always)]
fn answered<V, P, R: RejectionResponder, ResBody>(
    answer: Response<ResBody>,
    then: Then,
    config: &Config<V, P, R>,
) -> Response<ResponseBody<ResBody>> {
    let (mut head, body) = answer.into_parts();
    if let Some(late) = from_handler(&mut head) {
        return render_late(head, late, config.expose, &*config.responder);
    }
    match then {
        Then::Pass => {}
        Then::Emit(mut validators) => emit(&mut head, &mut validators),
        Then::Judge(asked) => {
            return asked.judge(Response::from_parts(head, body), config.expose, &*config.responder);
        }
    }
    Response::from_parts(head, ResponseBody::inner(body))
}

impl<S, V, P, R, B, ResBody> fmt::Debug for ResponseFuture<S, V, P, R, B, ResBody>
where
    S: Service<Request<B>>,
    V: Inquiry<S, B>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Answer { .. } => "ResponseFuture(answer)",
            State::Wait { .. } => "ResponseFuture(wait)",
            State::LookUp { .. } => "ResponseFuture(look-up)",
            State::Forward { .. } => "ResponseFuture(forward)",
            State::Emit { .. } => "ResponseFuture(emit)",
            State::Judged { .. } => "ResponseFuture(judged)",
            State::Done => "ResponseFuture(done)",
            State::Encode { .. } => "ResponseFuture(encode)",
        })
    }
}
