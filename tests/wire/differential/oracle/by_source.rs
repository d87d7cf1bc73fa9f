//! The right answer of a layer that looks the representation up.

use precondition_oracle::TagField;

use super::{Expected, Fate, conditions::Read, current, rejected};
use crate::differential::{
    asked::Asked,
    world::{State, World},
};

pub(super) fn by_source(world: &World, state: State, asked: &Asked, read: &Read) -> Expected {
    let (tag, date) = (world.source.tag(state), world.source.date(state, world.now));
    let found = current(tag.as_deref(), date, world.now);
    let found = (state != State::Absent).then_some(&found);
    // Answer B. Requirement::on_writes: If-Match or `If-None-Match: *` on PUT, PATCH and DELETE.
    let is_met = read.if_match != TagField::Absent || read.if_none_match == TagField::Any;
    if world.requires && matches!(asked.method, "PUT" | "PATCH" | "DELETE") && !is_met {
        return Expected::by_layer(428);
    }
    let verdict = read.verdict(asked.method, found);
    if let Some(rejected) = rejected(verdict, tag, date) {
        // Answer D.
        if found.is_none() && asked.method == "DELETE" {
            return Expected::by_layer(404);
        }
        return rejected;
    }
    let range = if verdict.range_may_stand { asked.all("range").first().copied() } else { None };
    let status = world.answer(state, asked.method, range).0;
    if !asked.reads() {
        return Expected::performed(status, Fate::Kept, Fate::Kept);
    }
    let range = if verdict.range_may_stand { Fate::Kept } else { Fate::Removed };
    Expected::performed(status, Fate::Removed, range)
}
