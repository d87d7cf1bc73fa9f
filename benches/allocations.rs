//! Counts the allocations of every scenario, and fails where a bound is broken.
//!
//! Run with `cargo bench --bench allocations`.

mod scenarios;

use std::{fs, process::ExitCode};

use scenarios::Counts;

fn main() -> ExitCode {
    if !scenarios::is_bench() {
        return ExitCode::SUCCESS;
    }
    let counts: Counts = scenarios::all()
        .iter()
        .map(|scenario| {
            let allocations = scenario.run(|region| {
                let mut status = 0;
                let counted = allocation_counter::measure(|| status = region());
                (status, counted.count_total)
            });
            (scenario.to_string(), allocations)
        })
        .collect();
    fs::write(scenarios::ALLOCATIONS, counts.to_string()).expect("cargo made the directory");

    match scenarios::report(None, Some(&counts)) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
