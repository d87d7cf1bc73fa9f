//! The layer around a mock service: calls of the inner service, readiness, and the values that are dropped
//! with the future.

use std::{
    cell::Cell,
    convert::Infallible,
    future::{self, pending},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, request::Parts};
use http_body::Body;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, timeout::error::Elapsed};
use tower_precondition::{
    Emit, PreconditionLayer, Representation, Requirement, ResponseBody, ValidatorSource, Validators,
};
use tower_test::mock::{Handle, Mock, pair};

use crate::support::{
    at_once, bodies::Unread, fails, finds, never_asked, poll_once, request, response, tagged,
};

type MockHandler = Mock<Request<Unread>, Response<String>>;
type MockHandle = Handle<Request<Unread>, Response<String>>;

fn upload(method: &str, fields: &[(&str, &str)]) -> Request<Unread> {
    request(method, fields).map(|_| Unread::default())
}

fn assert_not_called(handle: &mut MockHandle) {
    assert!(handle.poll_request().is_pending(), "the inner service was called");
}

/// Each answer that the layer gives to an upload: it does not call the inner service, and does
/// not poll the content.
macro_rules! answered_without_the_handler {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*], $layer:expr => $status:literal;)*) => {$(
        #[test]
        fn $name() {
            let (mock, mut handle): (MockHandler, MockHandle) = pair();
            let mut service = $layer.layer(mock);
            assert!(at_once(service.ready()).is_ok());
            let response = at_once(service.call(upload($method, &[$(($field, $value)),*])));
            assert_eq!(response.expect("an answer").status(), $status);
            assert_not_called(&mut handle);
        }
    )*};
}

answered_without_the_handler! {
    decision_7_a_304_calls_no_handler_and_reads_no_content:
        "GET" ["if-none-match": "\"1\""], PreconditionLayer::new(finds(|| tagged("\"1\""))) => 304;
    decision_7_a_412_calls_no_handler_and_reads_no_content:
        "PUT" ["if-match": "\"2\""], PreconditionLayer::new(finds(|| tagged("\"1\""))) => 412;
    decision_7_a_428_calls_no_handler_and_reads_no_content:
        "PUT" [], PreconditionLayer::new(never_asked).require(Requirement::on_writes()) => 428;
    decision_7_a_428_after_the_look_up_calls_no_handler_and_reads_no_content:
        "PUT" [], PreconditionLayer::new(finds(|| tagged("\"1\"")))
            .require(Requirement::on_writes().existing_only()) => 428;
    decision_7_a_400_calls_no_handler_and_reads_no_content:
        "PUT" ["if-match": "1"], PreconditionLayer::new(never_asked) => 400;
    decision_7_a_404_on_delete_calls_no_handler_and_reads_no_content:
        "DELETE" ["if-match": "*"], PreconditionLayer::new(finds(Representation::absent)) => 404;
    decision_7_a_503_calls_no_handler_and_reads_no_content:
        "PUT" [], PreconditionLayer::new(fails) => 503;
    decision_7_a_refusal_calls_no_handler_and_reads_no_content:
        "PUT" ["if-match": "\"1\""],
        PreconditionLayer::new(finds(|| Representation::refused(response(401, &[], "who?")))) => 401;
}

/// Every way to the handler: the layer calls it once, with the content as it came.
macro_rules! answered_by_the_handler {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*], $layer:expr;)*) => {$(
        #[test]
        fn $name() {
            let (mock, mut handle): (MockHandler, MockHandle) = pair();
            let mut service = $layer.layer(mock);
            assert!(at_once(service.ready()).is_ok());
            let mut future = pin!(service.call(upload($method, &[$(($field, $value)),*])));
            assert!(poll_once(future.as_mut()).is_pending());

            let (request, answer) = at_once(handle.next_request()).expect("the handler is called");
            assert_eq!(request.method(), $method);
            let Unread { .. } = request.body();
            assert_not_called(&mut handle);
            answer.send_response(response(202, &[], "taken"));
            let Poll::Ready(response) = poll_once(future) else { panic!("the handler has answered") };
            assert_eq!(response.expect("an answer").status(), StatusCode::ACCEPTED);
        }
    )*};
}

answered_by_the_handler! {
    decision_7_a_true_condition_calls_the_handler:
        "PUT" ["if-match": "\"1\""], PreconditionLayer::new(finds(|| tagged("\"1\"")));
    decision_7_an_unconditional_write_calls_the_handler:
        "PUT" [], PreconditionLayer::new(finds(|| tagged("\"1\"")));
    decision_7_a_deferral_calls_the_handler:
        "PUT" ["if-match": "\"2\""], PreconditionLayer::new(finds(Representation::defer_to_handler));
    decision_2_get_of_an_absent_resource_calls_the_handler:
        "GET" ["if-match": "\"1\""], PreconditionLayer::new(finds(Representation::absent));
    decision_2_unconditional_delete_of_an_absent_resource_calls_the_handler:
        "DELETE" [], PreconditionLayer::new(finds(Representation::absent));
    decision_5_a_failed_look_up_with_a_cache_condition_calls_the_handler:
        "GET" ["if-none-match": "\"1\""], PreconditionLayer::new(fails);
    a_request_that_needs_no_look_up_calls_the_handler_without_one:
        "GET" [], PreconditionLayer::new(never_asked).emit(Emit::Nothing);
}

/// A service that panics if it is called before `poll_ready`. Its clones are numbered and not ready.
struct Fussy {
    number: usize,
    ready: Cell<bool>,
    made: Arc<AtomicUsize>,
}

impl Fussy {
    fn new() -> Self {
        Self { number: 0, ready: Cell::new(false), made: Arc::default() }
    }
}

impl Clone for Fussy {
    fn clone(&self) -> Self {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        Self { number, ready: Cell::new(false), made: Arc::clone(&self.made) }
    }
}

impl Service<Request<String>> for Fussy {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = future::Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready.set(true);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<String>) -> Self::Future {
        assert!(self.ready.replace(false), "called unready");
        future::ready(Ok(Response::new(self.number.to_string())))
    }
}

async fn text<B: Body<Data = Bytes>>(response: Response<B>) -> String
where
    B::Error: std::fmt::Debug,
{
    let content = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body");
    String::from_utf8(content.to_bytes().into()).expect("text")
}

#[test]
fn decision_15_the_ready_service_is_called_and_its_clone_stays() {
    let mut service = PreconditionLayer::new(finds(|| tagged("\"1\""))).layer(Fussy::new());
    assert!(at_once(service.ready()).is_ok());
    let first = service.call(request("PUT", &[]));
    assert_eq!(service.get_ref().number, 1, "a clone took the original's place");
    assert!(!service.get_ref().ready.get(), "and it is not ready yet");
    let Ok(response) = at_once(first);
    assert_eq!(at_once(text(response)), "0", "the original is called");

    assert!(at_once(service.ready()).is_ok());
    let Ok(response) = at_once(service.call(request("PUT", &[])));
    assert_eq!(at_once(text(response)), "1");
}

#[test]
fn decision_15_without_a_look_up_the_ready_service_is_called_in_place() {
    let mut service = PreconditionLayer::new(never_asked).emit(Emit::Nothing).layer(Fussy::new());
    assert!(at_once(service.ready()).is_ok());
    let Ok(response) = at_once(service.call(request("GET", &[])));
    assert_eq!(at_once(text(response)), "0");
    assert_eq!(service.get_ref().number, 0);
}

#[test]
fn decision_15_readiness_outlives_a_rejection_from_the_head() {
    let layer = PreconditionLayer::new(finds(|| tagged("\"1\""))).require(Requirement::on_writes());
    let mut service = layer.layer(Fussy::new());
    assert!(at_once(service.ready()).is_ok());
    let Ok(response) = at_once(service.call(request("PUT", &[])));
    assert_eq!(response.status(), 428);
    assert!(service.get_ref().ready.get(), "the reserved place was not used");
    assert!(at_once(service.ready()).is_ok());
    let Ok(response) = at_once(service.call(request("PUT", &[("if-match", "*")])));
    assert_eq!(at_once(text(response)), "0");
}

#[test]
fn decision_15_the_layer_needs_readiness_from_its_caller() {
    let mut service = PreconditionLayer::new(finds(|| tagged("\"1\""))).layer(Fussy::new());
    let future = service.call(request("PUT", &[]));
    let panic = catch_unwind(AssertUnwindSafe(|| at_once(future))).expect_err("called unready");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"called unready"));
}

#[test]
fn decision_15_a_rejection_releases_the_reserved_place() {
    let inner = ServiceBuilder::new()
        .concurrency_limit(1)
        .service(crate::support::Handler::answering(response(200, &[], "text")));
    let mut service = PreconditionLayer::new(finds(|| tagged("\"1\""))).layer(inner);
    assert!(at_once(ServiceExt::<Request<String>>::ready(&mut service)).is_ok());
    let rejected = at_once(service.call(request("PUT", &[("if-match", "\"2\"")])));
    assert_eq!(rejected.expect("an answer").status(), 412);
    let forwarded = at_once(service.oneshot(request("PUT", &[("if-match", "\"1\"")])));
    assert_eq!(forwarded.expect("the only place is free").status(), 200);
}

#[test]
fn decision_15_readiness_is_forwarded() {
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let mut service = PreconditionLayer::new(never_asked).layer(mock);
    let mut cx = Context::from_waker(Waker::noop());
    handle.allow(0);
    assert!(service.poll_ready(&mut cx).is_pending());
    handle.allow(1);
    assert!(matches!(service.poll_ready(&mut cx), Poll::Ready(Ok(()))));
}

#[test]
fn decisions_6_15_an_error_of_readiness_is_forwarded() {
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let mut service = PreconditionLayer::new(never_asked).layer(mock);
    handle.send_error("worn out");
    let Poll::Ready(Err(error)) = service.poll_ready(&mut Context::from_waker(Waker::noop())) else {
        panic!("the error is hidden")
    };
    assert_eq!(error.to_string(), "worn out");
}

#[test]
fn decision_6_an_error_of_the_handler_passes_unchanged() {
    /// Neither an `Error` nor `Send`, so that no layer could convert it.
    #[derive(Debug, PartialEq)]
    struct Plain(*const u8);

    let handler =
        tower::service_fn(|_: Request<String>| async { Err::<Response<String>, _>(Plain(std::ptr::null())) });
    for (method, fields) in [("PUT", &[("if-match", "\"1\"")][..]), ("GET", &[]), ("OPTIONS", &[])] {
        let service = PreconditionLayer::new(finds(|| tagged("\"1\""))).layer(handler);
        let answer: Result<Response<ResponseBody<String>>, Plain> =
            at_once(service.oneshot(request(method, fields)));
        assert_eq!(answer.map(|response| response.status()), Err(Plain(std::ptr::null())), "{method}");
    }
}

/// A future that waits forever; the count of the pointer shows whether it still exists.
async fn wait_with<T>(_alive: Arc<()>) -> T {
    pending().await
}

fn stuck_source(alive: &Arc<()>) -> impl ValidatorSource + use<> {
    let alive = Arc::clone(alive);
    move |_: &Parts| wait_with::<Validators>(Arc::clone(&alive))
}

#[test]
fn a_future_dropped_before_its_first_poll_drops_the_look_up() {
    let alive = Arc::new(());
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let mut service = PreconditionLayer::new(stuck_source(&alive)).layer(mock);
    assert!(at_once(service.ready()).is_ok());
    let idle = Arc::strong_count(&alive);
    let future = service.call(upload("PUT", &[]));
    assert_eq!(Arc::strong_count(&alive), idle + 1, "the look-up exists");
    drop(future);
    assert_eq!(Arc::strong_count(&alive), idle);
    assert_not_called(&mut handle);
}

#[test]
fn a_future_dropped_during_the_look_up_never_calls_the_handler() {
    let alive = Arc::new(());
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let mut service = PreconditionLayer::new(stuck_source(&alive)).layer(mock);
    assert!(at_once(service.ready()).is_ok());
    let idle = Arc::strong_count(&alive);
    let mut future = Box::pin(service.call(upload("PUT", &[])));
    assert!(poll_once(future.as_mut()).is_pending());
    assert!(poll_once(future.as_mut()).is_pending());
    assert_eq!(Arc::strong_count(&alive), idle + 1, "the look-up runs");
    drop(future);
    assert_eq!(Arc::strong_count(&alive), idle, "the look-up is dropped");
    assert_not_called(&mut handle);
}

#[test]
fn a_future_dropped_while_the_handler_runs_drops_the_handler() {
    let alive = Arc::new(());
    let inner = {
        let alive = Arc::clone(&alive);
        tower::service_fn(move |_: Request<String>| {
            wait_with::<Result<Response<String>, Infallible>>(Arc::clone(&alive))
        })
    };
    for method in ["PUT", "OPTIONS"] {
        let mut service = PreconditionLayer::new(finds(|| tagged("\"1\""))).layer(inner.clone());
        let idle = Arc::strong_count(&alive);
        let mut future = Box::pin(service.call(request(method, &[])));
        assert!(poll_once(future.as_mut()).is_pending());
        assert_eq!(Arc::strong_count(&alive), idle + 1, "the handler runs, {method}");
        drop(future);
        assert_eq!(Arc::strong_count(&alive), idle, "the handler is dropped, {method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_around_the_layer_ends_a_source_that_never_answers() {
    let alive = Arc::new(());
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let service = ServiceBuilder::new()
        .timeout(Duration::from_secs(30))
        .layer(PreconditionLayer::new(stuck_source(&alive)))
        .service(mock);
    let error = service.clone().oneshot(upload("PUT", &[])).await.expect_err("the time is over");
    assert!(error.is::<Elapsed>(), "{error}");
    drop(service.clone());
    assert_eq!(Arc::strong_count(&alive), 2, "only the test and the source hold it, and no look-up does");
    assert_not_called(&mut handle);
}

#[test]
fn the_handler_is_called_in_the_poll_that_ends_the_look_up() {
    let (tell, told) = tokio::sync::oneshot::channel::<Validators>();
    let told = std::sync::Mutex::new(Some(told));
    let source = move |_: &Parts| told.lock().expect("unpoisoned").take().expect("one look-up");
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let mut service = PreconditionLayer::new(source).layer(mock);
    assert!(at_once(service.ready()).is_ok());
    let mut future = pin!(service.call(upload("PUT", &[("if-match", "\"1\"")])));
    assert!(poll_once(future.as_mut()).is_pending());
    assert_not_called(&mut handle);

    tell.send(tagged("\"1\"")).expect("the look-up waits");
    assert!(poll_once(future.as_mut()).is_pending());
    let (request, answer) = at_once(handle.next_request()).expect("the handler is called");
    assert_eq!(request.method(), Method::PUT);
    answer.send_response(response(204, &[], ""));
    assert!(poll_once(future).is_ready());
}
