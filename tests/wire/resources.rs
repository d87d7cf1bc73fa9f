//! One set of resources behind the layer, served over TCP in two ways: under Axum and under plain Hyper.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body as AxumBody,
    extract::ws::{WebSocket, WebSocketUpgrade},
    response::IntoResponse,
    routing::{any, get},
};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header, request::Parts};
use http_body::Body;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{io, net::TcpListener};
use tower::{Layer, service_fn};
use tower_precondition::{
    EntityTag, HttpDate, PreconditionLayer, RefusedUploads, Representation, Requirement, ValidatorSource,
    Validators, precondition::RequirementPolicy,
};

use crate::support::bodies::{Script, data, trailers};

/// The text of `/document`, as a 200 carries it.
pub(crate) const TEXT: &str = "the second version";

type Content = UnsyncBoxBody<Bytes, &'static str>;

/// The server of the resources.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stack {
    /// `axum::serve`, with the layer on each route.
    Axum,
    /// Hyper's connection that detects the protocol, with the layer around one function.
    Hyper,
}

/// A server on a free port. It ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
}

/// Counts the calls of the source and of the handler.
#[derive(Default)]
struct Seen {
    lookups: AtomicUsize,
    calls: AtomicUsize,
}

impl Server {
    pub(crate) async fn start(stack: Stack) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let seen = Arc::new(Seen::default());
        match stack {
            Stack::Axum => drop(tokio::spawn(under_axum(listener, Arc::clone(&seen)))),
            Stack::Hyper => drop(tokio::spawn(under_hyper(listener, Arc::clone(&seen)))),
        }
        Self { address, seen }
    }

    /// How often the handler was called.
    pub(crate) fn calls(&self) -> usize {
        self.seen.calls.load(Ordering::SeqCst)
    }

    /// How often the source was asked.
    pub(crate) fn lookups(&self) -> usize {
        self.seen.lookups.load(Ordering::SeqCst)
    }
}

async fn under_axum(listener: TcpListener, seen: Arc<Seen>) {
    let layer = layer(Arc::clone(&seen));
    let handle = move |request: Request<AxumBody>| answer(Arc::clone(&seen), request);
    let document = get(handle.clone()).put(handle.clone()).delete(handle.clone());
    let app = Router::new()
        .route("/document", document.clone().route_layer(layer.clone()))
        .route("/guarded", document.clone().route_layer(layer.clone()))
        .route("/absent", document.clone().route_layer(layer.clone()))
        .route("/broken", document.route_layer(layer.clone()))
        .route("/stream", get(handle.clone()).route_layer(layer.clone()))
        // `any` registers a fallback, which `route_layer` does not cover.
        .route("/tunnel", any(handle).layer(layer.clone()))
        .route("/socket", any(web_socket).layer(layer));
    axum::serve(listener, app).await.expect("Axum serves until the test ends");
}

async fn under_hyper(listener: TcpListener, seen: Arc<Seen>) {
    let layer = layer(Arc::clone(&seen));
    let handle = service_fn(move |request| {
        let seen = Arc::clone(&seen);
        async move { Ok::<_, Infallible>(without_content_on_head(seen, request).await) }
    });
    let service = TowerToHyperService::new(layer.layer(handle));
    loop {
        let (stream, _) = listener.accept().await.expect("Hyper serves until the test ends");
        let service = service.clone();
        tokio::spawn(async move {
            let mut connection = auto::Builder::new(TokioExecutor::new());
            connection.http2().enable_connect_protocol();
            // A client may cut the connection off.
            let _ = connection.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
        });
    }
}

fn layer(
    seen: Arc<Seen>,
) -> PreconditionLayer<
    impl ValidatorSource<Error = &'static str, Future: Send + 'static> + Send + Sync + 'static,
    impl RequirementPolicy + Send + Sync + 'static,
> {
    PreconditionLayer::new(move |head: &Parts| {
        seen.lookups.fetch_add(1, Ordering::SeqCst);
        let found = look_up(head.uri.path());
        async move { found }
    })
    // The default would slow down the tests that leave uploads open.
    .refused_uploads(RefusedUploads::new().idle_at_most(Duration::from_millis(20)))
    .require(|head: &Parts| match head.uri.path() {
        "/guarded" => Requirement::on_writes().for_methods([Method::GET, Method::HEAD, Method::PUT]),
        _ => Requirement::none(),
    })
}

fn look_up(path: &str) -> Result<Representation, &'static str> {
    let etag = Validators::from(EntityTag::from_version(2));
    match path {
        "/absent" => Ok(Representation::absent()),
        "/broken" => Err("the store is away"),
        "/document" => Ok(etag
            .with_last_modified(HttpDate::from_unix_seconds(784_111_777).expect("a date of 1994"))
            .with_cache_control(HeaderValue::from_static("max-age=60"))
            .with_content_location(HeaderValue::from_static("/document.en"))
            .with_expires(HeaderValue::from_static("0"))
            .with_vary(HeaderValue::from_static("accept-language"))
            .into()),
        _ => Ok(etag.into()),
    }
}

async fn answer<B>(seen: Arc<Seen>, request: Request<B>) -> Response<Content>
where
    B: Body<Data = Bytes, Error: std::fmt::Debug> + Send,
{
    seen.calls.fetch_add(1, Ordering::SeqCst);
    match (request.method(), request.uri().path()) {
        (&Method::CONNECT, _) => echo(request),
        (&Method::GET | &Method::HEAD, "/stream") => stream(),
        (&Method::GET | &Method::HEAD, _) => Response::new(whole(TEXT)),
        _ => {
            let content = request.into_body().collect().await.expect("the client sends all of it").to_bytes();
            Response::new(whole(format!("read {} bytes", content.len())))
        }
    }
}

/// Over HTTP/2 Hyper sends the content of an answer to HEAD; Axum removes it.
async fn without_content_on_head<B>(seen: Arc<Seen>, request: Request<B>) -> Response<Content>
where
    B: Body<Data = Bytes, Error: std::fmt::Debug> + Send,
{
    let is_head = request.method() == Method::HEAD;
    let mut response = answer(seen, request).await;
    if is_head {
        if let Some(length) = response.body().size_hint().exact() {
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
        *response.body_mut() = whole("");
    }
    response
}

/// Two pieces of unknown length, and a trailer.
fn stream() -> Response<Content> {
    let pieces = Script::unknown([data("one, "), data("two"), trailers("content-language", "en")]);
    let mut response = Response::new(pieces.boxed_unsync());
    response.headers_mut().insert(header::TRAILER, HeaderValue::from_static("content-language"));
    response
}

/// Sends everything back, once the connection or the stream is a tunnel.
fn echo<B>(request: Request<B>) -> Response<Content> {
    let upgraded = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let (mut reader, mut writer) =
            io::split(TokioIo::new(upgraded.await.expect("a 200 makes it a tunnel")));
        // The client may go away.
        let _ = io::copy(&mut reader, &mut writer).await;
    });
    Response::new(whole(""))
}

async fn web_socket(upgrade: WebSocketUpgrade) -> impl IntoResponse {
    upgrade.on_upgrade(|mut socket: WebSocket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

fn whole(text: impl Into<Bytes>) -> Content {
    Full::new(text.into()).map_err(|never| match never {}).boxed_unsync()
}
