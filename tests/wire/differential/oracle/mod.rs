//! The right answer to a request, read naively from RFC 9110 and from the tables in the docs.
//!
//! The numbers in the comments are those of `tests/RULES.md`.

mod by_probe;
mod by_response;
mod by_source;
pub(super) mod conditions;

use precondition_oracle::{Action, Current, Tag, Verdict};

use super::{
    asked::{Asked, Told},
    codings,
    world::{State, Way, World},
};
pub(super) use by_probe::UNPROBED;
use conditions::Read;

/// What becomes of a field on its way to the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    Removed,
    /// Both are lawful.
    Either,
}

/// The right answer.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// The lawful statuses.
    pub(super) statuses: Vec<u16>,
    /// Whether the handler runs for the request itself.
    pub(super) runs: bool,
    pub(super) conditions: Fate,
    pub(super) range: Fate,
    /// The condition that a 412 or 400 names.
    pub(super) condition: Option<&'static str>,
    /// The tag that a 412 shows.
    pub(super) current_tag: Option<String>,
    pub(super) current_date: Option<i64>,
    /// A validator that the handler's response lacks would decide.
    pub(super) lacks: bool,
    /// The answer is that of a check, passed on without its content.
    pub(super) passes_on: bool,
}

impl Expected {
    fn by_layer(status: u16) -> Self {
        Self {
            statuses: vec![status],
            runs: false,
            conditions: Fate::Either,
            range: Fate::Either,
            condition: None,
            current_tag: None,
            current_date: None,
            lacks: false,
            passes_on: false,
        }
    }

    fn performed(status: u16, conditions: Fate, range: Fate) -> Self {
        Self { runs: true, conditions, range, ..Self::by_layer(status) }
    }
}

fn condition_name(place: usize) -> &'static str {
    ["If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since", "If-Range"][place]
}

fn current(tag: Option<&str>, modified: Option<i64>, now: i64) -> Current {
    Current {
        tag: tag.and_then(|tag| Tag::parse(tag.as_bytes())),
        // Rule 46: two seconds in the past.
        modified: modified.map(|modified| (modified, modified <= now - 2)),
    }
}

/// The right answer in a state; `fresh` is a 200 to the same target, which shows a tag made from content.
pub(super) fn expect(world: &World, state: State, asked: &Asked, fresh: &Told) -> Expected {
    if world.way == Way::Coding {
        return codings::expect(world, state, asked, fresh);
    }
    expect_plain(world, state, asked, fresh.get("etag"))
}

/// The right answer where no coding layer stands outside; `made` is the tag that EntityTagLayer makes.
pub(super) fn expect_plain(world: &World, state: State, asked: &Asked, made: Option<String>) -> Expected {
    let read = Read::of(asked, world.now);
    let bare = |range: bool| {
        let range = if range { asked.all("range").first().copied() } else { None };
        world.answer(state, asked.method, range)
    };
    // Rule 4, and decision 3.
    if asked.is_unconditional_by_method() {
        return Expected::performed(bare(false).0, Fate::Kept, Fate::Kept);
    }
    // Answer A.
    if asked.may_change_state() {
        if let Some(condition) = read.malformed() {
            return Expected { condition: Some(condition), ..Expected::by_layer(400) };
        }
    }
    match world.evaluating() {
        Way::Source => by_source::by_source(world, state, asked, &read),
        Way::FromResponse | Way::ContentTag => by_response::by_response(world, state, asked, &read, made),
        Way::Probing => by_probe::by_probe(world, state, asked, &read),
        Way::Coding => unreachable!("the coding layer evaluates nothing"),
    }
}

fn rejected(verdict: Verdict, tag: Option<String>, date: Option<i64>) -> Option<Expected> {
    match verdict.action {
        Action::Perform => None,
        Action::Answer304 => Some(Expected::by_layer(304)),
        Action::Answer412(place) => Some(Expected {
            condition: Some(condition_name(place)),
            current_tag: tag,
            current_date: date,
            ..Expected::by_layer(412)
        }),
    }
}

impl Expected {
    /// A read that is not evaluated may lose Range: a whole answer is always right.
    fn or_without_range(mut self, world: &World, state: State, asked: &Asked) -> Self {
        self.statuses.push(world.answer(state, asked.method, None).0);
        self.range = Fate::Either;
        self
    }
}
