//! Notes each test that cannot run because a program is not installed. The last test program prints their count.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    thread,
};

/// Notes that the calling test did not run, because `program` is not installed.
///
/// `folder` is the caller's `CARGO_TARGET_TMPDIR`, which the packages of the workspace share. Call it on the test's
/// own thread: that thread has its name.
///
/// # Panics
///
/// In CI (`CI=true`), where every program must be installed, and if the note cannot be written.
pub fn note(folder: &str, program: &str) {
    assert!(!is_ci(), "{program} is not installed");
    eprintln!("left out: {program} is not installed");
    let executable = env::current_exe().expect("this program has a path");
    let test = thread::current().name().unwrap_or("main").replace("::", ".");
    let name = format!("{}.{test}", executable.file_stem().unwrap_or_default().to_string_lossy());
    let notes = notes(Path::new(folder)).join(program);
    fs::create_dir_all(&notes).expect("the folder of notes can be made");
    fs::write(notes.join(name), "").expect("a note can be written");
}

/// Prints how many tests were left out and which programs they need, and removes the notes.
///
/// `others` names the tests that are not part of the caller's command.
///
/// # Panics
///
/// If the notes cannot be read or removed.
pub fn report(folder: &str, others: &str) {
    let counts = take(Path::new(folder)).expect("the notes can be read");
    let total: usize = counts.values().sum();
    println!("left out because a program is not installed: {total} tests");
    for (program, count) in counts {
        println!("    {count:4} need {program}");
    }
    println!("not part of this command: {others}; see README.md, \"Tests\"");
}

/// Counts the notes for each program, and removes them.
///
/// # Errors
///
/// If the notes cannot be read or removed.
fn take(folder: &Path) -> io::Result<BTreeMap<String, usize>> {
    let notes = notes(folder);
    let mut counts = BTreeMap::new();
    if !notes.exists() {
        return Ok(counts);
    }
    for program in fs::read_dir(&notes)? {
        let program = program?;
        counts.insert(
            program.file_name().to_string_lossy().into_owned(),
            fs::read_dir(program.path())?.count(),
        );
    }
    fs::remove_dir_all(notes)?;
    Ok(counts)
}

fn notes(folder: &Path) -> PathBuf {
    folder.join("left-out")
}

fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| value == "true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_counts_once_for_its_program_and_is_counted_once() {
        let folder = env::temp_dir().join(format!("left-out-{}", std::process::id()));
        let leave_out = |test: &str, program: &'static str| {
            let folder = folder.display().to_string();
            let test = thread::Builder::new().name(test.to_owned()).spawn(move || note(&folder, program));
            test.expect("a thread").join()
        };
        if is_ci() {
            assert!(leave_out("mod::one", "curl").is_err(), "in CI nothing may be left out");
            return;
        }
        for (test, program) in
            [("mod::one", "curl"), ("mod::one", "curl"), ("mod::other", "curl"), ("one", "PostgreSQL")]
        {
            leave_out(test, program).expect("it is noted");
        }
        let counted = take(&folder).expect("they can be read");
        assert_eq!(counted, BTreeMap::from([("PostgreSQL".to_owned(), 1), ("curl".to_owned(), 2)]));
        assert!(take(&folder).expect("they can be read").is_empty());
        let _ = fs::remove_dir_all(folder);
    }
}
