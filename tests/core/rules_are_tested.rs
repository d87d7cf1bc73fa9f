//! Every rule and decision of `tests/RULES.md` has a test named after it, and tests name no others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

#[test]
fn every_rule_has_a_test() {
    assert_all_named("rule", &rows("Rules"), &rows("Rules elsewhere"));
}

#[test]
fn every_decision_has_a_test() {
    assert_all_named("decision", &rows("Decisions"), &BTreeMap::new());
}

fn assert_all_named(kind: &str, needed: &BTreeMap<u32, String>, elsewhere: &BTreeMap<u32, String>) {
    assert!(!needed.is_empty(), "RULES.md has no table of {kind}s");
    let mut named = BTreeSet::new();
    for folder in ["src", "tests", "examples"] {
        add_numbers_of(kind, &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut named);
    }
    let untested: Vec<_> = needed.iter().filter(|(number, _)| !named.contains(number)).collect();
    assert!(untested.is_empty(), "no test is named for {kind} {untested:#?}");
    let listed = |number| needed.contains_key(number) || elsewhere.contains_key(number);
    let unknown: Vec<_> = named.iter().filter(|number| !listed(number)).collect();
    assert!(unknown.is_empty(), "RULES.md does not list {kind} {unknown:?}, but a test names it");
}

/// Reads the table under a heading: the number of each row, and its text.
fn rows(heading: &str) -> BTreeMap<u32, String> {
    let page = include_str!("../RULES.md");
    let table = page.lines().skip_while(|line| line.strip_prefix("## ") != Some(heading)).skip(1);
    table
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| {
            let (number, text) = line.strip_prefix('|')?.split_once('|')?;
            Some((number.trim().parse().ok()?, text.trim_matches(['|', ' ']).to_owned()))
        })
        .collect()
}

fn add_numbers_of(kind: &str, path: &Path, named: &mut BTreeSet<u32>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            add_numbers_of(kind, &entry.unwrap().path(), named);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        for line in fs::read_to_string(path).unwrap().lines() {
            named.extend(test_name(line).into_iter().flat_map(|name| numbers(name, kind)));
        }
    }
}

/// The name of a test function, or of a row in a table of tests.
fn test_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (name, after) = match line.strip_prefix("fn ") {
        Some(function) => function.split_once('(')?,
        None => line.split_once(':')?,
    };
    let is_name = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (is_name && !after.starts_with(':')).then_some(name)
}

/// `rule_13_..` is 13; `rules_30_35_..` is 30 and 35.
fn numbers(name: &str, kind: &str) -> Vec<u32> {
    let Some(rest) = name.strip_prefix(kind) else { return Vec::new() };
    let (rest, limit) = match rest.strip_prefix('s') {
        Some(rest) => (rest, usize::MAX),
        None => (rest, 1),
    };
    let parts = rest.strip_prefix('_').into_iter().flat_map(|rest| rest.split('_'));
    parts.map_while(|part| part.parse().ok()).take(limit).collect()
}

#[test]
fn numbers_are_read_from_names() {
    assert_eq!(test_name("    async fn rule_1_a() {"), Some("rule_1_a"));
    assert_eq!(test_name("    rule_1_a: GET, \"x\" => 304;"), Some("rule_1_a"));
    assert_eq!(test_name("    rule_1_a:"), Some("rule_1_a"));
    assert_eq!(test_name("// fn rule_1_a() {"), None);
    assert_eq!(test_name("rule_1_a::<u8>()"), None);
    assert_eq!(numbers("rules_30_35_dates", "rule"), [30, 35]);
    assert_eq!(numbers("rule_13_2_comparisons", "rule"), [13]);
    assert_eq!(numbers("decision_4_malformed", "rule"), [0_u32; 0]);
}
