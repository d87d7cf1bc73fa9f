//! If many clients PUT a new document at once, one creates it, and the others get 412 or 428.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::Barrier;
use tower_precondition::Requirement;

use crate::{
    store::{Around, Store, Write, app},
    support::client::{Connection, serve},
};

const CLIENTS: usize = 16;
const ROUNDS: usize = 200;

/// Returns how often each status was the answer, for each round.
async fn race(
    write: Write,
    around: Around,
    requirement: Requirement,
    condition: Option<(&'static str, &'static str)>,
    rounds: usize,
) -> Vec<BTreeMap<u16, usize>> {
    let store = Store::default();
    let address = serve(app(&store, write, around, requirement)).await;
    let start = Arc::new(Barrier::new(CLIENTS));
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (address, start) = (address, Arc::clone(&start));
            tokio::spawn(async move {
                let mut client = Connection::open(address).await;
                let mut answers = Vec::new();
                for round in 0..rounds {
                    start.wait().await;
                    let path = format!("/documents/{round}");
                    answers.push(client.ask("PUT", &path, condition.as_slice(), number.to_string()).await);
                }
                answers
            })
        })
        .collect();
    let mut statuses = vec![BTreeMap::new(); rounds];
    let mut creators = vec![None; rounds];
    for (number, task) in tasks.into_iter().enumerate() {
        for (round, answer) in task.await.expect("a client ends").into_iter().enumerate() {
            *statuses[round].entry(answer.status.as_u16()).or_insert(0) += 1;
            match answer.status.as_u16() {
                201 => creators[round] = Some(number.to_string()),
                412 => assert!(answer.get("etag").is_some(), "it shows the new tag: {answer:?}"),
                428 => {
                    assert!(answer.text().contains("If-Match"), "it names an accepted condition: {answer:?}")
                }
                _ => {}
            }
        }
    }
    for (round, creator) in creators.into_iter().enumerate() {
        let document = store.read(&round.to_string()).expect("it was created");
        if statuses[round].get(&201) == Some(&1) {
            assert_eq!(
                (document.version, Some(document.text)),
                (1, creator),
                "the client that got 201 wrote it"
            );
        }
    }
    statuses
}

/// Asserts one 201 in each round, and this status for the others.
fn one_created_the_rest(statuses: &[BTreeMap<u16, usize>], told: u16) {
    assert_eq!(statuses.len(), ROUNDS);
    for (round, statuses) in statuses.iter().enumerate() {
        assert_eq!(*statuses, BTreeMap::from([(201, 1), (told, CLIENTS - 1)]), "round {round}");
    }
}

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_if_none_match_any_creates_once_under_a_compare_and_set() {
    let statuses =
        race(Write::ComparedAndSet, Around::Nothing, Requirement::on_writes(), CREATE, ROUNDS).await;
    one_created_the_rest(&statuses, 412);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_if_none_match_any_creates_once_in_the_queue() {
    let statuses = race(Write::Blind, Around::OnesTurn, Requirement::on_writes(), CREATE, ROUNDS).await;
    one_created_the_rest(&statuses, 412);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_unconditional_first_writes_create_once_under_a_compare_and_set() {
    let requirement = Requirement::on_writes().existing_only();
    let statuses = race(Write::ComparedAndSet, Around::Nothing, requirement, None, ROUNDS).await;
    one_created_the_rest(&statuses, 428);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_unconditional_first_writes_create_once_in_the_queue() {
    let requirement = Requirement::on_writes().existing_only();
    let statuses = race(Write::Blind, Around::OnesTurn, requirement, None, ROUNDS).await;
    one_created_the_rest(&statuses, 428);
}

/// Without protection, several clients get 201 for the same document.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_without_protection_several_clients_get_201() {
    for (requirement, condition) in
        [(Requirement::on_writes(), CREATE), (Requirement::on_writes().existing_only(), None)]
    {
        let mut lost = false;
        for _ in 0..ROUNDS {
            let statuses = race(Write::Blind, Around::Nothing, requirement.clone(), condition, 5).await;
            lost = statuses.iter().any(|statuses| statuses[&201] > 1);
            if lost {
                break;
            }
        }
        assert!(lost, "nothing was lost: the tests of protection prove nothing");
    }
}
