//! Services without a source: `from_response()` and `probing()` over sockets.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{Next, from_fn},
    response::IntoResponse,
    routing::get,
};
use bytes::Bytes;
use http::{Method, StatusCode, header};
use tokio::net::TcpListener;
use tower::{Layer, Service};
use tower_precondition::PreconditionLayer;

use crate::{
    Wire,
    client::{Client, request},
    support::bodies::{Script, data},
    tables::tests_of,
};

tests_of! {
    rules_61_63_a_304_by_the_response_has_no_length_and_no_content
        on http1: Axum Http1, http2: Axum Http2
}
tests_of! { a_write_that_cannot_be_evaluated_is_not_made on http1: Axum Http1, http2: Axum Http2 }
tests_of! { a_write_is_evaluated_by_a_head on http1: Axum Http1, http2: Axum Http2 }
tests_of! {
    rule_2_a_challenge_to_the_head_is_the_answer_to_the_write on http1: Axum Http1, http2: Axum Http2
}

/// Counts the actions of the service.
#[derive(Clone, Default)]
struct Counts {
    frames: Arc<AtomicUsize>,
    writes: Arc<AtomicUsize>,
}

impl Counts {
    /// A document with a tag and a date; counts the frames of content that are made.
    fn document(&self) -> Router {
        let counts = self.clone();
        let read = get(async move || {
            let fields = [
                (header::ETAG, "\"1\""),
                (header::LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT"),
                (header::VARY, "accept"),
                (header::CONTENT_TYPE, "text/plain"),
            ];
            (fields, Body::new(Script::unknown(vec![data("text"); 4]).counted_in(&counts.frames)))
        });
        let writes = Arc::clone(&self.writes);
        let write = async move |_: Bytes| {
            writes.fetch_add(1, Ordering::SeqCst);
        };
        Router::new().route("/", read.put(write))
    }
}

async fn connect<S>(wire: Wire, service: S) -> Client
where
    S: Service<Request, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static,
    S::Response: IntoResponse,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async { axum::serve(listener, Router::new().fallback_service(service)).await });
    Client::connect(address, wire.protocol).await
}

async fn rules_61_63_a_304_by_the_response_has_no_length_and_no_content(wire: Wire) {
    let counts = Counts::default();
    let mut client = connect(wire, PreconditionLayer::from_response().layer(counts.document())).await;
    let held = [(header::IF_NONE_MATCH, "W/\"0\", \"1\"")];
    let not_modified = client.exchange(request(Method::GET, "/", &held, "")).await;
    assert_eq!(not_modified.status, 304);
    assert_eq!(not_modified.names(), ["date", "etag", "vary"]);
    assert_eq!((not_modified.field(header::ETAG), not_modified.text()), ("\"1\"", ""));
    assert_eq!(counts.frames.load(Ordering::SeqCst), 0, "the handler makes no content");

    let whole = client.exchange(request(Method::GET, "/", &[], "")).await;
    assert_eq!((whole.status.as_u16(), whole.text()), (200, "texttexttexttext"));
}

async fn a_write_that_cannot_be_evaluated_is_not_made(wire: Wire) {
    let counts = Counts::default();
    let mut client = connect(wire, PreconditionLayer::from_response().layer(counts.document())).await;
    let guarded = [(header::IF_MATCH, "\"1\"")];
    let refused = client.exchange(request(Method::PUT, "/", &guarded, "mine")).await;
    assert_eq!((refused.status.as_u16(), refused.field(header::CACHE_CONTROL)), (501, "no-store"));
    assert!(
        refused.text().contains("nothing tells the current state before the write is made"),
        "{refused:?}"
    );
    assert_eq!(counts.writes.load(Ordering::SeqCst), 0);
}

async fn a_write_is_evaluated_by_a_head(wire: Wire) {
    let counts = Counts::default();
    let mut client =
        connect(wire, PreconditionLayer::probing().probe_writes().layer(counts.document())).await;
    for (tag, status, writes) in [("\"0\"", 412, 0), ("\"1\"", 200, 1)] {
        let answer = client.exchange(request(Method::PUT, "/", &[(header::IF_MATCH, tag)], "mine")).await;
        assert_eq!((answer.status.as_u16(), counts.writes.load(Ordering::SeqCst)), (status, writes), "{tag}");
    }
    assert_eq!(counts.frames.load(Ordering::SeqCst), 0, "a HEAD makes no content");
}

async fn rule_2_a_challenge_to_the_head_is_the_answer_to_the_write(wire: Wire) {
    let counts = Counts::default();
    let sign_in = from_fn(async |request: Request, next: Next| {
        match request.headers().contains_key(header::AUTHORIZATION) {
            true => next.run(request).await,
            false => {
                let fields = [(header::WWW_AUTHENTICATE, "Basic"), (header::CONTENT_TYPE, "text/plain")];
                (StatusCode::UNAUTHORIZED, fields, "sign in").into_response()
            }
        }
    });
    let service = PreconditionLayer::probing().probe_writes().layer(counts.document().layer(sign_in));
    let mut client = connect(wire, service).await;
    let stranger = [(header::IF_MATCH, "\"1\"")];
    let known = [(header::IF_MATCH, "\"1\""), (header::AUTHORIZATION, "Basic 1")];
    let challenge = client.exchange(request(Method::PUT, "/", &stranger, "mine")).await;
    assert_eq!((challenge.status.as_u16(), challenge.text()), (401, ""));
    assert_eq!(challenge.field(header::WWW_AUTHENTICATE), "Basic");
    assert_eq!(challenge.field(header::CACHE_CONTROL), "no-store");
    assert_eq!(counts.writes.load(Ordering::SeqCst), 0);
    // The connection still works, so the answer was framed well.
    assert_eq!(client.exchange(request(Method::PUT, "/", &known, "mine")).await.status, 200);
    assert_eq!(counts.writes.load(Ordering::SeqCst), 1);
    // A read gets the service's own answer, with its content.
    let read = client.exchange(request(Method::GET, "/", &stranger, "")).await;
    assert_eq!((read.status.as_u16(), read.text()), (401, "sign in"));
}
