//! Writes to the same resource wait for their turn, up to the limit.

use std::{
    convert::Infallible,
    future::{pending, ready},
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use axum::{Router, body::Body, routing::get};
use http::{Request, Response, StatusCode, request::Parts};
use tokio::{
    sync::Notify,
    task::yield_now,
    time::{Instant, sleep},
};
use tower::{Layer, Service, ServiceExt};
use tower_precondition::{
    BoxError, Guard, PreconditionLayer, ProblemDetails, Rejection, RejectionKind, Representation,
    Requirement, SerializedWrites, ValidatorSource,
};

use crate::{
    Log,
    support::{current, fails, finds, never_asked, poll_once, request, response, service_fn},
    told::{self, Told},
};

const LIMIT: Duration = Duration::from_secs(3);

fn by_path() -> SerializedWrites {
    SerializedWrites::by(|head: &Parts| head.uri.path().to_owned()).wait_at_most(LIMIT)
}

fn at(path: &str, mut request: Request<String>) -> Request<String> {
    *request.uri_mut() = path.parse().expect("a path");
    request
}

/// A layer over a source that finds the same for every request.
fn layer(
    writes: &SerializedWrites,
) -> PreconditionLayer<impl ValidatorSource<Future: Send> + Send + Sync + use<>> {
    PreconditionLayer::new(finds(current)).serialize_writes(writes.clone())
}

/// Answers at once.
async fn answer(_: Request<String>) -> Result<Response<String>, Infallible> {
    Ok(response(200, &[], "text"))
}

/// Never answers.
fn stuck(_: Request<String>) -> std::future::Pending<Result<Response<String>, Infallible>> {
    pending()
}

/// A write that keeps its turn until it is dropped.
fn under_way(writes: &SerializedWrites, path: &str) -> impl Future + use<> {
    let mut future = Box::pin(layer(writes).layer(service_fn(stuck)).oneshot(at(path, request("PUT", &[]))));
    assert!(poll_once(future.as_mut()).is_pending());
    future
}

#[tokio::test(start_paused = true)]
async fn turns_are_taken_in_the_order_of_arrival() {
    let began = Arc::new(Mutex::new(Vec::new()));
    let busy = Arc::new(AtomicUsize::new(0));
    let handler = service_fn(|request: Request<String>| {
        let (began, busy) = (Arc::clone(&began), Arc::clone(&busy));
        async move {
            began.lock().expect("unpoisoned").push(request.into_body());
            assert_eq!(busy.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
            sleep(Duration::from_millis(10)).await;
            busy.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, Infallible>(response(200, &[], ""))
        }
    });
    let service = layer(&by_path()).layer(handler);
    let mut writes: Vec<_> = (0..50)
        .map(|number| Box::pin(service.clone().oneshot(request("PUT", &[]).map(|_| format!("{number:02}")))))
        .collect();
    // From here on they are polled in another order than they arrived in.
    for write in &mut writes {
        assert!(poll_once(write.as_mut()).is_pending());
    }
    writes.reverse();
    for answer in futures_in_any_order(writes).await {
        assert_eq!(answer.status(), 200);
    }
    let began = began.lock().expect("unpoisoned");
    assert_eq!(*began, (0..50).map(|number| format!("{number:02}")).collect::<Vec<_>>());
}

/// Polls all of them at the same time, as tasks would run.
async fn futures_in_any_order<F>(futures: Vec<std::pin::Pin<Box<F>>>) -> Vec<Response<impl http_body::Body>>
where
    F: Future<Output = Result<Response<tower_precondition::ResponseBody<String>>, Infallible>>,
{
    let mut left = futures;
    let mut answers = Vec::new();
    std::future::poll_fn(|cx| {
        left.retain_mut(|future| match future.as_mut().poll(cx) {
            Poll::Ready(Ok(answer)) => {
                answers.push(answer);
                false
            }
            Poll::Ready(Err(never)) => match never {},
            Poll::Pending => true,
        });
        if left.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers
}

/// A write that waits behind another one until its time is over.
async fn waited_too_long(fields: &[(&str, &[u8])]) -> Told {
    let writes = by_path();
    let _first = under_way(&writes, "/documents/7");
    let unreached =
        service_fn(|_: Request<String>| -> std::future::Ready<Result<Response<String>, Infallible>> {
            panic!("it has no turn")
        });
    let layer = PreconditionLayer::new(never_asked).serialize_writes(writes.clone());
    let began = Instant::now();
    let Ok(answer) = layer.layer(unreached).oneshot(told::request("PUT", fields)).await;
    assert_eq!(began.elapsed(), LIMIT);
    Told::of(answer)
}

#[tokio::test(start_paused = true)]
async fn decision_11_a_503_after_the_wait_is_problem_details() {
    let told = waited_too_long(&[("if-match", b"\"1\"")]).await;
    assert_eq!(told.status, 503);
    assert_eq!(told.field("content-type"), Some("application/problem+json"));
    assert_eq!(told.field("cache-control"), Some("no-store"));
    assert_eq!(told.field("etag"), None);
    assert_eq!(told.field("connection"), None);
    let problem: serde_json::Value = serde_json::from_slice(&told.content).expect("problem details");
    assert_eq!(problem["status"], 503);
    assert_eq!(problem["title"], "Service Unavailable");
    assert_eq!(problem["detail"], "other writes are under way here; try again");
    assert!(problem.get("condition").is_none());
    let rejection = told.rejection.expect("a rejection");
    assert_eq!((rejection.kind, rejection.condition), (RejectionKind::WaitedTooLong, None));
}

#[tokio::test(start_paused = true)]
async fn decision_11_a_503_after_the_wait_is_plain_text_if_accept_prefers_it() {
    let told = waited_too_long(&[("accept", b"text/plain")]).await;
    assert_eq!((told.status, told.field("content-type")), (503, Some("text/plain; charset=utf-8")));
    assert_eq!(told.text(), "503 Service Unavailable: other writes are under way here; try again\n");
}

#[tokio::test(start_paused = true)]
async fn decision_7_a_503_after_the_wait_leaves_a_large_upload_unread() {
    let told = waited_too_long(&[("content-length", b"1000000")]).await;
    assert_eq!((told.status, told.field("connection")), (503, Some("close")));
}

#[tokio::test(start_paused = true)]
async fn a_responder_can_choose_another_answer() {
    let writes = by_path();
    let _first = under_way(&writes, "/documents/7");
    let responder = |rejection: &Rejection, _: &Parts| {
        assert_eq!(rejection.kind(), RejectionKind::WaitedTooLong);
        response(429, &[("retry-after", "1")], "busy")
    };
    let service = layer(&writes).with_rejection_response(responder).layer(service_fn(answer));
    let Ok(answer) = service.oneshot(request("PUT", &[])).await;
    assert_eq!(
        (answer.status(), &answer.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"1".parse().expect("a value"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_waits_ten_seconds_by_default() {
    let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned());
    let _first = under_way(&writes, "/documents/7");
    let began = Instant::now();
    let Ok(answer) = layer(&writes).layer(service_fn(answer)).oneshot(request("PUT", &[])).await;
    assert_eq!(
        (answer.status(), began.elapsed()),
        (StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(10))
    );
}

/// The limit is on the wait: a write that has its turn may take longer.
#[tokio::test(start_paused = true)]
async fn the_limit_does_not_end_a_write_that_has_its_turn() {
    let slow = service_fn(|_: Request<String>| async {
        sleep(LIMIT * 10).await;
        Ok::<_, Infallible>(response(200, &[], ""))
    });
    let Ok(answer) = layer(&by_path()).layer(slow).oneshot(request("PUT", &[])).await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_write_to_a_free_resource_passes_with_a_wait_of_zero() {
    for wait in [Duration::ZERO, Duration::MAX] {
        let writes = by_path().wait_at_most(wait);
        let Ok(answer) = layer(&writes).layer(service_fn(answer)).oneshot(request("PUT", &[])).await;
        assert_eq!(answer.status(), 200, "{wait:?}");
    }
    let writes = by_path().wait_at_most(Duration::ZERO);
    let _first = under_way(&writes, "/documents/7");
    let began = Instant::now();
    let Ok(answer) = layer(&writes).layer(service_fn(answer)).oneshot(request("PUT", &[])).await;
    assert_eq!((answer.status(), began.elapsed()), (StatusCode::SERVICE_UNAVAILABLE, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn every_method_that_may_change_state_waits_and_no_other_does() {
    let writes = by_path();
    let _first = under_way(&writes, "/documents/7");
    for (method, waits) in [
        ("GET", false),
        ("HEAD", false),
        ("QUERY", false),
        ("OPTIONS", false),
        ("TRACE", false),
        ("CONNECT", false),
        ("PUT", true),
        ("PATCH", true),
        ("POST", true),
        ("DELETE", true),
        ("LOCK", true),
        ("get", true),
    ] {
        for fields in [&[][..], &[("if-match", "\"1\""), ("range", "bytes=0-1")]] {
            let mut future =
                Box::pin(layer(&writes).layer(service_fn(answer)).oneshot(request(method, fields)));
            assert_eq!(poll_once(future.as_mut()).is_pending(), waits, "{method} {fields:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn other_resources_do_not_wait() {
    let writes = by_path();
    let _first = under_way(&writes, "/documents/7");
    let service = layer(&writes).layer(service_fn(answer));
    let mut other = Box::pin(service.clone().oneshot(at("/documents/8", request("PUT", &[]))));
    assert!(poll_once(other.as_mut()).is_ready());
    let mut same = Box::pin(service.oneshot(at("/documents/7?other=query", request("PUT", &[]))));
    assert!(poll_once(same.as_mut()).is_pending());
}

#[tokio::test(start_paused = true)]
async fn other_queues_do_not_wait() {
    let _first = under_way(&by_path(), "/documents/7");
    let mut other = Box::pin(layer(&by_path()).layer(service_fn(answer)).oneshot(request("PUT", &[])));
    assert!(poll_once(other.as_mut()).is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_write_dropped_while_it_waits_is_forgotten() {
    let writes = by_path();
    let first = under_way(&writes, "/documents/7");
    let service = layer(&writes).layer(service_fn(answer));
    let mut second = Box::pin(service.clone().oneshot(request("PUT", &[])));
    let mut third = Box::pin(service.clone().oneshot(request("PUT", &[])));
    assert!(poll_once(second.as_mut()).is_pending());
    assert!(poll_once(third.as_mut()).is_pending());
    drop(second);
    assert!(poll_once(third.as_mut()).is_pending(), "the first one still writes");
    drop(first);
    let Poll::Ready(Ok(answer)) = poll_once(third.as_mut()) else { panic!("it is the third one's turn") };
    assert_eq!(answer.status(), 200);
}

/// The second is dropped between getting the turn and being polled.
#[tokio::test(start_paused = true)]
async fn a_write_dropped_just_before_its_turn_gives_it_to_the_next() {
    let writes = by_path();
    let first = under_way(&writes, "/documents/7");
    let service = layer(&writes).layer(service_fn(answer));
    let mut second = Box::pin(service.clone().oneshot(request("PUT", &[])));
    let mut third = Box::pin(service.clone().oneshot(request("PUT", &[])));
    assert!(poll_once(second.as_mut()).is_pending());
    assert!(poll_once(third.as_mut()).is_pending());
    drop(first);
    drop(second);
    assert!(poll_once(third.as_mut()).is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_write_that_waited_too_long_delays_no_other() {
    let writes = by_path();
    let first = under_way(&writes, "/documents/7");
    let service = layer(&writes).layer(service_fn(answer));
    let mut second = Box::pin(service.clone().oneshot(request("PUT", &[])));
    assert!(poll_once(second.as_mut()).is_pending());
    sleep(LIMIT / 2).await;
    let mut third = Box::pin(service.clone().oneshot(request("PUT", &[])));
    assert!(poll_once(third.as_mut()).is_pending());
    let Ok(answer) = second.as_mut().await;
    assert_eq!(answer.status(), 503);
    assert!(poll_once(third.as_mut()).is_pending(), "its own time is not over");
    drop(first);
    let Poll::Ready(Ok(answer)) = poll_once(third.as_mut()) else { panic!("it is the third one's turn") };
    assert_eq!(answer.status(), 200);
    drop(second);
}

/// The look-up runs within the turn, so it finds the version that the write replaces.
#[tokio::test(start_paused = true)]
async fn the_look_up_runs_within_the_turn() {
    let log = Log::default();
    let source = |_: &Parts| {
        log.note("look-up");
        ready(current())
    };
    let handler = service_fn(|_: Request<String>| async {
        log.note("write");
        yield_now().await;
        log.note("written");
        Ok::<_, Infallible>(response(200, &[], ""))
    });
    let service = PreconditionLayer::new(source).serialize_writes(by_path()).layer(handler);
    let write = || service.clone().oneshot(request("PUT", &[]));
    let (one, other) = tokio::join!(write(), write());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(log.noted(), ["look-up", "write", "written", "look-up", "write", "written"]);
}

#[tokio::test(start_paused = true)]
async fn a_rejection_of_the_head_does_not_wait() {
    let writes = by_path();
    let _first = under_way(&writes, "/documents/7");
    let service = PreconditionLayer::new(never_asked)
        .require(Requirement::on_writes())
        .serialize_writes(writes)
        .layer(service_fn(answer));
    for (fields, status) in [(&[][..], 428), (&[("if-match", "1")], 400)] {
        let mut future = Box::pin(service.clone().oneshot(request("PUT", fields)));
        let Poll::Ready(Ok(answer)) = poll_once(future.as_mut()) else { panic!("it need not wait") };
        assert_eq!(answer.status(), status);
    }
}

/// The turn ends with the answer, for every result of the source, before the future is dropped.
macro_rules! the_turn_is_over {
    ($($name:ident: [$($field:literal: $value:literal),*], $source:expr => $status:literal;)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let writes = by_path();
            let handler = service_fn(|request: Request<String>| async move {
                assert!(Guard::from_extensions(request.extensions()).is_some());
                yield_now().await;
                Ok::<_, Infallible>(response(200, &[], ""))
            });
            let mut service =
                PreconditionLayer::new($source).serialize_writes(writes.clone()).layer(handler);
            let mut first = Box::pin(service.call(request("PUT", &[$(($field, $value)),*])));
            let mut next = Box::pin(layer(&writes).layer(service_fn(answer)).oneshot(request("PUT", &[])));
            let status = loop {
                match poll_once(first.as_mut()) {
                    Poll::Ready(Ok(answer)) => break answer.status(),
                    Poll::Pending => assert!(poll_once(next.as_mut()).is_pending(), "the first has the turn"),
                }
            };
            assert_eq!(status, $status);
            assert!(poll_once(next.as_mut()).is_ready(), "the turn is over");
            drop(first);
        }
    )*};
}

fn yielding<R>(found: impl Fn() -> R + Clone) -> impl ValidatorSource
where
    R: Into<Representation>,
{
    move |_: &Parts| {
        let found = found.clone();
        async move {
            yield_now().await;
            found()
        }
    }
}

async fn failing() -> Result<Representation, BoxError> {
    yield_now().await;
    Err("the store is away".into())
}

the_turn_is_over! {
    the_turn_ends_after_a_write: ["if-match": "\"1\""], yielding(current) => 200;
    the_turn_ends_after_a_first_write: ["if-none-match": "*"], yielding(Representation::absent) => 200;
    the_turn_ends_after_a_deferred_write: ["if-match": "\"2\""], yielding(Representation::defer_to_handler) => 200;
    the_turn_ends_after_a_412: ["if-match": "\"2\""], yielding(current) => 412;
    the_turn_ends_after_a_refusal: [], yielding(|| Representation::refused(response(401, &[], "who?"))) => 401;
    the_turn_ends_after_a_failed_look_up: [], |_: &Parts| failing() => 503;
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_the_turn() {
    let writes = by_path();
    let panics_in_call =
        service_fn(|_: Request<String>| -> std::future::Ready<Result<Response<String>, Infallible>> {
            panic!("a bug in the handler")
        });
    let panics_in_poll = service_fn(|_: Request<String>| async {
        yield_now().await;
        panic!("a bug in the handler") as Result<Response<String>, Infallible>
    });
    let panics = |_: &Parts| -> std::future::Ready<Representation> { panic!("a bug in the source") };
    let put = || request("PUT", &[]);
    let next = || async {
        let Ok(answer) = layer(&writes).layer(service_fn(answer)).oneshot(put()).await;
        assert_eq!(answer.status(), 200);
    };
    for _ in 0..2 {
        let mut future = Box::pin(layer(&writes).layer(panics_in_call.clone()).oneshot(put()));
        catch_unwind(AssertUnwindSafe(|| poll_once(future.as_mut()).is_ready()))
            .expect_err("the handler panics");
        drop(future);
        next().await;

        let mut future = Box::pin(layer(&writes).layer(panics_in_poll.clone()).oneshot(put()));
        assert!(poll_once(future.as_mut()).is_pending());
        catch_unwind(AssertUnwindSafe(|| poll_once(future.as_mut()).is_ready()))
            .expect_err("the handler panics");
        drop(future);
        next().await;

        let layer = PreconditionLayer::new(panics).serialize_writes(writes.clone());
        let mut future = Box::pin(layer.layer(service_fn(answer)).oneshot(put()));
        catch_unwind(AssertUnwindSafe(|| poll_once(future.as_mut()).is_ready()))
            .expect_err("the source panics");
        drop(future);
        next().await;
    }
}

#[test]
fn a_panic_in_the_closure_does_not_affect_other_writes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = runtime.enter();
    let writes = SerializedWrites::by(|head: &Parts| {
        assert!(head.uri.path() != "/bad", "a bug in the closure");
        head.uri.path().to_owned()
    });
    let mut service = layer(&writes).layer(service_fn(answer));
    catch_unwind(AssertUnwindSafe(|| drop(service.call(at("/bad", request("PUT", &[]))))))
        .expect_err("the closure panics");
    let mut next = Box::pin(service.oneshot(request("PUT", &[])));
    assert!(poll_once(next.as_mut()).is_ready());
}

/// A key that is counted while it lives.
#[derive(Debug)]
struct Counted(String, #[expect(dead_code, reason = "held, not read")] Arc<()>);

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Counted {}

impl Hash for Counted {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash(hasher);
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_queue_keeps_no_key() {
    let keys = Arc::new(());
    let writes = {
        let keys = Arc::clone(&keys);
        SerializedWrites::by(move |head: &Parts| Counted(head.uri.path().to_owned(), Arc::clone(&keys)))
            .wait_at_most(LIMIT)
    };
    let idle = Arc::strong_count(&keys);
    let layer = PreconditionLayer::new(finds(current)).serialize_writes(writes.clone());
    for round in 0..3 {
        let go_on = Notify::new();
        let service = layer.layer(service_fn(|_: Request<String>| async {
            go_on.notified().await;
            Ok::<_, Infallible>(response(200, &[], ""))
        }));
        let write = |path: &str| Box::pin(service.clone().oneshot(at(path, request("PUT", &[]))));
        let mut futures: Vec<_> = (0..20).map(|number| write(&format!("/{}", number % 10))).collect();
        for future in &mut futures {
            assert!(poll_once(future.as_mut()).is_pending());
        }
        assert!(Arc::strong_count(&keys) > idle, "keys are kept meanwhile");
        match round {
            // All writes are made.
            0 => {
                for _ in 0..2 {
                    go_on.notify_waiters();
                    futures.retain_mut(|future| poll_once(future.as_mut()).is_pending());
                }
                assert!(futures.is_empty());
            }
            // Half of them wait too long, and the others never end.
            1 => {
                sleep(LIMIT * 2).await;
                futures.retain_mut(|future| poll_once(future.as_mut()).is_pending());
                assert_eq!(futures.len(), 10);
                futures.clear();
            }
            // All are dropped, those that wait before those that write.
            _ => while futures.pop().is_some() {},
        }
        assert_eq!(Arc::strong_count(&keys), idle, "round {round}");
    }
    // Called and never polled.
    let mut service = layer.layer(service_fn(answer));
    let never_polled = service.call(request("PUT", &[]));
    assert!(Arc::strong_count(&keys) > idle);
    drop(never_polled);
    assert_eq!(Arc::strong_count(&keys), idle);
}

/// A clone of the setting and a clone of the layer are the same queue.
#[tokio::test(start_paused = true)]
async fn all_layers_with_one_setting_share_one_queue() {
    let writes = by_path();
    let _first = under_way(&writes, "/documents/7");
    let cloned = layer(&writes).clone();
    let renamed =
        layer(&writes).require(Requirement::on_writes()).with_rejection_response(ProblemDetails::new());
    let stale = [("if-match", "\"1\"")];
    let mut one = Box::pin(cloned.layer(service_fn(answer)).oneshot(request("PUT", &stale)));
    let mut other = Box::pin(renamed.layer(service_fn(answer)).oneshot(request("PUT", &stale)));
    let patient = writes.clone().wait_at_most(LIMIT * 2);
    let mut third = Box::pin(layer(&patient).layer(service_fn(answer)).oneshot(request("PUT", &stale)));
    assert!(poll_once(one.as_mut()).is_pending());
    assert!(poll_once(other.as_mut()).is_pending());
    assert!(poll_once(third.as_mut()).is_pending());
    sleep(LIMIT).await;
    assert!(poll_once(one.as_mut()).is_ready());
    assert!(poll_once(other.as_mut()).is_ready());
    assert!(poll_once(third.as_mut()).is_pending(), "each has a wait of its own");
}

#[tokio::test(start_paused = true)]
async fn under_axum_two_routes_of_one_resource_wait_for_each_other() {
    let writes = SerializedWrites::by(|head: &Parts| {
        head.uri.path().rsplit('/').next().unwrap_or_default().to_owned()
    });
    let busy = Arc::new(AtomicUsize::new(0));
    let handle = move || {
        let busy = Arc::clone(&busy);
        async move {
            assert_eq!(busy.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
            sleep(Duration::from_millis(1)).await;
            busy.fetch_sub(1, Ordering::SeqCst);
        }
    };
    let text = get(|| async { "text" }).put(handle.clone()).route_layer(layer(&writes));
    let title = get(|| async { "title" }).put(handle).route_layer(layer(&writes));
    let app = Router::new().route("/texts/{id}", text).route("/titles/{id}", title);
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let path = if number % 2 == 0 { "/texts/7" } else { "/titles/7" };
            tokio::spawn(app.clone().oneshot(at(path, request("PUT", &[])).map(Body::from)))
        })
        .collect();
    for task in tasks {
        let Ok(answer) = task.await.expect("no two at a time");
        assert_eq!(answer.status(), 200);
    }
}

#[test]
fn debug_output_names_the_wait() {
    let shown = format!("{:?}", by_path());
    assert_eq!(shown, "SerializedWrites { wait: 3s, .. }");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = runtime.enter();
    let writes = by_path();
    let _first = under_way(&writes, "/documents/7");
    let mut service = layer(&writes).layer(service_fn(answer));
    let future = service.call(request("PUT", &[]));
    assert_eq!(format!("{future:?}"), "ResponseFuture(wait)");
    let failing = PreconditionLayer::new(fails).serialize_writes(writes);
    assert!(format!("{failing:?}").starts_with("PreconditionLayer"));
}
