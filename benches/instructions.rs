//! Counts the instructions of every scenario with callgrind, prints the table, and fails if one is
//! above its bound.
//!
//! Run with `cargo bench --bench instructions`. With `-- --default-profile` it checks only the bounds that hold for
//! programs compiled with cargo's default release profile, too. It needs valgrind and the harness's runner:
//! `cargo install gungraun-runner --version 0.20.0`. If one of them is missing, it says so and counts
//! nothing; if `CI` is set, it fails.

mod scenarios;

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use scenarios::{Counts, Region};

/// Callgrind counts only inside this function.
#[inline(never)]
fn counted(region: &mut Region) -> u16 {
    region()
}

/// The harness, which runs this program again under callgrind, once for each scenario.
mod harness {
    use gungraun::{
        Callgrind, EntryPoint, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group,
    };

    use super::{counted, scenarios};

    #[library_benchmark]
    #[benches::scenario(iter = 0..scenarios::all().len())]
    fn count(index: usize) {
        let scenarios = scenarios::all();
        let scenario = scenarios.get(index).expect("the harness counts to the end of the table");
        scenario.run(|region| (counted(region), ()));
    }

    library_benchmark_group!(name = instructions, benchmarks = count);

    gungraun::main!(
        config = LibraryBenchmarkConfig::default().tool(
            Callgrind::with_args(["--cache-sim=no"])
                .entry_point(EntryPoint::Custom(String::from("*::counted")))
        );
        library_benchmark_groups = instructions
    );

    pub(super) fn run() {
        main();
    }
}

fn main() -> ExitCode {
    if env::args().any(|argument| argument == "--gungraun-run" || argument == HOME) {
        harness::run();
        return ExitCode::SUCCESS;
    }
    if !scenarios::is_bench() {
        return ExitCode::SUCCESS;
    }
    for (program, source) in [
        ("valgrind", "the system's package `valgrind`"),
        ("gungraun-runner", "`cargo install gungraun-runner --version 0.20.0`"),
    ] {
        if !runs(program) {
            eprintln!("instructions are not counted: `{program}` is missing; it comes with {source}");
            return if env::var_os("CI").is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    }

    let counts = match count() {
        Ok(counts) => counts,
        Err(error) => {
            eprintln!("instructions are not counted: {error}");
            return ExitCode::FAILURE;
        }
    };
    // `cargo bench` runs the bench of allocations before this one.
    let allocations = fs::read_to_string(scenarios::ALLOCATIONS).ok().and_then(|text| text.parse().ok());
    match scenarios::report(Some(&counts), allocations.as_ref(), None) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Tells the harness where to keep callgrind's files.
const HOME: &str = "--home";

/// Runs the harness in a new directory, so that it cannot read the counts of an earlier run.
fn count() -> Result<Counts, Box<dyn Error>> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions");
    match fs::remove_dir_all(&home) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let output = Command::new(env::current_exe()?).args(["--bench", HOME]).arg(&home).output()?;
    if !output.status.success() {
        io::stderr().write_all(&output.stdout)?;
        io::stderr().write_all(&output.stderr)?;
        return Err(format!("the harness failed, {}", output.status).into());
    }
    let kept = home.join(env!("CARGO_PKG_NAME")).join("instructions/harness/instructions");
    let scenarios = scenarios::all();
    let counts = scenarios.iter().enumerate().map(|(index, scenario)| {
        let run = format!("count.scenario_{index}");
        let profile = kept.join(&run).join(format!("callgrind.{run}.out"));
        let profile =
            fs::read_to_string(&profile).map_err(|error| format!("{}: {error}", profile.display()))?;
        let total = total(&profile).ok_or_else(|| format!("no instruction of `{scenario}` was counted"))?;
        Ok((scenario.to_string(), total))
    });
    counts.collect()
}

/// Returns the total of a profile in callgrind's format.
fn total(profile: &str) -> Option<u64> {
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: "))?;
    total.parse().ok().filter(|total| *total > 0)
}
