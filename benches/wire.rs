//! Measures over a socket how many 304s the layer answers in a second, compared with an Axum handler
//! that returns a bare 304 and with one that sends the layer's fields.
//!
//! Run with `cargo bench --bench wire`. The server and the client have a core each. Rounds of the three
//! take turns, and the table shows medians. There is no bound, because times differ between machines.

use std::{
    convert::Infallible,
    future::{Future, ready},
    net::SocketAddr,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Version, header, request::Parts};
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use tower_precondition::{EntityTag, PreconditionLayer};

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(350);
/// Requests in flight, so that the server is never idle.
const CONCURRENT: usize = 16;

const TAG: &str = "\"5f1d2c3b4a596877\"";
/// The layer, a handler that returns a bare 304, and a handler that sends the layer's fields.
const PATHS: [&str; 3] = ["/layer", "/handler", "/fields"];

fn main() {
    // `cargo test --benches` has nothing to measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let [server_core, client_core] = [cores.first().copied(), cores.get(1).copied()];
    if client_core.is_none() {
        println!(
            "server and client share a core: there is only one, or the system does not let this program choose"
        );
    }

    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        server_core.map(core_affinity::set_for_current);
        on_this_thread(serve(sender))
    });
    let address = receiver.recv().expect("the server listens");
    client_core.map(core_affinity::set_for_current);

    println!();
    println!(
        "| requests a second | the layer | a handler with a bare 304 | a handler with the same fields |"
    );
    println!("|---|--:|--:|--:|");
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let [layer, handler, fields] = on_this_thread(take_turns(address, version));
        let share = |rate: f64| 100.0 * layer / rate;
        println!(
            "| {version:?} | {layer:.0} | {handler:.0} (the layer has {:.1} %) | {fields:.0} ({:.1} %) |",
            share(handler),
            share(fields),
        );
    }
    println!();
    println!(
        "Medians of {ROUNDS} rounds of {ROUND:?}, {CONCURRENT} requests at a time, on {} cores.",
        cores.len()
    );
}

fn on_this_thread<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system gives a runtime what it needs").block_on(future)
}

async fn serve(address: mpsc::Sender<SocketAddr>) -> Infallible {
    let source = |_: &Parts| ready(const { EntityTag::from_static(TAG) });
    let fields = [
        (header::ETAG, HeaderValue::from_static(TAG)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let app = Router::new()
        .route("/layer", get(async || "text").route_layer(PreconditionLayer::new(source)))
        .route("/handler", get(async || StatusCode::NOT_MODIFIED))
        .route("/fields", get(async || (StatusCode::NOT_MODIFIED, fields)));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
    address.send(listener.local_addr().expect("it is bound")).expect("the client waits for it");
    axum::serve(listener, app).await.expect("axum::serve does not fail");
    unreachable!("axum::serve does not end")
}

/// Returns the median rate of each path.
async fn take_turns(address: SocketAddr, version: Version) -> [f64; PATHS.len()] {
    let mut clients = clients(address, version).await;
    // Connections and caches are cold; these rounds do not count.
    for path in PATHS {
        round(&mut clients, path).await;
    }
    let mut rates = PATHS.map(|_| Vec::new());
    for turn in 0..ROUNDS {
        // Each path goes first equally often.
        let mut order: Vec<_> = PATHS.into_iter().zip(&mut rates).collect();
        order.rotate_left(turn % PATHS.len());
        for (path, rates) in order {
            rates.push(round(&mut clients, path).await);
        }
    }
    rates.map(median)
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().expect("there is a round")
}

/// A client that sends one request after another.
enum Client {
    /// Compares bytes and parses nothing, so that the client is not the bottleneck.
    Http1(TcpStream),
    /// Shares one connection with the other clients.
    Http2(http2::SendRequest<Empty<Bytes>>),
}

async fn clients(address: SocketAddr, version: Version) -> Vec<Client> {
    let mut clients = Vec::new();
    if version == Version::HTTP_2 {
        let stream = TokioIo::new(connect(address).await);
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), stream).await.expect("the server speaks HTTP/2");
        tokio::spawn(connection);
        clients.resize_with(CONCURRENT, || Client::Http2(sender.clone()));
    } else {
        for _ in 0..CONCURRENT {
            clients.push(Client::Http1(connect(address).await));
        }
    }
    clients
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a TCP stream has the option");
    stream
}

/// Returns how many requests were answered in a second.
async fn round(clients: &mut Vec<Client>, path: &'static str) -> f64 {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for mut client in clients.drain(..) {
        tasks.spawn(async move {
            let mut answered = 0_u32;
            while began.elapsed() < ROUND {
                client.ask(path).await;
                answered += 1;
            }
            (client, answered)
        });
    }
    let mut answered = 0;
    for (client, its) in tasks.join_all().await {
        clients.push(client);
        answered += its;
    }
    f64::from(answered) / began.elapsed().as_secs_f64()
}

impl Client {
    async fn ask(&mut self, path: &str) {
        match self {
            Self::Http1(stream) => {
                let request =
                    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nif-none-match: {TAG}\r\n\r\n");
                stream.write_all(request.as_bytes()).await.expect("the connection is kept");
                let mut response = Vec::with_capacity(512);
                while !response.ends_with(b"\r\n\r\n") {
                    let read = stream.read_buf(&mut response).await.expect("the connection is kept");
                    assert_ne!(read, 0, "the connection is kept");
                }
                assert!(response.starts_with(b"HTTP/1.1 304 "));
            }
            Self::Http2(sender) => {
                let request = Request::get(format!("http://localhost{path}"))
                    .header(header::IF_NONE_MATCH, TAG)
                    .body(Empty::new())
                    .expect("the request is valid");
                sender.ready().await.expect("the connection is kept");
                let response = sender.send_request(request).await.expect("the server answers");
                assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
            }
        }
    }
}
