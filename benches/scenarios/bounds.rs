//! The bounds. A bench fails if one is exceeded.

use std::fmt;

use super::Counts;

/// A maximum for one scenario, absolute or relative to another scenario.
pub(crate) struct Bound {
    of: Measure,
    scenario: &'static str,
    against: Against,
    at_most: f64,
    /// Set if the bound holds in cargo's default release profile as well.
    in_default_profile: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Instructions,
    Allocations,
    /// The peak of allocated bytes.
    Memory,
}

enum Against {
    Nothing,
    Over(&'static str),
    Ratio(&'static str),
}

use Against::{Nothing, Over, Ratio};
use Measure::{Allocations, Instructions, Memory};

const fn bound(of: Measure, scenario: &'static str, against: Against, at_most: f64) -> Bound {
    Bound { of, scenario, against, at_most, in_default_profile: false }
}

/// Most are differences and ratios, so that they hold on other machines and with other versions of the peers.
pub(crate) const BOUNDS: &[Bound] = &[
    // With the 16 codegen units of the default profile it is 256: less is inlined.
    bound(Instructions, "nothing to do", Over("bare service, GET"), 270.0).in_default_profile(),
    bound(Allocations, "nothing to do", Over("bare service, GET"), 0.0),
    bound(Instructions, "validators emitted", Over("bare service, GET"), 1_070.0).in_default_profile(),
    bound(Allocations, "validators emitted", Over("bare service, GET"), 0.0),
    bound(Instructions, "304, If-None-Match", Over("empty service, If-None-Match"), 1_570.0)
        .in_default_profile(),
    bound(Allocations, "304, If-None-Match", Nothing, 0.0),
    // A date costs 300 more than a tag: the layer formats the current date to compare the texts (150), reads the clock
    // (50), because a Last-Modified must not be in the future, and shares the client's text with the answer (60).
    bound(Instructions, "304, If-Modified-Since", Over("empty service, If-Modified-Since"), 1_600.0),
    bound(Instructions, "304, If-Modified-Since", Ratio("from_fn with typed fields, 304 by date"), 0.66),
    bound(Allocations, "304, If-Modified-Since", Nothing, 0.0),
    bound(Instructions, "412, problem details", Over("412 by hand, empty"), 5_000.0),
    bound(
        Instructions,
        "412, problem details",
        Ratio("from_fn with typed fields, 412 with problem details"),
        0.6,
    ),
    bound(Allocations, "412, problem details", Nothing, 7.0),
    bound(Instructions, "412, plain text", Over("412 by hand, empty"), 5_000.0),
    bound(Allocations, "412, plain text", Nothing, 7.0),
    // The rejection in the response's extensions takes half of it: 330 to make it, 390 to put it there, 540 to drop it
    // with its map.
    bound(Instructions, "412 without a body", Over("412 by hand, empty"), 2_750.0),
    bound(Allocations, "412 without a body", Nothing, 6.0),
    // The layer looks whether all content has come, so that the connection can live on. Half of it is the field
    // `Connection`, which it adds first and then takes back.
    bound(
        Instructions,
        "412, 1 KiB of content that came with the head",
        Over("412, problem details"),
        1_600.0,
    ),
    bound(Allocations, "412, 1 KiB of content that came with the head", Over("412, problem details"), 0.0),
    // Half of it is the verdict: 700 to make it, 550 to put it into the extensions, 500 to drop it with them.
    bound(Instructions, "write that goes on", Over("bare service, PUT"), 3_430.0),
    bound(Allocations, "write that goes on", Over("AddExtensionLayer of a Verdict's size"), 0.0),
    // A source of locks costs a request without If the search for its name, and the move of a larger future.
    bound(Instructions, "locks, validators emitted", Over("validators emitted"), 300.0),
    bound(Allocations, "locks, validators emitted", Over("validators emitted"), 0.0),
    bound(Instructions, "locks, write that goes on", Over("write that goes on"), 400.0),
    // The key, which the user's closure makes; its line; what holds the turn until the look-up is done, and what holds it
    // for the handler; and the handle by which the handler finds it. The table of lines is allocated with the layer.
    bound(Allocations, "write in its turn", Over("write that goes on"), 5.0),
    bound(Allocations, "locks, write that goes on", Over("write that goes on"), 0.0),
    bound(Allocations, "locks, write with one token in If", Nothing, 13.0),
    // A search for the field of the id, which is not there.
    bound(Instructions, "write without an id, of a layer that reads ids", Over("write that goes on"), 300.0),
    bound(Allocations, "write without an id, of a layer that reads ids", Over("write that goes on"), 0.0),
    bound(Allocations, "write with an id", Over("write that goes on"), 2.0),
    bound(Allocations, "look-up as an async block, emitted", Over("validators emitted"), 0.0),
    bound(Allocations, "look-up as an async block, 304", Nothing, 0.0),
    // The extractors have the request itself; the box is for their futures.
    bound(Allocations, "look-up through validators_from_fn, emitted", Over("validators emitted"), 1.0),
    bound(Allocations, "look-up through validators_from_fn, 304", Nothing, 1.0),
    bound(
        Instructions,
        "look-up through validators_from_fn, 304",
        Over("empty service, If-None-Match"),
        3_530.0,
    ),
    bound(
        Allocations,
        "a route with a look-up over its path, 200",
        Over("a route with from_fn and typed fields, 200"),
        -3.0,
    ),
    bound(
        Allocations,
        "a route with a look-up over its path, 304",
        Over("a route with from_fn and typed fields, 304"),
        -4.0,
    ),
    // It includes the box in which Axum puts the body of every response that is not its own.
    bound(
        Instructions,
        "a route with a look-up over its path, 200",
        Ratio("a route with from_fn and typed fields, 200"),
        0.98,
    ),
    bound(
        Instructions,
        "a route with a look-up over its path, 304",
        Ratio("a route with from_fn and typed fields, 304"),
        0.92,
    ),
    bound(Instructions, "evaluator, 1 tag", Ratio("headers, 1 tag"), 1.0 / 3.0),
    bound(Instructions, "evaluator, 10 tags", Ratio("headers, 10 tags"), 0.25),
    bound(Instructions, "evaluator, 100 tags", Ratio("headers, 100 tags"), 0.25),
    bound(Instructions, "evaluator, 1,000 tags", Ratio("headers, 1,000 tags"), 0.25),
    bound(Instructions, "evaluator, 1,000 tags", Ratio("evaluator, 100 tags"), 10.5),
    bound(
        Instructions,
        "evaluator, 390 KB of empty members",
        Ratio("evaluator, 39 KB of empty members"),
        10.5,
    ),
    bound(Allocations, "evaluator, 1 tag", Nothing, 0.0),
    bound(Allocations, "evaluator, 10 tags", Nothing, 0.0),
    bound(Allocations, "evaluator, 100 tags", Nothing, 0.0),
    bound(Allocations, "evaluator, 1,000 tags", Nothing, 0.0),
    bound(Allocations, "evaluator, 390 KB of empty members", Nothing, 0.0),
    bound(Instructions, "tag of an i64", Nothing, 600.0),
    bound(Instructions, "tag of a UUID's text", Nothing, 1_300.0),
    bound(Instructions, "tag of three parts", Nothing, 4_000.0),
    bound(Instructions, "i64 of a tag", Nothing, 450.0),
    bound(Allocations, "tag of an i64", Nothing, 1.0),
    bound(Allocations, "tag of a UUID's text", Nothing, 2.0),
    bound(Allocations, "tag of three parts", Nothing, 1.0),
    bound(Allocations, "i64 of a tag", Nothing, 0.0),
    bound(Allocations, "evaluator, a weakened tag", Nothing, 0.0),
    bound(Allocations, "evaluator, a suffixed tag", Nothing, 0.0),
    // 650 of it hash the covered fields and the hash of the content, which makes the tag what it is.
    bound(Instructions, "tagged, 1 KiB", Over("drained and hashed, 1 KiB"), 2_500.0),
    bound(Instructions, "tagged, 64 KiB", Over("drained and hashed, 64 KiB"), 3_700.0),
    bound(Instructions, "tagged, 1 MiB", Over("drained and hashed, 1 MiB"), 1_048_576.0 / 40.0),
    bound(Allocations, "tagged, 1 KiB", Over("drained and hashed, 1 KiB"), 3.0),
    bound(Allocations, "tagged, 1 MiB", Over("drained and hashed, 1 MiB"), 8.0),
    // The content, and less than one frame for the hash and the list of frames.
    bound(Memory, "tagged, 1 KiB", Nothing, 5.0 * 1_024.0),
    bound(Memory, "tagged, 1 MiB", Nothing, 1_048_576.0 + 16_384.0),
    bound(Instructions, "too long for a tag", Over("drained, 1 MiB and one byte"), 1_700.0),
    bound(Allocations, "too long for a tag", Over("drained, 1 MiB and one byte"), 0.0),
    bound(Memory, "too long for a tag", Over("drained, 1 MiB and one byte"), 0.0),
    // These include the allocations of the handler's 200 without its content.
    bound(Allocations, "304 in place of it, 1 KiB", Nothing, 4.0),
    bound(Instructions, "304 in place of it, 1 KiB", Over("its 200, 1 KiB"), 2_500.0),
    // The handler makes none of the content, so its length costs nothing.
    bound(Allocations, "304 in place of it, 1 MiB", Over("304 in place of it, 1 KiB"), 0.0),
    bound(Memory, "304 in place of it, 1 MiB", Over("304 in place of it, 1 KiB"), 0.0),
    bound(Instructions, "304 in place of it, 1 MiB", Over("304 in place of it, 1 KiB"), 500.0),
    bound(Instructions, "304 by a HEAD, 1 MiB", Nothing, 17_500.0),
    // Four are the handler's; ten are the layer's: a map for the HEAD's fields, its seven names that `http` has no
    // constant for, and the fields of the answer.
    bound(Allocations, "304 by a HEAD, 1 MiB", Nothing, 14.0),
    bound(
        Allocations,
        "from_response, without a condition, 1 KiB",
        Over("its 200 without a condition, 1 KiB"),
        0.0,
    ),
    bound(
        Instructions,
        "from_response, without a condition, 1 KiB",
        Over("its 200 without a condition, 1 KiB"),
        500.0,
    ),
    bound(
        Allocations,
        "probing, without a condition, 1 KiB",
        Over("its 200 without a condition, 1 KiB"),
        0.0,
    ),
    bound(
        Instructions,
        "probing, without a condition, 1 KiB",
        Over("its 200 without a condition, 1 KiB"),
        500.0,
    ),
    bound(Allocations, "read and write by the client", Over("read and write by hand, and SHA-256"), 11.0),
    // The random id, Base64, two heads with more fields, the timers, and the record of what was tried.
    bound(
        Instructions,
        "read and write by the client",
        Over("read and write by hand, and SHA-256"),
        12_500.0,
    ),
];

impl Bound {
    const fn in_default_profile(mut self) -> Self {
        self.in_default_profile = true;
        self
    }

    /// Returns whether the bound is checked by a bench that is compiled with the default profile.
    pub(crate) fn holds_in_default_profile(&self) -> bool {
        self.in_default_profile
    }

    pub(crate) fn measure(&self) -> Measure {
        self.of
    }

    /// Returns the count that the bound limits. Panics if the scenario was not counted.
    pub(crate) fn seen(&self, counts: &Counts) -> f64 {
        let count =
            |scenario| counts.of(scenario).unwrap_or_else(|| panic!("`{scenario}` was counted")) as f64;
        let seen = count(self.scenario);
        match self.against {
            Nothing => seen,
            Over(other) => seen - count(other),
            Ratio(other) => seen / count(other),
        }
    }

    pub(crate) fn holds(&self, counts: &Counts) -> bool {
        self.seen(counts) <= self.at_most
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, at_most, .. } = self;
        let measure = match self.of {
            Instructions => "instructions",
            Allocations => "allocations",
            Memory => "bytes of memory at once",
        };
        match self.against {
            Nothing => write!(f, "{scenario}: at most {at_most} {measure}"),
            Over(other) => write!(f, "{scenario}: at most {at_most} {measure} over `{other}`"),
            Ratio(other) => write!(f, "{scenario}: at most {at_most:.2} times the {measure} of `{other}`"),
        }
    }
}
