//! Measures over a socket how many requests a server answers in a second: with the layer, and with a handler that does
//! the same by hand, without one check that the layer makes.
//!
//! Run with `cargo bench --bench wire`. The server and the client have a core each. Rounds of the two take turns, and
//! the table shows the ratio of their medians. There is no bound, because times differ between machines.

use std::{
    convert::Infallible,
    env,
    future::{Future, Ready, ready},
    net::SocketAddr,
    process::Command,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{self, Path},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version, header, request::Parts,
};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use tower::{ServiceExt, util::MapRequestLayer};
use tower_precondition::{EntityTag, PreconditionLayer, Verdict};

const ROUNDS: usize = 11;
const ROUND: Duration = Duration::from_millis(300);
/// Requests in flight, so that the server is never idle.
const CONCURRENT: usize = 16;

const TAG: &str = "\"5f1d2c3b4a596877\"";
const STALE: &str = "\"0123456789abcdef\"";
const NOT_MODIFIED: (HeaderName, &str, u16) = (header::IF_NONE_MATCH, TAG, 304);

/// The same request for two routes: one with the layer, one by hand.
#[derive(Clone, Debug)]
struct Contest {
    name: &'static str,
    method: Method,
    field: HeaderName,
    value: &'static str,
    status: u16,
    /// The route with the layer, and the one by hand.
    paths: [&'static str; 2],
}

fn contests() -> Vec<Contest> {
    let contest =
        |name, method, (field, value, status), paths| Contest { name, method, field, value, status, paths };
    let by_hand = "/fields";
    vec![
        contest("304, a closure as source", Method::GET, NOT_MODIFIED, ["/closure", by_hand]),
        contest("304, a look-up over the path", Method::GET, NOT_MODIFIED, ["/path/7", "/fields/7"]),
        // Shows what any layer costs: Axum clones the service and boxes the future for it.
        contest(
            "the same by hand, behind a layer that does nothing",
            Method::GET,
            NOT_MODIFIED,
            ["/wrapped/7", "/fields/7"],
        ),
        contest("304, `from_response`", Method::GET, NOT_MODIFIED, ["/response", by_hand]),
        contest("304, `probing`", Method::GET, NOT_MODIFIED, ["/probed", by_hand]),
        contest(
            "412 with problem details; by hand empty",
            Method::PUT,
            (header::IF_MATCH, STALE, 412),
            ["/closure", "/failed"],
        ),
        contest(
            "the same; by hand the same octets from memory",
            Method::PUT,
            (header::IF_MATCH, STALE, 412),
            ["/closure", "/failed_in_full"],
        ),
        contest(
            "a write that takes its verdict",
            Method::PUT,
            (header::IF_MATCH, TAG, 204),
            ["/closure", "/written"],
        ),
    ]
}

fn main() {
    // `cargo test --benches` has nothing to measure.
    if !env::args().any(|argument| argument == "--bench") {
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
    println!("| the layer's requests a second, as a share of those by hand | HTTP/1.1 | HTTP/2 |");
    println!("|---|--:|--:|");
    for contest in contests() {
        let shares = [Version::HTTP_11, Version::HTTP_2].map(|version| {
            let [layer, by_hand] = on_this_thread(take_turns(address, version, &contest));
            format!("{:.2} of {by_hand:.0}", layer / by_hand)
        });
        println!("| {} | {} |", contest.name, shares.join(" | "));
    }
    println!();
    println!(
        "Ratios of medians of {ROUNDS} rounds of {ROUND:?}, {CONCURRENT} requests at a time, on {} cores: {}, {}.",
        cores.len(),
        processor(),
        compiler(),
    );
}

/// Names the processor, as Linux does.
fn processor() -> String {
    let known = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = known.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| String::from("processor unknown"), |(_, name)| name.to_owned())
}

fn compiler() -> String {
    let version = Command::new("rustc").arg("--version").output().ok();
    version.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default().trim().to_owned()
}

fn on_this_thread<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system gives a runtime what it needs").block_on(future)
}

async fn serve(address: mpsc::Sender<SocketAddr>) -> Infallible {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
    address.send(listener.local_addr().expect("it is bound")).expect("the client waits for it");
    let failed = rejected(app()).await;
    let in_full = get(async || "text").put(async move || failed.clone().into_response());
    let app = app().route("/failed_in_full", in_full);
    axum::serve(listener, app).await.expect("axum::serve does not fail");
    unreachable!("axum::serve does not end")
}

fn app() -> Router {
    let tag = || const { EntityTag::from_static(TAG) };
    let closure = move |_: &Parts| ready(tag());
    let look_up = move |_: Path<u64>| -> Ready<EntityTag> { ready(tag()) };
    let tagged = move || async move { (tag(), "text") };
    let write = async |verdict: Verdict| {
        assert!(verdict.current().is_some(), "the source knows it");
        StatusCode::NO_CONTENT
    };
    let nothing = MapRequestLayer::new(|request: extract::Request| request);
    Router::new()
        .route("/closure", get(async || "text").put(write).route_layer(PreconditionLayer::new(closure)))
        .route("/path/{id}", get(async |_: Path<u64>| "text").route_layer(PreconditionLayer::new(look_up)))
        .route("/response", get(tagged).route_layer(PreconditionLayer::from_response()))
        .route("/probed", get(tagged).route_layer(PreconditionLayer::probing()))
        .route("/fields", get(async || not_modified()))
        .route("/fields/{id}", get(async |_: Path<u64>| not_modified()))
        .route("/wrapped/{id}", get(async |_: Path<u64>| not_modified()).route_layer(nothing))
        .route("/failed", get(async || "text").put(async || StatusCode::PRECONDITION_FAILED))
        .route("/written", get(async || "text").put(async || StatusCode::NO_CONTENT))
}

/// The layer's 412, in memory.
async fn rejected(app: Router) -> (StatusCode, HeaderMap, Bytes) {
    let request = Request::put("/closure").header(header::IF_MATCH, STALE).body(Body::empty());
    let response = app.oneshot(request.expect("the request is valid")).await;
    let (head, body) = response.expect("a router does not fail").into_parts();
    (head.status, head.headers, body.collect().await.expect("the content is in memory").to_bytes())
}

/// A 304 with the fields that the layer sends.
fn not_modified() -> Response {
    let fields = [(header::ETAG, HeaderValue::from_static(TAG))];
    (StatusCode::NOT_MODIFIED, fields).into_response()
}

/// Returns the median rate of each path.
async fn take_turns(address: SocketAddr, version: Version, contest: &Contest) -> [f64; 2] {
    let mut clients = clients(address, version).await;
    // Connections and caches are cold; these rounds do not count.
    for path in contest.paths {
        round(&mut clients, contest, path).await;
    }
    let mut rates = contest.paths.map(|_| Vec::new());
    for turn in 0..ROUNDS {
        // Each path goes first equally often.
        let mut order: Vec<_> = contest.paths.into_iter().zip(&mut rates).collect();
        order.rotate_left(turn % contest.paths.len());
        for (path, rates) in order {
            rates.push(round(&mut clients, contest, path).await);
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
    /// Compares bytes and parses little, so that the client is not the bottleneck.
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
async fn round(clients: &mut Vec<Client>, contest: &Contest, path: &'static str) -> f64 {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for mut client in clients.drain(..) {
        let contest = contest.clone();
        tasks.spawn(async move {
            let mut answered = 0_u32;
            while began.elapsed() < ROUND {
                client.ask(&contest, path).await;
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
    async fn ask(&mut self, contest: &Contest, path: &str) {
        let Contest { method, field, value, status, .. } = contest;
        match self {
            Self::Http1(stream) => {
                // As clients do: a GET has no Content-Length.
                let length = if method == Method::PUT { "content-length: 0\r\n" } else { "" };
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{field}: {value}\r\n{length}\r\n"
                );
                stream.write_all(request.as_bytes()).await.expect("the connection is kept");
                let mut response = Vec::with_capacity(1024);
                while !is_whole(&response) {
                    let read = stream.read_buf(&mut response).await.expect("the connection is kept");
                    assert_ne!(read, 0, "the connection is kept");
                }
                assert!(response.starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{contest:?}");
            }
            Self::Http2(sender) => {
                let request = Request::builder()
                    .method(method)
                    .uri(format!("http://localhost{path}"))
                    .header(field, *value)
                    .body(Empty::new())
                    .expect("the request is valid");
                sender.ready().await.expect("the connection is kept");
                let response = sender.send_request(request).await.expect("the server answers");
                assert_eq!(response.status().as_u16(), *status, "{contest:?}");
                response.into_body().collect().await.expect("the content comes");
            }
        }
    }
}

/// Returns whether a response has come to its end, by its Content-Length.
fn is_whole(response: &[u8]) -> bool {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let Some(head) = response.windows(4).position(|octets| octets == b"\r\n\r\n") else { return false };
    let length = response.windows(NAME.len()).position(|octets| octets == NAME).map_or(0, |at| {
        let digits = response.iter().skip(at + NAME.len()).take_while(|octet| octet.is_ascii_digit());
        digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'))
    });
    response.len() >= head + 4 + length
}
