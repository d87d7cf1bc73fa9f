//! A share of the guard goes on holding it, for work that outlives the handler.

use std::{
    convert::Infallible,
    future::{pending, ready},
    sync::{Arc, Mutex, mpsc},
};

use axum::{Router, body::Body, routing::put};
use http::{Request, Response, request::Parts};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_precondition::{
    Guard, GuardShare, PreconditionLayer, Representation, SerializedWrites, ValidatorSource,
};

use crate::{
    Log,
    support::{at_once, current, finds, poll_once, request, response},
    told::{self, Told},
};

fn guarded(
    log: &Log,
    what: &'static str,
) -> PreconditionLayer<impl ValidatorSource<Future: Send> + Send + Sync + 'static + use<>> {
    let log = log.clone();
    PreconditionLayer::new(finds(move || Representation::from(current()).with_guard(log.on_drop(what))))
}

/// Something that a handler leaves for its test.
#[derive(Clone)]
struct Left<T>(Arc<Mutex<Option<T>>>);

impl<T> Left<T> {
    fn nothing() -> Self {
        Self(Arc::default())
    }

    fn leave(&self, left: T) {
        *self.0.lock().expect("no test panics in here") = Some(left);
    }

    fn take(&self) -> T {
        self.0.lock().expect("no test panics in here").take().expect("the handler left it")
    }
}

fn guard_of(request: &Request<String>) -> Guard {
    request.extensions().get::<Guard>().cloned().expect("a guard is held")
}

#[test]
fn it_keeps_the_guard_after_the_answer() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let handler = service_fn(move |request: Request<String>| {
        let share = guard_of(&request).share().expect("the handler runs");
        leave.leave((share.clone(), share));
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    at_once(guarded(&log, "guard").layer(handler).oneshot(request("PUT", &[]))).expect("an answer");
    let (one, other) = left.take();
    drop(one);
    assert!(log.noted().is_empty(), "one share is left");
    drop(other);
    assert_eq!(log.noted(), ["guard"]);
}

#[test]
fn it_keeps_the_guard_where_the_future_is_dropped() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let handler = service_fn(move |request: Request<String>| {
        leave.leave(guard_of(&request).share().expect("the handler runs"));
        pending::<Result<Response<String>, Infallible>>()
    });
    let mut service = guarded(&log, "guard").layer(handler);
    let mut future = Box::pin(service.call(request("PUT", &[])));
    assert!(poll_once(future.as_mut()).is_pending());
    drop(future);
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["guard"]);
}

#[test]
fn a_share_that_goes_early_releases_nothing() {
    let log = Log::default();
    let handler = service_fn(|request: Request<String>| {
        drop(guard_of(&request).share());
        assert!(log.noted().is_empty());
        assert!(guard_of(&request).share().is_some(), "another can be had");
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    at_once(guarded(&log, "guard").layer(handler).oneshot(request("PUT", &[]))).expect("an answer");
    assert_eq!(log.noted(), ["guard"]);
}

#[test]
fn after_the_end_there_is_none_to_be_had() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let handler = service_fn(move |request: Request<String>| {
        leave.leave(guard_of(&request));
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    at_once(guarded(&log, "guard").layer(handler).oneshot(request("PUT", &[]))).expect("an answer");
    let guard = left.take();
    assert_eq!(log.noted(), ["guard"], "a `Guard` itself holds nothing");
    assert!(guard.share().is_none());
}

#[test]
fn without_a_guard_there_is_no_extension() {
    let handler = service_fn(|request: Request<String>| {
        assert!(request.extensions().get::<Guard>().is_none());
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    let attached = || Representation::from(current()).with_attached(1_u8);
    at_once(PreconditionLayer::new(finds(attached)).layer(handler).oneshot(request("PUT", &[])))
        .expect("an answer");
}

#[test]
fn several_guards_are_shared_as_one_and_released_in_the_reverse_order() {
    let (log, left) = (Log::default(), Left::nothing());
    let source = finds(|| {
        Representation::from(current()).with_guard(log.on_drop("first")).with_guard(log.on_drop("second"))
    });
    let leave = left.clone();
    let handler = service_fn(move |request: Request<String>| {
        leave.leave(guard_of(&request).share().expect("the handler runs"));
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    at_once(PreconditionLayer::new(source).layer(handler).oneshot(request("PUT", &[]))).expect("an answer");
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["second", "first"]);
}

/// One share holds the guards of all layers, and releases them as if the handler still ran.
#[test]
fn decision_16_a_share_holds_the_guards_of_every_layer() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let service = ServiceBuilder::new()
        .layer(guarded(&log, "outer"))
        .layer(guarded(&log, "middle"))
        .layer(guarded(&log, "inner"))
        .service_fn(move |request: Request<String>| {
            leave.leave(guard_of(&request).share().expect("the handler runs"));
            ready(Ok::<_, Infallible>(response(200, &[], "")))
        });
    at_once(service.oneshot(request("PUT", &[]))).expect("an answer");
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["inner", "middle", "outer"], "the last one taken goes first");
}

/// The guard of an outer layer is there for the handler also where the inner one has none.
#[test]
fn decision_16_the_guard_of_an_outer_layer_reaches_the_handler() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let service = ServiceBuilder::new()
        .layer(guarded(&log, "outer"))
        .layer(PreconditionLayer::new(finds(current)))
        .service_fn(move |request: Request<String>| {
            leave.leave(guard_of(&request).share().expect("the handler runs"));
            ready(Ok::<_, Infallible>(response(200, &[], "")))
        });
    at_once(service.oneshot(request("PUT", &[]))).expect("an answer");
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["outer"]);
}

#[tokio::test]
async fn it_keeps_the_turn_of_a_write() {
    let left = Left::nothing();
    let leave = left.clone();
    let handler = service_fn(move |request: Request<String>| {
        leave.leave(guard_of(&request).share().expect("the handler runs"));
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    let service = PreconditionLayer::new(finds(current))
        .serialize_writes(SerializedWrites::by(|_: &Parts| ()))
        .layer(handler);
    service.clone().oneshot(request("PUT", &[])).await.expect("an answer");
    let share: GuardShare = left.take();

    let mut next = Box::pin(service.oneshot(request("PUT", &[])));
    assert!(poll_once(next.as_mut()).is_pending(), "the work of the first goes on");
    drop(share);
    assert_eq!(next.await.expect("an answer").status(), 200);
}

/// The handler is dropped, and its blocking write goes on under the lock.
#[tokio::test]
async fn a_blocking_write_goes_on_under_the_lock_when_nobody_waits_for_it() {
    let row = Arc::new(tokio::sync::Mutex::new(()));
    let source = {
        let row = Arc::clone(&row);
        move |_: &Parts| {
            let row = Arc::clone(&row);
            async move { Representation::from(current()).with_guard(row.lock_owned().await) }
        }
    };
    let (go_on, told_to) = mpsc::channel::<()>();
    let told_to = Arc::new(Mutex::new(told_to));
    let handler = service_fn(move |request: Request<String>| {
        let share = guard_of(&request).share().expect("the handler runs");
        let told_to = Arc::clone(&told_to);
        let write = tokio::task::spawn_blocking(move || {
            told_to.lock().expect("unpoisoned").recv().expect("the test goes on");
            drop(share);
        });
        async move {
            write.await.expect("no panic");
            Ok::<_, Infallible>(response(200, &[], ""))
        }
    });
    let mut service = PreconditionLayer::new(source).layer(handler);
    let mut future = Box::pin(service.call(request("PUT", &[])));
    assert!(poll_once(future.as_mut()).is_pending());
    drop(future);
    assert!(row.try_lock().is_err(), "the write runs on, and so does the lock");
    go_on.send(()).expect("the write waits");
    drop(row.lock().await);
}

#[test]
fn under_axum_it_is_an_argument_of_the_handler() {
    let log = Log::default();
    let left = Left::nothing();
    let leave = left.clone();
    let handler = move |share: GuardShare| async move { leave.leave(share) };
    let app = Router::new().route("/documents/{id}", put(handler).layer(guarded(&log, "guard")));
    assert_eq!(Told::by(app, told::request("PUT", &[]).map(Body::from)).status, 200);
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["guard"]);

    let lenient = |share: Option<GuardShare>| async move { share.is_some().to_string() };
    let app =
        Router::new().route("/documents/{id}", put(lenient).layer(PreconditionLayer::new(finds(current))));
    assert_eq!(Told::by(app, told::request("PUT", &[]).map(Body::from)).text(), "false");
}
