//! Runs the tests: once without a mutant, then with each mutant until one of them fails.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    num::NonZero,
    path::PathBuf,
    process::{Command, Stdio},
    slice,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use crate::list::Mutant;

/// Tests that read the library's sources, where the copy says `crate::mutant`. They never run.
const SKIPPED: &[&str] = &["rooms::every_import_goes_down_and_names_a_room"];

/// A program hangs if none of its tests ends within this time plus three times its usual time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Without a mutant, a program hangs if none of its tests ends within this time.
const TOO_LONG: Duration = Duration::from_secs(600);

#[derive(Clone)]
pub(crate) struct Program {
    name: String,
    executable: PathBuf,
    folder: PathBuf,
}

/// A test program that noticed a mutant.
#[derive(Clone)]
pub(crate) struct Caught {
    pub(crate) program: String,
    /// The first test that failed, or what else happened.
    pub(crate) how: String,
}

/// How a program failed.
enum Failure {
    Test(String),
    Other(String),
}

impl Program {
    pub(crate) fn new(name: &str, executable: PathBuf, folder: PathBuf) -> Self {
        Self { name: name.to_owned(), executable, folder }
    }

    /// Returns its tests, grouped by the first module in their names. A program runs its tests in the order
    /// of their names, so without groups a slow module would run before a fast one.
    fn groups(&self) -> Result<BTreeMap<String, Vec<String>>, String> {
        let output = Command::new(&self.executable).args(["--list", "--format", "terse"]).output();
        let output = output.map_err(|error| format!("{} does not list its tests: {error}", self.name))?;
        let mut groups = BTreeMap::<String, Vec<String>>::new();
        let list = String::from_utf8_lossy(&output.stdout);
        let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
        for test in tests.filter(|test| !SKIPPED.contains(test)) {
            let module = test.split_once("::").map_or("", |(module, _)| module);
            groups.entry(module.to_owned()).or_default().push(test.to_owned());
        }
        if groups.is_empty() {
            return Err(format!("{} lists no tests", self.name));
        }
        Ok(groups)
    }

    /// Runs these tests, and returns the first failure.
    fn run(&self, mutant: usize, tests: &[String], limit: Duration) -> Option<Failure> {
        let mut command = Command::new(&self.executable);
        command.arg("--exact").args(tests).env("MUTANT", mutant.to_string());
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        // Properties try the same cases in every run, and do not shrink a failing one.
        command
            .env("PROPTEST_RNG_SEED", "1")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Some(Failure::Other(format!("does not start: {error}"))),
        };
        let (sender, lines) = channel();
        let output = child.stdout.take();
        // Not joined: a child process that the program left behind may hold the output open.
        thread::spawn(move || {
            let lines = output.into_iter().flat_map(|output| BufReader::new(output).lines());
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let failure = loop {
            match lines.recv_timeout(limit) {
                Ok(line) => match failed_test(&line) {
                    Some(test) => break Failure::Test(test.to_owned()),
                    None => continue,
                },
                Err(RecvTimeoutError::Timeout) => break Failure::Other("hangs".to_owned()),
                Err(RecvTimeoutError::Disconnected) => match child.wait() {
                    Ok(status) if status.success() => return None,
                    Ok(status) => break Failure::Other(format!("ends with {status}")),
                    Err(error) => break Failure::Other(error.to_string()),
                },
            }
        };
        let _ = child.kill();
        let _ = child.wait();
        Some(failure)
    }
}

/// Returns the name of the test that this line of output reports as failed.
fn failed_test(line: &str) -> Option<&str> {
    let test = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(test.strip_suffix(" - should panic").unwrap_or(test))
}

/// The tests of one module of a program.
struct Group {
    program: Program,
    tests: Vec<String>,
    /// The time that they take without a mutant.
    usual: Duration,
}

impl Group {
    /// Runs these tests of the group with this mutant until one fails. Then repeats that test alone, because
    /// a flaky test proves nothing.
    fn catch(&self, mutant: &Mutant, tests: &[String]) -> Option<Caught> {
        let limit = PATIENCE + 3 * self.usual;
        let caught = |how| Some(Caught { program: self.program.name.clone(), how });
        match self.program.run(mutant.number, tests, limit)? {
            Failure::Other(how) => caught(how),
            Failure::Test(test) => {
                self.program.run(mutant.number, slice::from_ref(&test), limit)?;
                caught(test)
            }
        }
    }
}

/// All groups of tests, the fastest first.
pub(crate) struct Groups(Vec<Group>);

impl Groups {
    /// Runs all tests without a mutant. They must pass; their times decide when a later run hangs.
    pub(crate) fn of(programs: &[Program]) -> Result<Self, String> {
        let mut groups = Vec::new();
        let mut failures = Vec::new();
        for program in programs {
            for (module, tests) in program.groups()? {
                let start = Instant::now();
                let failure = program.run(0, &tests, TOO_LONG);
                let usual = start.elapsed();
                println!("{:6.1} s without a mutant: {} {module}", usual.as_secs_f32(), program.name);
                if let Some(Failure::Test(how) | Failure::Other(how)) = failure {
                    failures.push(format!("{}: {how}", program.name));
                }
                groups.push(Group { program: program.clone(), tests, usual });
            }
        }
        groups.sort_by_key(|group| group.usual);
        match failures.as_slice() {
            [] => Ok(Self(groups)),
            failures => Err(format!("these fail without any mutant:\n{}", failures.join("\n"))),
        }
    }

    /// Runs the mutants, `jobs` at a time, and returns what caught each one: every group that does if
    /// `every` is true, otherwise the first.
    pub(crate) fn run_all(&self, mutants: &[&Mutant], jobs: NonZero<usize>, every: bool) -> Vec<Vec<Caught>> {
        let history = Mutex::new(History::default());
        let results = Mutex::new(vec![Vec::new(); mutants.len()]);
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some((place, mutant)) = take(&next, mutants) {
                let start = Instant::now();
                let caught = self.run_one(mutant, every, &history);
                print_line(mutant, &caught, start.elapsed());
                if let Some(result) = lock(&results).get_mut(place) {
                    *result = caught;
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..jobs.get() {
                scope.spawn(work);
            }
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_one(&self, mutant: &Mutant, every: bool, history: &Mutex<History>) -> Vec<Caught> {
        if every {
            return self.0.iter().filter_map(|group| group.catch(mutant, &group.tests)).collect();
        }
        let known = [Some(mutant.file.as_str()), None]
            .into_iter()
            .flat_map(|file| self.0.iter().map(move |group| (group, lock(history).tests(group, file))));
        let known = known.filter(|(_, tests)| !tests.is_empty());
        let all = self.0.iter().map(|group| (group, group.tests.clone()));
        let caught = known.chain(all).find_map(|(group, tests)| group.catch(mutant, &tests));
        if let Some(caught) = &caught {
            lock(history).note(mutant, caught);
        }
        caught.into_iter().collect()
    }
}

/// The tests that caught a mutant before. They run first, because one of them often catches the next mutant.
#[derive(Default)]
struct History(Vec<(String, Caught)>);

impl History {
    /// Returns the tests of a group that caught mutants of this file, or of any file.
    fn tests(&self, group: &Group, file: Option<&str>) -> Vec<String> {
        let of_file = self.0.iter().filter(|(of, _)| file.is_none_or(|file| of == file));
        let of_program = of_file.filter(|(_, caught)| caught.program == group.program.name);
        of_program.map(|(_, caught)| caught.how.clone()).filter(|test| group.tests.contains(test)).collect()
    }

    fn note(&mut self, mutant: &Mutant, caught: &Caught) {
        self.0.push((mutant.file.clone(), caught.clone()));
    }
}

fn take<'a, 'b>(next: &AtomicUsize, mutants: &'a [&'b Mutant]) -> Option<(usize, &'a &'b Mutant)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    mutants.get(place).map(|mutant| (place, mutant))
}

fn print_line(mutant: &Mutant, caught: &[Caught], time: Duration) {
    let Mutant { name, breaks, survives, .. } = mutant;
    let seconds = time.as_secs_f32();
    match (caught, survives) {
        ([], None) => println!("SURVIVED {name} ({breaks}), {seconds:.1} s"),
        ([], Some(reason)) => {
            println!("survived {name} ({breaks}), {seconds:.1} s, as the list says: {reason}")
        }
        (caught, survives) => {
            let by: Vec<_> =
                caught.iter().map(|caught| format!("{}: {}", caught.program, caught.how)).collect();
            let but = if survives.is_some() { ", though the list says that it survives" } else { "" };
            println!("caught   {name} ({breaks}), {seconds:.1} s, by {}{but}", by.join("; "));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::failed_test;

    #[test]
    fn a_failed_test_is_read_off_its_line() {
        assert_eq!(failed_test("test a::b ... FAILED"), Some("a::b"));
        assert_eq!(failed_test("test a::b - should panic ... FAILED"), Some("a::b"));
        assert_eq!(failed_test("test a::b ... ok"), None);
        assert_eq!(failed_test("test result: FAILED. 1 passed; 1 failed"), None);
    }
}
