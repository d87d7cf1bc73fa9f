//! The client and this crate's layer, over a store in memory that compares and sets.

use std::{
    future::Future,
    net::Ipv4Addr,
    num::NonZeroU32,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, extract::State, http::StatusCode, routing::get};
use bytes::Bytes;
use http::{Request, Response};
use hyper_util::{client::legacy, rt::TokioExecutor};
use tokio::{net::TcpListener, task::yield_now};
use tower::Service;
use tower_precondition::{
    Condition, EntityTag, PreconditionLayer, Rejection, Representation, RequiredCondition, Requirement,
    Validators, Verdict,
    client::{Change, Client, Error, Seen, Target},
    validators_from_fn_with_state,
};

const CLIENTS: u64 = 64;

/// A counter. Its value is its version.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<u64>>);

impl Counter {
    fn now(&self) -> u64 {
        *self.0.lock().unwrap()
    }

    fn compare_and_set(&self, expected: Option<u64>, next: u64) -> Result<u64, u64> {
        let mut now = self.0.lock().unwrap();
        match expected == Some(*now) {
            true => Ok(std::mem::replace(&mut *now, next)),
            false => Err(*now),
        }
    }
}

async fn look_up(State(counter): State<Counter>) -> Representation {
    let now = counter.now();
    yield_now().await;
    Representation::from(EntityTag::from_version(now)).with_extension_member("changed_by", "Ada")
}

async fn read(State(counter): State<Counter>) -> (Validators, String) {
    let now = counter.now();
    yield_now().await;
    (EntityTag::from_version(now).into(), now.to_string())
}

async fn write(
    State(counter): State<Counter>,
    verdict: Verdict,
    text: String,
) -> Result<StatusCode, Rejection> {
    yield_now().await;
    let expected = verdict.current().and_then(Validators::etag).and_then(EntityTag::version);
    let made = counter.compare_and_set(expected, text.parse().expect("the client sends numbers"));
    made.map(|_| StatusCode::NO_CONTENT).map_err(|now| verdict.reject(Some(EntityTag::from_version(now))))
}

fn app(counter: Counter, requirement: Requirement) -> Router {
    let layer = PreconditionLayer::new(validators_from_fn_with_state(counter.clone(), look_up));
    let methods = get(read).put(write).route_layer(layer.require(requirement));
    Router::new().route("/counter", methods).with_state(counter)
}

fn increment(seen: &Seen) -> Result<Change, std::convert::Infallible> {
    let count: u64 = std::str::from_utf8(seen.content().unwrap()).unwrap().parse().unwrap();
    Ok(Change::replace((count + 1).to_string()))
}

/// Increments in many tasks at once. Returns how many increments the clients were told of, and the attempts.
async fn increment_at_once<S, B, R>(client: Client<S, B>, target: Target, each: u64) -> (u64, u64)
where
    S: Service<
            Request<B>,
            Response = Response<R>,
            Error: std::error::Error + Send + Sync,
            Future: Future + Send,
        > + Clone
        + Send
        + Sync
        + 'static,
    B: From<Bytes> + Send + 'static,
    R: http_body::Body<Data: Send, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (client, target) = (client.clone(), target.clone());
            tokio::spawn(async move {
                let mut writes = 0;
                for _ in 0..each {
                    let outcome = client.change(&target, increment).await.unwrap();
                    writes += u64::from(outcome.tried().writes());
                }
                writes
            })
        })
        .collect();
    let mut writes = 0;
    for task in tasks {
        writes += task.await.unwrap();
    }
    (CLIENTS * each, writes)
}

#[tokio::test]
async fn decision_24_64_clients_lose_no_increment() {
    let counter = Counter::default();
    let client = Client::<_, Body>::new(app(counter.clone(), Requirement::on_writes()));
    let (told, writes) = increment_at_once(client, "/counter".parse().unwrap(), 4).await;
    assert_eq!(counter.now(), told);
    assert!(writes > told, "without a conflict nothing was tested");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_24_64_clients_on_sockets_lose_no_increment() {
    let counter = Counter::default();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let target = format!("http://{}/counter", listener.local_addr().unwrap());
    let app = app(counter.clone(), Requirement::on_writes());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let http: legacy::Client<_, Body> = legacy::Client::builder(TokioExecutor::new()).build_http();
    let (told, writes) = increment_at_once(Client::new(http), target.parse().unwrap(), 2).await;
    assert_eq!(counter.now(), told);
    assert!(writes > told, "without a conflict nothing was tested");
}

#[tokio::test]
async fn a_closure_around_reqwest_is_a_service() {
    let counter = Counter::default();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let target = format!("http://{}/counter", listener.local_addr().unwrap()).parse().unwrap();
    let app = app(counter.clone(), Requirement::on_writes());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let http = reqwest::Client::new();
    let client = Client::new(tower::service_fn(move |request: Request<reqwest::Body>| {
        let http = http.clone();
        async move { http.execute(request.try_into()?).await.map(Response::<reqwest::Body>::from) }
    }));
    for count in 1..=3 {
        client.change(&target, increment).await.unwrap();
        assert_eq!(counter.now(), count);
    }
}

#[tokio::test]
async fn a_412_of_the_layer_is_understood() {
    let counter = Counter::default();
    let client = Client::<_, Body>::new(app(counter.clone(), Requirement::on_writes()));
    let target = "/counter".parse().unwrap();
    let seen = client.read(&target).await.unwrap();
    counter.compare_and_set(Some(0), 1).unwrap();
    let error = client.save(&target, seen, Change::replace("5")).await.unwrap_err();
    let Error::Conflict { conflict, .. } = error else { panic!("{error:?}") };
    assert_eq!(conflict.condition(), Some(Condition::IfMatch));
    assert_eq!(conflict.provided(), Some("\"0\""));
    assert_eq!(conflict.current_etag().unwrap().to_string(), "\"1\"");
    assert_eq!(conflict.member("changed_by"), Some("Ada".into()));
}

#[tokio::test]
async fn a_428_of_the_layer_is_understood() {
    let requirement = Requirement::on_writes().except(RequiredCondition::IfMatchTags);
    let client = Client::<_, Body>::new(app(Counter::default(), requirement));
    let error = client.change(&"/counter".parse().unwrap(), increment).await.unwrap_err();
    let Error::ConditionRequired { accepted, .. } = error else { panic!("{error:?}") };
    assert_eq!(accepted, ["If-Match: *", "If-None-Match: *"]);
}

#[tokio::test(start_paused = true)]
async fn attempts_have_an_end_under_contention() {
    let counter = Counter::default();
    let app = app(counter.clone(), Requirement::on_writes());
    // Another write comes in between, every time.
    let meddling = tower::service_fn(move |request: Request<Body>| {
        if request.method() == "PUT" {
            counter.compare_and_set(Some(counter.now()), counter.now() + 1).unwrap();
        }
        app.clone().call(request)
    });
    let client = Client::new(meddling).with_attempts(NonZeroU32::new(5).unwrap());
    let error = client.change(&"/counter".parse().unwrap(), increment).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    assert_eq!((error.tried().reads(), error.tried().writes(), error.tried().conflicts()), (5, 5, 5));
}
