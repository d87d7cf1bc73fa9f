//! Prints the table of counts and their bounds.

use std::{collections::HashMap, fmt, str::FromStr};

use super::{
    Scenario, all,
    bounds::{BOUNDS, Measure},
};

/// One kind of count, for each scenario.
pub(crate) struct Counts {
    of: HashMap<String, u64>,
}

impl FromIterator<(String, u64)> for Counts {
    fn from_iter<I: IntoIterator<Item = (String, u64)>>(counts: I) -> Self {
        Self { of: counts.into_iter().collect() }
    }
}

impl Counts {
    pub(crate) fn of(&self, scenario: &str) -> Option<u64> {
        self.of.get(scenario).copied()
    }
}

/// Writes lines of a name, a tab and a count, for the bench that shows both counts.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of.iter().try_for_each(|(scenario, count)| writeln!(f, "{scenario}\t{count}"))
    }
}

impl FromStr for Counts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = |line: &str| {
            let (scenario, count) = line.split_once('\t')?;
            Some((scenario.to_owned(), count.parse().ok()?))
        };
        text.lines().map(|line| count(line).ok_or_else(|| format!("not a count: {line}"))).collect()
    }
}

/// Prints the table and the bounds, and returns whether all bounds of these counts hold.
#[must_use]
pub(crate) fn report(
    instructions: Option<&Counts>,
    allocations: Option<&Counts>,
    memory: Option<&Counts>,
) -> bool {
    println!();
    println!(
        "| scenario | instructions | over an empty service | added to the bare service | allocations | added | allocated |"
    );
    println!("|---|--:|--:|--:|--:|--:|---|");
    for scenario in all() {
        row(&scenario, instructions, allocations);
    }
    println!();

    let mut all_hold = true;
    let default_profile = super::is_of_default_profile();
    for bound in BOUNDS.iter().filter(|bound| !default_profile || bound.holds_in_default_profile()) {
        let counts = match bound.measure() {
            Measure::Instructions => instructions,
            Measure::Allocations => allocations,
            Measure::Memory => memory,
        };
        let Some(counts) = counts else { continue };
        let holds = bound.holds(counts);
        all_hold &= holds;
        let verdict = if holds { "holds" } else { "BROKEN" };
        let seen = bound.seen(counts);
        let places = if seen.fract() == 0.0 { 0 } else { 2 };
        println!("{verdict:>6}  {bound}; seen {seen:.places$}");
    }
    for scenario in all() {
        let named: u64 = scenario.allocates.iter().map(|(count, _)| count).sum();
        let counted = allocations.and_then(|counts| counts.of(scenario.name)).unwrap_or(named);
        if !scenario.allocates.is_empty() && counted != named {
            all_hold = false;
            println!("BROKEN  {scenario}: expected the {named} named allocations; seen {counted}");
        }
    }
    println!();
    all_hold
}

fn row(scenario: &Scenario, instructions: Option<&Counts>, allocations: Option<&Counts>) {
    let count = |counts: Option<&Counts>| counts.and_then(|counts| counts.of(scenario.name));
    let over = |counts: Option<&Counts>, other: Option<&str>| {
        let (count, other) = (count(counts)?, counts?.of(other?)?);
        Some(i128::from(count) - i128::from(other))
    };
    let named: Vec<_> = scenario.allocates.iter().map(|(count, what)| format!("{count} {what}")).collect();
    println!(
        "| {} | {} | {} | {} | {} | {} | {} |",
        scenario.name,
        shown(count(instructions).map(i128::from)),
        shown(over(instructions, scenario.empty)),
        shown(over(instructions, scenario.bare)),
        shown(count(allocations).map(i128::from)),
        shown(over(allocations, scenario.bare)),
        named.join(", "),
    );
}

/// Formats a number with commas between thousands.
fn shown(number: Option<i128>) -> String {
    let Some(number) = number else { return String::new() };
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
