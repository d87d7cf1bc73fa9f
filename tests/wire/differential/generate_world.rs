//! Draws a world, and the fields that select a representation in it.

use super::world::{Dates, Said, State, Tags, Way, World};
use crate::support::random::Random;

const CACHE_CONTROL: [&str; 8] = [
    "max-age=3600",
    "private",
    "public",
    "no-transform",
    "no-store",
    "public, max-age=60",
    "private, max-age=60",
    "s-maxage=10, public",
];
const VARY: [&str; 5] =
    ["accept-language", "Cookie", "Accept-Language, X-Api-Key", "*", "Idempotency-Key, Origin"];
const EXPIRES: [&str; 2] = ["0", "Thu, 01 Jan 2060 00:00:00 GMT"];

/// The world, the state that the client saw, and the state now.
pub(super) fn world(random: &mut Random, way: Way, now: i64) -> (World, State, State) {
    let inner = match way {
        Way::Coding => random.pick(&[Way::Source, Way::Source, Way::FromResponse, Way::ContentTag]),
        _ => way,
    };
    let mut world = World {
        way,
        inner,
        source: Said::default(),
        handler: Said::default(),
        status: random.pick(&[200, 200, 200, 200, 200, 200, 200, 203, 204, 202]),
        write_status: random.pick(&[204, 200, 201]),
        check: None,
        serves_ranges: random.percent(70),
        tags_416: random.percent(50),
        describes_content: random.percent(40),
        limit: if random.percent(85) { 1 << 20 } else { 100 },
        replaces: false,
        requires: false,
        forwards_unevaluated: random.percent(25),
        probes_writes: random.percent(75),
        now,
    };
    match inner {
        Way::Source => {
            world.source =
                said(random, &[Tags::Strong, Tags::Strong, Tags::Weak, Tags::SharedWeak, Tags::Odd]);
            if random.percent(6) {
                world.source.date = Some(Dates::Future);
            }
            world.requires = random.percent(15);
            if random.percent(40) {
                world.handler = beside(random, &world.source);
            }
        }
        Way::ContentTag => {
            world.handler = said(random, &[Tags::Strong]);
            if random.percent(20) {
                world.replaces = true;
                world.handler.tag = Some(Tags::Fixed);
            } else if random.percent(80) {
                world.handler.tag = None;
            }
        }
        _ => {
            let tags = [Tags::Strong, Tags::Strong, Tags::Weak, Tags::SharedWeak, Tags::Odd, Tags::Malformed];
            world.handler = said(random, &tags);
            if random.percent(10) {
                world.check = Some(
                    random.pick(&[401, 407, 429, 503, 307, 308, 301, 302, 303, 403, 405, 406, 500, 404, 410]),
                );
            }
        }
    }
    // A coded and an odd tag of one handler would need a second decoder here.
    if way == Way::Coding && world.handler.tag == Some(Tags::Malformed) {
        world.handler.tag = Some(Tags::Strong);
    }
    let held = State::Version(u8::try_from(random.below(2)).expect("a small number"));
    let current = match (held, random.below(100)) {
        (_, 0..8) => State::Absent,
        (held, 8..60) => held,
        (State::Version(version), _) => State::Version(version + 1),
        (State::Absent, _) => State::Absent,
    };
    (world, held, current)
}

fn said(random: &mut Random, tags: &[Tags]) -> Said {
    let dates = [Dates::Apart, Dates::Apart, Dates::Apart, Dates::Shared];
    Said {
        tag: random.percent(75).then(|| random.pick(tags)),
        date: random.percent(60).then(|| random.pick(&dates)),
        is_stale: false,
        cache_control: random.percent(40).then(|| random.pick(&CACHE_CONTROL)),
        vary: random.percent(40).then(|| random.pick(&VARY)),
        expires: random.percent(15).then(|| random.pick(&EXPIRES)),
        content_location: random.percent(15).then_some("/document.en"),
    }
}

/// A handler that knows a part of what its source knows, or something else.
fn beside(random: &mut Random, source: &Said) -> Said {
    let mut handler = said(random, &[Tags::Strong]);
    handler.tag = if random.percent(50) { source.tag } else { None };
    handler.date = if random.percent(50) { source.date } else { None };
    if handler.date == Some(Dates::Future) {
        handler.date = None;
    }
    handler.is_stale = random.percent(25);
    handler
}

/// The fields that select a representation, the same in all requests of a case.
pub(super) fn selecting(random: &mut Random, world: &World) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    if world.way == Way::Coding {
        let accepted =
            ["gzip", "gzip, deflate", "deflate", "identity", "gzip;q=0", "gzip;q=0.5, deflate", "*"];
        if random.percent(85) {
            fields.push(("accept-encoding", random.pick(&accepted).to_owned()));
        }
    }
    for (name, value) in [
        ("cookie", "user=ada"),
        ("authorization", "Basic YWRhOng="),
        ("x-api-key", "k"),
        ("accept-language", "en"),
    ] {
        if random.percent(15) {
            fields.push((name, value.to_owned()));
        }
    }
    fields
}
