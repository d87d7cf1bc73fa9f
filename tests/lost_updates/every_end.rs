//! Tries every result of a source, every behaviour of a handler, and every moment to drop the future. Each
//! time, all guards are released, but none while the handler's future exists, and no handler runs twice.

use std::{
    convert::Infallible,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response, request::Parts};
use http_body_util::Full;
use proptest::{collection::vec, prelude::*};
use tokio::task::yield_now;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_precondition::{
    BoxError, Guard, PreconditionLayer, Representation, ResponseBody, SerializedWrites, Verdict,
};

use crate::support::{current, finds, poll_once, request, response, tagged};

#[derive(Clone, Copy, Debug)]
enum Source {
    FindsWhatPasses,
    FindsAnother,
    FindsNothing,
    Defers,
    Refuses,
    Fails,
    Panics,
    NeverAnswers,
}

#[derive(Clone, Copy, Debug)]
enum Handling {
    Answers,
    ComesLate,
    Errs,
    PanicsAtOnce,
    PanicsLater,
    NeverAnswers,
    KeepsAShare,
}

const SOURCES: [Source; 8] = [
    Source::FindsWhatPasses,
    Source::FindsAnother,
    Source::FindsNothing,
    Source::Defers,
    Source::Refuses,
    Source::Fails,
    Source::Panics,
    Source::NeverAnswers,
];

const HANDLINGS: [Handling; 7] = [
    Handling::Answers,
    Handling::ComesLate,
    Handling::Errs,
    Handling::PanicsAtOnce,
    Handling::PanicsLater,
    Handling::NeverAnswers,
    Handling::KeepsAShare,
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Writes {
    AtOnce,
    InTurn,
}

/// Counts the values that must not outlive a request, and the calls of its handler.
#[derive(Clone, Default)]
struct Counts {
    guards: Arc<AtomicUsize>,
    attachments: Arc<AtomicUsize>,
    handlers: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
    /// How often a handler's future existed without its guards.
    unguarded: Arc<AtomicUsize>,
    share: Arc<Mutex<Option<Guard>>>,
}

/// Counts itself while it exists.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn number(count: &AtomicUsize) -> usize {
    count.load(Ordering::SeqCst)
}

async fn look_up(source: Source, counts: Counts) -> Result<Representation, BoxError> {
    yield_now().await;
    let found = match source {
        Source::FindsWhatPasses => current().into(),
        Source::FindsAnother => tagged("\"2\"").into(),
        Source::FindsNothing => Representation::absent(),
        Source::Defers => Representation::defer_to_handler(),
        Source::Refuses => Representation::refused(response(401, &[], "who?")),
        Source::Fails => return Err("the store is away".into()),
        Source::Panics => panic!("a bug in the source"),
        Source::NeverAnswers => std::future::pending().await,
    };
    Ok(found
        .with_guard(Alive::new(&counts.guards))
        .with_owned(Alive::new(&counts.attachments))
        .with_guard(Alive::new(&counts.guards)))
}

/// The handler's future: its guards must exist as long as it does.
struct Guarded<F> {
    handling: F,
    counts: Counts,
    _alive: Alive,
}

impl<F: Future + Unpin> Future for Guarded<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.look();
        Pin::new(&mut self.handling).poll(cx)
    }
}

impl<F> Guarded<F> {
    // Counted rather than asserted: a panic here would pass for one of the handler's.
    fn look(&self) {
        if number(&self.counts.guards) != 2 {
            self.counts.unguarded.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl<F> Drop for Guarded<F> {
    fn drop(&mut self) {
        self.look();
    }
}

type Answer = Result<Response<Full<bytes::Bytes>>, &'static str>;

fn handle(
    handling: Handling,
    counts: &Counts,
    request: Request<String>,
) -> Guarded<Pin<Box<dyn Future<Output = Answer>>>> {
    counts.calls.fetch_add(1, Ordering::SeqCst);
    let alive = Alive::new(&counts.handlers);
    if let Handling::PanicsAtOnce = handling {
        panic!("a bug in the handler");
    }
    if let Handling::KeepsAShare = handling {
        let share = Guard::from_extensions(request.extensions()).expect("guards are held");
        *counts.share.lock().expect("unpoisoned") = Some(share);
    }
    let handling = Box::pin(async move {
        yield_now().await;
        match handling {
            Handling::Answers | Handling::KeepsAShare => Ok(Response::new(Full::from("text"))),
            Handling::ComesLate => Ok(match request.extensions().get::<Verdict>() {
                Some(verdict) => verdict.reject(tagged("\"3\"")).to_response().map(Full::new),
                None => Response::new(Full::from("deferred, or read")),
            }),
            Handling::Errs => Err("the store is away"),
            Handling::PanicsAtOnce | Handling::PanicsLater => panic!("a bug in the handler"),
            Handling::NeverAnswers => std::future::pending().await,
        }
    });
    Guarded { handling, counts: counts.clone(), _alive: alive }
}

struct Case {
    method: &'static str,
    fields: &'static [(&'static str, &'static str)],
    source: Source,
    handling: Handling,
    writes: Writes,
    /// After how many polls the future is dropped, unless it ends before.
    polls: usize,
}

impl Case {
    fn name(&self) -> String {
        let Self { method, fields, source, handling, writes, polls } = self;
        format!("{method} {fields:?}, {source:?}, {handling:?}, {writes:?}, dropped after {polls} polls")
    }

    fn check(&self) {
        let name = self.name();
        let counts = Counts::default();
        let queue = SerializedWrites::by(|_: &Parts| ());
        let layer = PreconditionLayer::new({
            let (source, counts) = (self.source, counts.clone());
            move |_: &Parts| look_up(source, counts.clone())
        });
        let layer = match self.writes {
            Writes::AtOnce => layer,
            Writes::InTurn => layer.serialize_writes(queue.clone()),
        };
        let handler = service_fn(|request: Request<String>| handle(self.handling, &counts, request));
        let mut service = layer.layer(handler);
        let mut future = Box::pin(service.call(request(self.method, self.fields)));
        for _ in 0..self.polls {
            match catch_unwind(AssertUnwindSafe(|| poll_once(future.as_mut()))) {
                Ok(Poll::Pending) => {}
                Ok(Poll::Ready(answer)) => {
                    drop::<Result<Response<ResponseBody<_>>, _>>(answer);
                    let shared = counts.share.lock().expect("unpoisoned").is_some();
                    let held = if shared { 2 } else { 0 };
                    assert_eq!(number(&counts.guards), held, "with the answer, {name}");
                    break;
                }
                Err(_) => break,
            }
        }
        drop(future);
        assert!(number(&counts.calls) <= 1, "{name}");
        assert_eq!(number(&counts.unguarded), 0, "{name}");
        assert_eq!(number(&counts.handlers), 0, "{name}");
        assert_eq!(number(&counts.attachments), 0, "{name}");

        let mut next = Box::pin(
            PreconditionLayer::new(finds(current))
                .serialize_writes(queue)
                .layer(service_fn(|_: Request<String>| async {
                    Ok::<_, Infallible>(response(200, &[], "text"))
                }))
                .oneshot(request("PUT", &[])),
        );
        if let Some(share) = counts.share.lock().expect("unpoisoned").take() {
            assert_eq!(number(&counts.guards), 2, "{name}");
            let waits = self.writes == Writes::InTurn && !["GET", "QUERY"].contains(&self.method);
            assert_eq!(poll_once(next.as_mut()).is_pending(), waits, "{name}");
            drop(share);
            if !waits {
                assert_eq!(number(&counts.guards), 0, "{name}");
                return;
            }
        }
        assert_eq!(number(&counts.guards), 0, "{name}");
        assert!(poll_once(next.as_mut()).is_ready(), "the turn is free, {name}");
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

#[test]
fn every_end_of_a_request_releases_everything() {
    let runtime = runtime();
    let _entered = runtime.enter();
    // Hides the panics that the test causes.
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let meant = panic.payload().downcast_ref::<&str>().is_some_and(|text| text.starts_with("a bug in"));
        if !meant {
            told(panic);
        }
    }));
    let mut cases = 0;
    for (method, fields) in [
        ("PUT", &[][..]),
        ("PUT", &[("if-match", "\"1\"")]),
        ("PUT", &[("if-none-match", "*")]),
        ("DELETE", &[("if-match", "*")]),
        ("POST", &[]),
        ("GET", &[]),
        ("GET", &[("if-none-match", "\"1\"")]),
        ("GET", &[("if-match", "\"1\"")]),
        ("QUERY", &[("if-match", "\"1\"")]),
    ] {
        for source in SOURCES {
            for handling in HANDLINGS {
                // After a failed look-up a read may go on to the handler, without guards.
                if matches!((source, method), (Source::Fails, "GET")) {
                    continue;
                }
                for writes in [Writes::AtOnce, Writes::InTurn] {
                    for polls in 0..=4 {
                        Case { method, fields, source, handling, writes, polls }.check();
                        cases += 1;
                    }
                }
            }
        }
    }
    assert_eq!(cases, (9 * 8 - 3) * 7 * 2 * 5);
}

/// The next step of one of several writes.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A new write of this resource arrives, and is polled once.
    Arrive(usize),
    Poll(usize),
    Leave(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..2_usize).prop_map(Step::Arrive),
        5 => (0..8_usize).prop_map(Step::Poll),
        1 => (0..8_usize).prop_map(Step::Leave),
    ]
}

/// The writes of one resource, by number in order of arrival.
#[derive(Default)]
struct Resource {
    /// The writes that have neither ended nor been dropped.
    present: Vec<usize>,
    writes: Option<usize>,
    told: Vec<usize>,
}

struct Writing {
    resource: Arc<Mutex<Resource>>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        lock(&self.resource).writes = None;
    }
}

/// Ignores poison, so that the test reports the first failed assertion.
fn lock(resource: &Mutex<Resource>) -> MutexGuard<'_, Resource> {
    resource.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn write(
    request: Request<String>,
    resources: [Arc<Mutex<Resource>>; 2],
) -> Result<Response<String>, Infallible> {
    let (resource, number) = request.body().split_once(' ').expect("two numbers");
    let number: usize = number.parse().expect("a number");
    let resource = Arc::clone(&resources[resource.parse::<usize>().expect("a number")]);
    {
        let mut resource = lock(&resource);
        assert_eq!(resource.writes.replace(number), None, "one writes at a time");
        assert_eq!(resource.present.first(), Some(&number), "the first to arrive writes first");
        assert!(!resource.told.contains(&number), "no handler runs twice");
        resource.told.push(number);
    }
    let writing = Writing { resource };
    yield_now().await;
    yield_now().await;
    drop(writing);
    Ok(response(200, &[], ""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn writes_get_their_turns_in_order_of_arrival(steps in vec(step(), 0..60)) {
        let runtime = runtime();
        let _entered = runtime.enter();
        let keys = Arc::new(());
        let queue = {
            let keys = Arc::clone(&keys);
            SerializedWrites::by(move |head: &Parts| (head.uri.path().to_owned(), Kept(Arc::clone(&keys))))
                .wait_at_most(Duration::from_secs(3600))
        };
        let idle = Arc::strong_count(&keys);
        let resources: [Arc<Mutex<Resource>>; 2] = Default::default();
        let handler = {
            let resources = resources.clone();
            service_fn(move |request: Request<String>| write(request, resources.clone()))
        };
        let service = PreconditionLayer::new(finds(current)).serialize_writes(queue).layer(handler);
        let mut arrived = 0;
        let mut futures: Vec<(usize, usize, Pin<Box<_>>)> = Vec::new();
        let over = |resource: usize, number: usize| {
            lock(&resources[resource]).present.retain(|known| *known != number);
        };
        for step in steps {
            match step {
                Step::Arrive(resource) => {
                    let mut request = request("PUT", &[]).map(|_| format!("{resource} {arrived}"));
                    *request.uri_mut() = format!("/{resource}").parse().expect("a path");
                    lock(&resources[resource]).present.push(arrived);
                    let mut future = Box::pin(service.clone().oneshot(request));
                    assert!(poll_once(future.as_mut()).is_pending());
                    futures.push((resource, arrived, future));
                    arrived += 1;
                }
                Step::Poll(index) if index < futures.len() => {
                    let (resource, number, future) = &mut futures[index];
                    if let Poll::Ready(Ok(answer)) = poll_once(future.as_mut()) {
                        assert_eq!(answer.status(), 200);
                        over(*resource, *number);
                        drop(futures.remove(index));
                    }
                }
                Step::Leave(index) if index < futures.len() => {
                    let (resource, number, future) = futures.remove(index);
                    drop(future);
                    over(resource, number);
                }
                Step::Poll(_) | Step::Leave(_) => {}
            }
        }
        // The rest are polled to their end, in any order.
        for _ in 0..=4 * futures.len() {
            futures.retain_mut(|(resource, number, future)| {
                let ended = poll_once(future.as_mut()).is_ready();
                if ended {
                    over(*resource, *number);
                }
                !ended
            });
        }
        prop_assert!(futures.is_empty(), "no write waits for ever");
        prop_assert_eq!(Arc::strong_count(&keys), idle);
    }
}

/// A key that equals every other.
#[derive(Clone)]
struct Kept(#[expect(dead_code, reason = "counted, not read")] Arc<()>);

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Kept {}

impl std::hash::Hash for Kept {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}
