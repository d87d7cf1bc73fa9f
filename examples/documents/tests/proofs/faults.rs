//! Servers are killed, and stores become unavailable, while clients count.

use std::time::Instant;

use sqlx::{ConnectOptions, Executor};

use crate::{
    Times,
    counting::{Counted, Counting, Numbers, SERVERS, Told},
    one_of_two,
    servers::{Replicas, Served},
    support::{
        postgres::{Postgres, leave_out, shared},
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

/// How many increments are acknowledged in all, a third of them before the store is unavailable.
const INCREMENTS_AROUND_A_FAULT: Times = Times { short: 90, full: 450 };

/// Kills each replica in turn, several times, at least once during a write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_killed_replica_loses_nothing() {
    /// At least so many kills, and more until one meets a write.
    const KILLS: Times = Times { short: 1, full: 9 };
    const MOST_KILLS: usize = 24;
    const BETWEEN: Times = Times { short: 16, full: 40 };

    let Some(server) = shared().await else { return };
    let _place = one_of_two().await;
    let between = BETWEEN.get();
    let mut replicas = Replicas::start(&server.database().await, SERVERS).await;
    let counting = Counting::begin(&replicas.addresses, 64, (MOST_KILLS + 1) * between).await;
    for kill in 0..MOST_KILLS {
        if kill >= KILLS.get() && counting.numbers().unanswered > 0 {
            break;
        }
        let so_far = (kill + 1) * between - between / 2;
        counting.has(|numbers| numbers.acknowledged >= so_far && numbers.writing[kill % SERVERS] > 0).await;
        replicas.kill(kill % SERVERS).await;
        // The other replicas answer meanwhile.
        counting.has(|numbers| numbers.acknowledged >= (kill + 1) * between).await;
        replicas.start_again(kill % SERVERS).await;
    }
    let counted = counting.end().await;
    assert_nothing_lost(&counted);
    assert!(counted.numbers.unanswered > 0, "no kill met a write");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_killed_server_of_a_file_loses_nothing() {
    /// At least so many kills, and more until one meets a write.
    const KILLS: Times = Times { short: 1, full: 5 };
    const MOST_KILLS: usize = 20;
    const BETWEEN: Times = Times { short: 10, full: 20 };

    let _place = one_of_two().await;
    let between = BETWEEN.get();
    let folder = tempfile::tempdir().unwrap();
    let mut server = Replicas::start(&stores::sqlite_url(folder.path()), 1).await;
    let counting = Counting::begin(&server.addresses, 32, (MOST_KILLS + 1) * between).await;
    for kill in 1..=MOST_KILLS {
        if kill > KILLS.get() && counting.numbers().unanswered > 0 {
            break;
        }
        let writing = |numbers: &Numbers| numbers.writing.iter().any(|writing| *writing > 0);
        counting.has(|numbers| numbers.acknowledged >= kill * between && writing(numbers)).await;
        server.kill(0).await;
        server.start_again(0).await;
    }
    let counted = counting.end().await;
    assert_nothing_lost(&counted);
    assert!(counted.numbers.unanswered > 0, "no kill met a write");
}

/// Starts its own server, because it stops it. It needs no place among the two, because it mostly waits. Neither
/// does the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_5_nothing_is_written_while_postgresql_is_down() {
    const CLIENTS: usize = 16;
    let increments = INCREMENTS_AROUND_A_FAULT.get();

    let Some(mut server) = tokio::task::spawn_blocking(Postgres::start).await.unwrap() else {
        return leave_out();
    };
    let url = server.database().await;
    let replicas = Replicas::start(&url, SERVERS).await;
    let counting = Counting::begin(&replicas.addresses, CLIENTS, increments).await;
    counting.has(|numbers| numbers.acknowledged >= increments / 3).await;
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
    let increments = INCREMENTS_AROUND_A_FAULT.get();

    let opened = stores::sqlite().await.unwrap();
    let file = opened.folder.as_ref().unwrap().path().join("documents.sqlite");
    let served = Served::stores([opened.store.clone()]).await;
    let counting = Counting::begin(&served.addresses, CLIENTS, increments).await;
    counting.has(|numbers| numbers.acknowledged >= increments / 3).await;
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
