//! The right answer of a layer that evaluates the handler's response, with EntityTagLayer inside or without.

use precondition_oracle::Tag;

use super::{
    Expected, Fate,
    conditions::{Read, is_all_ignored, is_conditional},
    current, rejected,
};
use crate::differential::{
    asked::{Asked, joined},
    world::{State, Way, World},
};

pub(super) fn by_response(
    world: &World,
    state: State,
    asked: &Asked,
    read: &Read,
    made: Option<String>,
) -> Expected {
    let conditional = is_conditional(asked, world.now);
    if asked.may_change_state() {
        if conditional && !world.forwards_unevaluated {
            return Expected::by_layer(501);
        }
        return Expected::performed(world.answer(state, asked.method, None).0, Fate::Kept, Fate::Kept);
    }
    let tagging = world.evaluating() == Way::ContentTag;
    // Under a condition EntityTagLayer asks for the whole, since no part can be tagged.
    // A 206 may lack the date that If-Unmodified-Since compares.
    let dated = asked.has("if-unmodified-since") && !asked.has("if-match");
    let evaluated_before = asked.has("if-range") || dated || tagging && conditional;
    let stands = !evaluated_before && asked.method != "HEAD";
    let range = if stands { asked.all("range").first().copied() } else { None };
    let inside = if tagging && conditional && asked.method == "HEAD" { "GET" } else { asked.method };
    let (status, fields, _) = world.answer(state, inside, range);
    let fields = world.shown(fields);
    let range = if stands { Fate::Kept } else { Fate::Removed };
    let own = joined(&fields, "etag");
    let own = own.filter(|tag| Tag::parse(tag.as_bytes()).is_some());
    let tag = own.or_else(|| made.filter(|_| tagging && status == 200));
    let date = joined(&fields, "last-modified").and(world.handler.date(state, world.now));
    if conditional && ((200..300).contains(&status) || status == 416) {
        let current = current(tag.as_deref(), date, world.now);
        // If-Range has been dealt with, by leaving Range out.
        let rejected = rejected(read.verdict(asked.method, Some(&current)), tag, date);
        // A 200 is the whole truth. Other answers may lack a validator that the representation has.
        let unknown = !matches!(status, 200 | 203 | 204) && read.needs_more(&current, true);
        if unknown {
            let decided = rejected.iter().flat_map(|rejected| rejected.statuses.clone());
            // A part must not go on under a condition that nobody evaluated.
            let other = if status == 206 && rejected.is_some() { 501 } else { status };
            let statuses = decided.chain([other]).collect();
            let right = rejected.unwrap_or_else(|| Expected::by_layer(status));
            return Expected { statuses, runs: true, conditions: Fate::Removed, range, lacks: true, ..right };
        }
        if let Some(rejected) = rejected {
            return Expected { runs: true, conditions: Fate::Removed, range, ..rejected };
        }
    }
    let expected = Expected::performed(status, Fate::Removed, range);
    if tagging && is_all_ignored(asked, world.now) {
        // EntityTagLayer may have been told of conditions, none of which counts.
        return expected.or_without_range(world, state, asked);
    }
    expected
}
