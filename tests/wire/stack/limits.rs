//! `TimeoutLayer` and `RequestBodyLimitLayer`.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    routing::{MethodRouter, put},
};
use http::{StatusCode, request::Parts};
use tokio::sync::OwnedMutexGuard;
use tower::Layer;
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};
use tower_precondition::{EntityTag, PreconditionLayer, SerializedWrites};

use super::{Calls, request, something, version_2};
use crate::support::client::Client;

const IN_TIME: Duration = Duration::from_secs(5);
const FRESH: [(&str, &str); 1] = [("if-match", "\"2\"")];

fn time_limit() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, IN_TIME)
}

/// Never answers the first request.
fn hangs_once() -> MethodRouter {
    let hung = Arc::new(AtomicBool::new(false));
    put(async move || {
        if !hung.swap(true, Ordering::SeqCst) {
            pending::<()>().await;
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_timeout_outside_ends_a_slow_look_up() {
    let handled = Calls::default();
    let layer = PreconditionLayer::new(|_: &Parts| pending::<EntityTag>());
    let client =
        Client::InProcess(Router::new().route("/document", handled.route().layer(layer)).layer(time_limit()));
    assert_eq!(client.ask("PUT", "/document", &FRESH).await.status, 504);
    assert_eq!(handled.take(), 0, "no write reaches the handler without an evaluation");
}

/// Inside the layer, the time of the look-up does not count.
#[tokio::test(start_paused = true)]
async fn a_timeout_inside_counts_only_the_handler() {
    let slow = |_: &Parts| async {
        tokio::time::sleep(2 * IN_TIME).await;
        EntityTag::from_version(2)
    };
    let route = Calls::default().route().route_layer(time_limit()).route_layer(PreconditionLayer::new(slow));
    let client = Client::InProcess(Router::new().route("/document", route));
    assert_eq!(client.ask("PUT", "/document", &FRESH).await.status, 200);
}

/// The wait for a turn counts, and the turn ends when the time limit drops the handler.
#[tokio::test(start_paused = true)]
async fn a_turn_ends_with_the_request() {
    let layer = PreconditionLayer::new(version_2).serialize_writes(
        SerializedWrites::by(|head: &Parts| head.uri.path().to_owned()).wait_at_most(10 * IN_TIME),
    );
    let route = hangs_once().layer(layer);
    let client = Client::InProcess(Router::new().route("/document", route).layer(time_limit()));

    let write = || async { client.ask("PUT", "/document", &FRESH).await.status.as_u16() };
    // The first holds the turn, and the second waits for it, until both are out of time at once.
    assert_eq!(tokio::join!(write(), write()), (504, 504));
    assert_eq!(write().await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_guard_ends_with_the_request() {
    let lock = Arc::new(tokio::sync::Mutex::new(()));
    let held = Arc::clone(&lock);
    let layer = PreconditionLayer::new(move |_: &Parts| {
        let lock = Arc::clone(&held);
        async move {
            let guard: OwnedMutexGuard<()> = lock.lock_owned().await;
            something().with_guard(guard)
        }
    });
    let route = hangs_once().layer(layer);
    let client = Client::InProcess(Router::new().route("/document", route).layer(time_limit()));
    assert_eq!(client.ask("PUT", "/document", &FRESH).await.status, 504);
    assert!(lock.try_lock().is_ok(), "the guard is released together with the handler");
    assert_eq!(client.ask("PUT", "/document", &FRESH).await.status, 200);
}

/// The limit answers by the announced length. Nobody reads the upload or asks the source.
#[tokio::test]
async fn a_body_limit_outside_answers_first() {
    let lookups = Calls::default();
    let route = || Calls::default().route().route_layer(PreconditionLayer::new(lookups.source()));
    let outside = Router::new().route("/document", route()).layer(RequestBodyLimitLayer::new(8));
    for (content, etag, status, asked) in
        [("too much of it", "\"1\"", 413, 0), ("little", "\"1\"", 412, 1), ("little", "\"2\"", 200, 1)]
    {
        let mut put = request("PUT", &[("if-match", etag), ("content-length", &content.len().to_string())]);
        *put.body_mut() = Body::from(content);
        assert_eq!(Client::InProcess(outside.clone()).send(put).await.status.as_u16(), status);
        assert_eq!(lookups.take(), asked);
    }
}

/// A limit changes the type of the body, and `probing()` needs a type with `Default`. So the limit is inside,
/// or a router is in between.
#[tokio::test]
async fn a_body_limit_fits_inside_probing_or_around_a_router() {
    let files = || {
        let tagged = || std::future::ready(([("etag", "\"2\"")], "text"));
        Router::new().route("/document", axum::routing::get(tagged).put(async |_: String| ()))
    };
    let inside =
        PreconditionLayer::probing().probe_writes().layer(files().layer(RequestBodyLimitLayer::new(8)));
    let outside = PreconditionLayer::probing().probe_writes().layer(files());
    for app in [
        Router::new().fallback_service(inside),
        Router::new().fallback_service(outside).layer(RequestBodyLimitLayer::new(8)),
    ] {
        for (content, etag, status) in
            [("little", "\"1\"", 412), ("too much of it", "\"2\"", 413), ("little", "\"2\"", 200)]
        {
            let mut put = request("PUT", &[("if-match", etag)]);
            *put.body_mut() = Body::from(content);
            assert_eq!(Client::InProcess(app.clone()).send(put).await.status.as_u16(), status, "{content}");
        }
    }
}
