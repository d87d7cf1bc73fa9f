//! Many clients count in one document. Each reads it, adds one to the number in its text, and writes it
//! with If-Match. After a 412 it starts over.
//!
//! Every attempt to write has its own name in `X-User`, so the history shows which attempts were made.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    mem::take,
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use documents::store::Document;
use tokio::{sync::watch, task::JoinSet, time::sleep};

use crate::{
    client::{Answer, Client, Unanswered},
    in_time,
    servers::Addresses,
};

const PATH: &str = "/documents/counter";
/// The most servers that a test starts.
pub(crate) const SERVERS: usize = 3;

const CREATOR: &str = "creator";
const CLOSER: &str = "closer";

/// The answer to one attempt to write.
#[derive(Debug)]
pub(crate) enum Told {
    Acknowledged {
        version: u64,
    },
    Unanswered,
    /// 503, to a request that was sent at this time.
    Away {
        asked: Instant,
    },
}

/// Clients that count.
pub(crate) struct Counting {
    addresses: Addresses,
    increments: usize,
    notes: Arc<Notes>,
    clients: JoinSet<()>,
}

struct Notes {
    told: Mutex<BTreeMap<String, Told>>,
    numbers: watch::Sender<Numbers>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) acknowledged: usize,
    pub(crate) unanswered: usize,
    pub(crate) away: usize,
    pub(crate) late: usize,
    /// How many writes are open, by server: a client uses the server of its number modulo `SERVERS`.
    pub(crate) writing: [usize; SERVERS],
}

impl Notes {
    fn note(&self, attempt: String, told: Told) {
        self.numbers.send_modify(|numbers| match told {
            Told::Acknowledged { .. } => numbers.acknowledged += 1,
            Told::Unanswered => numbers.unanswered += 1,
            Told::Away { .. } => numbers.away += 1,
        });
        let twice = self.told.lock().unwrap().insert(attempt, told);
        assert!(twice.is_none(), "no two attempts have the same name");
    }
}

/// The result of a count.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) told: BTreeMap<String, Told>,
    pub(crate) numbers: Numbers,
    /// The number in the text of the document at the end.
    pub(crate) counter: usize,
    /// The version and the user of each change, in order.
    history: Vec<(u64, String)>,
}

/// Counts from beginning to end.
pub(crate) async fn count(addresses: &Addresses, clients: usize, increments: usize) -> Counted {
    Counting::begin(addresses, clients, increments).await.end().await
}

impl Counting {
    /// Starts clients that count until so many increments are acknowledged.
    pub(crate) async fn begin(addresses: &Addresses, clients: usize, increments: usize) -> Self {
        let mut creator = Client::new(0, addresses);
        let fields = [("if-none-match", "*"), ("x-user", CREATOR)];
        let created = creator.put(PATH, &fields, content(0)).await.expect("nothing goes wrong yet");
        assert_eq!((created.status.as_u16(), created.version()), (201, 1), "{created:?}");

        let notes = Arc::new(Notes { told: Mutex::default(), numbers: watch::Sender::default() });
        let begun = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for number in 0..clients {
            let (notes, begun) = (Arc::clone(&notes), Arc::clone(&begun));
            let mut counter =
                Counter { client: Client::new(number, addresses), notes, attempts: 0.., backoff: 4 };
            tasks.spawn(async move {
                while begun.fetch_add(1, Ordering::Relaxed) < increments {
                    counter.increment().await;
                }
            });
        }
        Self { addresses: addresses.clone(), increments, notes, clients: tasks }
    }

    /// Waits until the numbers satisfy this.
    pub(crate) async fn has(&self, so_far: impl FnMut(&Numbers) -> bool) {
        let mut numbers = self.notes.numbers.subscribe();
        in_time(numbers.wait_for(so_far)).await.expect("its sender lives in here");
    }

    pub(crate) fn numbers(&self) -> Numbers {
        *self.notes.numbers.borrow()
    }

    pub(crate) async fn end(mut self) -> Counted {
        while let Some(ended) = in_time(self.clients.join_next()).await {
            ended.expect("a client ends well");
        }
        let mut closer = Client::new(0, &self.addresses);
        let last = close(&mut closer).await;
        let history = closer.get(&format!("{PATH}/history")).await.json();
        let entry = |entry: &serde_json::Value| {
            let by = entry["changed_by"].as_str().expect("a name").to_owned();
            (entry["version"].as_u64().expect("a number"), by)
        };
        let numbers = *self.notes.numbers.borrow();
        assert_eq!(numbers.acknowledged, self.increments);
        Counted {
            told: take(&mut self.notes.told.lock().unwrap()),
            numbers,
            counter: number_in(&last).try_into().expect("it is not that large"),
            history: history.as_array().expect("a list").iter().map(entry).collect(),
        }
    }
}

/// Writes the current text once more. A write that is still open then no longer finds the version that it
/// expects, so the history is final.
async fn close(closer: &mut Client) -> Answer {
    for attempt in 0.. {
        let current = closer.get(PATH).await;
        assert_eq!(current.status, 200, "{current:?}");
        let tag = current.get("etag").expect("a tag");
        let by = format!("{CLOSER} {attempt}");
        let fields = [("if-match", tag), ("x-user", &by)];
        let closed =
            closer.put(PATH, &fields, content(number_in(&current))).await.expect("all is well again");
        match closed.status.as_u16() {
            204 => return current,
            412 => {}
            _ => panic!("{closed:?}"),
        }
    }
    unreachable!("attempts do not end")
}

fn content(number: u64) -> String {
    let document = Document { title: "Counter".to_owned(), text: number.to_string() };
    serde_json::to_string(&document).expect("it can be written as JSON")
}

fn number_in(read: &Answer) -> u64 {
    read.json()["text"].as_str().expect("a text").parse().expect("a number")
}

struct Counter {
    client: Client,
    notes: Arc<Notes>,
    attempts: std::ops::RangeFrom<u32>,
    /// Doubles the pause after each 412, and halves it after each success: some writes always collide,
    /// and most succeed.
    backoff: u32,
}

impl Counter {
    /// Adds one. Tries until an attempt is acknowledged.
    async fn increment(&mut self) {
        let mut known = None;
        loop {
            let read = self.client.get(PATH).await;
            match read.status.as_u16() {
                200 => known = Some(read),
                503 => read.assert_problem(503),
                _ => panic!("{read:?}"),
            }
            // If the document cannot be read now, the client writes with what it read last.
            let Some(current) = &known else { continue };
            let attempt = format!("{}-{}", self.client.number, self.attempts.next().expect("no end"));
            let asked = Instant::now();
            let fields = [("if-match", current.get("etag").expect("a tag")), ("x-user", &attempt)];
            let server = self.client.number % SERVERS;
            self.notes.numbers.send_modify(|numbers| numbers.writing[server] += 1);
            let put = self.client.put(PATH, &fields, content(number_in(current) + 1)).await;
            self.notes.numbers.send_modify(|numbers| numbers.writing[server] -= 1);
            let told = match put {
                Err(Unanswered) => Told::Unanswered,
                Ok(answer) => match answer.status.as_u16() {
                    204 => {
                        let version = answer.version();
                        self.backoff = self.backoff.saturating_sub(1);
                        sleep(self.pause(&attempt)).await;
                        self.notes.note(attempt, Told::Acknowledged { version });
                        return;
                    }
                    412 => {
                        assert_ne!(
                            answer.get("etag"),
                            current.get("etag"),
                            "a 412 has another tag than the one sent"
                        );
                        answer.assert_problem(412);
                        self.notes.numbers.send_modify(|numbers| numbers.late += 1);
                        self.backoff = (self.backoff + 1).min(11);
                        sleep(self.pause(&attempt)).await;
                        continue;
                    }
                    503 => {
                        answer.assert_problem(503);
                        Told::Away { asked }
                    }
                    _ => panic!("{answer:?}"),
                },
            };
            self.notes.note(attempt, told);
        }
    }

    /// The pause after an attempt, different for each.
    fn pause(&self, attempt: &str) -> Duration {
        let mut hasher = DefaultHasher::new();
        attempt.hash(&mut hasher);
        Duration::from_millis(hasher.finish() % (1 << self.backoff))
    }
}

impl Counted {
    /// How often the history has an attempt: once, or never.
    pub(crate) fn times(&self, attempt: &str) -> usize {
        self.history.iter().filter(|(_, by)| by == attempt).count()
    }

    /// Checks that the history has every acknowledged write once, with the version that was answered, and
    /// any other write at most once; that no version is used twice; and that the number equals the increments.
    pub(crate) fn check(&self) -> Result<(), String> {
        let versions: Vec<u64> = self.history.iter().map(|(version, _)| *version).collect();
        let every_version: Range<u64> = 1..self.history.len() as u64 + 1;
        ensure(versions.iter().copied().eq(every_version), || format!("versions: {versions:?}"))?;

        let made: BTreeMap<&str, u64> = self.history.iter().map(|(version, by)| (&**by, *version)).collect();
        ensure(made.len() == self.history.len(), || "an attempt was made twice".to_owned())?;
        let mut answered = BTreeSet::new();
        for (attempt, told) in &self.told {
            if let Told::Acknowledged { version } = told {
                let found = made.get(&**attempt);
                ensure(found == Some(version), || {
                    format!("{attempt} was answered with version {version}, the history has {found:?}")
                })?;
                ensure(answered.insert(version), || format!("version {version} was answered twice"))?;
            }
        }
        let ours = |by: &str| by == CREATOR || by.starts_with(CLOSER);
        let increments: Vec<&str> = made.keys().copied().filter(|by| !ours(by)).collect();
        // Attempts that got 412 are not in `told`.
        let stranger = increments.iter().find(|by| !self.told.contains_key(**by));
        ensure(stranger.is_none(), || format!("{stranger:?} got 412, but the history has it"))?;
        ensure(self.counter == increments.len(), || {
            format!("{} increments were made, and the number is {}", increments.len(), self.counter)
        })
    }

    /// How many attempts the history has that were not acknowledged.
    pub(crate) fn made_unanswered(&self) -> usize {
        let unanswered = self.told.iter().filter(|(_, told)| !matches!(told, Told::Acknowledged { .. }));
        unanswered.map(|(attempt, _)| self.times(attempt)).sum()
    }
}

fn ensure(holds: bool, or: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(or()) }
}
