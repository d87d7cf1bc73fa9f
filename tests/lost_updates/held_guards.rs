//! A `Guard` keeps the lock for work that outlives the handler.
//!
//! [`every_end`](crate::every_end) keeps one for every end of a request.

use std::{
    convert::Infallible,
    future::ready,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, routing::put};
use http::Request;
use tower::{Layer, ServiceBuilder, ServiceExt};
use tower_precondition::{Guard, PreconditionLayer, Representation, ValidatorSource};

use crate::{
    Log,
    support::{at_once, current, finds, request, response, service_fn},
    told::{self, Told},
};

fn guarded(
    log: &Log,
    what: &'static str,
) -> PreconditionLayer<impl ValidatorSource<Future: Send> + Send + Sync + 'static + use<>> {
    let log = log.clone();
    PreconditionLayer::new(finds(move || Representation::from(current()).with_guard(log.on_drop(what))))
}

/// A value that a handler leaves for its test.
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

fn guard_of(request: &Request<String>) -> Option<Guard> {
    Guard::from_extensions(request.extensions())
}

#[test]
fn a_guard_holds_the_lock_after_the_answer() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let handler = service_fn(move |request: Request<String>| {
        let share = guard_of(&request).expect("the handler runs");
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
fn a_share_that_is_dropped_early_releases_nothing() {
    let log = Log::default();
    let handler = service_fn(|request: Request<String>| {
        drop(guard_of(&request));
        assert!(log.noted().is_empty());
        assert!(guard_of(&request).is_some(), "the handler can take another");
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    at_once(guarded(&log, "guard").layer(handler).oneshot(request("PUT", &[]))).expect("an answer");
    assert_eq!(log.noted(), ["guard"]);
}

#[test]
fn a_copy_of_the_extensions_holds_nothing() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let handler = service_fn(move |request: Request<String>| {
        leave.leave(request.extensions().clone());
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    at_once(guarded(&log, "guard").layer(handler).oneshot(request("PUT", &[]))).expect("an answer");
    let copy = left.take();
    assert_eq!(log.noted(), ["guard"], "it was released with the handler's future");
    assert!(Guard::from_extensions(&copy).is_none());
}

#[test]
fn without_a_lock_there_is_no_guard() {
    let handler = service_fn(|request: Request<String>| {
        assert!(guard_of(&request).is_none());
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    let attached = || Representation::from(current()).with_attached(1_u8);
    at_once(PreconditionLayer::new(finds(attached)).layer(handler).oneshot(request("PUT", &[])))
        .expect("an answer");
}

#[test]
fn several_guards_are_held_as_one_and_released_in_the_reverse_order() {
    let (log, left) = (Log::default(), Left::nothing());
    let source = finds(|| {
        Representation::from(current()).with_guard(log.on_drop("first")).with_guard(log.on_drop("second"))
    });
    let leave = left.clone();
    let handler = service_fn(move |request: Request<String>| {
        leave.leave(guard_of(&request).expect("the handler runs"));
        ready(Ok::<_, Infallible>(response(200, &[], "")))
    });
    at_once(PreconditionLayer::new(source).layer(handler).oneshot(request("PUT", &[]))).expect("an answer");
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["second", "first"]);
}

/// One `Guard` holds the locks of all layers, and releases them in the usual order.
#[test]
fn decision_16_a_guard_holds_the_locks_of_every_layer() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let service = ServiceBuilder::new()
        .layer(guarded(&log, "outer"))
        .layer(guarded(&log, "middle"))
        .layer(guarded(&log, "inner"))
        .service(service_fn(move |request: Request<String>| {
            leave.leave(guard_of(&request).expect("the handler runs"));
            ready(Ok::<_, Infallible>(response(200, &[], "")))
        }));
    at_once(service.oneshot(request("PUT", &[]))).expect("an answer");
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["inner", "middle", "outer"], "the last one taken goes first");
}

/// A handler gets the guard of an outer layer even if the inner one has none.
#[test]
fn decision_16_the_guard_of_an_outer_layer_reaches_the_handler() {
    let (log, left) = (Log::default(), Left::nothing());
    let leave = left.clone();
    let service = ServiceBuilder::new()
        .layer(guarded(&log, "outer"))
        .layer(PreconditionLayer::new(finds(current)))
        .service(service_fn(move |request: Request<String>| {
            leave.leave(guard_of(&request).expect("the handler runs"));
            ready(Ok::<_, Infallible>(response(200, &[], "")))
        }));
    at_once(service.oneshot(request("PUT", &[]))).expect("an answer");
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["outer"]);
}

#[test]
fn under_axum_a_guard_is_an_argument_of_the_handler() {
    let log = Log::default();
    let left = Left::nothing();
    let leave = left.clone();
    let handler = move |guard: Guard| async move { leave.leave(guard) };
    let app = Router::new().route("/documents/{id}", put(handler).layer(guarded(&log, "guard")));
    assert_eq!(Told::by(app, told::request("PUT", &[]).map(Body::from)).status, 200);
    assert!(log.noted().is_empty());
    drop(left.take());
    assert_eq!(log.noted(), ["guard"]);

    let lenient = |guard: Option<Guard>| async move { guard.is_some().to_string() };
    let app =
        Router::new().route("/documents/{id}", put(lenient).layer(PreconditionLayer::new(finds(current))));
    assert_eq!(Told::by(app, told::request("PUT", &[]).map(Body::from)).text(), "false");
}
