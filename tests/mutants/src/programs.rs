//! The test programs: run without a mutant once, and then for each mutant until one of them fails.

use std::{
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

/// Modules of tests that read the sources, which hold all mutants at once. They cannot see which is on.
const SKIPPED: [&str; 2] = ["rooms::", "rules_are_tested::"];

/// Modules of tests that take seconds. They run after all others, in which most mutants are caught.
const SLOW: [&str; 4] = ["contention::", "product::", "properties::", "every_end::"];

/// A program hangs if no test of it ends for this long, and three times its usual time on top.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program without a mutant hangs if no test of it ends for this long.
const TOO_LONG: Duration = Duration::from_secs(600);

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

/// Which tests of a program run.
#[derive(Clone, Copy)]
enum Tests<'a> {
    These(&'a [String]),
    /// All but the slow ones.
    Quick,
    All,
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

    /// Runs the tests with this mutant until one fails, and then that one alone: a test that fails
    /// only now and then proves nothing.
    fn catch(&self, mutant: &Mutant, tests: Tests<'_>, usual: Duration) -> Option<Caught> {
        let limit = PATIENCE + 3 * usual;
        let caught = |how| Some(Caught { program: self.name.clone(), how });
        match self.run(mutant.number, tests, limit)? {
            Failure::Other(how) => caught(how),
            Failure::Test(test) => {
                self.run(mutant.number, Tests::These(slice::from_ref(&test)), limit)?;
                caught(test)
            }
        }
    }

    fn run(&self, mutant: usize, tests: Tests<'_>, limit: Duration) -> Option<Failure> {
        let mut command = Command::new(&self.executable);
        let skip = |modules: &'static [&'static str]| modules.iter().flat_map(|module| ["--skip", module]);
        match tests {
            Tests::These(tests) => command.arg("--exact").args(tests),
            Tests::Quick => command.args(skip(&SKIPPED).chain(skip(&SLOW))),
            Tests::All => command.args(skip(&SKIPPED)),
        };
        command.env("MUTANT", mutant.to_string());
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        // The same cases in every run, and no time spent on making a failing one smaller.
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
        // Not joined: a process that the program left behind may hold the output open.
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

/// The name of the test that this line of output reports as failed.
fn failed_test(line: &str) -> Option<&str> {
    let test = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(test.strip_suffix(" - should panic").unwrap_or(test))
}

/// The programs, with the time that each takes without a mutant.
pub(crate) struct Programs(Vec<Timed>);

struct Timed {
    program: Program,
    quick: Duration,
    all: Duration,
}

impl Timed {
    /// Runs the program without a mutant.
    fn new(program: Program) -> Result<Self, String> {
        let run = |tests| {
            let start = Instant::now();
            match program.run(0, tests, TOO_LONG) {
                Some(Failure::Test(how) | Failure::Other(how)) => Err(format!("{}: {how}", program.name)),
                None => Ok(start.elapsed()),
            }
        };
        let (quick, all) = (run(Tests::Quick)?, run(Tests::All)?);
        let name = &program.name;
        println!(
            "{:5.1} s without a mutant, the quick tests {:.1} s: {name}",
            all.as_secs_f32(),
            quick.as_secs_f32()
        );
        Ok(Self { program, quick, all })
    }
}

impl Programs {
    /// Runs all of them without a mutant: they must pass, and their time is what later runs are held to.
    pub(crate) fn of(programs: Vec<Program>) -> Result<Self, String> {
        let (timed, failed): (Vec<_>, Vec<_>) = programs.into_iter().map(Timed::new).partition(Result::is_ok);
        let failures: Vec<_> = failed.into_iter().filter_map(Result::err).collect();
        if !failures.is_empty() {
            return Err(format!("these fail without any mutant:\n{}", failures.join("\n")));
        }
        let mut timed: Vec<_> = timed.into_iter().flatten().collect();
        timed.sort_by_key(|timed| timed.quick);
        Ok(Self(timed))
    }

    /// Runs the mutants, `jobs` at a time, and returns what caught each: with `every` all programs that
    /// do, otherwise the first.
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
        let all =
            self.0.iter().filter_map(|Timed { program, all, .. }| program.catch(mutant, Tests::All, *all));
        if every {
            return all.collect();
        }
        let known = [Some(mutant.file.as_str()), None].into_iter().flat_map(|file| {
            self.0.iter().filter_map(move |Timed { program, all, .. }| {
                let tests = lock(history).tests(&program.name, file);
                let is_known = !tests.is_empty();
                is_known.then(|| program.catch(mutant, Tests::These(&tests), *all)).flatten()
            })
        });
        let quick = self
            .0
            .iter()
            .filter_map(|Timed { program, quick, .. }| program.catch(mutant, Tests::Quick, *quick));
        let caught = known.chain(quick).chain(all).next();
        if let Some(caught) = &caught {
            lock(history).note(mutant, caught);
        }
        caught.into_iter().collect()
    }
}

/// The tests that caught a mutant before. They run first: most often one of them catches the next.
#[derive(Default)]
struct History(Vec<(String, Caught)>);

impl History {
    /// Those of a program, for mutants of one file or of all.
    fn tests(&self, program: &str, file: Option<&str>) -> Vec<String> {
        let of_file = self.0.iter().filter(|(of, _)| file.is_none_or(|file| of == file));
        of_file
            .filter(|(_, caught)| caught.program == program)
            .map(|(_, caught)| caught.how.clone())
            .collect()
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
