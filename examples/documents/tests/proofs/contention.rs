//! Under contention, no acknowledged write is lost, and no version is used twice.

use std::time::Duration;

use axum::{Router, http::request::Parts};
use documents::{Store, app};
use tower_precondition::{PreconditionLayer, Representation, SerializedWrites};

use crate::{
    Times,
    blind::Blind,
    counting::{Counted, count},
    one_of_two,
    servers::{Addresses, Replicas, Served},
    support::{postgres::shared, stores},
};

const CLIENTS: usize = 64;
/// How many increments are acknowledged.
const INCREMENTS: Times = Times { short: 100, full: 2000 };

/// The most rounds until a loss is seen, and the increments of each round.
const ROUNDS: usize = 40;
const INCREMENTS_TO_LOSE: usize = 100;

/// Adds a second layer, which runs writes to one document in turn, from the look-up to the end of the
/// write. It evaluates nothing: the inner layer does.
pub(crate) fn in_turn(store: Store) -> Router {
    around_in_turn(app(store))
}

pub(crate) fn around_in_turn(app: Router) -> Router {
    let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned());
    let evaluates_nothing = |_: &Parts| async { Representation::defer_to_handler() };
    let writes = writes.wait_at_most(Duration::from_secs(60));
    app.layer(PreconditionLayer::new(evaluates_nothing).serialize_writes(writes))
}

#[track_caller]
fn assert_nothing_lost(counted: &Counted) {
    println!("{:?}", counted.numbers);
    counted.check().unwrap();
    assert_eq!(counted.counter, counted.numbers.acknowledged + counted.made_unanswered());
    assert_eq!(counted.numbers.acknowledged, INCREMENTS.get());
    assert!(counted.numbers.late > 0, "no write was refused: there was no contention");
    assert_eq!(counted.numbers.away, 0);
}

/// Asserts that unprotected writes lose updates. This shows that the tests of protected writes can fail.
async fn assert_loses(mut served: impl AsyncFnMut() -> Served) {
    for round in 1..=ROUNDS {
        let counted = count(&served().await.addresses, CLIENTS, INCREMENTS_TO_LOSE).await;
        if let Err(lost) = counted.check() {
            println!("in round {round}: {lost}");
            assert!(counted.counter < counted.numbers.acknowledged, "{lost}");
            return;
        }
    }
    panic!("nothing was lost in {ROUNDS} rounds: the tests of protected writes prove nothing");
}

async fn count_all(addresses: &Addresses) -> Counted {
    count(addresses, CLIENTS, INCREMENTS.get()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_compare_and_set_in_sqlite_loses_nothing() {
    let _place = one_of_two().await;
    let opened = stores::sqlite().await.unwrap();
    let served = Served::stores([opened.store.clone()]).await;
    assert_nothing_lost(&count_all(&served.addresses).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_three_replicas_on_one_postgresql_lose_nothing() {
    let Some(server) = shared().await else { return };
    let _place = one_of_two().await;
    let replicas = Replicas::start(&server.database().await, 3).await;
    assert_nothing_lost(&count_all(&replicas.addresses).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_writes_in_turn_lose_nothing_if_the_store_is_blind() {
    let _place = one_of_two().await;
    let store = stores::memory().await.unwrap().store;
    let served = Served::app(in_turn(Blind::over(store))).await;
    assert_nothing_lost(&count_all(&served.addresses).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_blind_store_in_memory_loses_updates() {
    let _place = one_of_two().await;
    assert_loses(async || {
        let store = stores::memory().await.unwrap().store;
        Served::stores([Blind::over(store)]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_blind_store_in_sqlite_loses_updates() {
    let _place = one_of_two().await;
    let mut folders = Vec::new();
    assert_loses(async || {
        let opened = stores::sqlite().await.unwrap();
        folders.extend(opened.folder);
        Served::stores([Blind::over(opened.store)]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_blind_store_in_postgresql_loses_updates() {
    let Some(server) = shared().await else { return };
    let _place = one_of_two().await;
    assert_loses(async || {
        let url = server.database().await;
        let mut stores = Vec::new();
        for _ in 0..3 {
            stores.push(Blind::over(stores::open(&url).await));
        }
        Served::stores(stores).await
    })
    .await;
}
