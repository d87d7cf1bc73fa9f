//! Draws a request of a client that holds an answer.

use precondition_oracle::{asctime, imf_fixdate, rfc850};

use super::{
    asked::{Asked, Told},
    world::{State, Way, World},
};
use crate::support::random::Random;

/// Before and long after every version.
const OTHER_DATES: [i64; 3] = [784_111_000, 784_119_999, 4_102_444_800];

/// What the client has seen before it asks, and the tags and dates to choose from.
pub(super) struct Known<'a> {
    held: &'a Told,
    tags: Vec<String>,
    dates: Vec<i64>,
    selecting: &'a [(&'static str, String)],
}

impl<'a> Known<'a> {
    pub(super) fn new(
        world: &World,
        states: [State; 2],
        held: &'a Told,
        fresh: &Told,
        selecting: &'a [(&'static str, String)],
    ) -> Self {
        let told = [held, fresh].into_iter().filter_map(|told| told.get("etag"));
        let mut tags: Vec<_> = told.collect();
        let mut dates = Vec::new();
        for said in [&world.source, &world.handler] {
            for state in states {
                tags.extend(said.tag(state));
                dates.extend(said.date(state, world.now).filter(|date| *date <= world.now));
            }
        }
        // One without quotes would be a malformed condition.
        tags.retain(|tag| tag.ends_with('"'));
        Self { held, tags, dates, selecting }
    }
}

pub(super) fn request(random: &mut Random, world: &World, known: &Known<'_>) -> Asked {
    let methods = [
        "GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "HEAD", "HEAD", "QUERY", "PUT",
        "PUT", "PUT", "DELETE", "DELETE", "PATCH", "POST", "LOCK", "OPTIONS",
    ];
    let mut asked = Asked { method: random.pick(&methods), fields: known.selecting.to_vec() };
    if random.percent(40) {
        honest(random, known, &mut asked);
    } else {
        any(random, known, &mut asked);
    }
    others(random, world, &mut asked);
    asked
}

/// The conditions of a client that has only what it was told.
fn honest(random: &mut Random, known: &Known<'_>, asked: &mut Asked) {
    let (tag, date) = (known.held.get("etag"), known.held.get("last-modified"));
    let mut put = |name, value: &Option<String>| {
        if let Some(value) = value {
            asked.fields.push((name, value.clone()));
        }
    };
    let resumes = asked.method == "GET" && random.percent(50);
    if resumes {
        let length = known.held.content.len().max(2);
        put("range", &Some(format!("bytes={}-", 1 + random.below(length - 1))));
        match random.below(6) {
            0 | 1 => put("if-range", if tag.is_some() { &tag } else { &date }),
            2 => put("if-range", &date),
            3 => put("if-match", &tag),
            4 => put("if-unmodified-since", &date),
            _ => {}
        }
    } else if matches!(asked.method, "GET" | "HEAD" | "QUERY") {
        let both = random.percent(50);
        match random.below(5) {
            0 | 1 => {
                put("if-none-match", &tag);
                if both {
                    put("if-modified-since", &date);
                }
            }
            2 => put("if-modified-since", &date),
            3 => put("if-match", &tag),
            _ => {}
        }
    } else {
        match random.below(4) {
            0 | 1 => put("if-match", &tag),
            2 => put("if-unmodified-since", &date),
            _ => put("if-none-match", &Some(String::from("*"))),
        }
    }
}

/// Any conditions, well-formed or not, in any combination.
fn any(random: &mut Random, known: &Known<'_>, asked: &mut Asked) {
    for name in ["if-match", "if-none-match"] {
        if random.percent(30) {
            tag_list(random, known, name, asked);
        }
    }
    for name in ["if-modified-since", "if-unmodified-since"] {
        if random.percent(25) {
            let lines = if random.percent(4) { 2 } else { 1 };
            for _ in 0..lines {
                asked.fields.push((name, date(random, known)));
            }
        }
    }
    if random.percent(30) {
        let value = match random.below(10) {
            0..5 => tag(random, known),
            5..9 => date(random, known),
            _ => String::from("\"a, \"b\""),
        };
        asked.fields.push(("if-range", value));
    }
    if random.percent(45) {
        let ranges = [
            "bytes=0-9",
            "bytes=20-",
            "bytes=7-",
            "bytes=-5",
            "bytes=9999-",
            "bytes=400-",
            "items=1-2",
            "bytes=0-1,4-5",
        ];
        asked.fields.push(("range", random.pick(&ranges).to_owned()));
    }
}

fn tag_list(random: &mut Random, known: &Known<'_>, name: &'static str, asked: &mut Asked) {
    match random.below(100) {
        0..12 => asked.fields.push((name, String::from("*"))),
        12..20 => {
            asked.fields.push((name, random.pick(&["v1", "\"v1", "*, \"v1\"", "\"v1\" \"v2\""]).to_owned()))
        }
        20..60 => asked.fields.push((name, tag(random, known))),
        60..80 => {
            let list = format!("{}, ,{}", tag(random, known), tag(random, known));
            asked.fields.push((name, list));
        }
        _ => {
            for _ in 0..2 {
                asked.fields.push((name, tag(random, known)));
            }
        }
    }
}

fn tag(random: &mut Random, known: &Known<'_>) -> String {
    if known.tags.is_empty() || random.percent(20) {
        return random
            .pick(&["\"other\"", "W/\"other\"", "\"v1\"", "\"\"", "\"a,b\"", "\"v1~gzip\""])
            .to_owned();
    }
    let tag = random.pick(&known.tags);
    match (random.below(10), tag.strip_prefix("W/")) {
        (0 | 1, None) => format!("W/{tag}"),
        (0 | 1, Some(strong)) => strong.to_owned(),
        _ => tag,
    }
}

fn date(random: &mut Random, known: &Known<'_>) -> String {
    if random.percent(8) {
        return random.pick(&["yesterday", "0", "Sun, 06 Nov 1994 08:49:37 UTC", "784111777"]).to_owned();
    }
    let seconds = if known.dates.is_empty() || random.percent(25) {
        random.pick(&OTHER_DATES)
    } else {
        random.pick(&known.dates) + random.pick(&[-1, 0, 0, 0, 1])
    };
    match random.below(6) {
        0 if (784_000_000..784_200_000).contains(&seconds) => rfc850(seconds),
        1 => asctime(seconds),
        _ => imf_fixdate(seconds),
    }
}

/// Fields that are no conditions. A probe must leave most of them out.
fn others(random: &mut Random, world: &World, asked: &mut Asked) {
    let mut add = |percent, name, value: &str| {
        if random.percent(percent) {
            asked.fields.push((name, value.to_owned()));
        }
    };
    if asked_writes(asked.method) {
        add(30, "content-type", "text/plain");
        add(8, "idempotency-key", "k1");
        add(5, "if", "(<urn:uuid:f81d4fae>)");
        add(5, "destination", "/elsewhere");
        add(5, "overwrite", "F");
        add(8, "content-digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    }
    if world.way == Way::Probing {
        add(3, "x-http-method-override", "DELETE");
    }
}

fn asked_writes(method: &str) -> bool {
    matches!(method, "PUT" | "DELETE" | "PATCH" | "POST" | "LOCK")
}
