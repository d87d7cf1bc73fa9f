//! A client that joins ranges, and a cache that keeps what a 304 confirms.

use super::{
    asked::{Asked, Told},
    compare::Findings,
    world::{Dates, State, Tags, World},
};

/// What the client holds, and the answers to its next request and to a plain GET at the same moment.
pub(super) struct Exchange<'a> {
    pub(super) held: &'a Told,
    pub(super) asked: &'a Asked,
    pub(super) told: &'a Told,
    pub(super) fresh: &'a Told,
}

fn strong(tag: Option<String>) -> Option<String> {
    tag.filter(|tag| !tag.starts_with("W/"))
}

impl Exchange<'_> {
    /// Returns whether a field of the request is exactly this validator of what the client holds.
    fn sends(&self, name: &str, validator: &str) -> bool {
        let validator = self.held.get(validator);
        validator.is_some_and(|validator| self.asked.all(name) == [validator.as_str()])
    }

    /// Joins what the client holds with the part that it got: they must be of one representation.
    pub(super) fn check_ranges(&self, world: &World, then: State, now: State, found: &mut Findings) {
        if self.told.status != 206 || self.held.status != 200 {
            return;
        }
        let Some(start) = start_of(&self.told.get("content-range").unwrap_or_default()) else { return };
        let by_tag = self.sends("if-range", "etag") || self.sends("if-match", "etag");
        let by_date =
            self.sends("if-range", "last-modified") || self.sends("if-unmodified-since", "last-modified");
        let same_tag = strong(self.told.get("etag")).is_some_and(|tag| self.held.get("etag") == Some(tag));
        if !(by_tag || by_date || same_tag) || start > self.held.content.len() {
            return;
        }
        let mut joined = self.held.content[..start].to_vec();
        joined.extend_from_slice(&self.told.content);
        if joined.get(..) == self.held.content.get(..joined.len()) {
            return;
        }
        if [then, now].into_iter().any(|state| world.handler_differs(state)) {
            found.add("a handler contradicts its source", String::new());
            return;
        }
        if shares_a_date(world) && !by_tag && !same_tag {
            found.add("two changes within one second share a date", String::new());
        } else {
            found.add("a client joins bytes of two representations", format!("from byte {start}"));
        }
    }

    /// Checks that a 304 confirms what the client holds only if a plain GET would give the same.
    pub(super) fn check_cache(&self, world: &World, then: State, now: State, found: &mut Findings) {
        if self.told.status != 304 || self.held.status != 200 {
            return;
        }
        let by_tag = self.sends("if-none-match", "etag");
        let by_date = !self.asked.has("if-none-match") && self.sends("if-modified-since", "last-modified");
        if !by_tag && !by_date {
            return;
        }
        let shares_date = shares_a_date(world);
        let tags = [strong(self.told.get("etag")), strong(self.held.get("etag"))];
        if let [Some(told), Some(held)] = &tags {
            if told != held && !(by_date && shares_date) {
                found.add("a 304 names another tag than what it confirms", format!("{held} by {told}"));
            }
        }
        if self.fresh.content == self.held.content || self.fresh.status != 200 || then == now {
            return;
        }
        let weak = [world.source.tag, world.handler.tag].contains(&Some(Tags::SharedWeak));
        if [then, now].into_iter().any(|state| world.handler_differs(state)) {
            found.add("a handler contradicts its source", String::new());
            return;
        }
        // Versions that share a weak tag are equivalent.
        if by_tag && weak {
            return;
        }
        if by_date && shares_date {
            found.add("two changes within one second share a date", String::new());
        } else {
            found.add("a 304 confirms another version", String::new());
        }
    }
}

fn shares_a_date(world: &World) -> bool {
    [world.source.date, world.handler.date].contains(&Some(Dates::Shared))
}

/// Reads the first position of `bytes 20-49/50`.
fn start_of(content_range: &str) -> Option<usize> {
    content_range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}
