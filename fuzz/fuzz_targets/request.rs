//! Sends whole requests through the layer. Nothing panics, the handler never sees a write whose
//! condition is false or malformed, and the right one answers.
#![no_main]

mod fields;
mod order_of_answers;
mod scenario;

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    io,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header, request::Parts};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use libfuzzer_sys::fuzz_target;
use tower_layer::Layer;
use tower_precondition::{
    Condition, Emit, Expose, PreconditionLayer, Rejection, Representation, ResponseBody, Verdict,
};
use tower_service::Service;

use fields::Asked;
use order_of_answers::{Answer, Order};
use scenario::{Handler, Scenario, Source};

fuzz_target!(|scenario: Scenario| {
    let (method, headers, requirement) = (scenario.method(), scenario.headers(), scenario.requirement());
    let order = Order {
        method: &method,
        headers: &headers,
        asked: Asked::of(&headers),
        requirement: &requirement,
        emits: scenario.emits,
    };
    let current = scenario.source.validators();
    let evaluated = matches!(scenario.source, Source::Current(_) | Source::Absent);
    let answer = order.answer(&scenario.source, current.as_ref());
    let (response, seen) = send(&scenario, &headers);

    assert_eq!(seen.is_some(), answer == Answer::Handler, "{answer:?}, answered {response:?}");
    match answer {
        Answer::Handler => {
            let seen = seen.expect("the handler was called");
            assert_eq!(response.status(), scenario.handler.status());
            assert_eq!(seen.verdict, evaluated && order.may_change_state());
            if order.may_change_state() {
                keeps_conditions(&headers, &seen.headers);
            } else if order.reads()
                && evaluated
                && order.is_conditional()
                && !order.asks_for_another_protocol()
            {
                has_no_conditions(&seen.headers);
                assert_eq!(seen.headers.contains_key(header::RANGE), order.range_stands(current.as_ref()));
            }
        }
        Answer::Layer(304) => {
            assert!(order.reads());
            is_bare_not_modified(&response);
        }
        Answer::Layer(status) => {
            let rejection = response.extensions().get::<Rejection>().expect("it says why");
            let shown = status == 412 && scenario.exposes && current.is_some();
            assert_eq!(rejection.current().is_some(), shown, "{rejection:?}");
            is_rejection(response, status);
        }
        Answer::Source => assert_eq!(response.status(), 401),
    }
});

/// The parts of the request that the handler saw.
struct Seen {
    headers: HeaderMap,
    verdict: bool,
}

/// Sends the request through the layer. Everything is ready, so one poll gives the response.
fn send(scenario: &Scenario, headers: &HeaderMap) -> (Response<ResponseBody<Full<Bytes>>>, Option<Seen>) {
    let mut request = Request::new(Full::new(Bytes::from_static(b"content")));
    *request.method_mut() = scenario.method();
    *request.headers_mut() = headers.clone();

    let inner = Inner { handler: scenario.handler, seen: Arc::default() };
    let mut service = PreconditionLayer::new(|_: &Parts| ready(find(&scenario.source)))
        .require(scenario.requirement())
        .emit(if scenario.emits { Emit::Validators } else { Emit::Nothing })
        .expose(if scenario.exposes { Expose::Validators } else { Expose::Nothing })
        .layer(inner.clone());
    let response = now(service.call(request)).expect("the handler does not fail");
    let seen = inner.seen.lock().expect("nothing panicked").take();
    (response, seen)
}

fn find(source: &Source) -> Result<Representation, io::Error> {
    match source {
        Source::Current(current) => Ok(Representation::current(current.to_validators())
            .with_location(HeaderValue::from_static("/here"))
            .with_extension_member("changed_by", "Ada \"\u{1F980}\"")),
        Source::Absent => Ok(Representation::absent()),
        Source::Deferred => Ok(Representation::defer_to_handler()),
        Source::Failed => Err(io::Error::other("the store is away")),
        Source::Refused => {
            let mut response = Response::new(String::from("sign in first"));
            *response.status_mut() = http::StatusCode::UNAUTHORIZED;
            Ok(Representation::refused(response))
        }
    }
}

/// The service behind the layer. It keeps the request that it saw.
#[derive(Clone)]
struct Inner {
    handler: Handler,
    seen: Arc<Mutex<Option<Seen>>>,
}

impl<B> Service<Request<B>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let verdict = request.extensions().get::<Verdict>().is_some();
        let seen = Seen { headers: request.headers().clone(), verdict };
        let before = self.seen.lock().expect("nothing panicked").replace(seen);
        assert!(before.is_none(), "the handler is called once at most");

        let mut response = Response::new(Full::new(Bytes::from_static(b"text")));
        *response.status_mut() = self.handler.status();
        if self.handler.sets_etag {
            response.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"a\""));
        }
        ready(Ok(response))
    }
}

/// A handler with a compare-and-set of its own needs the conditions that the client sent.
fn keeps_conditions(sent: &HeaderMap, seen: &HeaderMap) {
    for condition in Condition::ALL.into_iter().filter(|condition| *condition != Condition::IfRange) {
        let field = condition.field();
        assert!(sent.get_all(&field).iter().eq(seen.get_all(&field)), "{condition} was changed");
    }
}

/// A handler that evaluates conditions itself must not do so again, with other validators.
fn has_no_conditions(seen: &HeaderMap) {
    for condition in Condition::ALL {
        assert!(!seen.contains_key(condition.field()), "{condition} was evaluated and is still there");
    }
}

fn is_bare_not_modified(response: &Response<ResponseBody<Full<Bytes>>>) {
    assert_eq!(response.status(), 304);
    assert!(!response.headers().contains_key(header::CONTENT_LENGTH));
    assert!(response.body().is_end_stream());
    assert_eq!(response.body().size_hint().exact(), None);
}

fn is_rejection(response: Response<ResponseBody<Full<Bytes>>>, status: u16) {
    let (head, body) = response.into_parts();
    assert_eq!(head.status, status);
    assert_eq!(head.headers.get(header::CACHE_CONTROL), Some(&HeaderValue::from_static("no-store")));
    let rejection = head.extensions.get::<Rejection>().expect("it says why");
    assert_eq!(rejection.kind().status(), status);

    let content = now(body.collect()).expect("the content is in memory").to_bytes();
    let json = head.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if json && !content.is_empty() {
        let problem: serde_json::Value = serde_json::from_slice(&content).expect("a problem is JSON");
        assert_eq!(problem.get("status"), Some(&status.into()));
    }
}

/// The output of a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("something waits although everything is ready"),
    }
}
