//! Servers are killed, and stores become unavailable, while clients count.

use std::time::Instant;

use sqlx::{ConnectOptions, Executor};

use crate::{
    alone,
    counting::{Counted, Counting, Numbers, SERVERS, Told},
    servers::{Replicas, Served},
    support::{
        postgres::{Postgres, shared},
        stores,
    },
};

/// Asserts that no write is lost or made twice, including those without an answer.
#[track_caller]
fn assert_nothing_lost(counted: &Counted) {
    println!("{:?}, made of these: {}", counted.numbers, counted.made_unanswered());
    counted.check().unwrap();
    assert_eq!(counted.counter, counted.numbers.acknowledged + counted.made_unanswered());
}

/// Asserts that no write sent after this moment was made if it got 503.
#[track_caller]
fn assert_not_made(counted: &Counted, since: Instant) {
    let mut sent = 0;
    for (attempt, told) in &counted.told {
        if matches!(told, Told::Away { asked } if *asked > since) {
            sent += 1;
            assert_eq!(counted.times(attempt), 0, "{attempt} got 503");
        }
    }
    assert!(sent > 0, "no client wrote while the store was unavailable");
}

/// Kills each replica in turn, several times, at least once during a write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_killed_replica_loses_nothing() {
    /// At least so many kills, and more until one meets a write.
    const KILLS: usize = 9;
    const MOST_KILLS: usize = 24;
    const BETWEEN: usize = 40;

    let Some(server) = shared().await else { return };
    let _alone = alone().await;
    let mut replicas = Replicas::start(&server.database().await, SERVERS).await;
    let counting = Counting::begin(&replicas.addresses, 64, (MOST_KILLS + 1) * BETWEEN).await;
    for kill in 0..MOST_KILLS {
        if kill >= KILLS && counting.numbers().unanswered > 0 {
            break;
        }
        let so_far = (kill + 1) * BETWEEN - BETWEEN / 2;
        counting.has(|numbers| numbers.acknowledged >= so_far && numbers.writing[kill % SERVERS] > 0).await;
        replicas.kill(kill % SERVERS).await;
        // The other replicas answer meanwhile.
        counting.has(|numbers| numbers.acknowledged >= (kill + 1) * BETWEEN).await;
        replicas.start_again(kill % SERVERS).await;
    }
    let counted = counting.end().await;
    assert_nothing_lost(&counted);
    assert!(counted.numbers.unanswered > 0, "no kill met a write");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_killed_server_of_a_file_loses_nothing() {
    /// At least so many kills, and more until one meets a write.
    const KILLS: usize = 5;
    const MOST_KILLS: usize = 20;
    const BETWEEN: usize = 20;

    let _alone = alone().await;
    let folder = tempfile::tempdir().unwrap();
    let mut server = Replicas::start(&stores::sqlite_url(folder.path()), 1).await;
    let counting = Counting::begin(&server.addresses, 32, (MOST_KILLS + 1) * BETWEEN).await;
    for kill in 1..=MOST_KILLS {
        if kill > KILLS && counting.numbers().unanswered > 0 {
            break;
        }
        let writing = |numbers: &Numbers| numbers.writing.iter().any(|writing| *writing > 0);
        counting.has(|numbers| numbers.acknowledged >= kill * BETWEEN && writing(numbers)).await;
        server.kill(0).await;
        server.start_again(0).await;
    }
    let counted = counting.end().await;
    assert_nothing_lost(&counted);
    assert!(counted.numbers.unanswered > 0, "no kill met a write");
}

/// Starts its own server, because it stops it. It runs beside other proofs, because it mostly waits; so does the
/// next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_5_nothing_is_written_while_postgresql_is_down() {
    const CLIENTS: usize = 16;

    let Some(mut server) = tokio::task::spawn_blocking(Postgres::start).await.unwrap() else { return };
    let url = server.database().await;
    let replicas = Replicas::start(&url, SERVERS).await;
    let counting = Counting::begin(&replicas.addresses, CLIENTS, 400).await;
    counting.has(|numbers| numbers.acknowledged >= 150).await;
    server.stop();
    let since = Instant::now();
    // One 503 of each client may be of a write sent before the stop; a second one is not.
    counting.has(|numbers| numbers.away >= 2 * CLIENTS).await;
    server.start_again();
    let counted = counting.end().await;
    assert_nothing_lost(&counted);
    assert_not_made(&counted, since);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_5_nothing_is_written_while_a_file_is_locked() {
    const CLIENTS: usize = 16;

    let opened = stores::sqlite().await.unwrap();
    let file = opened.folder.as_ref().unwrap().path().join("documents.sqlite");
    let served = Served::stores([opened.store.clone()]).await;
    let counting = Counting::begin(&served.addresses, CLIENTS, 400).await;
    counting.has(|numbers| numbers.acknowledged >= 150).await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut other = options.busy_timeout(std::time::Duration::from_secs(60)).connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let since = Instant::now();
    counting.has(|numbers| numbers.away >= 2 * CLIENTS).await;
    other.execute("ROLLBACK").await.unwrap();
    let counted = counting.end().await;
    assert_nothing_lost(&counted);
    assert_not_made(&counted, since);
    assert_eq!(counted.made_unanswered(), 0, "a write to a file that got 503 is never made");
}
