//! Counts the attempts that a made write takes if 1, 8 and 64 clients change one document, by the client and by a
//! loop that reads and writes until it succeeds. Fails if the client needs more than eight at 64.
//!
//! Run with `cargo bench --bench contention`. The server and the clients have a core each. The document is in
//! memory, behind the layer and a socket. The rates have no bound, because times differ between machines.

use std::{
    convert::Infallible,
    future::Future,
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::State, routing::get};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{net::TcpListener, runtime::Builder, task::JoinSet};
use tower_precondition::{
    EntityTag, PreconditionLayer, Rejection, Requirement, Validators, Verdict,
    client::{Change, Client, Target},
    validators_from_fn_with_state,
};

const ROUND: Duration = Duration::from_secs(4);
const CLIENTS: [usize; 3] = [1, 8, 64];
/// The most attempts of a made write at 64 clients, on average.
const AT_MOST: f64 = 8.0;

type Http = legacy::Client<HttpConnector, Body>;

fn main() -> ExitCode {
    // `cargo test --benches` has nothing to measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let [server_core, client_core] = [cores.first().copied(), cores.get(1).copied()];
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        server_core.map(core_affinity::set_for_current);
        on_this_thread(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            sender.send(listener.local_addr().expect("it is bound")).expect("the main thread waits");
            axum::serve(listener, app()).await.expect("the server runs");
        });
    });
    let uri = format!("http://{}/counter", receiver.recv().expect("the server listens"));
    client_core.map(core_affinity::set_for_current);

    println!();
    println!("| clients | by | made writes a second | attempts of a made write | most attempts | requests |");
    println!("|--:|---|--:|--:|--:|--:|");
    let mut holds = true;
    for clients in CLIENTS {
        on_this_thread(round(clients, "a loop", looping, &uri));
        let attempts = on_this_thread(round(clients, "the client", changing, &uri));
        holds &= clients < 64 || attempts <= AT_MOST;
    }
    println!();
    println!(
        "{}  at most {AT_MOST} attempts of a made write at 64 clients",
        if holds { " holds" } else { "BROKEN" }
    );
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn on_this_thread<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Counts for one round.
#[derive(Default)]
struct Counts {
    made: AtomicU64,
    attempts: AtomicU64,
    most: AtomicU64,
}

impl Counts {
    fn add(&self, attempts: u64) {
        self.made.fetch_add(1, Ordering::Relaxed);
        self.attempts.fetch_add(attempts, Ordering::Relaxed);
        self.most.fetch_max(attempts, Ordering::Relaxed);
    }
}

/// Prints a row, and returns the attempts of a made write.
async fn round<F>(clients: usize, by: &str, write: fn(Http, String) -> F, uri: &str) -> f64
where
    F: Future<Output = u64> + Send + 'static,
{
    let counts = Arc::new(Counts::default());
    let http: Http = legacy::Client::builder(TokioExecutor::new()).build_http();
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (counts, http, uri) = (counts.clone(), http.clone(), uri.to_owned());
        tasks.spawn(async move {
            while start.elapsed() < ROUND {
                counts.add(write(http.clone(), uri.clone()).await);
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("no client fails");
    }
    let [made, attempts, most] =
        [&counts.made, &counts.attempts, &counts.most].map(|count| count.load(Ordering::Relaxed) as f64);
    let rate = made / start.elapsed().as_secs_f64();
    println!("| {clients} | {by} | {rate:.0} | {:.1} | {most} | {} |", attempts / made, 2.0 * attempts);
    attempts / made
}

/// Reads and writes until a write succeeds. Returns the attempts.
async fn looping(http: Http, uri: String) -> u64 {
    for attempt in 1.. {
        let read = http
            .request(Request::get(&uri).body(Body::empty()).expect("a request"))
            .await
            .expect("an answer");
        let tag = read.headers().get(header::ETAG).expect("a tag").clone();
        let count = read.into_body().collect().await.expect("content").to_bytes();
        let next = Body::from(next(&count));
        let put = Request::put(&uri).header(header::IF_MATCH, tag).body(next).expect("a request");
        let written = http.request(put).await.expect("an answer");
        let status = written.status();
        written.into_body().collect().await.expect("content");
        match status {
            StatusCode::NO_CONTENT => return attempt,
            status => assert_eq!(status, StatusCode::PRECONDITION_FAILED),
        }
    }
    unreachable!("the loop ends with a made write")
}

async fn changing(http: Http, uri: String) -> u64 {
    let target: Target = uri.parse().expect("a URI");
    let changed = Client::new(http).change(&target, |seen| {
        Ok::<_, Infallible>(Change::replace(next(seen.content().map_or(b"", |content| &content[..]))))
    });
    changed.await.expect("the bounds are wide enough").tried().writes().into()
}

fn next(count: &[u8]) -> String {
    let count: u64 = std::str::from_utf8(count).expect("digits").parse().expect("a number");
    (count + 1).to_string()
}

type Counter = Arc<Mutex<u64>>;

fn now(counter: &Counter) -> u64 {
    *counter.lock().expect("nobody panics with the lock")
}

fn app() -> Router {
    let counter = Counter::default();
    let layer = PreconditionLayer::new(validators_from_fn_with_state(counter.clone(), look_up));
    let methods = get(read).put(write).route_layer(layer.require(Requirement::on_writes()));
    Router::new().route("/counter", methods).with_state(counter)
}

async fn look_up(State(counter): State<Counter>) -> EntityTag {
    EntityTag::from_version(now(&counter))
}

async fn read(State(counter): State<Counter>) -> (Validators, String) {
    let now = now(&counter);
    (EntityTag::from_version(now).into(), now.to_string())
}

async fn write(
    State(counter): State<Counter>,
    verdict: Verdict,
    text: String,
) -> Result<StatusCode, Rejection> {
    let expected = verdict.current().and_then(Validators::etag).and_then(EntityTag::version);
    let mut now = counter.lock().expect("nobody panics with the lock");
    if expected != Some(*now) {
        return Err(verdict.reject(Some(EntityTag::from_version(*now))));
    }
    *now = text.parse().expect("the clients send numbers");
    Ok(StatusCode::NO_CONTENT)
}
