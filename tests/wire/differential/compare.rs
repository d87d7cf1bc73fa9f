//! Compares an answer with the right one.

use std::fmt::Debug;

use http::request::Parts;

use super::{
    asked::{Asked, Told},
    clients::Exchange,
    not_modified::check_304,
    oracle::{
        Expected, Fate, UNPROBED,
        conditions::{CONDITIONS, is_all_ignored, is_conditional},
    },
    performed::check_performed,
    replaced::check_rejection,
    world::{State, Way, World},
};

/// The differences of one case: the kind of each, and what was seen.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<(String, String)>);

impl Findings {
    pub(super) fn add(&mut self, kind: &str, detail: String) {
        self.0.push((kind.to_owned(), detail));
    }

    pub(super) fn equal<T: PartialEq + Debug>(&mut self, status: u16, what: &str, told: T, right: T) {
        if told != right {
            self.add(&format!("{status}: {what}"), format!("is {told:?}, not {right:?}"));
        }
    }
}

/// A request in its world, with the right answer and the one that came.
pub(super) struct Case<'a> {
    pub(super) world: &'a World,
    pub(super) then: State,
    pub(super) now: State,
    pub(super) exchange: Exchange<'a>,
    pub(super) expected: &'a Expected,
    /// The heads of the requests that reached the handler.
    pub(super) seen: &'a [Parts],
}

impl Case<'_> {
    pub(super) fn check(&self, found: &mut Findings) {
        let (told, asked, expected) = (self.exchange.told, self.exchange.asked, self.expected);
        if !expected.statuses.contains(&told.status) {
            let kind = if asked.reads() { "read" } else { "write" };
            found.add(&format!("a {kind} gets {}, not {:?}", told.status, expected.statuses), String::new());
        }
        if expected.lacks && told.status != expected.statuses[0] {
            let right = expected.statuses[0];
            found.add(
                "a response lacks a validator that the whole has",
                format!("{}, not {right}", told.status),
            );
        }
        if asked.method == "HEAD" && !told.content.is_empty() {
            found.add("the answer to a HEAD has content", format!("{} bytes", told.content.len()));
        }
        self.check_seen(found);
        if expected.statuses.contains(&told.status) {
            self.check_fields(found);
        }
        self.exchange.check_ranges(self.world, self.then, self.now, found);
        self.exchange.check_cache(self.world, self.then, self.now, found);
    }

    fn check_fields(&self, found: &mut Findings) {
        let Exchange { told, asked, fresh, .. } = self.exchange;
        let expected = self.expected;
        match told.status {
            304 => return check_304(self.world, self.now, asked, fresh, told, found),
            400 | 412 | 428 | 501 => return check_rejection(self.world, asked, expected, told, found),
            503 if !expected.runs && !expected.passes_on => {
                return check_rejection(self.world, asked, expected, told, found);
            }
            404 if !expected.runs => return check_rejection(self.world, asked, expected, told, found),
            _ => {}
        }
        if expected.passes_on {
            found.equal(
                told.status,
                "Cache-Control",
                told.get("cache-control"),
                Some(String::from("no-store")),
            );
            let bare = self.world.answer(self.now, "HEAD", None).1;
            for (name, value) in bare.iter().filter(|(name, _)| *name != "content-length") {
                let value = value.to_str().expect("visible ASCII").to_owned();
                found.equal(told.status, "a field of the check", told.get(name.as_str()), Some(value));
            }
            if !told.content.is_empty() {
                found.add("an answer of a check has content", String::new());
            }
            return;
        }
        // The handler's answer to what reached it.
        let Some(last) = self.seen.last() else { return };
        let range = last.headers.get("range").and_then(|range| range.to_str().ok());
        let (_, bare, content) = self.world.answer(self.now, last.method.as_str(), range);
        let content = if asked.method == "HEAD" { Vec::new() } else { content };
        let compressed = told.headers.contains_key("content-encoding");
        if compressed && asked.method == "GET" && told.status == 200 {
            found.equal(200, "the content of a coding", &told.content, &fresh.content);
        } else if !compressed {
            found.equal(told.status, "content", &told.content[..], &content[..]);
        }
        check_performed(self.world, self.now, asked, &bare, told, found);
    }

    /// Checks whether the handler ran, and what it saw.
    fn check_seen(&self, found: &mut Findings) {
        let (asked, expected) = (self.exchange.asked, self.expected);
        let method = match asked.method {
            "HEAD" if self.asks_for_content() => "GET",
            method => method,
        };
        let probing = self.world.way == Way::Probing;
        let (own, other): (Vec<&Parts>, Vec<&Parts>) =
            self.seen.iter().partition(|head| head.method == *method && !(probing && method == "HEAD"));
        if probing {
            for probe in &other {
                check_probe(asked, probe, found);
            }
        } else if !other.is_empty() {
            let methods: Vec<_> = other.iter().map(|head| head.method.as_str()).collect();
            found.add(&format!("the handler sees another method than {method}"), format!("{methods:?}"));
        }
        if other.len() > if method == "HEAD" { 2 } else { 1 } {
            found.add("the handler is asked more than once", format!("{} times", other.len()));
        }
        if !(probing && method == "HEAD") && own.len() != usize::from(expected.runs) {
            let kind = match (own.len(), asked.may_change_state()) {
                (0, _) => "the handler does not run",
                (1, true) => "a write is performed that must not be",
                (1, false) => "the handler runs for a read that the layer can answer",
                _ => "the handler runs twice",
            };
            found.add(kind, format!("answered {}", self.exchange.told.status));
        }
        let Some(last) = own.last().copied().or_else(|| other.last().copied().filter(|_| expected.runs))
        else {
            return;
        };
        for name in CONDITIONS.into_iter().chain(["range"]) {
            let fate = match name {
                // Range is not defined for OPTIONS (rule 60).
                "range" | "if-range" if asked.is_unconditional_by_method() && asked.has("range") => {
                    Fate::Removed
                }
                "range" => expected.range,
                // It goes with the Range that it protects.
                "if-range" if matches!(expected.range, Fate::Removed) => Fate::Either,
                // Without Range it says nothing (rule 37).
                "if-range" if asked.reads() && !asked.has("range") => Fate::Either,
                _ => expected.conditions,
            };
            let seen: Vec<_> = last.headers.get_all(name).iter().map(|line| line.as_bytes()).collect();
            let sent: Vec<_> = asked.all(name).into_iter().map(str::as_bytes).collect();
            let removed = matches!(fate, Fate::Removed | Fate::Either) && seen.is_empty();
            let kept = matches!(fate, Fate::Kept | Fate::Either) && (seen == sent || self.is_decoded(name));
            if expected.runs && !removed && !kept {
                let kind = match (asked.reads(), asked.may_change_state()) {
                    (true, _) => "a read",
                    (_, true) => "a write",
                    _ => "OPTIONS",
                };
                found.add(
                    &format!("the handler of {kind} sees {name} wrongly"),
                    format!("{fate:?}, saw {seen:?}"),
                );
            }
        }
    }

    /// Returns whether EntityTagLayer sends a HEAD inward as GET: it needs content to make a tag.
    fn asks_for_content(&self) -> bool {
        let (asked, now) = (self.exchange.asked, self.world.now);
        let asks = self.seen.iter().any(|head| head.method == "GET");
        let tagging = self.world.evaluating() == Way::ContentTag;
        tagging && (is_conditional(asked, now) || is_all_ignored(asked, now) && asks)
    }

    /// Returns whether the coding layer may have rewritten the field.
    fn is_decoded(&self, name: &str) -> bool {
        self.world.way == Way::Coding && matches!(name, "if-match" | "if-none-match" | "if-range")
    }
}

/// Checks that a probe carries what selects and authorizes, and no action, condition or content.
fn check_probe(asked: &Asked, probe: &Parts, found: &mut Findings) {
    if probe.method != "HEAD" {
        found.add("a probe is no HEAD", probe.method.to_string());
    }
    let is_request = asked.method == "HEAD";
    for name in CONDITIONS.into_iter().chain(["range"]).chain(UNPROBED) {
        // The HEAD that follows its own probe is the request itself.
        if probe.headers.contains_key(name) && !is_request {
            found.add(&format!("a probe carries {name}"), String::new());
        }
    }
    for name in ["cookie", "authorization", "x-api-key", "accept-language"] {
        if probe.headers.contains_key(name) != asked.has(name) {
            found.add(&format!("a probe lacks {name}"), String::new());
        }
    }
}

/// Checks that HEAD gets the answer of GET, without the content (rules 5 and 56).
pub(super) fn check_head(world: &World, get: &Told, head: &Told, found: &mut Findings) {
    if get.status != head.status {
        found.add("HEAD has another status than GET", format!("{} and {}", head.status, get.status));
        return;
    }
    if !head.content.is_empty() {
        found.add("the answer to a HEAD has content", format!("{} bytes", head.content.len()));
    }
    let lengths = [head.get("content-length"), Some(get.content.len().to_string())];
    if head.status != 304 && lengths[0].is_some() && lengths[0] != lengths[1] && world.way != Way::Coding {
        found.add("HEAD has another length than GET", format!("{lengths:?}"));
    }
    if head.status < 300 && world.way == Way::Coding {
        return;
    }
    let names: std::collections::BTreeSet<&str> =
        get.headers.keys().chain(head.headers.keys()).map(http::HeaderName::as_str).collect();
    for name in names {
        let of_message = matches!(name, "content-length" | "date" | "transfer-encoding");
        // A compression decides by the content, which a HEAD lacks.
        let of_coding = name == "vary" || head.status == 304 && matches!(name, "etag" | "last-modified");
        if of_message || world.way == Way::Coding && of_coding || get.get(name) == head.get(name) {
            continue;
        }
        let detail = format!("HEAD {:?}, GET {:?}", head.get(name), get.get(name));
        if name == "etag" && world.way == Way::ContentTag && head.get(name).is_none() {
            found.add("a HEAD without a condition has no tag made from content", detail);
        } else {
            found.add(&format!("HEAD has another {name} than GET"), detail);
        }
    }
}
