//! Every rule of the specifications that a server can show, and every decision of the
//! design, is named by a test: `rule_13_..`, `rules_30_35_..`, `decision_4_..`.
//!
//! The numbers are those of the checklist of RFC 9110, RFC 6585 and RFC 9457 that the
//! project keeps; `RULES` and `DECISIONS` say in a few words what each is about.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Rules for other parties or other fields, of which no test is asked.
const ELSEWHERE: [u32; 9] = [54, 65, 67, 69, 70, 71, 72, 73, 74];

const RULES: [(u32, &str); 65] = [
    (1, "evaluated after the normal checks, before the action"),
    (2, "ignored where the answer would be neither 2xx nor 412"),
    (3, "a proxy evaluates only what it owns"),
    (4, "ignored for CONNECT, OPTIONS and TRACE"),
    (5, "HEAD as GET"),
    (6, "QUERY as GET"),
    (7, "If-Match first: false is 412"),
    (8, "If-Unmodified-Since only without If-Match"),
    (9, "If-None-Match: false is 304 or 412"),
    (10, "If-Modified-Since only without If-None-Match, on GET and HEAD"),
    (11, "If-Range with Range on GET"),
    (12, "otherwise perform the request"),
    (13, "If-Match compares strongly"),
    (14, "If-Match: * is existence"),
    (15, "If-Match is true if any member matches"),
    (16, "If-Match false: not performed"),
    (17, "If-Match false: 412"),
    (18, "If-Match on GET"),
    (19, "If-Match: * mixed with tags is malformed"),
    (20, "If-None-Match compares weakly"),
    (21, "If-None-Match: * is existence"),
    (22, "If-None-Match is false if one member matches"),
    (23, "If-None-Match false: not performed, 304 or 412"),
    (24, "If-None-Match: * mixed with tags is malformed"),
    (25, "If-Modified-Since beside If-None-Match is ignored"),
    (26, "If-Modified-Since that is no date is ignored"),
    (27, "If-Modified-Since of several members is ignored"),
    (28, "If-Modified-Since on other methods is ignored"),
    (29, "If-Modified-Since without a modification date is ignored"),
    (30, "If-Modified-Since is false at or before the date"),
    (31, "If-Unmodified-Since beside If-Match is ignored"),
    (32, "If-Unmodified-Since that is no date, or several, is ignored"),
    (33, "If-Unmodified-Since without a modification date is ignored"),
    (34, "If-Unmodified-Since before the method"),
    (35, "If-Unmodified-Since is true at or before the date"),
    (36, "If-Unmodified-Since false: 412; a date before 1970 counts"),
    (37, "If-Range without Range is ignored"),
    (38, "If-Range without range support is ignored"),
    (39, "If-Range: a date must be strong and equal"),
    (40, "If-Range: a tag compares strongly"),
    (41, "If-Range false: Range is ignored"),
    (42, "If-Range: a quote among the first three characters means a tag"),
    (43, "If-Range unusable is false"),
    (44, "Last-Modified not later than Date"),
    (45, "no invented dates"),
    (46, "Last-Modified is weak unless known otherwise"),
    (47, "W/ is case-sensitive"),
    (48, "tags are opaque octets"),
    (49, "content codings have tags of their own"),
    (50, "dates are whole seconds"),
    (51, "several lines are one list"),
    (52, "empty members are accepted"),
    (53, "three date formats, two-digit years, a second of 60"),
    (55, "names of months and days are case-sensitive"),
    (56, "HEAD has no content and mirrors GET"),
    (57, "POST is never 304"),
    (58, "a PUT's answer carries a validator only if stored as sent"),
    (59, "Expect is answered at once"),
    (60, "Range is for GET"),
    (61, "304 carries what the 200 would"),
    (62, "304 carries no other metadata"),
    (63, "304 has no content and no length"),
    (64, "412 in problem details"),
    (66, "428 explains and is not stored"),
    (68, "a tag and a date that disagree"),
];

const DECISIONS: [(u32, &str); 17] = [
    (1, "existence is not having a tag"),
    (2, "404 wins over 412"),
    (3, "QUERY counts as GET"),
    (4, "malformed input fails closed"),
    (5, "a failing source lets no write through"),
    (6, "the service's error is untouched"),
    (7, "a rejected upload is never read"),
    (8, "If-Range and the fields that are taken off"),
    (9, "304 carries what the 200 would"),
    (10, "412 shows the current validators"),
    (11, "bodies are problem details"),
    (12, "the verdict is handed on"),
    (13, "size hints are forwarded"),
    (14, "a 200 gets the source's validators"),
    (15, "the ready service is the one called"),
    (16, "layers nest"),
    (17, "what cannot be promised is said"),
];

#[test]
fn every_rule_is_named_by_a_test() {
    assert_all_named(&RULES, "rule");
}

#[test]
fn every_decision_is_named_by_a_test() {
    assert_all_named(&DECISIONS, "decision");
}

fn assert_all_named(expected: &[(u32, &str)], kind: &str) {
    let named = numbers_in_test_names(kind);
    let missing: Vec<_> = expected.iter().filter(|(number, _)| !named.contains_key(number)).collect();
    assert!(missing.is_empty(), "no test is named for {kind}: {missing:#?}");
    let known = |number| ELSEWHERE.contains(number) || expected.iter().any(|(known, _)| known == number);
    let unknown: Vec<_> = named.iter().filter(|(number, _)| !known(number)).collect();
    assert!(unknown.is_empty(), "tests name a {kind} that is not listed: {unknown:#?}");
}

/// The numbers that names of tests carry, each with one such name.
fn numbers_in_test_names(kind: &str) -> BTreeMap<u32, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = BTreeMap::new();
    for folder in ["src", "tests", "examples"] {
        for file in rust_files(&root.join(folder)) {
            let source = fs::read_to_string(&file).expect("a source file is readable text");
            for name in source.lines().filter_map(test_name) {
                for number in numbers(name, kind) {
                    named.entry(number).or_insert_with(|| name.to_owned());
                }
            }
        }
    }
    named
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The name of a test function, or that of a row in a table of tests.
fn test_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (candidate, is_function) = match line.strip_prefix("fn ") {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let end = candidate.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    let (name, rest) = candidate.split_at(end);
    let is_row = rest.starts_with(':') && !rest.starts_with("::");
    (is_function && rest.starts_with('(') || is_row).then_some(name)
}

/// `rule_13_..` is 13; `rules_30_35_..` is 30 and 35.
fn numbers(name: &str, kind: &str) -> Vec<u32> {
    let Some(rest) = name.strip_prefix(kind) else { return Vec::new() };
    let several = rest.starts_with("s_");
    let Some(rest) = rest.strip_prefix(if several { "s_" } else { "_" }) else { return Vec::new() };
    rest.split('_').map_while(|part| part.parse().ok()).take(if several { usize::MAX } else { 1 }).collect()
}

#[test]
fn names_are_read_as_they_are_meant() {
    assert_eq!(test_name("    async fn rule_1_a() {"), Some("rule_1_a"));
    assert_eq!(test_name("    rule_1_a: GET, \"x\" => 304;"), Some("rule_1_a"));
    assert_eq!(test_name("// fn rule_1_a() {"), None);
    assert_eq!(test_name("rule_1_a::<u8>()"), None);
    assert_eq!(numbers("rules_30_35_dates", "rule"), [30, 35]);
    assert_eq!(numbers("rule_13_2_comparisons", "rule"), [13]);
    assert_eq!(numbers("decision_4_malformed", "rule"), []);
}
