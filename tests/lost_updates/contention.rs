//! Many clients write one document over HTTP. No acknowledged write is lost, and no version appears twice.
//! Without protection the same clients lose updates, which proves that the test detects a loss.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use tokio::sync::Mutex;
use tower_precondition::Requirement;

use crate::{
    store::{Around, Document, Store, Write, app},
    support::{
        client::{Answer, Connection, serve},
        proofs,
    },
};

const PATH: &str = "/documents/counter";

/// How many increments a protected run acknowledges. `PROOFS=full`, as in CI, plays twice as many.
fn increments() -> usize {
    if proofs::are_full() { 2000 } else { 1000 }
}

/// The result of a run.
#[derive(Debug)]
struct Counted {
    acknowledged: u64,
    counter: u64,
    /// Of the answers, in ascending order.
    versions: Vec<u64>,
}

impl Counted {
    fn loses_nothing(&self) -> bool {
        let every_version = (2..=self.acknowledged + 1).collect::<Vec<_>>();
        self.counter == self.acknowledged && self.versions == every_version
    }
}

/// Each client adds one: it reads, changes, writes with If-Match, and starts again after a 412,
/// until this many increments were acknowledged.
async fn count(clients: usize, increments: usize, write: Write, around: Around) -> Counted {
    // Two runs at the same time would slow each other down many times.
    static ONE_RUN: Mutex<()> = Mutex::const_new(());
    let _alone = ONE_RUN.lock().await;

    let store = Store::default();
    store.insert("counter", Document { version: 1, text: String::from("0") });
    let address = serve(app(&store, write, around, Requirement::on_writes())).await;
    let begun = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..clients)
        .map(|number| {
            let begun = Arc::clone(&begun);
            tokio::spawn(async move {
                let mut client = Connection::open(address).await;
                let mut versions = Vec::new();
                while begun.fetch_add(1, Ordering::Relaxed) < increments {
                    versions.push(increment(&mut client, number).await);
                }
                versions
            })
        })
        .collect();
    let mut versions = Vec::new();
    for task in tasks {
        versions.extend(task.await.expect("a client ends"));
    }
    versions.sort_unstable();
    let counter = store.read("counter").expect("it exists").text.parse().expect("a number");
    Counted { acknowledged: versions.len() as u64, counter, versions }
}

/// Doubles the pause each time, and varies it by client; otherwise most writes would be refused.
fn pause(number: usize, refused: u32, counter: u64) -> Duration {
    let mut hasher = DefaultHasher::new();
    (number, refused, counter).hash(&mut hasher);
    Duration::from_millis(hasher.finish() % (1 << (refused + 2).min(9)))
}

/// Reads the version from a tag.
fn version(answer: &Answer) -> u64 {
    answer.etag().trim_matches('"').parse().expect("a version")
}

/// Adds one, and returns the version that it wrote.
async fn increment(client: &mut Connection, number: usize) -> u64 {
    let mut refused = 0;
    loop {
        let current = client.ask("GET", PATH, &[], String::new()).await;
        let counter: u64 = current.text().parse().expect("a number");
        let condition = [("if-match", current.etag())];
        let answer = client.ask("PUT", PATH, &condition, (counter + 1).to_string()).await;
        match answer.status {
            StatusCode::NO_CONTENT => return version(&answer),
            StatusCode::PRECONDITION_FAILED => {
                assert_ne!(answer.etag(), current.etag(), "a 412 shows the current tag");
                refused += 1;
                tokio::time::sleep(pause(number, refused, counter)).await;
            }
            other => panic!("{other}: {answer:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_queued_blind_writes_lose_nothing() {
    let increments = increments();
    let counted = count(64, increments, Write::Blind, Around::OnesTurn).await;
    assert_eq!(counted.acknowledged, increments as u64);
    assert!(counted.loses_nothing(), "{counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_compare_and_set_loses_nothing_without_a_guard() {
    let increments = increments();
    let counted = count(64, increments, Write::ComparedAndSet, Around::Nothing).await;
    assert_eq!(counted.acknowledged, increments as u64);
    assert!(counted.loses_nothing(), "{counted:?}");
}

/// With the layer alone, the clients of the other two tests lose updates.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_without_protection_updates_are_lost() {
    for _ in 0..50 {
        let counted = count(64, 100, Write::Blind, Around::Nothing).await;
        assert_eq!(counted.acknowledged, 100);
        if !counted.loses_nothing() {
            assert!(counted.counter < 100, "{counted:?}");
            return;
        }
    }
    panic!("nothing was lost in 50 rounds: the tests of protection prove nothing");
}
