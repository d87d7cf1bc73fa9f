//! The scenarios. A bench prepares each one outside the count and runs it once inside.
//!
//! The benches of allocations and of instructions run the same table.

mod bounds;
mod client;
mod constructors;
mod content_tag;
mod evaluator;
mod frames;
mod layered;
mod peers;
mod report;
mod request;
mod router;
mod services;
mod wrapped;

use std::fmt;

/// The file with the counted allocations, for the table that shows both counts.
pub(crate) const ALLOCATIONS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/allocations.tsv");

pub(crate) use self::report::{Counts, report};

/// Runs the counted code once, and returns the response's status.
///
/// For a service, the counted code is `call`, the poll to `Ready`, and the drop of request and response.
pub(crate) type Region = Box<dyn FnMut() -> u16>;

/// One row of the table.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// The row to compare with: a service that only drops the same request.
    pub(crate) empty: Option<&'static str>,
    /// The row to compare with: the bare inner service, for the same request.
    pub(crate) bare: Option<&'static str>,
    /// Names the allocations, with their numbers. If not empty, it must add up to the count.
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

    /// Passes a prepared region to `count`.
    ///
    /// Runs another one before, so that work that happens once in a process is not counted.
    pub(crate) fn run<T>(&self, count: impl FnOnce(&mut Region) -> (u16, T)) -> T {
        let mut warm_up = (self.prepare)();
        let mut region = (self.prepare)();
        // Keeps the region's memory away from the end of the heap, where freeing costs malloc extra work.
        let wall = vec![0_u8; 64 * 1024];
        assert_eq!(warm_up(), self.status, "{self}");
        let held = hold_memory_of_each_size();
        let (status, counted) = count(&mut region);
        assert_eq!(status, self.status, "{self}");
        drop((wall, held));
        counted
    }
}

/// Brings malloc's cache of each size into one state: some chunks, and room for some.
///
/// glibc keeps at most seven chunks of a size. If there is none, or no room, an allocation costs hundreds of
/// instructions more or less by what happens to lie beside it.
fn hold_memory_of_each_size() -> Vec<Vec<u8>> {
    let of_each_size = |number| {
        (1..=64)
            .flat_map(move |size| [size; 7].into_iter().take(number))
            .map(|size| Vec::with_capacity(size * 16 - 8))
    };
    let [held, freed]: [Vec<Vec<u8>>; 2] = [3, 4].map(|number| of_each_size(number).collect());
    drop(freed);
    held
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
        router::scenarios(),
        evaluator::scenarios(),
        constructors::scenarios(),
        content_tag::scenarios(),
        wrapped::scenarios(),
        client::scenarios(),
    ];
    groups.into_iter().flatten().collect()
}

/// Returns whether `cargo bench` runs this program; `cargo test --benches` counts nothing.
pub(crate) fn is_bench() -> bool {
    std::env::args().any(|argument| argument == "--bench" || argument == "--gungraun-run")
}

/// Returns whether this program was compiled with cargo's default release profile, as `--default-profile` says.
pub(crate) fn is_of_default_profile() -> bool {
    std::env::args().any(|argument| argument == "--default-profile")
}
