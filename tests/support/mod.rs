//! What the tests of the layer share: requests in few words, a handler that keeps
//! what it got, and one poll of a future by hand.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod curl;
pub(crate) mod loopback;

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, request, response};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt};
use tower_precondition::{
    BoxError, EntityTag, HttpDate, Rejection, Representation, ResponseBody, Validators, Verdict,
};

/// One second before [`MODIFIED`].
pub(crate) const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
/// When the representation of [`current`] was modified.
pub(crate) const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
/// One second after [`MODIFIED`].
pub(crate) const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

pub(crate) fn date(text: &str) -> HttpDate {
    text.parse().expect("an HTTP-date")
}

/// A date that many seconds from now, in the past where they are negative.
pub(crate) fn date_in(seconds: i64) -> HttpDate {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds < 0 {
        true => SystemTime::now() - distance,
        false => SystemTime::now() + distance,
    };
    HttpDate::try_from(time).expect("a year of four digits")
}

/// A representation with the tag `"1"` and the date [`MODIFIED`].
pub(crate) fn current() -> Validators {
    tagged("\"1\"").with_last_modified(date(MODIFIED))
}

pub(crate) fn tagged(tag: &'static str) -> Validators {
    EntityTag::from_static(tag).into()
}

pub(crate) fn dated(text: &str) -> Validators {
    Validators::new().with_last_modified(date(text))
}

/// A source that finds the same for every request.
pub(crate) fn finds<R>(found: impl Fn() -> R) -> impl Fn(&request::Parts) -> Ready<R> {
    move |_: &request::Parts| ready(found())
}

/// A source that fails.
pub(crate) fn fails(_: &request::Parts) -> Ready<Result<Representation, BoxError>> {
    ready(Err("the store at 10.0.0.7 is away".into()))
}

/// A source that no answer may depend on.
pub(crate) fn never_asked(head: &request::Parts) -> Ready<Representation> {
    panic!("the source was asked about {} {}", head.method, head.uri)
}

pub(crate) fn request(method: &str, fields: &[(&str, &str)]) -> Request<String> {
    let mut request = Request::builder().method(method).uri("/documents/7?view=full");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(String::new()).expect("a request")
}

pub(crate) fn response(status: u16, fields: &[(&str, &str)], body: &str) -> Response<String> {
    let mut response = Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    response.body(body.to_owned()).expect("a response")
}

/// The output of a future that has nothing to wait for.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    match poll_once(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits for something"),
    }
}

pub(crate) fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Answers the same to every request and keeps the heads of what it got.
#[derive(Clone, Debug)]
pub(crate) struct Handler {
    answer: Response<String>,
    seen: Arc<Mutex<Vec<request::Parts>>>,
}

impl Handler {
    pub(crate) fn answering(answer: Response<String>) -> Self {
        Self { answer, seen: Arc::default() }
    }

    /// The head of the last request that it got.
    pub(crate) fn last_seen(&self) -> request::Parts {
        self.seen.lock().expect("no test panics in here").pop().expect("the handler ran")
    }
}

impl<B> Service<Request<B>> for Handler {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.seen.lock().expect("no test panics in here").push(request.into_parts().0);
        ready(Ok(self.answer.clone()))
    }
}

/// What came back, and what the handler saw if it ran.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: response::Parts,
    pub(crate) body: String,
    pub(crate) handled: Option<request::Parts>,
}

/// Sends a request through the layer to a handler that answers 200 with `text`.
pub(crate) fn send<L, S>(layer: L, request: Request<String>) -> Answer
where
    L: Layer<Handler, Service = S>,
    S: Service<Request<String>, Response = Response<ResponseBody<String>>, Error = Infallible>,
{
    send_to(response(200, &[], "text"), layer, request)
}

/// Sends a request through the layer to a handler that answers this.
pub(crate) fn send_to<L, S>(answer: Response<String>, layer: L, request: Request<String>) -> Answer
where
    L: Layer<Handler, Service = S>,
    S: Service<Request<String>, Response = Response<ResponseBody<String>>, Error = Infallible>,
{
    let handler = Handler::answering(answer);
    let Ok(response) = at_once(layer.layer(handler.clone()).oneshot(request));
    let (head, body) = response.into_parts();
    let body: Bytes = at_once(body.collect()).expect("a body without errors").to_bytes();
    let mut seen = handler.seen.lock().expect("no test panics in here");
    assert!(seen.len() <= 1, "the handler ran {} times", seen.len());
    Answer { head, body: String::from_utf8(body.into()).expect("text"), handled: seen.pop() }
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// A field of the response that stands there once.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        one(&self.head.headers, name)
    }

    /// A field as the handler saw it.
    pub(crate) fn handler_saw(&self, name: &str) -> Option<&str> {
        one(&self.handled.as_ref().expect("the handler ran").headers, name)
    }

    /// The verdict that the handler was given.
    pub(crate) fn verdict(&self) -> Option<&Verdict> {
        self.handled.as_ref().expect("the handler ran").extensions.get()
    }

    pub(crate) fn rejection(&self) -> Option<&Rejection> {
        self.head.extensions.get()
    }

    pub(crate) fn problem(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("problem details in JSON")
    }
}

fn one<'a>(headers: &'a http::HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).into_iter();
    let line = lines.next()?;
    assert!(lines.next().is_none(), "several lines of {name}");
    Some(line.to_str().expect("visible ASCII"))
}

/// Who answered, in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The handler ran, and its answer came back.
    Handler,
    /// The layer answered with this status, and the handler did not run.
    Layer(u16),
}

impl Answer {
    pub(crate) fn by(&self) -> By {
        match self.handled {
            Some(_) => By::Handler,
            None => By::Layer(self.status()),
        }
    }
}
