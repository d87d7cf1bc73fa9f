//! Thousands of random histories: no blind write, no state twice, no change twice, and bounds.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    time::Duration,
};

use http::Method;
use tokio::time::Instant;
use tower_precondition::client::{Change, Client, Error, Outcome, Seen};

use super::{
    faulty_server::{FaultyServer, World},
    script::target,
};

/// For each world. `PROOFS=full` plays ten times as many.
const HISTORIES: u64 = 350;
const CLIENTS: u64 = 3;
const CHANGES: u64 = 3;
const ATTEMPTS: u32 = 6;
const ANSWER: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

const FAULTS: World = World {
    lost_requests: 8,
    lost_answers: 12,
    silence: 4,
    delays: 5,
    duplicates: 0,
    others: 15,
    deletes: 0,
    stale_reads: 20,
    keeps_record: true,
};

/// `the world, what the clients have chosen`.
macro_rules! histories {
    ($($name:ident: $world:expr, $chosen:expr;)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let mut told = BTreeMap::new();
            let full = std::env::var_os("PROOFS").is_some_and(|proofs| proofs == "full");
            for seed in 0..if full { 10 * HISTORIES } else { HISTORIES } {
                play(seed, $world, $chosen, &mut told).await;
            }
            // Otherwise nothing was tested.
            for what in ["made", "412", "lost"] {
                assert!(told.get(what).is_some_and(|count| *count > HISTORIES), "{told:?}");
            }
        }
    )*};
}

histories! {
    decision_24_with_a_record_of_writes: FAULTS, Chosen::Nothing;
    decision_24_with_a_record_that_the_client_knows_of: FAULTS, Chosen::ServerRecords;
    decision_24_with_a_record_and_duplicated_requests: World { duplicates: 10, ..FAULTS }, Chosen::Nothing;
    decision_24_with_a_known_record_and_duplicated_requests:
        World { duplicates: 10, ..FAULTS }, Chosen::ServerRecords;
    decision_24_with_a_record_and_deletes: World { deletes: 10, ..FAULTS }, Chosen::Nothing;
    decision_24_without_a_record: World { keeps_record: false, ..FAULTS }, Chosen::Nothing;
    decision_24_without_a_record_but_asked_again:
        World { keeps_record: false, ..FAULTS }, Chosen::ToBeAskedAgain;
    decision_24_without_a_record_with_duplicates_and_deletes:
        World { keeps_record: false, duplicates: 10, deletes: 10, ..FAULTS }, Chosen::ToBeAskedAgain;
}

/// What the clients say of a lost answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chosen {
    Nothing,
    ToBeAskedAgain,
    ServerRecords,
}

async fn play(seed: u64, world: World, chosen: Chosen, told: &mut BTreeMap<&'static str, u64>) {
    let server = FaultyServer::new(seed, world);
    let calls = (0..CLIENTS).map(|client| tokio::spawn(edit(server.clone(), client, chosen, world)));
    let mut results = BTreeMap::new();
    for call in calls.collect::<Vec<_>>() {
        results.extend(call.await.unwrap_or_else(|error| panic!("seed {seed}: {error}")));
    }
    check_requests(seed, &server);

    let lines = server.lines();
    let mine = |line: &&String| !line.starts_with("other");
    let once: BTreeSet<_> = lines.iter().filter(mine).collect();
    assert_eq!(
        once.len(),
        lines.iter().filter(mine).count(),
        "seed {seed}: a change was made twice: {lines:?}"
    );
    for (line, result) in results {
        let there = lines.contains(&line);
        match result {
            Told::Made | Told::Unknown if world.deletes > 0 => {}
            Told::Made => assert!(there, "seed {seed}: {line} was lost: {lines:?}"),
            // A duplicate of a request is nothing that the client can know of.
            Told::NotMade if world.duplicates > 0 && !world.keeps_record => {}
            Told::NotMade => {
                assert!(!there, "seed {seed}: {line} was made, and its client was told otherwise")
            }
            Told::Unknown => {}
        }
        *told.entry(if result == Told::Made { "made" } else { "not told" }).or_default() += 1;
    }
    let (conflicts, lost) = server.with(|shared| {
        let anew = shared.sent.iter().filter(|(_, headers, _)| headers.contains_key("cache-control")).count();
        let ids: BTreeSet<_> = shared
            .sent
            .iter()
            .filter_map(|(_, headers, _)| headers.get("idempotency-key")?.to_str().ok())
            .collect();
        let writes = shared.sent.iter().filter(|(method, ..)| method != Method::GET).count();
        (anew, writes - ids.len())
    });
    *told.entry("412").or_default() += conflicts as u64;
    *told.entry("lost").or_default() += lost as u64;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Made,
    NotMade,
    Unknown,
}

/// Adds lines, one after the other. Returns what the client was told of each.
async fn edit(server: FaultyServer, client: u64, chosen: Chosen, world: World) -> Vec<(String, Told)> {
    let http = Client::new(server)
        .with_attempts(NonZeroU32::new(ATTEMPTS).unwrap())
        .with_answer_timeout(ANSWER)
        .with_longest_wait(LONGEST_WAIT);
    let http = match chosen {
        Chosen::Nothing => http,
        Chosen::ToBeAskedAgain => http.ask_again_if_unknown(),
        Chosen::ServerRecords => http.trust_write_records(Duration::from_secs(3600)),
    };
    let mut results = Vec::new();
    for change in 0..CHANGES {
        let line = format!("{client}.{change}");
        let start = Instant::now();
        let mut states = Vec::new();
        let mut existed = false;
        let result = http.change(&target(), |seen| {
            assert_never_twice(&mut states, seen);
            existed = seen.exists();
            let may_be_asked = chosen == Chosen::ToBeAskedAgain || !seen.change_may_be_made();
            assert!(may_be_asked, "{line}: nobody chose to be asked again");
            let there = seen.content().is_some_and(|text| has_line(text, &line));
            // With deletes it can be gone again, and a duplicate without a record is made unseen.
            let can_be_there = seen.change_may_be_made() || (world.duplicates > 0 && !world.keeps_record);
            assert!(!there || can_be_there, "{line} is there, and the function was not told so");
            Ok::<_, String>(add_line(seen, &line))
        });
        let result = result.await;
        let tried = match &result {
            Ok(outcome) => outcome.tried(),
            Err(error) => error.tried(),
        };
        assert!(tried.reads() <= ATTEMPTS && tried.writes() <= ATTEMPTS, "{tried}");
        assert!(start.elapsed() <= (2 * ANSWER + 2 * LONGEST_WAIT) * ATTEMPTS, "{:?}", start.elapsed());
        let told = match result {
            Ok(Outcome::Made(_) | Outcome::LeftAlone { .. }) => Told::Made,
            Err(Error::OutcomeUnknown { source, .. }) => {
                let is_known = chosen == Chosen::ServerRecords && source.is_none() && existed;
                assert!(!is_known, "{line}: the server said what became of it");
                Told::Unknown
            }
            Err(error) if error.change_may_be_made() => Told::Unknown,
            Err(Error::Conflict { .. } | Error::Unreachable { .. } | Error::SameState { .. }) => {
                Told::NotMade
            }
            other => panic!("{other:?}"),
        };
        results.push((line, told));
    }
    results
}

fn has_line(text: &[u8], line: &str) -> bool {
    text.split(|octet| *octet == b'\n').any(|found| found == line.as_bytes())
}

fn add_line(seen: &Seen, line: &str) -> Change {
    match seen.content() {
        Some(text) if has_line(text, line) => Change::leave_alone(),
        Some(text) => Change::replace([text, line.as_bytes(), b"\n"].concat()),
        None => Change::create(format!("{line}\n")),
    }
}

/// A tag never comes again. Nothing never comes twice in a row.
fn assert_never_twice(states: &mut Vec<Option<String>>, seen: &Seen) {
    let state = seen.validators().map(|validators| validators.etag().unwrap().to_string());
    match state {
        Some(_) => assert!(!states.contains(&state), "{state:?} again: {states:?}"),
        None => assert_ne!(states.last(), Some(&None), "nothing again: {states:?}"),
    }
    states.push(state);
}

/// Every write has one condition, an id and a digest. A repeat is the same request.
fn check_requests(seed: u64, server: &FaultyServer) {
    server.with(|shared| {
        let mut intents = BTreeMap::new();
        for (method, headers, content) in &shared.sent {
            let has = |name: &str| headers.contains_key(name);
            if method == Method::GET {
                assert!(!has("if-match") && !has("if-none-match"), "seed {seed}");
                continue;
            }
            assert!(has("if-match") != has("if-none-match"), "seed {seed}: a blind write: {headers:?}");
            assert!(headers.get("if-none-match").is_none_or(|any| any == "*"), "seed {seed}: {headers:?}");
            assert!(has("content-digest"), "seed {seed}");
            let id = headers["idempotency-key"].to_str().unwrap();
            let first = intents.entry(id).or_insert((method, headers, content));
            assert_eq!(*first, (method, headers, content), "seed {seed}: one id for two requests");
        }
    });
}
