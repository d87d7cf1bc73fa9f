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

/// Programs that read sources or run the compiler: they cannot see a mutant.
const BLIND: [&str; 3] = ["auto_traits", "compile_errors", "coverage"];

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

/// How a program failed.
enum Failure {
    Test(String),
    Other(String),
}

impl Program {
    pub(crate) fn new(name: &str, executable: PathBuf, folder: PathBuf) -> Self {
        Self { name: name.to_owned(), executable, folder }
    }

    /// Runs these tests, or all, with this mutant until one fails, and then that one alone: a test
    /// that fails only now and then proves nothing.
    fn catch(&self, mutant: &Mutant, tests: &[String], usual: Duration) -> Option<Caught> {
        let limit = PATIENCE + 3 * usual;
        let caught = |how| Some(Caught { program: self.name.clone(), how });
        match self.run(mutant.number, tests, limit)? {
            Failure::Other(how) => caught(how),
            Failure::Test(test) => {
                self.run(mutant.number, slice::from_ref(&test), limit)?;
                caught(test)
            }
        }
    }

    /// Runs these tests, or all if there are none.
    fn run(&self, mutant: usize, tests: &[String], limit: Duration) -> Option<Failure> {
        let mut command = Command::new(&self.executable);
        command.args(tests).args((!tests.is_empty()).then_some("--exact")).env("MUTANT", mutant.to_string());
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

/// The programs with the time that each takes without a mutant, the fastest first.
pub(crate) struct Programs(Vec<(Program, Duration)>);

impl Programs {
    /// Runs all of them without a mutant: they must pass, and their time is what later runs are held to.
    pub(crate) fn of(programs: Vec<Program>) -> Result<Self, String> {
        let mut timed = Vec::new();
        let mut failures = Vec::new();
        for program in programs.into_iter().filter(|program| !BLIND.contains(&program.name.as_str())) {
            let start = Instant::now();
            let failure = program.run(0, &[], TOO_LONG);
            let time = start.elapsed();
            println!("{:6.1} s without a mutant: {}", time.as_secs_f32(), program.name);
            if let Some(Failure::Test(how) | Failure::Other(how)) = failure {
                failures.push(format!("{}: {how}", program.name));
            }
            timed.push((program, time));
        }
        timed.sort_by_key(|(_, time)| *time);
        match failures.as_slice() {
            [] => Ok(Self(timed)),
            failures => Err(format!("these fail without any mutant:\n{}", failures.join("\n"))),
        }
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
        if every {
            return self.0.iter().filter_map(|(program, time)| program.catch(mutant, &[], *time)).collect();
        }
        let known = [Some(mutant.file.as_str()), None].into_iter().flat_map(|file| {
            self.0.iter().map(move |timed| (timed, lock(history).tests(&timed.0.name, file)))
        });
        let known = known.filter(|(_, tests)| !tests.is_empty());
        let all = self.0.iter().map(|timed| (timed, Vec::new()));
        let mut runs = known.chain(all);
        let caught = runs.find_map(|((program, time), tests)| program.catch(mutant, &tests, *time));
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
