//! The client and this crate's layer, with a store that records its writes, on a way that loses one answer of five.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::State, http::StatusCode, routing::get};
use http::{HeaderValue, Request, Response, header, request::Parts};
use tokio::task::yield_now;
use tower::Service;
use tower_precondition::{
    EntityTag, MadeWrite, PreconditionLayer, Rejection, Representation, Requirement, Validators, Verdict,
    WriteIdentity, WriteIds,
    client::{Change, Client, Error, Seen, Target},
    validators_from_fn_with_state,
};

const CLIENTS: u64 = 64;
const EACH: u64 = 4;

/// A counter, whose value is its version, and a record of its writes: what each was made from.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<(u64, HashMap<WriteIdentity, u64>)>>);

impl Counter {
    fn now(&self) -> u64 {
        self.0.lock().unwrap().0
    }

    /// What is there, and whether this very request made it.
    fn state(&self, identity: Option<&WriteIdentity>) -> Representation {
        let kept = self.0.lock().unwrap();
        let found = Representation::from(EntityTag::from_version(kept.0));
        let state = |version| Some(EntityTag::from_version(version).into());
        match identity.and_then(|identity| kept.1.get(identity)) {
            Some(from) => found.with_made_write(MadeWrite::new(state(*from), state(from + 1))),
            None => found,
        }
    }

    /// Adds one and records it, unless the version is another or the write was made before.
    fn add(&self, expected: Option<u64>, identity: Option<&WriteIdentity>) -> bool {
        let mut kept = self.0.lock().unwrap();
        let (now, record) = &mut *kept;
        if expected != Some(*now) || identity.is_some_and(|identity| record.contains_key(identity)) {
            return false;
        }
        record.extend(identity.map(|identity| (*identity, *now)));
        *now += 1;
        true
    }
}

async fn look_up(State(counter): State<Counter>, head: Parts) -> Representation {
    let found = counter.state(head.extensions.get());
    yield_now().await;
    found
}

async fn read(State(counter): State<Counter>) -> (Validators, String) {
    let now = counter.now();
    (EntityTag::from_version(now).into(), now.to_string())
}

async fn write(State(counter): State<Counter>, verdict: Verdict) -> Result<StatusCode, Rejection> {
    yield_now().await;
    let expected = verdict.current().and_then(Validators::etag).and_then(EntityTag::version);
    match counter.add(expected, verdict.write_identity()) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(verdict.reject(counter.state(verdict.write_identity()))),
    }
}

fn app(counter: &Counter, keeps_record: bool) -> Router {
    let source = validators_from_fn_with_state(counter.clone(), look_up);
    let mut layer = PreconditionLayer::new(source).require(Requirement::on_writes());
    if keeps_record {
        let sender = |head: &Parts| head.headers.get(header::AUTHORIZATION).cloned();
        layer = layer.write_ids(WriteIds::new(sender));
    }
    let methods = get(read).put(write).route_layer(layer);
    Router::new().route("/counter", methods).with_state(counter.clone())
}

/// Sends requests to the app, and loses each fifth answer to a write: it was made, or refused, all the same.
fn losing(
    app: Router,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = io::Error, Future: Send> + Clone + Send + Sync
{
    let writes = Arc::new(AtomicU64::new(0));
    tower::service_fn(move |request: Request<Body>| {
        let is_write = request.method() == "PUT";
        let lost = is_write && writes.fetch_add(1, Ordering::Relaxed) % 5 == 4;
        let answer = app.clone().call(request);
        async move {
            let Ok(answer) = answer.await;
            match lost {
                true => Err(io::ErrorKind::ConnectionReset.into()),
                false => Ok(answer),
            }
        }
    })
}

fn increment(seen: &Seen) -> Result<Change, std::convert::Infallible> {
    let count: u64 = std::str::from_utf8(seen.content().unwrap()).unwrap().parse().unwrap();
    Ok(Change::replace((count + 1).to_string()))
}

/// Returns how many increments the clients were told of, how many answers were lost, and how many outcomes stayed
/// unknown.
async fn increment_at_once(counter: &Counter, keeps_record: bool) -> (u64, u64, u64) {
    let app = app(counter, keeps_record);
    let mut client = Client::<_, Body>::new(losing(app));
    if keeps_record {
        client = client.trust_write_records(Duration::from_secs(3600));
    }
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = client.clone();
            let sender = HeaderValue::try_from(format!("Bearer {number}")).unwrap();
            let target: Target = "/counter".parse().unwrap();
            let target = target.with_header(header::AUTHORIZATION, sender);
            tokio::spawn(async move {
                let (mut told, mut lost, mut unknown) = (0, 0, 0);
                for _ in 0..EACH {
                    let changed = client.change(&target, increment).await;
                    let tried = match &changed {
                        Ok(outcome) => outcome.tried(),
                        Err(error) => error.tried(),
                    };
                    lost += u64::from(tried.lost());
                    match changed {
                        Ok(_) => told += 1,
                        Err(Error::OutcomeUnknown { .. }) => unknown += 1,
                        Err(error) => panic!("{error:?}"),
                    }
                }
                (told, lost, unknown)
            })
        })
        .collect();
    let mut sum = (0, 0, 0);
    for task in tasks {
        let (told, lost, unknown) = task.await.unwrap();
        sum = (sum.0 + told, sum.1 + lost, sum.2 + unknown);
    }
    sum
}

#[tokio::test(start_paused = true)]
async fn decision_24_every_write_that_was_made_is_told_if_the_server_keeps_a_record() {
    let counter = Counter::default();
    let (told, lost, unknown) = increment_at_once(&counter, true).await;
    assert_eq!((counter.now(), told, unknown), (CLIENTS * EACH, CLIENTS * EACH, 0));
    assert!(lost > CLIENTS / 2, "only {lost} answers were lost, so nothing was tested");
}

#[tokio::test(start_paused = true)]
async fn decision_24_without_a_record_a_lost_answer_may_leave_the_outcome_unknown() {
    let counter = Counter::default();
    let (told, _, unknown) = increment_at_once(&counter, false).await;
    assert!(unknown > 0, "without a record some outcome is unknown");
    assert!(told <= counter.now() && counter.now() <= told + unknown, "nothing was made twice");
}
