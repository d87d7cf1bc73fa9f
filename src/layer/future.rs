use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response, request::Parts};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{
    checked_head::CheckedHead,
    config::Config,
    on_response::OnResponse,
    order_of_answers::{After, after_lookup},
    write_queue::{WaitForTurn, WaitedTooLong},
};
use crate::{
    coding::MarkedResponse,
    decision::Verdict,
    precondition::MethodKind,
    representation::{Attachments, FromSource, HeldGuards, Turn},
    response::{
        Emission, Look, OwnBody, RefusedUploads, RejectionResponder, ResponseBody, Unread, not_modified,
        refuse, reject, say_open,
    },
    source::RepresentationSource,
};

pin_project! {
    /// The response of a [`Precondition`](crate::Precondition) service.
    ///
    /// Dropping it cancels the look-up or the inner response.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, V, R, B>
    where
        S: Service<Request<B>>,
        V: RepresentationSource<S, B>,
    {
        #[pin]
        state: State<S, V, R, B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, V, R, B>
    where
        S: Service<Request<B>>,
        V: RepresentationSource<S, B>,
    {
        /// The answer is decided. If there is content, the answer depends on whether all of it has come.
        Answer { response: Option<Response<OwnBody>>, #[pin] content: Option<B>, look: Look },
        /// Waits for other writes to the resource.
        Wait { turn: WaitForTurn, held: Option<HeldRequest<S, V, R, B>> },
        /// Waits for the source.
        LookUp { #[pin] lookup: V::Future, held: HeldRequest<S, V, R, B> },
        /// Waits for the inner service, whose response passes unchanged.
        Forward { #[pin] response: S::Future },
        /// Waits for the inner service, whose 200 gets these.
        Emit { #[pin] response: S::Future, emission: Emission },
        /// Waits for the inner service, whose response may be completed, evaluated or rendered.
        Finish { #[pin] response: S::Future, kept: Kept<V, R> },
        /// All is done, and what was held is released.
        Done,
    }
}

/// A request that waits for the look-up, with the ready service that it is for.
pub(super) struct HeldRequest<S, V, R, B> {
    service: S,
    /// Taken once, when the look-up is done.
    request: Option<(Parts, B)>,
    config: Arc<Config<V, R>>,
    checked: CheckedHead,
    /// Boxed: rarely set, and keeps this type small to move.
    extra: Option<Box<Extra>>,
}

/// What only some requests hold.
#[derive(Default)]
pub(super) struct Extra {
    pub(super) turn: Option<Turn>,
    /// What a layer that takes suffixes off does to the answer.
    pub(super) marked: Option<MarkedResponse>,
    /// The result of the look-up, while the service that it called is made ready again.
    forward: Option<Forwarded>,
}

impl Extra {
    pub(super) fn marking(marked: MarkedResponse) -> Self {
        Self { marked: Some(marked), ..Self::default() }
    }
}

/// What goes with the request to the inner service.
struct Forwarded {
    on_response: OnResponse,
    guards: Option<Arc<HeldGuards>>,
}

impl<S, V, R, B> HeldRequest<S, V, R, B> {
    // Two functions call it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn new(
        service: S,
        head: Parts,
        body: B,
        config: &Arc<Config<V, R>>,
        checked: CheckedHead,
        extra: Option<Box<Extra>>,
    ) -> Self {
        let request = Some((head, body));
        Self { service, request, config: Arc::clone(config), checked, extra }
    }
}

impl<S, V, R, B> HeldRequest<S, V, R, B>
where
    S: Service<Request<B>>,
    V: RepresentationSource<S, B>,
{
    fn look_up(&mut self) -> V::Future {
        let Self { service, request, config, checked, .. } = self;
        let (head, _) = request.as_mut().expect("the request waits for the look-up");
        checked.look_up(&*config.source, head, service)
    }

    /// Calls the service, which is ready.
    fn forward(&mut self, Forwarded { on_response, guards }: Forwarded) -> State<S, V, R, B> {
        let (head, body) = self.request.take().expect("the look-up is done once");
        let response = self.service.call(Request::from_parts(head, body));
        State::Finish { response, kept: Kept { on_response, config: Arc::clone(&self.config), guards } }
    }
}

impl<S, V, R, B> State<S, V, R, B>
where
    S: Service<Request<B>>,
    V: RepresentationSource<S, B>,
    B: Body + Send + 'static,
{
    /// Gives the body to the answer, if it may still be read.
    #[cold]
    fn answer(response: Response<OwnBody>, unread: Unread, body: B, bounds: RefusedUploads) -> Self {
        let (response, content) = match unread {
            Unread::Settled => (response, None),
            Unread::MayHaveCome => (response, Some(body)),
            Unread::InStream => (response.map(|answer| answer.open_for(body, bounds)), None),
        };
        Self::Answer { response: Some(response), content, look: Look::new() }
    }
}

/// What is kept for the response to an evaluated request.
struct Kept<V, R> {
    on_response: OnResponse,
    config: Arc<Config<V, R>>,
    /// Held until the inner future has ended.
    guards: Option<Arc<HeldGuards>>,
}

impl<S, V, R, B> ResponseFuture<S, V, R, B>
where
    S: Service<Request<B>>,
    V: RepresentationSource<S, B>,
{
    pub(super) fn answer(response: Response<OwnBody>, unread: Unread, body: B, bounds: RefusedUploads) -> Self
    where
        B: Body + Send + 'static,
    {
        Self { state: State::answer(response, unread, body, bounds) }
    }

    pub(super) fn wait(turn: WaitForTurn, held: HeldRequest<S, V, R, B>) -> Self {
        Self { state: State::Wait { turn, held: Some(held) } }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn look_up(lookup: V::Future, held: HeldRequest<S, V, R, B>) -> Self {
        Self { state: State::LookUp { lookup, held } }
    }

    pub(super) fn forward(response: S::Future) -> Self {
        Self { state: State::Forward { response } }
    }

    /// Waits for the inner service, and does this with its response.
    pub(super) fn finish(response: S::Future, on_response: OnResponse, config: &Arc<Config<V, R>>) -> Self {
        let kept = Kept { on_response, config: Arc::clone(config), guards: None };
        Self { state: State::Finish { response, kept } }
    }
}

impl<S, V, R, B, ResBody> Future for ResponseFuture<S, V, R, B>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    V: RepresentationSource<S, B>,
    R: RejectionResponder,
    B: Body + Send + 'static,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProjection::Answer { response, mut content, look } => {
                    let has_come = match content.as_mut().as_pin_mut() {
                        Some(content) => ready!(look.poll_whole(content, cx)),
                        None => false,
                    };
                    content.set(None);
                    let mut response = response.take().expect("polled after it was ready");
                    if has_come {
                        say_open(&mut response);
                    }
                    return Poll::Ready(Ok(response.map(ResponseBody::own)));
                }
                StateProjection::Wait { turn, held } => {
                    let turn = ready!(turn.as_mut().poll(cx));
                    let mut held = held.take().expect("the wait ends once");
                    match turn {
                        Ok(turn) => {
                            held.extra.get_or_insert_default().turn = Some(turn);
                            let lookup = held.look_up();
                            state.set(State::LookUp { lookup, held });
                        }
                        Err(WaitedTooLong) => {
                            let HeldRequest { request, config, checked, extra, .. } = held;
                            let (head, body) = request.expect("the request waits for the look-up");
                            let rejection = checked.waited_too_long(&head);
                            let mut response = reject(rejection, &*config.responder, &head, checked.fields);
                            mark(extra, &mut response);
                            let unread = Unread::of(&head, checked.fields, &body);
                            state.set(State::answer(response, unread, body, config.refused_uploads));
                        }
                    }
                }
                StateProjection::LookUp { lookup, held } => {
                    if let (true, Some(extra)) = (V::CALLS_SERVICE, &mut held.extra) {
                        if extra.forward.is_some() {
                            if let Err(error) = ready!(held.service.poll_ready(cx)) {
                                // Release the guards now, not when the future is dropped.
                                state.set(State::Done);
                                return Poll::Ready(Err(error));
                            }
                        }
                        if let Some(forward) = extra.forward.take() {
                            let next = held.forward(forward);
                            state.set(next);
                            continue;
                        }
                    }
                    let HeldRequest { service, request, config, checked, extra } = held;
                    let (head, _) = request.as_mut().expect("polled after it was ready");
                    let found = ready!(config.source.poll_look_up(lookup, head, cx)).map_err(Into::into);
                    let fields = checked.fields;
                    let mut response = match after_lookup(
                        checked,
                        found,
                        config.emit,
                        config.expose,
                        &config.comparison,
                        head,
                    ) {
                        After::Emit(emission) => {
                            forget_outer(head);
                            let (head, body) = request.take().expect("the look-up is done once");
                            let response = service.call(Request::from_parts(head, body));
                            state.set(State::Emit { response, emission });
                            continue;
                        }
                        After::Forward(on_response, attachments) => {
                            forget_outer(head);
                            let (turn, marked) = match extra.take() {
                                None => (None, None),
                                Some(extra) => (extra.turn, extra.marked),
                            };
                            let on_response = on_response.marked(marked);
                            let guards = match (attachments, turn) {
                                (None, None) => None,
                                (attachments, turn) => {
                                    Attachments::hand_on(attachments, turn, &mut head.extensions)
                                }
                            };
                            let forward = Forwarded { on_response, guards };
                            if V::CALLS_SERVICE {
                                *extra = Some(Box::new(Extra { forward: Some(forward), ..Extra::default() }));
                                continue;
                            }
                            let next = held.forward(forward);
                            state.set(next);
                            continue;
                        }
                        After::NotModified(validators, sent) => not_modified(validators, sent, head, fields),
                        After::Reject(rejection) => {
                            config.weak_tag_warning.of(&rejection, head);
                            reject(rejection, &*config.responder, head, fields)
                        }
                        After::Refuse(response) => refuse(*response, head, fields),
                    };
                    mark(extra.take(), &mut response);
                    if Unread::is_possible(head.version, fields) {
                        let (head, body) = request.take().expect("the look-up is done once");
                        let unread = Unread::of(&head, fields, &body);
                        // This ends the look-up and the turn, and releases what they hold.
                        let next = State::answer(response, unread, body, config.refused_uploads);
                        state.set(next);
                        continue;
                    }
                    *request = None;
                    return Poll::Ready(Ok(response.map(ResponseBody::own)));
                }
                StateProjection::Forward { response } => {
                    let response = ready!(response.poll(cx))?;
                    return Poll::Ready(Ok(response.map(ResponseBody::inner)));
                }
                StateProjection::Emit { response, emission } => {
                    let (mut head, body) = ready!(response.poll(cx))?.into_parts();
                    emission.add_to(&mut head);
                    return Poll::Ready(Ok(Response::from_parts(head, ResponseBody::inner(body))));
                }
                StateProjection::Finish { response, kept } => {
                    let response = ready!(response.poll(cx));
                    let Kept { on_response, config, guards } = kept;
                    let on_response = mem::replace(on_response, OnResponse::Pass);
                    let response = response.map(|response| on_response.finish(response, config));
                    if let Some(guards) = guards.take() {
                        // First the future that the guards protect, then the guards.
                        state.set(State::Done);
                        drop(guards);
                    }
                    return Poll::Ready(response);
                }
                StateProjection::Done => panic!("polled after it was ready"),
            }
        }
    }
}

/// Removes what an outer layer left about another representation.
///
/// A write keeps the verdict: it is this layer's by now.
pub(super) fn forget_outer(head: &mut Parts) {
    FromSource::remove_from(&mut head.extensions);
    if !head.extensions.is_empty() && MethodKind::of(&head.method) != MethodKind::Changes {
        head.extensions.remove::<Verdict>();
    }
}

/// Marks the tag of an answer of the layer, if the request says so, and drops what the request held.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn mark(extra: Option<Box<Extra>>, response: &mut Response<OwnBody>) {
    if let Some(marked) = extra.and_then(|extra| extra.marked) {
        marked.mark(response.status(), response.headers_mut());
    }
}

impl<S, V, R, B> fmt::Debug for ResponseFuture<S, V, R, B>
where
    S: Service<Request<B>>,
    V: RepresentationSource<S, B>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Answer { .. } => "ResponseFuture(answer)",
            State::Wait { .. } => "ResponseFuture(wait)",
            State::LookUp { .. } => "ResponseFuture(look-up)",
            State::Forward { .. } => "ResponseFuture(forward)",
            State::Emit { .. } => "ResponseFuture(emit)",
            State::Finish { .. } => "ResponseFuture(finish)",
            State::Done => "ResponseFuture(done)",
        })
    }
}
