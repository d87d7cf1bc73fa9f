//! The layer holds a guard exactly until the handler's future is dropped.
//!
//! [`every_end`](crate::every_end) tries every way in which a request can end.

use std::{
    cell::Cell,
    convert::Infallible,
    future::{Future, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response, request::Parts};
use tokio::{
    sync::{Mutex, RwLock},
    task::yield_now,
};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_precondition::{
    EntityTag, Expose, PreconditionLayer, Rejection, Representation, Requirement, SerializedWrites,
    ValidatorSource,
};

use crate::{
    Log,
    support::{at_once, current, finds, poll_once, request, response, service_fn},
};

/// A source with a guard that is logged when it is released.
fn guarded(log: &Log) -> impl ValidatorSource<Future: Send> + Send + Sync + Clone + use<> {
    let log = log.clone();
    move |_: &Parts| ready(Representation::from(current()).with_guard(log.on_drop("guard")))
}

/// A handler with this future, which is logged when it is dropped.
fn handler<F, Fut, E>(
    log: &Log,
    handle: F,
) -> impl Service<Request<String>, Response = Response<String>, Error = E, Future: Send> + Clone + use<F, Fut, E>
where
    F: Fn() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Response<String>, E>> + Send + 'static,
    E: Send,
{
    let log = log.clone();
    service_fn(move |request: Request<String>| {
        let gone = log.on_drop("handler");
        let handled = handle();
        async move {
            let _gone = gone;
            drop(request);
            yield_now().await;
            handled.await
        }
    })
}

async fn answer<E>() -> Result<Response<String>, E> {
    Ok(response(200, &[], "text"))
}

const RELEASED: [&str; 2] = ["handler", "guard"];

/// A future that is logged when it is dropped, and not when it is ready.
struct Lasting(#[expect(dead_code, reason = "logged when it is dropped")] crate::OnDrop);

impl Future for Lasting {
    type Output = Result<Response<String>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(response(200, &[], "text")))
    }
}

#[test]
fn the_guard_is_released_between_the_drops_of_the_handlers_future_and_of_the_layers() {
    let log = Log::default();
    let handler = service_fn(|_: Request<String>| Lasting(log.on_drop("handler")));
    let mut service = PreconditionLayer::new(guarded(&log)).layer(handler);
    let mut future = Box::pin(service.call(request("PUT", &[])));
    assert!(poll_once(future.as_mut()).is_ready());
    assert_eq!(log.noted(), RELEASED);
}

#[test]
fn the_guard_is_released_before_a_layer_outside_answers_for_a_panic() {
    let log = Log::default();
    let service = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(PreconditionLayer::new(guarded(&log)))
        .service(handler(&log, || async { panic!("a bug in the handler") as Result<_, Infallible> }));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let Ok(answer) = runtime.block_on(service.oneshot(request("PUT", &[])));
    assert_eq!(answer.status(), 500);
    assert_eq!(log.noted(), RELEASED);
}

/// If the layer answers, the guard is released with the answer, before the future is dropped.
macro_rules! released_with_an_answer_of_the_layer {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*], $found:expr
        $(, under $requirement:expr)? => $status:literal;)*) => {$(
        #[test]
        fn $name() {
            let log = Log::default();
            let source = finds(|| Representation::from($found)
                .with_guard(log.on_drop("guard"))
                .with_owned(log.on_drop("transaction")));
            let layer = PreconditionLayer::new(source);
            $(let layer = layer.require($requirement);)?
            let mut service = layer.layer(handler(&log, answer::<Infallible>));
            let mut future = Box::pin(service.call(request($method, &[$(($field, $value)),*])));
            let Poll::Ready(Ok(answer)) = poll_once(future.as_mut()) else { panic!("the layer answers") };
            assert_eq!(answer.status(), $status);
            assert_eq!(log.noted(), ["transaction", "guard"], "the lock goes after what was done under it");
        }
    )*};
}

released_with_an_answer_of_the_layer! {
    the_guard_is_released_with_a_412: "PUT" ["if-match": "\"2\""], current() => 412;
    the_guard_is_released_with_a_304: "GET" ["if-none-match": "\"1\""], current() => 304;
    the_guard_is_released_with_a_404: "DELETE" ["if-match": "*"], Representation::absent() => 404;
    the_guard_is_released_with_a_428: "PUT" [], current(), under Requirement::on_writes().existing_only() => 428;
    the_guard_is_released_with_a_refusal: "PUT" [], Representation::refused(response(401, &[], "who?")) => 401;
}

#[test]
fn the_guard_is_released_if_the_responder_panics() {
    let log = Log::default();
    let panics = |_: &Rejection, _: &Parts| -> Response<String> { panic!("a bug in the responder") };
    let mut service = PreconditionLayer::new(guarded(&log))
        .with_rejection_response(panics)
        .expose(Expose::Nothing)
        .layer(handler(&log, answer::<Infallible>));
    let mut future = Box::pin(service.call(request("PUT", &[("if-match", "\"2\"")])));
    catch_unwind(AssertUnwindSafe(|| poll_once(future.as_mut()).is_ready()))
        .expect_err("the responder panics");
    drop(future);
    assert_eq!(log.noted(), ["guard"]);
}

#[test]
fn several_guards_are_released_in_the_reverse_order() {
    let log = Log::default();
    let source = finds(|| {
        Representation::from(current())
            .with_guard(log.on_drop("first"))
            .with_guard(log.on_drop("second"))
            .with_guard(log.on_drop("third"))
    });
    for fields in [&[][..], &[("if-match", "\"2\"")]] {
        let before = log.noted().len();
        let service = PreconditionLayer::new(&source)
            .layer(service_fn(|_: Request<String>| ready(Ok::<_, Infallible>(response(200, &[], "")))));
        at_once(service.oneshot(request("PUT", fields))).expect("an answer");
        assert_eq!(log.noted()[before..], ["third", "second", "first"], "{fields:?}");
    }
}

#[test]
fn decision_16_the_guard_of_an_inner_layer_is_released_before_that_of_an_outer_one() {
    let log = Log::default();
    let layer = |what| {
        let log = log.clone();
        PreconditionLayer::new(finds(move || Representation::from(current()).with_guard(log.on_drop(what))))
    };
    let service = ServiceBuilder::new()
        .layer(layer("outer"))
        .layer(layer("inner"))
        .service(handler(&log, answer::<Infallible>));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(service.oneshot(request("PUT", &[]))).expect("an answer");
    assert_eq!(log.noted(), ["handler", "inner", "outer"]);
}

/// A key that is logged when it is dropped, at the end of the turn.
struct Noted(#[expect(dead_code, reason = "held, not read")] crate::OnDrop);

impl PartialEq for Noted {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Noted {}

impl std::hash::Hash for Noted {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

#[tokio::test]
async fn the_turn_of_a_write_ends_after_its_guards() {
    let log = Log::default();
    let key = {
        let log = log.clone();
        move |_: &Parts| Noted(log.on_drop("turn"))
    };
    let source = finds(|| {
        Representation::from(current()).with_guard(log.on_drop("first")).with_guard(log.on_drop("second"))
    });
    for (status, fields, noted) in [
        (200, &[][..], &["handler", "second", "first", "turn"][..]),
        (412, &[("if-match", "\"2\"")], &["second", "first", "turn"]),
    ] {
        let before = log.noted().len();
        let service = PreconditionLayer::new(&source)
            .serialize_writes(SerializedWrites::by(key.clone()))
            .layer(handler(&log, answer::<Infallible>));
        let Ok(answer) = service.oneshot(request("PUT", fields)).await;
        assert_eq!(answer.status(), status);
        assert_eq!(&log.noted()[before..], noted);
    }
}

/// A guard need only be `Send`, and so is the layer's future.
#[tokio::test]
async fn a_guard_need_not_be_sync() {
    #[expect(dead_code, reason = "held, not read")]
    struct NotSync(Cell<u8>, crate::OnDrop);

    let log = Log::default();
    let source = {
        let log = log.clone();
        move |_: &Parts| {
            ready(Representation::from(current()).with_guard(NotSync(Cell::new(1), log.on_drop("guard"))))
        }
    };
    let service = PreconditionLayer::new(source).layer(handler(&log, answer::<Infallible>));
    let task = tokio::spawn(service.oneshot(request("PUT", &[])));
    task.await.expect("no panic").expect("an answer");
    assert_eq!(log.noted(), RELEASED);
}

#[tokio::test]
async fn a_mutex_of_tokio_is_locked_while_the_handler_runs() {
    let row = Arc::new(Mutex::new(EntityTag::from_version(1)));
    let source = {
        let row = Arc::clone(&row);
        move |_: &Parts| {
            let row = Arc::clone(&row);
            async move {
                let row = row.lock_owned().await;
                Representation::from(row.clone()).with_guard(row)
            }
        }
    };
    let handler = {
        let row = Arc::clone(&row);
        service_fn(move |_: Request<String>| {
            let row = Arc::clone(&row);
            async move {
                assert!(row.try_lock().is_err(), "it is locked");
                Ok::<_, Infallible>(response(200, &[], ""))
            }
        })
    };
    let service = PreconditionLayer::new(source).layer(handler);
    for (method, fields) in
        [("PUT", &[("if-match", "\"1\"")][..]), ("PUT", &[("if-match", "\"2\"")]), ("GET", &[])]
    {
        service.clone().oneshot(request(method, fields)).await.expect("an answer");
        assert!(row.try_lock().is_ok(), "{method} {fields:?}");
    }
}

#[tokio::test]
async fn a_read_write_lock_can_be_the_guard() {
    let row = Arc::new(RwLock::new(1_u64));
    let source = {
        let row = Arc::clone(&row);
        move |head: &Parts| {
            let row = Arc::clone(&row);
            let reads = head.method == http::Method::GET;
            async move {
                match reads {
                    true => {
                        let row = row.read_owned().await;
                        Representation::from(EntityTag::from_version(*row)).with_guard(row)
                    }
                    false => {
                        let row = row.write_owned().await;
                        Representation::from(EntityTag::from_version(*row)).with_guard(row)
                    }
                }
            }
        }
    };
    let handler = {
        let row = Arc::clone(&row);
        service_fn(move |request: Request<String>| {
            let (reads, writes) = (row.try_read().is_ok(), row.try_write().is_ok());
            let expected = (*request.method() == http::Method::GET, false);
            assert_eq!((reads, writes), expected, "{}", request.method());
            ready(Ok::<_, Infallible>(response(200, &[], "")))
        })
    };
    let service = PreconditionLayer::new(source).layer(handler);
    for method in ["GET", "PUT", "GET", "DELETE"] {
        service.clone().oneshot(request(method, &[])).await.expect("an answer");
        assert!(row.try_write().is_ok(), "{method}");
    }
}

/// The second look-up waits for the first write, so it sees the new version.
#[tokio::test]
async fn one_of_two_racing_writes_under_a_lock_is_refused() {
    let row = Arc::new(Mutex::new(1_u64));
    let source = {
        let row = Arc::clone(&row);
        move |_: &Parts| {
            let row = Arc::clone(&row);
            async move {
                let row = row.lock_owned().await;
                let version = EntityTag::from_version(*row);
                Representation::from(version).with_owned(row)
            }
        }
    };
    let handler = service_fn(|request: Request<String>| async move {
        type Row = tokio::sync::OwnedMutexGuard<u64>;
        let owned = tower_precondition::Owned::<Row>::take_from(request.extensions());
        let mut row = owned.expect("the source attached it").0;
        yield_now().await;
        *row += 1;
        Ok::<_, Infallible>(response(204, &[], ""))
    });
    let service = PreconditionLayer::new(source).layer(handler);
    let write = || service.clone().oneshot(request("PUT", &[("if-match", "\"1\"")]));
    let (one, other) = tokio::join!(write(), write());
    let mut statuses = [one, other].map(|answer| answer.expect("an answer").status().as_u16());
    statuses.sort_unstable();
    assert_eq!((statuses, *row.lock().await), ([204, 412], 2));
}
