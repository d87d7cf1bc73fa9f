//! `CatchPanicLayer` outside: a panic ends one request, and nothing stays locked.

use std::sync::Arc;

use axum::{Router, http::Uri, routing::put};
use http::request::Parts;
use tokio::sync::OwnedMutexGuard;
use tower_http::catch_panic::CatchPanicLayer;
use tower_precondition::{PreconditionLayer, Representation, SerializedWrites};

use super::{something, version_2};
use crate::support::client::Client;

const FRESH: [(&str, &str); 1] = [("if-match", "\"2\"")];

async fn handler(uri: Uri) -> &'static str {
    assert_ne!(uri.query(), Some("handler"), "the handler panics");
    "written"
}

fn caught(layer: axum::routing::MethodRouter) -> Router {
    Router::new().route("/document", layer).layer(CatchPanicLayer::new())
}

#[tokio::test]
async fn a_panic_releases_the_guard() {
    let lock = Arc::new(tokio::sync::Mutex::new(()));
    let held = Arc::clone(&lock);
    let layer = PreconditionLayer::new(move |head: &Parts| {
        let lock = Arc::clone(&held);
        let panics = head.uri.query() == Some("look-up");
        async move {
            let guard: OwnedMutexGuard<()> = lock.lock_owned().await;
            assert!(!panics, "the look-up panics");
            Representation::with_guard(something(), guard)
        }
    });
    for client in Client::both(caught(put(handler).layer(layer))).await {
        for (path, status) in
            [("/document?handler", 500), ("/document", 200), ("/document?look-up", 500), ("/document", 200)]
        {
            assert_eq!(client.ask("PUT", path, &FRESH).await.status.as_u16(), status, "{path}");
            assert!(lock.try_lock().is_ok(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_panic_ends_the_turn() {
    let layer = PreconditionLayer::new(|head: &Parts| {
        assert_ne!(head.uri.query(), Some("look-up"), "the look-up panics as it begins");
        version_2(head)
    });
    let layer = layer.serialize_writes(SerializedWrites::by(|head: &Parts| head.uri.path().to_owned()));
    for client in Client::both(caught(put(handler).layer(layer))).await {
        for (path, status) in
            [("/document?handler", 500), ("/document", 200), ("/document?look-up", 500), ("/document", 200)]
        {
            assert_eq!(client.ask("PUT", path, &FRESH).await.status.as_u16(), status, "{path}");
        }
    }
}
