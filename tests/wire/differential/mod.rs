//! Generated requests, answered as a naive reading of RFC 9110 says, in each way to add the layer.
//!
//! Each case is one document. A client holds an answer of one version, the document changes or stays, and the
//! client asks again. The oracle says what is right: the status, what the handler sees, and the fields. A
//! client that joins ranges and a cache that a 304 updates say whether the answers fit together.
//!
//! A failure prints one example of each kind of difference, with its seed.
//! `DIFFERENTIAL_SEED=7 cargo test --test wire differential` runs that case alone, in every way.

mod asked;
mod clients;
mod codings;
mod compare;
mod dates;
mod departures;
mod generate_request;
mod generate_world;
mod handler;
mod not_modified;
mod oracle;
mod performed;
mod replaced;
mod report;
mod server;
mod ways;
mod world;

use std::{env, time::UNIX_EPOCH};

use asked::{Asked, Told};
use clients::Exchange;
use compare::{Case, Findings, check_head};
use generate_request::Known;
use handler::Handler;
use report::Report;
use server::Connection;
use world::{State, Way, World};

use crate::{
    Protocol, in_time,
    support::{random::Random, run},
};

/// The cases of one way within the process. A case has one generated request, and at least two plain ones.
const CASES: u64 = 2_000;
/// The cases of one way within the process if `PROOFS=full` is set, as in CI.
const ALL_CASES: u64 = 4_000;
/// The cases of one way over a socket, with seeds of their own.
const SAMPLE: u64 = 150;

/// `the name of the test: the way, the statuses that its cases must show`.
macro_rules! ways {
    ($($name:ident: $way:ident, $statuses:expr;)+) => {$(
        mod $name {
            use super::*;

            #[test]
            fn in_process() {
                let report = differ(Way::$way, None, 0..cases());
                report.shows(&$statuses);
            }

            #[test]
            fn http1() {
                differ(Way::$way, Some(Protocol::Http1), ALL_CASES..ALL_CASES + SAMPLE);
            }

            #[test]
            fn http2() {
                differ(Way::$way, Some(Protocol::Http2), ALL_CASES + SAMPLE..ALL_CASES + 2 * SAMPLE);
            }
        }
    )+};
}

ways! {
    source: Source, [200, 203, 204, 206, 304, 400, 404, 412, 416, 428];
    from_response: FromResponse, [200, 203, 204, 206, 304, 400, 401, 404, 412, 416, 501];
    probing: Probing, [200, 203, 204, 206, 304, 400, 401, 404, 412, 416, 501];
    entity_tag_layer: ContentTag, [200, 203, 204, 206, 304, 400, 404, 412, 416, 501];
    coding_layer: Coding, [200, 203, 204, 206, 304, 400, 404, 412, 416, 501];
}

fn cases() -> u64 {
    match crate::support::proofs::are_full() {
        true => ALL_CASES,
        false => CASES,
    }
}

fn differ(way: Way, protocol: Option<Protocol>, seeds: std::ops::Range<u64>) -> Report {
    let only = env::var("DIFFERENTIAL_SEED").ok().map(|seed| seed.parse().expect("a number"));
    let mut report = Report::new(way, only.is_none() && protocol.is_none());
    let seeds = only.map_or(seeds, |seed: u64| seed..seed + 1);
    let cases = async {
        let mut connection = Connection::open(protocol).await;
        for seed in seeds {
            case(way, seed, &mut connection, &mut report).await;
        }
    };
    run(Box::pin(in_time(Box::pin(cases))));
    report.check();
    report
}

/// Prints the seed of a case that panics.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("in the case with the seed {}", self.0);
        }
    }
}

async fn case(way: Way, seed: u64, connection: &mut Connection, report: &mut Report) {
    let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
    let now = i64::try_from(now).expect("it is before the year 10000");
    let _told = Seed(seed);
    let mut random = Random::new(seed);
    let (world, then, current) = generate_world::world(&mut random, way, now);
    let selecting = generate_world::selecting(&mut random, &world);
    let handler = Handler::new(&world);
    connection.serve(ways::service(&world, &handler));

    let plain = Asked { method: "GET", fields: selecting.clone() };
    handler.set(then);
    let held = connection.ask(&plain).await;
    handler.set(current);
    let fresh = connection.ask(&plain).await;
    let known = Known::new(&world, [then, current], &held, &fresh, &selecting);
    let asked = generate_request::request(&mut random, &world, &known);
    let expected = oracle::expect(&world, current, &asked, &fresh);
    handler.take_seen();
    let told = connection.ask(&asked).await;
    let seen = handler.take_seen();

    let mut found = Findings::default();
    let exchange = Exchange { held: &held, asked: &asked, told: &told, fresh: &fresh };
    let case = Case { world: &world, then, now: current, exchange, expected: &expected, seen: &seen };
    case.check(&mut found);
    if asked.method == "GET" && !asked.has("range") {
        let head = connection.ask(&asked.by("HEAD")).await;
        check_head(&world, &told, &head, &mut found);
    }
    check_plain(&world, current, &plain, &fresh, &mut found);
    report.add(seed, &case, found);
}

/// A GET without a condition is a case of its own.
fn check_plain(world: &World, current: State, asked: &Asked, told: &Told, found: &mut Findings) {
    let (status, bare, content) = world.answer(current, "GET", None);
    if told.status != status {
        found.add("a plain GET has another status", format!("{}, not {status}", told.status));
        return;
    }
    if !told.headers.contains_key("content-encoding") {
        found.equal(status, "content", &told.content[..], &content[..]);
    }
    performed::check_performed(world, current, asked, &bare, told, found);
}
