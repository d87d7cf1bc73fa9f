//! The right answer of a layer that asks the service with a HEAD.

use super::{
    Expected, Fate,
    conditions::{Read, is_conditional},
    current, rejected,
};
use crate::differential::{
    asked::{Asked, joined, members},
    world::{State, World},
};

pub(super) fn by_probe(world: &World, state: State, asked: &Asked, read: &Read) -> Expected {
    let forwarded = |range: bool, conditions, fate| {
        let range = if range { asked.all("range").first().copied() } else { None };
        Expected::performed(world.answer(state, asked.method, range).0, conditions, fate)
    };
    // A QUERY selects by its content.
    if asked.method == "QUERY" {
        return match protects_range(asked) {
            true => forwarded(false, Fate::Kept, Fate::Removed),
            false => forwarded(true, Fate::Kept, Fate::Kept),
        };
    }
    let conditional =
        is_conditional(asked, world.now) || asked.reads() && asked.has("if-range") && asked.has("range");
    let is_head = asked.method == "HEAD";
    let of_head = if is_head { Fate::Removed } else { Fate::Kept };
    if !conditional {
        let conditions = if asked.reads() { Fate::Either } else { Fate::Kept };
        return forwarded(!is_head, conditions, if asked.may_change_state() { Fate::Kept } else { of_head });
    }
    let (status, fields, _) = world.answer(state, "HEAD", None);
    let unevaluated = || {
        if world.forwards_unevaluated {
            return forwarded(false, Fate::Kept, Fate::Kept);
        }
        Expected { statuses: vec![501, 503], ..Expected::by_layer(501) }
    };
    if asked.may_change_state() && !world.probes_writes {
        return unevaluated();
    }
    let overrides = asked.has("x-http-method-override");
    // Vary names a field that the request carries and the probe does not, or everything.
    let vary = members(joined(&fields, "vary").as_deref());
    let unreachable =
        vary.iter().any(|name| name == "*" || UNPROBED.contains(&name.as_str()) && asked.has(name));
    if asked.reads() {
        // A HEAD may lack the tag of the content, so it is unknown.
        let tag = joined(&fields, "etag");
        let untold = read.if_match_lists_tags() && current(tag.as_deref(), None, world.now).tag.is_none();
        let exists = (200..300).contains(&status) && !untold;
        if (overrides || unreachable || !exists) && protects_range(asked) {
            return forwarded(false, Fate::Either, Fate::Either).or_without_range(world, state, asked);
        }
        if overrides || unreachable || !exists {
            return forwarded(!is_head, Fate::Either, if is_head { Fate::Either } else { Fate::Kept })
                .or_without_range(world, state, asked);
        }
    } else {
        match status {
            _ if overrides => return unevaluated(),
            401 | 407 | 429 | 503 | 307 | 308 => {
                return Expected { passes_on: true, ..Expected::by_layer(status) };
            }
            200..300 | 404 | 410 if !unreachable => {}
            _ => return unevaluated(),
        }
    }
    let tag = joined(&fields, "etag");
    let date = joined(&fields, "last-modified").and(world.handler.date(state, world.now));
    let found = current(tag.as_deref(), date, world.now);
    let exists = (200..300).contains(&status);
    if asked.may_change_state() && exists && read.needs_more(&found, false) {
        return unevaluated();
    }
    let tag = found.tag.as_ref().and(tag);
    let verdict = read.verdict(asked.method, exists.then_some(&found));
    if let Some(rejected) = rejected(verdict, tag, date) {
        if !exists && asked.method == "DELETE" {
            return Expected::by_layer(404);
        }
        return rejected;
    }
    if !asked.reads() {
        return forwarded(false, Fate::Kept, Fate::Kept);
    }
    let range = if verdict.range_may_stand { Fate::Kept } else { Fate::Removed };
    forwarded(verdict.range_may_stand, Fate::Removed, range)
}

/// The fields of the generator that a probe leaves out.
pub(in crate::differential) const UNPROBED: [&str; 8] = [
    "if",
    "destination",
    "overwrite",
    "idempotency-key",
    "content-digest",
    "content-type",
    "x-http-method-override",
    "expect",
];

/// Nobody may evaluate the condition, so only a whole representation is certainly joined to nothing else.
fn protects_range(asked: &Asked) -> bool {
    asked.has("range") && ["if-match", "if-unmodified-since", "if-range"].iter().any(|name| asked.has(name))
}
