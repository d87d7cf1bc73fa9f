//! Counts the allocations of every scenario and its peak of memory, and fails if one is above its bound.
//!
//! Run with `cargo bench --bench allocations`.

mod scenarios;

use std::{fs, process::ExitCode};

use allocation_counter::AllocationInfo;
use scenarios::Counts;

fn main() -> ExitCode {
    if !scenarios::is_bench() {
        return ExitCode::SUCCESS;
    }
    let counted = scenarios::all().into_iter().map(|scenario| {
        let counted = scenario.run(|region| {
            let mut status = 0;
            let counted = allocation_counter::measure(|| status = region());
            (status, counted)
        });
        (scenario.to_string(), counted)
    });
    let counted: Vec<_> = counted.collect();
    let each = |count: fn(&AllocationInfo) -> u64| -> Counts {
        counted.iter().map(|(scenario, counted)| (scenario.clone(), count(counted))).collect()
    };
    let allocations = each(|counted| counted.count_total);
    let memory = each(|counted| counted.bytes_max);
    fs::write(scenarios::ALLOCATIONS, allocations.to_string()).expect("cargo made the directory");

    match scenarios::report(None, Some(&allocations), Some(&memory)) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
