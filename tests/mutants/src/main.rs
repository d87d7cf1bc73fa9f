//! Breaks the library on purpose, one small change at a time, and reports whether the tests notice.
//!
//! `tests/mutants/list.txt` holds the changes. Each mutant breaks one rule, most of them in the rooms
//! `validator`, `precondition`, `decision` and `layer`. A mutant is *caught* if a unit test of the
//! library or a program under `tests` fails, crashes or hangs with it. Doctests do not count, and neither
//! do the packages below `tests`. Run all mutants before and after you restructure tests: a mutant that
//! was caught before must be caught after.
//!
//! ```sh
//! cargo run -p mutants                                     # all mutants
//! cargo run -p mutants -- --only if_match_compares_weakly  # one; the option can be repeated
//! cargo run -p mutants -- --only NAME --every              # every module that catches it
//! cargo run -p mutants -- --list                           # prints them, and checks the list against src
//! ```
//!
//! The run exits with 1 if a mutant survived that the list does not mark, and with 2 if it could not
//! start. `--jobs N` sets how many mutants run at once; the default is one for each core.
//!
//! # How it works
//!
//! One build serves all mutants. The runner copies the workspace to `target/mutants/workspace`, turns
//! each original text into `if crate::mutant(7) { mutated } else { original }`, and builds the tests
//! once. It runs the tests without a mutant, module by module, and all must pass. Then it runs them again
//! for each mutant, with the environment variable `MUTANT` set to its number, until one of them fails. It
//! repeats the failed test alone, so that a flaky test catches nothing.
//!
//! The tests that caught a mutant before run first, because one of them often catches the next. Then the
//! modules run, the fastest first. The first run builds the dependencies anew, without debug information,
//! which takes a few minutes on two cores. All mutants together take about three more.
//!
//! # How to add a mutant
//!
//! ```text
//! file precondition/evaluate.rs
//!
//! mutant if_match_compares_weakly, rule 13
//! - names(list, current, TagRef::strong_eq)
//! + names(list, current, TagRef::weak_eq)
//! ```
//!
//! - `file` names a file below `src`, and holds for every mutant up to the next `file`.
//! - The text behind `-` must occur once in that file. White space, comment lines and trailing commas
//!   do not count, and neither does what follows `#[cfg(test)]`. Use several `-` lines for a long text.
//! - The text behind `-` is a whole expression, or whole statements if it ends with `;`. The `+` text
//!   takes its place and must have its type. A `+` without a text removes a statement or a block.
//! - A match arm or a block cannot be wrapped. Write `MUTANT` into the `+` text instead: it then
//!   replaces the original as it stands, and `MUTANT` is true while the mutant is on.
//! - The body of a `const fn` cannot check which mutant is on. Change a caller instead.
//! - Add `survives REASON` below a mutant that no test can catch. Better, choose another one.
//!
//! Choose a change that a user would notice. Then see it caught by a test that is named for the rule.

mod args;
mod list;
mod programs;
mod schemata;
mod workspace;

use std::{collections::BTreeMap, process::ExitCode};

use args::Args;
use list::Mutant;
use programs::{Caught, Groups};
use workspace::Workspace;

fn main() -> ExitCode {
    let result = Args::parse(std::env::args().skip(1)).and_then(|args| run(&args));
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

/// Runs the mutants, and returns whether all went as the list says.
fn run(args: &Args) -> Result<bool, String> {
    let workspace = Workspace::find()?;
    let mutants = list::parse(&workspace.read_list()?)?;
    let files = schemata::rewrite(&mutants, |file| workspace.read_source(file))?;
    let chosen = args.choose(&mutants)?;
    if args.list {
        print_list(&chosen);
        return Ok(true);
    }
    workspace.copy(&files)?;
    let groups = Groups::of(&workspace.build_tests()?)?;
    Ok(report(&groups.run_all(&chosen, args.jobs, args.every), &chosen))
}

fn print_list(chosen: &[&Mutant]) {
    let mut files = BTreeMap::<&str, usize>::new();
    for mutant in chosen {
        *files.entry(&mutant.file).or_default() += 1;
        println!("{}: {}, {}", mutant.file, mutant.name, mutant.breaks);
    }
    println!();
    for (file, number) in files {
        println!("{number:4} in {file}");
    }
    println!("{:4} in all", chosen.len());
}

/// Prints the counts, and returns whether all went as the list says.
fn report(results: &[Vec<Caught>], chosen: &[&Mutant]) -> bool {
    let mut by_program = BTreeMap::<&str, usize>::new();
    for caught in results.iter().flatten() {
        *by_program.entry(&caught.program).or_default() += 1;
    }
    println!();
    for (program, number) in by_program {
        println!("{number:4} caught by {program}");
    }
    let survivors = || results.iter().zip(chosen).filter(|(caught, _)| caught.is_empty());
    let unexpected: Vec<_> = survivors().filter(|(_, mutant)| mutant.survives.is_none()).collect();
    println!(
        "{:4} of {} caught, {} survived as the list says, {} survived against the list",
        chosen.len() - survivors().count(),
        chosen.len(),
        survivors().count() - unexpected.len(),
        unexpected.len(),
    );
    for (_, mutant) in &unexpected {
        println!("SURVIVED: {} ({}) in src/{}", mutant.name, mutant.breaks, mutant.file);
    }
    unexpected.is_empty()
}
