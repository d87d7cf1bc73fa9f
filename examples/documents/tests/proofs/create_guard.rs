//! Many clients PUT the same new document at once: one creates it, and the others are refused.

use std::{collections::BTreeMap, sync::Arc};

use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    Times,
    blind::Blind,
    client::Client,
    in_time, one_of_two,
    servers::{Addresses, Replicas, Served},
    support::{http::FIRST, postgres::shared, stores},
};

const CLIENTS: usize = 16;
/// How many documents are created.
const ROUNDS: Times = Times { short: 10, full: 200 };

const CREATE: &[(&str, &str)] = &[("if-none-match", "*")];
const UNCONDITIONAL: &[(&str, &str)] = &[];

/// Runs the rounds, and returns how often each status was answered in each.
async fn race(addresses: &Addresses, condition: &'static [(&str, &str)]) -> Vec<BTreeMap<u16, usize>> {
    let rounds = ROUNDS.get();
    let start = Arc::new(Barrier::new(CLIENTS));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (mut client, start) = (Client::new(number, addresses), Arc::clone(&start));
        clients.spawn(async move {
            let mut answers = Vec::new();
            let name = number.to_string();
            let fields = [condition, &[("x-user", &*name)]].concat();
            for round in 0..rounds {
                // Connect first: the writes are to race, and not the connections.
                client.connected().await;
                start.wait().await;
                let path = format!("/documents/round-{round}");
                answers.push(client.put(&path, &fields, FIRST.to_owned()).await.expect("an answer"));
            }
            (name, answers)
        });
    }
    let mut statuses = vec![BTreeMap::new(); rounds];
    let mut creators = vec![String::new(); rounds];
    while let Some(ended) = in_time(clients.join_next()).await {
        let (name, answers) = ended.expect("a client ends well");
        for (round, answer) in answers.into_iter().enumerate() {
            *statuses[round].entry(answer.status.as_u16()).or_insert(0) += 1;
            match answer.status.as_u16() {
                201 => creators[round].clone_from(&name),
                412 => assert!(
                    answer.get("etag").is_some(),
                    "a 412 has the tag of the created document: {answer:?}"
                ),
                status => answer.assert_problem(status),
            }
        }
    }
    let mut reader = Client::new(0, addresses);
    for (round, creator) in creators.into_iter().enumerate() {
        if statuses[round].get(&201) == Some(&1) {
            let history = reader.get(&format!("/documents/round-{round}/history")).await.json();
            let history = history.as_array().expect("a list");
            assert_eq!(history.len(), 1, "it was written once: {history:?}");
            assert_eq!(history[0]["changed_by"], creator, "the client that got 201 wrote it");
        }
    }
    statuses
}

/// Asserts one 201 in each round, and this status for all others.
#[track_caller]
fn assert_one_created(statuses: &[BTreeMap<u16, usize>], told: u16) {
    assert_eq!(statuses.len(), ROUNDS.get());
    for (round, statuses) in statuses.iter().enumerate() {
        assert_eq!(*statuses, BTreeMap::from([(201, 1), (told, CLIENTS - 1)]), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_one_client_creates_in_sqlite() {
    let _place = one_of_two().await;
    for (condition, told) in [(CREATE, 412), (UNCONDITIONAL, 428)] {
        let opened = stores::sqlite().await.unwrap();
        let served = Served::stores([opened.store.clone()]).await;
        assert_one_created(&race(&served.addresses, condition).await, told);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_one_client_creates_among_three_replicas_on_one_postgresql() {
    let Some(server) = shared().await else { return };
    let _place = one_of_two().await;
    for (condition, told) in [(CREATE, 412), (UNCONDITIONAL, 428)] {
        let replicas = Replicas::start(&server.database().await, 3).await;
        assert_one_created(&race(&replicas.addresses, condition).await, told);
    }
}

/// Without protection several clients get 201. This shows that the tests above can fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_several_clients_create_if_the_store_is_blind() {
    let _place = one_of_two().await;
    for condition in [CREATE, UNCONDITIONAL] {
        let store = stores::memory().await.unwrap().store;
        let served = Served::stores([Blind::over(store)]).await;
        let statuses = race(&served.addresses, condition).await;
        let several = statuses.iter().filter(|statuses| statuses[&201] > 1).count();
        println!("in {several} of {} rounds", statuses.len());
        assert!(several > 0, "nothing was lost in {} rounds", statuses.len());
    }
}
