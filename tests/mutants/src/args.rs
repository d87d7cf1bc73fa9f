use std::{num::NonZero, thread};

use crate::list::Mutant;

/// The options of the command line.
pub(crate) struct Args {
    only: Vec<String>,
    pub(crate) list: bool,
    pub(crate) every: bool,
    pub(crate) jobs: NonZero<usize>,
}

impl Args {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let jobs = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let mut args = Self { only: Vec::new(), list: false, every: false, jobs };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--list" => args.list = true,
                "--every" => args.every = true,
                "--only" => args.only.push(words.next().ok_or("--only needs the name of a mutant")?),
                "--jobs" => {
                    let number = words.next().and_then(|number| number.parse().ok());
                    args.jobs = number.ok_or("--jobs needs a number")?;
                }
                _ => return Err(format!("unknown option {word}; see tests/mutants/src/main.rs")),
            }
        }
        Ok(args)
    }

    /// Returns the mutants that `--only` names, or all without `--only`.
    pub(crate) fn choose<'a>(&self, mutants: &'a [Mutant]) -> Result<Vec<&'a Mutant>, String> {
        if self.only.is_empty() {
            return Ok(mutants.iter().collect());
        }
        let find = |name: &String| mutants.iter().find(|mutant| mutant.name == *name);
        self.only.iter().map(|name| find(name).ok_or_else(|| format!("no mutant is named {name}"))).collect()
    }
}
