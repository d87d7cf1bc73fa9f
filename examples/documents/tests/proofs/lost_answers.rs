//! Clients whose answers are lost send their writes again. With an id, no client is told of a conflict with itself.
//! Without one, some are.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use documents::store::Document;
use tokio::{
    task::JoinSet,
    time::{Instant, interval_at, sleep},
};

use crate::{
    Times,
    client::{Answer, Client, Unanswered},
    cutting_proxy::CuttingProxy,
    one_of_two,
    servers::{Addresses, Replicas, Served},
    support::{http::content_digest, postgres::shared, stores},
};

const PATH: &str = "/documents/counter";
const CLIENTS: usize = 64;
/// How many increments the clients are told of.
const INCREMENTS: Times = Times { short: 120, full: 10_000 };
const BEFORE_A_REPETITION: Duration = Duration::from_millis(30);
/// The longest that a count may take.
const LIMIT: Duration = Duration::from_secs(1_800);
/// How often a replica is killed, in milliseconds.
const BETWEEN_KILLS: Times = Times { short: 400, full: 2_000 };

/// How a client repeats a write.
#[derive(Clone, Copy)]
enum Repeats {
    WithItsId,
    WithoutAnId,
}

/// The answers that the clients got, by the names of their attempts.
#[derive(Debug, Default)]
struct Told {
    made: BTreeSet<String>,
    refused: BTreeSet<String>,
    /// How many were told of their success by a repetition.
    again: usize,
    /// How many of these had no tag, because others have written since.
    again_without_tag: usize,
}

struct Counter {
    client: Client,
    repeats: Repeats,
    told: Told,
    attempts: usize,
    backoff: u32,
}

fn content(number: u64) -> String {
    let document = Document { title: "Counter".to_owned(), text: number.to_string() };
    serde_json::to_string(&document).expect("it can be written as JSON")
}

fn number_in(read: &Answer) -> u64 {
    read.json()["text"].as_str().expect("a text").parse().expect("a number")
}

impl Counter {
    /// Adds one. Tries until it is told that it succeeded.
    async fn increment(&mut self) {
        loop {
            let read = self.client.get(PATH).await;
            if read.status == 503 {
                continue;
            }
            assert_eq!(read.status, 200, "{read:?}");
            let attempt = format!("{}-{}", self.client.number, self.attempts);
            self.attempts += 1;
            let made = self.write(&attempt, read.get("etag").expect("a tag"), number_in(&read) + 1).await;
            sleep(self.pause(&attempt, made)).await;
            if made {
                return;
            }
        }
    }

    /// Sends a write until an answer comes that says whether it was made.
    async fn write(&mut self, attempt: &str, tag: &str, number: u64) -> bool {
        let content = content(number);
        let digest = content_digest(&content);
        let mut fields = vec![("if-match", tag), ("x-user", attempt), ("content-digest", &digest)];
        if let Repeats::WithItsId = self.repeats {
            fields.push(("idempotency-key", attempt));
        }
        for sent in 1.. {
            if sent > 1 {
                // Others write meanwhile.
                sleep(BEFORE_A_REPETITION).await;
            }
            let answer = match self.client.put(PATH, &fields, content.clone()).await {
                Err(Unanswered) => continue,
                Ok(answer) => answer,
            };
            match answer.status.as_u16() {
                204 => {
                    self.told.made.insert(attempt.to_owned());
                    if sent > 1 {
                        self.told.again += 1;
                        self.told.again_without_tag += usize::from(answer.get("etag").is_none());
                    }
                    return true;
                }
                412 => {
                    self.told.refused.insert(attempt.to_owned());
                    return false;
                }
                // The database may have made it.
                503 => {}
                _ => panic!("{answer:?}"),
            }
        }
        unreachable!("it tries until an answer comes")
    }

    /// Doubles the pause after each refusal, and halves it after each success.
    fn pause(&mut self, attempt: &str, made: bool) -> Duration {
        self.backoff = if made { self.backoff.saturating_sub(1) } else { (self.backoff + 1).min(11) };
        let mut hasher = DefaultHasher::new();
        attempt.hash(&mut hasher);
        Duration::from_millis(hasher.finish() % (1 << self.backoff))
    }
}

/// The result of a count.
struct Counted {
    told: Told,
    /// The names of the attempts in the history, in order.
    history: Vec<String>,
    counter: u64,
    cuts: usize,
}

/// Counts through a proxy that loses answers. Meanwhile it does this again and again.
async fn count(servers: &Addresses, repeats: Repeats, mut meanwhile: impl AsyncFnMut()) -> Counted {
    let mut direct = Client::new(0, servers);
    let created = direct.put(PATH, &[("if-none-match", "*"), ("x-user", "creator")], content(0)).await;
    assert_eq!(created.expect("nothing goes wrong yet").status, 201);

    let proxy = CuttingProxy::before(servers).await;
    let begun = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = Client::new(number, &proxy.addresses);
        let mut counter = Counter { client, repeats, told: Told::default(), attempts: 0, backoff: 4 };
        let begun = Arc::clone(&begun);
        clients.spawn(async move {
            while begun.fetch_add(1, Ordering::Relaxed) < INCREMENTS.get() {
                counter.increment().await;
            }
            counter.told
        });
    }
    let between = Duration::from_millis(BETWEEN_KILLS.get() as u64);
    let start = Instant::now();
    let mut ticks = interval_at(start + between, between);
    let mut told = Told::default();
    loop {
        tokio::select! {
            ended = clients.join_next() => {
                let Some(ended) = ended else { break };
                let of_client = ended.expect("a client ends well");
                told.made.extend(of_client.made);
                told.refused.extend(of_client.refused);
                told.again += of_client.again;
                told.again_without_tag += of_client.again_without_tag;
            }
            now = ticks.tick() => {
                assert!(now - start < LIMIT, "the clients did not end");
                meanwhile().await;
            }
        }
    }
    let counter = number_in(&direct.get(PATH).await);
    let history = direct.get(&format!("{PATH}/history")).await.json();
    let history = history.as_array().expect("a list").iter();
    let by = |entry: &serde_json::Value| entry["changed_by"].as_str().expect("a name").to_owned();
    Counted { told, history: history.skip(1).map(by).collect(), counter, cuts: proxy.cuts() }
}

impl Counted {
    /// The attempts that were refused, and made all the same.
    fn false_conflicts(&self) -> Vec<&String> {
        self.history.iter().filter(|attempt| self.told.refused.contains(*attempt)).collect()
    }

    fn assert_nothing_doubled(&self) {
        println!(
            "{} told of their success, {} of them by a repetition, {} of these after another's write; {} answers lost; \
             {} refused, {} of them falsely",
            self.told.made.len(),
            self.told.again,
            self.told.again_without_tag,
            self.cuts,
            self.told.refused.len(),
            self.false_conflicts().len(),
        );
        let once: BTreeSet<_> = self.history.iter().collect();
        assert_eq!(once.len(), self.history.len(), "an attempt was made twice");
        assert_eq!(self.counter, self.history.len() as u64, "an update was lost");
        let unmade: Vec<_> = self.told.made.iter().filter(|attempt| !once.contains(attempt)).collect();
        assert!(unmade.is_empty(), "told of a success that never was: {unmade:?}");
        assert!(self.cuts > 0, "no answer was lost");
    }

    /// Asserts that the counter equals the number of writes that clients were told of.
    fn assert_all_told(&self) {
        self.assert_nothing_doubled();
        assert_eq!(self.false_conflicts(), Vec::<&String>::new(), "a client whose write was made got 412");
        assert_eq!(self.told.made.len(), INCREMENTS.get());
        assert_eq!(self.counter, self.told.made.len() as u64);
        assert!(self.told.again_without_tag > 0, "nobody wrote between a lost answer and its repetition");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_20_no_conflict_is_false_in_sqlite() {
    let _place = one_of_two().await;
    let opened = stores::sqlite().await.unwrap();
    let served = Served::stores([opened.store.clone()]).await;
    count(&served.addresses, Repeats::WithItsId, async || {}).await.assert_all_told();
}

/// This shows that the proofs beside it can fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_20_without_an_id_some_conflicts_are_false() {
    let _place = one_of_two().await;
    let opened = stores::sqlite().await.unwrap();
    let served = Served::stores([opened.store.clone()]).await;
    let counted = count(&served.addresses, Repeats::WithoutAnId, async || {}).await;
    counted.assert_nothing_doubled();
    assert!(!counted.false_conflicts().is_empty());
    assert!(counted.counter > counted.told.made.len() as u64, "more was made than was told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_20_no_conflict_is_false_with_three_replicas_on_postgresql_of_which_one_is_killed() {
    let Some(server) = shared().await else { return };
    let _place = one_of_two().await;
    let mut replicas = Replicas::start(&server.database().await, 3).await;
    let addresses = replicas.addresses.clone();
    let mut kills = 0;
    let counted = count(&addresses, Repeats::WithItsId, async || {
        replicas.kill(kills % 3).await;
        replicas.start_again(kills % 3).await;
        kills += 1;
    })
    .await;
    println!("{kills} kills");
    counted.assert_all_told();
    assert!(kills > 0, "it was over before the first kill");
}
