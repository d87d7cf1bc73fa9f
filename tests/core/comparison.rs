//! The modes of `TagComparison`: rows by hand, and every combination compared with the oracle.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use precondition_oracle::{
    self as oracle, Action, Current, DateField, Fields, Modes, RangeField, Tag, TagField, Truth,
};
use tower_precondition::{
    Condition, ConditionalFields, Decision, EntityTag, Evaluation, TagComparison, Validators, evaluate,
    precondition::{Deviation, Outcome},
};

const APACHE: [&str; 3] = ["-gzip", ";gzip", "--gzip"];

fn protocol() -> TagComparison {
    TagComparison::new().weak_by_protocol()
}

fn nginx() -> TagComparison {
    TagComparison::new().weakened_by_proxy()
}

fn apache() -> TagComparison {
    TagComparison::new().suffixed_by_proxy(APACHE)
}

fn request(fields: &[(HeaderName, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn evaluated(
    comparison: &TagComparison,
    method: &str,
    fields: &[(HeaderName, &str)],
    current: Option<&Validators>,
) -> Evaluation {
    let headers = request(fields);
    comparison.evaluate(&method.parse().unwrap(), &ConditionalFields::from_headers(&headers), current)
}

fn tagged(tags: &[&str]) -> Validators {
    let mut tags = tags.iter().map(|tag| tag.parse::<EntityTag>().unwrap());
    Validators::from(tags.next().unwrap()).with_other_etags(tags)
}

/// Makes a test of each row: the tag of If-Match on a PUT, the current tags, and the mode by which it holds.
macro_rules! if_match {
    ($($name:ident: $comparison:expr, $given:literal, [$($current:literal),+] => $held:expr;)*) => {$(
        #[test]
        fn $name() {
            let current = tagged(&[$($current),+]);
            let evaluation = evaluated(&$comparison, "PUT", &[(header::IF_MATCH, $given)], Some(&current));
            let held = match evaluation.decision() {
                Decision::Proceed => Some(evaluation.deviation()),
                _ => None,
            };
            assert_eq!(held, $held);
        }
    )*};
}

const STRICTLY: Option<Option<Deviation>> = Some(None);

const fn by(deviation: Deviation) -> Option<Option<Deviation>> {
    Some(Some(deviation))
}

if_match! {
    decision_21_no_mode_is_strong: TagComparison::new(), r#"W/"1""#, [r#""1""#] => None;
    decision_21_a_strong_match_needs_no_mode: protocol(), r#""1""#, [r#""1""#] => STRICTLY;
    rule_85_a_protocol_matches_two_weak_tags: protocol(), r#"W/"3""#, [r#"W/"3""#] => by(Deviation::WeakByProtocol);
    rule_85_a_protocol_matches_a_weak_tag_given: protocol(), r#"W/"3""#, [r#""3""#] => by(Deviation::WeakByProtocol);
    rule_85_a_protocol_matches_a_weak_current_tag: protocol(), r#""3""#, [r#"W/"3""#] => by(Deviation::WeakByProtocol);
    rule_85_a_protocol_tells_versions_apart: protocol(), r#"W/"2""#, [r#"W/"3""#] => None;
    rule_85_a_proxy_weakens_a_strong_tag: nginx(), r#"W/"1""#, [r#""1""#] => by(Deviation::WeakenedByProxy);
    rule_85_a_proxy_makes_no_weak_tag_match: nginx(), r#"W/"1""#, [r#"W/"1""#] => None;
    rule_85_a_proxy_makes_no_strong_tag_match_a_weak_one: nginx(), r#""1""#, [r#"W/"1""#] => None;
    rule_85_a_proxy_appends_a_suffix: apache(), r#""1-gzip""#, [r#""1""#] => by(Deviation::SuffixedByProxy);
    rule_85_the_longest_suffix_is_the_proxy_s: apache(), r#""1--gzip""#, [r#""1""#] => by(Deviation::SuffixedByProxy);
    rule_85_a_suffix_is_taken_off_once: apache(), r#""1-gzip-gzip""#, [r#""1""#] => None;
    rule_85_a_suffix_that_is_not_listed_stays: apache(), r#""1-br""#, [r#""1""#] => None;
    rule_85_a_suffix_makes_no_weak_tag_match: apache(), r#"W/"1-gzip""#, [r#""1""#] => None;
    rule_85_a_weak_current_tag_with_a_suffix: apache(), r#"W/"1-gzip""#, [r#"W/"1""#] => None;
    rule_85_the_tag_as_it_was_sent_comes_first: apache(), r#""1""#, [r#""1""#] => STRICTLY;
    decision_21_a_marked_tag_is_the_tag_as_it_was_sent: apache(), r#""1-gzip~identity""#, [r#""1-gzip""#] => STRICTLY;
    decision_21_a_marked_tag_gets_a_suffix: apache(), r#""1-gzip~identity-gzip""#, [r#""1-gzip""#]
        => by(Deviation::SuffixedByProxy);
    decision_21_another_s_suffix_is_not_a_tag_s_own_end: apache(), r#""1-gzip""#, [r#""1-gzip""#] => None;
    decision_21_two_proxies: apache().weakened_by_proxy(), r#"W/"1-gzip""#, [r#""1""#] => by(Deviation::SuffixedByProxy);
    decision_21_a_protocol_behind_a_proxy: apache().weak_by_protocol(), r#"W/"3-gzip""#, [r#"W/"3""#]
        => by(Deviation::SuffixedByProxy);
    rule_80_another_tag_of_the_state: TagComparison::new(), r#""5-jsonld""#, [r#""5-turtle""#, r#""5-jsonld""#] => STRICTLY;
    rule_80_another_tag_of_an_older_state: TagComparison::new(), r#""4-jsonld""#, [r#""5-turtle""#, r#""5-jsonld""#] => None;
    rule_80_another_tag_that_is_weak: TagComparison::new(), r#"W/"5-a""#, [r#""5""#, r#"W/"5-a""#] => None;
    rule_80_another_tag_by_a_mode: nginx(), r#"W/"5-a""#, [r#""5""#, r#""5-a""#] => by(Deviation::WeakenedByProxy);
}

#[test]
fn decision_21_a_range_goes_if_only_a_mode_holds() {
    let current = tagged(&[r#""1""#]);
    let range = (header::RANGE, "bytes=0-1");
    for (comparison, given, stands) in [
        (nginx(), r#"W/"1""#, false),
        (apache(), r#""1-gzip""#, false),
        (protocol(), r#"W/"1""#, false),
        (apache(), r#""1""#, true),
        (apache(), r#""1-gzip", "1""#, true),
    ] {
        let evaluation =
            evaluated(&comparison, "GET", &[range.clone(), (header::IF_MATCH, given)], Some(&current));
        assert_eq!(evaluation.outcome(Condition::IfMatch), Outcome::True);
        assert_eq!(evaluation.allows_range(), stands, "{given}");
    }
}

#[test]
fn rule_80_on_a_read_only_the_selected_tag_counts() {
    let current = tagged(&[r#""5-turtle""#, r#""5-jsonld""#]);
    for comparison in [TagComparison::new(), nginx()] {
        for method in ["GET", "HEAD", "QUERY"] {
            let fields = [(header::IF_MATCH, r#""5-jsonld""#)];
            let evaluation = evaluated(&comparison, method, &fields, Some(&current));
            assert_eq!(evaluation.decision(), Decision::Failed(Condition::IfMatch), "{method}");
            let fields = [(header::IF_NONE_MATCH, r#""5-jsonld""#)];
            let evaluation = evaluated(&comparison, method, &fields, Some(&current));
            assert_eq!(evaluation.decision(), Decision::Proceed, "{method}");
        }
    }
}

const METHODS: [&str; 7] = ["GET", "HEAD", "QUERY", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What one line of a field may hold.
const GIVEN: [&str; 17] = [
    "*",
    r#""1""#,
    r#"W/"1""#,
    r#""2""#,
    r#""1-gzip""#,
    r#"W/"1-gzip""#,
    r#""1--gzip""#,
    r#""1;gzip""#,
    r#""1-gzip-gzip""#,
    r#""1-gzip~identity""#,
    r#""1-gzip~identity-gzip""#,
    r#"W/"1-gzip~identity-gzip""#,
    r#""1~identity""#,
    r#""1-~identity--gzip""#,
    r#""2", W/"1", "x-gzip""#,
    r#""a""#,
    r#"1"#,
];

/// The tags of the state, the selected one first. `None` is a representation without a tag.
const CURRENT: [Option<&[&str]>; 10] = [
    None,
    Some(&[r#""1""#]),
    Some(&[r#"W/"1""#]),
    Some(&[r#""1-gzip""#]),
    Some(&[r#"W/"1-gzip""#]),
    Some(&[r#""1-""#]),
    Some(&[r#""1~identity""#]),
    Some(&[r#""x""#, r#""1""#]),
    Some(&[r#""x""#, r#"W/"1""#, r#""a""#]),
    Some(&[r#""a""#, r#""1-gzip""#]),
];

fn all_modes() -> Vec<(TagComparison, Modes)> {
    let suffixes: Vec<Vec<u8>> = APACHE.map(|suffix| suffix.as_bytes().to_vec()).into();
    let mut all = Vec::new();
    for weak_by_protocol in [false, true] {
        for weakened_by_proxy in [false, true] {
            for suffixes in [&[][..], &suffixes[..1], &suffixes[..]] {
                let mut comparison = TagComparison::new();
                if weak_by_protocol {
                    comparison = comparison.weak_by_protocol();
                }
                if weakened_by_proxy {
                    comparison = comparison.weakened_by_proxy();
                }
                let listed = suffixes.iter().map(|suffix| std::str::from_utf8(suffix).unwrap());
                comparison = comparison.suffixed_by_proxy(listed);
                let suffixes = suffixes.to_vec();
                all.push((comparison, Modes { weak_by_protocol, weakened_by_proxy, suffixes }));
            }
        }
    }
    all
}

fn list(text: &str) -> TagField {
    match text {
        "*" => TagField::Any,
        text => {
            let tags: Option<Vec<Tag>> = text.split(", ").map(|tag| Tag::parse(tag.as_bytes())).collect();
            tags.map_or(TagField::Malformed, TagField::List)
        }
    }
}

fn range(text: &str) -> RangeField {
    Tag::parse(text.as_bytes()).map_or(RangeField::Unusable, RangeField::Tag)
}

#[test]
fn decision_21_every_combination_is_as_the_oracle_says() {
    let mut compared = 0;
    let mut by_a_mode = 0;
    for (comparison, modes) in all_modes() {
        for current in CURRENT {
            let validators = current.map_or_else(Validators::new, tagged);
            let tags: Vec<Tag> =
                current.unwrap_or_default().iter().map(|tag| Tag::parse(tag.as_bytes()).unwrap()).collect();
            let selected = Current { tag: tags.first().cloned(), modified: None };
            let others = tags.get(1..).unwrap_or_default();
            for (given, field) in GIVEN.iter().flat_map(|given| (0..4).map(move |field| (*given, field))) {
                let absent = TagField::Absent;
                let (list, range) = (list(given), range(given));
                // The field by itself, and If-Match beside If-None-Match.
                let (if_match, if_none_match, if_range) =
                    (matches!(field, 0 | 3), matches!(field, 1 | 3), field == 2);
                let mut lines = vec![(header::RANGE, "bytes=0-1")];
                for (present, name) in [
                    (if_match, header::IF_MATCH),
                    (if_none_match, header::IF_NONE_MATCH),
                    (if_range, header::IF_RANGE),
                ] {
                    if present {
                        lines.push((name, given));
                    }
                }
                let fields = Fields {
                    if_match: if if_match { &list } else { &absent },
                    if_none_match: if if_none_match { &list } else { &absent },
                    if_modified_since: &DateField::Absent,
                    if_unmodified_since: &DateField::Absent,
                    if_range: if if_range { &range } else { &RangeField::Absent },
                    range: true,
                };
                for exists in [true, false] {
                    for method in METHODS {
                        let expected =
                            oracle::evaluate_by(&modes, method, fields, exists.then_some(&selected), others);
                        let seen = evaluated(&comparison, method, &lines, exists.then_some(&validators));
                        let what = format!("{modes:?} {method} {lines:?} {current:?} {exists}");
                        assert_same(&seen, expected, &what);
                        compared += 1;
                        by_a_mode += usize::from(expected.1);
                    }
                }
            }
        }
    }
    assert_eq!(compared, 12 * 10 * 17 * 4 * 2 * 7);
    assert!(by_a_mode > 1_000, "{by_a_mode}");
}

fn assert_same(seen: &Evaluation, (expected, by_a_mode): (oracle::Verdict, bool), what: &str) {
    let action = match seen.decision() {
        Decision::Proceed => Action::Perform,
        Decision::NotModified => Action::Answer304,
        Decision::Failed(condition) => {
            Action::Answer412(Condition::ALL.iter().position(|other| *other == condition).unwrap())
        }
    };
    assert_eq!(action, expected.action, "{what}");
    assert_eq!(seen.allows_range(), expected.range_may_stand, "{what}");
    assert_eq!(seen.deviation().is_some(), by_a_mode, "{what}");
    for (condition, truth) in Condition::ALL.into_iter().zip(expected.truths) {
        let same = matches!(
            (seen.outcome(condition), truth),
            (Outcome::NotPresent, Truth::NotPresent)
                | (Outcome::True, Truth::True)
                | (Outcome::False, Truth::False)
                | (Outcome::Ignored(_), Truth::Ignored(_))
        );
        assert!(same, "{condition} {truth:?} {what}");
    }
}

#[test]
fn decision_21_without_a_mode_nothing_differs_from_evaluate() {
    let comparison = TagComparison::new();
    for current in CURRENT {
        let validators = current.map_or_else(Validators::new, tagged);
        for given in GIVEN {
            for name in [header::IF_MATCH, header::IF_NONE_MATCH, header::IF_RANGE] {
                let headers = request(&[(name, given), (header::RANGE, "bytes=0-1")]);
                let fields = ConditionalFields::from_headers(&headers);
                for method in METHODS {
                    let method: Method = method.parse().unwrap();
                    assert_eq!(
                        comparison.evaluate(&method, &fields, Some(&validators)),
                        evaluate(&method, &fields, Some(&validators)),
                    );
                }
            }
        }
    }
}
