//! What is counted: every scenario, prepared outside the count and run once inside it.
//!
//! The benches of allocations and of instructions run the same table.

mod bounds;
mod content_tag;
mod evaluator;
mod frames;
mod layered;
mod peers;
mod report;
mod request;
mod services;
mod wrapped;

use std::fmt;

/// Where the counted allocations are kept, for the table that shows both.
pub(crate) const ALLOCATIONS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/allocations.tsv");

pub(crate) use self::report::{Counts, report};

/// Runs once what is to be counted, and gives the status that it led to.
///
/// For a service that is from `call` to `Ready`, and the drop of request and answer.
pub(crate) type Region = Box<dyn FnMut() -> u16>;

/// One row of the table.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// What the row is compared with: a service that only drops the same request.
    pub(crate) empty: Option<&'static str>,
    /// What the row adds to: the bare inner service, on the same request.
    pub(crate) bare: Option<&'static str>,
    /// What is allocated, and how often. Where it is named, it must add up to what is counted.
    pub(crate) allocates: &'static [(u64, &'static str)],
    status: u16,
    prepare: fn() -> Region,
}

impl Scenario {
    const fn new(name: &'static str, status: u16, prepare: fn() -> Region) -> Self {
        Self { name, empty: None, bare: None, allocates: &[], status, prepare }
    }

    const fn over_empty(mut self, empty: &'static str) -> Self {
        self.empty = Some(empty);
        self
    }

    const fn over_bare(mut self, bare: &'static str) -> Self {
        self.bare = Some(bare);
        self
    }

    const fn allocating(mut self, allocates: &'static [(u64, &'static str)]) -> Self {
        self.allocates = allocates;
        self
    }

    /// Hands a region to `count` that is ready to run.
    ///
    /// Another one has run before, so that nothing is counted that happens once in a process.
    pub(crate) fn run<T>(&self, count: impl FnOnce(&mut Region) -> (u16, T)) -> T {
        let mut warm_up = (self.prepare)();
        let mut region = (self.prepare)();
        // What the region frees is not to border on the end of the heap: there malloc tidies up.
        let wall = vec![0_u8; 64 * 1024];
        assert_eq!(warm_up(), self.status, "{self}");
        let (status, counted) = count(&mut region);
        assert_eq!(status, self.status, "{self}");
        drop(wall);
        counted
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All rows of the table, in its order.
pub(crate) fn all() -> Vec<Scenario> {
    let groups = [
        services::scenarios(),
        peers::scenarios(),
        layered::scenarios(),
        evaluator::scenarios(),
        content_tag::scenarios(),
        wrapped::scenarios(),
    ];
    groups.into_iter().flatten().collect()
}

/// Whether `cargo bench` runs this program; `cargo test --benches` has nothing to count.
pub(crate) fn is_bench() -> bool {
    std::env::args().any(|argument| argument == "--bench" || argument == "--gungraun-run")
}
