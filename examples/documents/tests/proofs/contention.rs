//! Nothing that was acknowledged is lost, and every version is given once.

use std::time::Duration;

use axum::{Router, http::request::Parts};
use documents::{Store, app};
use tower_precondition::{PreconditionLayer, Representation, SerializedWrites};

use crate::{
    alone,
    blind::Blind,
    counting::{Counted, count},
    servers::{Addresses, Replicas, Served},
    support::{postgres::shared, stores},
};

const CLIENTS: usize = 64;
const INCREMENTS: usize = 2000;

/// So many rounds at most until a loss is seen, each of so many increments.
const ROUNDS: usize = 20;
const INCREMENTS_TO_LOSE: usize = 200;

/// The documents as they are, but for writes that wait for their turn, from the look-up to the end of
/// the write. The layer around judges nothing: it leaves that to the one within.
pub(crate) fn in_turn(store: Store) -> Router {
    around_in_turn(app(store))
}

pub(crate) fn around_in_turn(app: Router) -> Router {
    let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned());
    let judges_nothing = |_: &Parts| async { Representation::defer_to_handler() };
    let writes = writes.wait_at_most(Duration::from_secs(60));
    app.layer(PreconditionLayer::new(judges_nothing).serialize_writes(writes))
}

#[track_caller]
fn assert_nothing_lost(counted: &Counted) {
    println!("{:?}", counted.numbers);
    counted.check().unwrap();
    assert_eq!(counted.counter, counted.numbers.acknowledged + counted.made_unanswered());
    assert_eq!(counted.numbers.acknowledged, INCREMENTS);
    assert!(counted.numbers.late > 0, "nobody came late: there was no contention");
    assert_eq!(counted.numbers.away, 0);
}

/// Of what is not protected, so that the tests of what is protected are known to see a loss.
async fn assert_loses(mut served: impl AsyncFnMut() -> Served) {
    for round in 1..=ROUNDS {
        let counted = count(&served().await.addresses, CLIENTS, INCREMENTS_TO_LOSE).await;
        if let Err(lost) = counted.check() {
            println!("in round {round}: {lost}");
            assert!(counted.counter < counted.numbers.acknowledged, "{lost}");
            return;
        }
    }
    panic!("nothing was lost in {ROUNDS} rounds: the tests of protection show nothing");
}

async fn count_all(addresses: &Addresses) -> Counted {
    count(addresses, CLIENTS, INCREMENTS).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_compare_and_set_in_sqlite_loses_nothing() {
    let _alone = alone().await;
    let opened = stores::sqlite().await.unwrap();
    let served = Served::stores([opened.store.clone()]).await;
    assert_nothing_lost(&count_all(&served.addresses).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_three_replicas_on_one_postgresql_lose_nothing() {
    let Some(server) = shared().await else { return };
    let _alone = alone().await;
    let replicas = Replicas::start(&server.database().await, 3).await;
    assert_nothing_lost(&count_all(&replicas.addresses).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_ones_turn_loses_nothing_where_the_store_is_blind() {
    let _alone = alone().await;
    let store = stores::memory().await.unwrap().store;
    let served = Served::app(in_turn(Blind::over(store))).await;
    assert_nothing_lost(&count_all(&served.addresses).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_blind_store_in_memory_loses_updates() {
    let _alone = alone().await;
    assert_loses(async || {
        let store = stores::memory().await.unwrap().store;
        Served::stores([Blind::over(store)]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_blind_store_in_sqlite_loses_updates() {
    let _alone = alone().await;
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
    let _alone = alone().await;
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
