//! The compiler explains the usual mistakes in this library's words.
//!
//! `mistakes/` has one mistake a file. The `.stderr` beside it has the lines that the library is
//! responsible for: each must be part of what the compiler says. The compiler's own words, its line
//! art and the order of its notes change with its version, so nothing else is compared.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use axum::{
    extract::{Path as UrlPath, State},
    http::{Response, StatusCode, request::Parts},
};
use tower_precondition::{
    PreconditionLayer, Rejection, Requirement, SerializedWrites, Validators, validators_from_fn,
    validators_from_fn_with_state,
};

/// If correct code did not compile, neither would this program.
#[test]
fn correct_code_compiles() {
    async fn stateless(_: UrlPath<u64>) -> Result<Option<Validators>, StatusCode> {
        Ok(None)
    }
    async fn stateful(_: State<u8>, _: UrlPath<u64>) -> Option<Validators> {
        None
    }
    let _ = PreconditionLayer::new(stateless);
    let _ = PreconditionLayer::new(|| async { Validators::new() });
    let _ = PreconditionLayer::new(validators_from_fn(stateless));
    let _ = PreconditionLayer::new(validators_from_fn_with_state(7_u8, stateful));
    let _ = PreconditionLayer::new(|_: &Parts| async { Validators::new() })
        .require(|_: &Parts| Requirement::none())
        .with_rejection_response(|_: &Rejection, _: &Parts| Response::new("no"))
        .serialize_writes(SerializedWrites::by(|head| head.uri.path().to_owned()));
}

#[test]
fn mistakes_are_explained() {
    let mistakes = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("mistakes"), "rs");
    assert!(!mistakes.is_empty());
    let copies = copies();
    if copies.exists() {
        fs::remove_dir_all(&copies).expect("the copies of the last run can be removed");
    }
    fs::create_dir_all(&copies).expect("the folder for the copies can be made");
    for mistake in &mistakes {
        fs::copy(mistake, copies.join(mistake.file_name().expect("it is a file"))).expect("it can be copied");
    }

    // trybuild compares whole texts, unless it is told to write them.
    let trybuild = Command::new(env::current_exe().expect("this program has a path"))
        .args(["write_what_the_compiler_says", "--exact", "--ignored"])
        .env("TRYBUILD", "overwrite")
        .output()
        .expect("this program can be run again");
    let report = String::from_utf8_lossy(&trybuild.stdout);
    assert!(trybuild.status.success(), "{report}\n{}", String::from_utf8_lossy(&trybuild.stderr));

    let mut missing = String::new();
    for mistake in &mistakes {
        let said = copies.join(mistake.file_name().expect("it is a file")).with_extension("stderr");
        let [said, ours] = [said, mistake.with_extension("stderr")].map(|path| {
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        });
        assert!(!ours.trim().is_empty(), "{} expects nothing", mistake.display());
        for line in ours.lines().filter(|line| !said.contains(line)) {
            missing += &format!("{}: {line}\nthe compiler says:\n{said}\n", mistake.display());
        }
    }
    assert!(missing.is_empty(), "lines that the compiler does not say:\n{missing}");
}

#[test]
#[ignore = "mistakes_are_explained runs it"]
fn write_what_the_compiler_says() {
    trybuild::TestCases::new().compile_fail(copies().join("*.rs"));
}

fn copies() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("its entries can be read").path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}
