//! What the layer costs where there is a database: `documents` beside the same handlers without the
//! layer, which read If-None-Match and If-Match themselves, over the same store.
//!
//! Run with `cargo bench -p documents`. The server has a thread of its own, and so has the client;
//! rounds of the two take turns, and medians are shown. Shown, not gated: time is another on
//! every machine.

mod bare;
#[path = "../../tests/support/postgres.rs"]
#[allow(dead_code, reason = "the tests take more of it")]
mod postgres;

use std::{
    future::Future,
    net::SocketAddr,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use axum::Router;
use documents::Store;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(250);
/// Requests that are under way at a time, each to a document of its own.
const CONCURRENT: usize = 8;

const CONTENT: &str = r#"{"title":"Plan","text":"first"}"#;

#[derive(Clone, Copy, Debug)]
enum Asked {
    Read,
    Revalidated,
    Written,
    Stale,
}

impl Asked {
    const ALL: [(Self, &str, u16); 4] = [
        (Self::Read, "read", 200),
        (Self::Revalidated, "revalidate", 304),
        (Self::Written, "write with a fresh If-Match", 204),
        (Self::Stale, "stale write", 412),
    ];
}

fn main() {
    // `cargo test --benches` has nothing to measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("| requests a second | documents | without the layer | documents has |");
    println!("|---|--:|--:|--:|");
    let folder = tempfile::tempdir().expect("a folder");
    measure("SQLite", format!("sqlite:{}", folder.path().join("documents.sqlite").display()));
    if let Some(server) = postgres::Postgres::start() {
        let url = on_this_thread(server.database());
        measure("PostgreSQL", url);
    }
    println!();
    println!("Medians of {ROUNDS} pairs of rounds of {ROUND:?}, {CONCURRENT} requests at a time.");
}

fn on_this_thread<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system gives a runtime what it needs").block_on(future)
}

fn measure(database: &str, url: String) {
    let (sender, receiver) = mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = thread::spawn(move || {
        on_this_thread(async {
            let store = Store::open(&url).await.expect("the database is there");
            for app in [documents::app(store.clone()), bare::app(store.clone())] {
                sender.send(serve(app).await).expect("the client waits for it");
            }
            // Dropped when the client has had enough.
            let _ = stopped.await;
            store.close().await;
        });
    });
    let [layer, bare] = [(); 2].map(|()| receiver.recv().expect("the server listens"));
    on_this_thread(take_turns(database, [layer, bare]));
    drop(stop);
    server.join().expect("the server ends");
}

async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

async fn take_turns(database: &str, addresses: [SocketAddr; 2]) {
    let mut clients = Vec::new();
    for address in addresses {
        clients.push(connect(address).await);
    }
    for (asked, name, status) in Asked::ALL {
        let mut rates = [Vec::new(), Vec::new()];
        let mut ratios = Vec::new();
        // Connections and caches are cold; the first pair does not count.
        for turn in 0..=ROUNDS {
            let mut pair = [0.0; 2];
            // Each goes first as often as the other.
            for which in if turn % 2 == 0 { [0, 1] } else { [1, 0] } {
                let (Some(clients), Some(rate)) = (clients.get_mut(which), pair.get_mut(which)) else {
                    unreachable!("there are two");
                };
                *rate = round(clients, asked, status).await;
            }
            if turn > 0 {
                let [layer, bare] = pair;
                ratios.push(layer / bare);
                for (rates, rate) in rates.iter_mut().zip(pair) {
                    rates.push(rate);
                }
            }
        }
        let [layer, bare] = rates.map(median);
        let share = 100.0 * median(ratios);
        println!("| {database}: {name} ({status}) | {layer:.0} | {bare:.0} | {share:.1} % |");
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().expect("there is a round")
}

/// Requests answered a second.
async fn round(clients: &mut Vec<Client>, asked: Asked, status: u16) -> f64 {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for mut client in clients.drain(..) {
        tasks.spawn(async move {
            let mut answered = 0_u32;
            while began.elapsed() < ROUND {
                assert_eq!(client.ask(asked).await, status);
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

/// What sends one request after the other, to a document that nobody else writes.
struct Client {
    stream: TcpStream,
    path: String,
    tag: String,
}

async fn connect(address: SocketAddr) -> Vec<Client> {
    let mut clients = Vec::new();
    for number in 0..CONCURRENT {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP stream has the option");
        let path = format!("/documents/{}-{number}", address.port());
        let mut client = Client { stream, path, tag: String::new() };
        let created = client.send("PUT", "if-none-match: *\r\n", CONTENT).await;
        assert_eq!(created, 201, "the database is new");
        clients.push(client);
    }
    clients
}

impl Client {
    async fn ask(&mut self, asked: Asked) -> u16 {
        let fresh = |name: &str| format!("{name}: {}\r\n", self.tag);
        match asked {
            Asked::Read => self.send("GET", "", "").await,
            Asked::Revalidated => self.send("GET", &fresh("if-none-match"), "").await,
            Asked::Written => self.send("PUT", &fresh("if-match"), CONTENT).await,
            Asked::Stale => self.send("PUT", "if-match: \"0\"\r\n", CONTENT).await,
        }
    }

    /// Gives the status, and keeps the tag.
    async fn send(&mut self, method: &str, condition: &str, content: &str) -> u16 {
        let request = format!(
            "{method} {} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{condition}\
             content-length: {}\r\n\r\n{content}",
            self.path,
            content.len()
        );
        self.stream.write_all(request.as_bytes()).await.expect("the connection is kept");
        let mut received = Vec::with_capacity(1024);
        let (head, length) = loop {
            let read = self.stream.read_buf(&mut received).await.expect("the connection is kept");
            assert_ne!(read, 0, "the connection is kept");
            let text = std::str::from_utf8(&received).expect("it is text");
            if let Some((head, content)) = text.split_once("\r\n\r\n") {
                break (head.to_owned(), content.len());
            }
        };
        let field = |name: &str| {
            let fields = head.lines().filter_map(|line| line.split_once(": "));
            fields.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value)
        };
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        if let Some(tag) = field("etag") {
            tag.clone_into(&mut self.tag);
        }
        let expected = field("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut missing = vec![0; if status == 304 { 0 } else { expected - length }];
        self.stream.read_exact(&mut missing).await.expect("the connection is kept");
        status
    }
}
