//! The differences of all cases of one way, by kind.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Write},
};

use super::{
    compare::{Case, Findings},
    departures::DEPARTURES,
    world::Way,
};

pub(super) struct Report {
    way: Way,
    /// All cases run, so that each departure must show.
    is_complete: bool,
    /// How many differences of a kind there are, and the first of them.
    kinds: BTreeMap<String, (usize, String)>,
    statuses: BTreeMap<u16, usize>,
}

impl Report {
    pub(super) fn new(way: Way, is_complete: bool) -> Self {
        Self { way, is_complete, kinds: BTreeMap::new(), statuses: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, seed: u64, case: &Case<'_>, found: Findings) {
        *self.statuses.entry(case.exchange.told.status).or_default() += 1;
        for (kind, detail) in found.0 {
            let example = || (0, format!("{detail}\nseed {seed}\n{case}"));
            self.kinds.entry(kind).or_insert_with(example).0 += 1;
        }
    }

    /// Fails if there are differences other than those that the docs name.
    pub(super) fn check(&self) {
        let is_named = |kind: &str| DEPARTURES.iter().any(|departure| departure.kind == kind);
        let unnamed: Vec<_> = self.kinds.iter().filter(|(kind, _)| !is_named(kind)).collect();
        let mut text = String::new();
        for (kind, (count, example)) in &unnamed {
            writeln!(text, "\n== {kind} ({count} times), such as\n{example}").expect("a text takes any text");
        }
        assert!(unnamed.is_empty(), "{} kinds of differences\n{text}", unnamed.len());
        for departure in DEPARTURES.iter().filter(|departure| departure.shown_by == self.way) {
            let shows = !self.is_complete || self.kinds.contains_key(departure.kind);
            assert!(shows, "no case shows the departure: {}", departure.kind);
        }
    }

    /// Fails if the cases do not show each of these statuses.
    pub(super) fn shows(&self, statuses: &[u16]) {
        let missing: Vec<_> = statuses
            .iter()
            .filter(|status| self.statuses.get(*status).is_none_or(|count| *count < 3))
            .collect();
        assert!(missing.is_empty() || !self.is_complete, "too few of {missing:?}: {:?}", self.statuses);
    }
}

impl Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exchange = &self.exchange;
        writeln!(f, "{:?}\nfrom {:?} to {:?}", self.world, self.then, self.now)?;
        writeln!(f, "-- the client holds\n{}-- and asks\n{}", exchange.held, exchange.asked)?;
        writeln!(f, "-- it is told\n{}-- a plain GET gets\n{}", exchange.told, exchange.fresh)?;
        writeln!(f, "-- right is\n{:?}\n-- the handler saw", self.expected)?;
        self.seen.iter().try_for_each(|head| writeln!(f, "{} {:?}", head.method, head.headers))
    }
}
