//! The numbered rules, one named test each, as far as the pure core can show them.
//!
//! A name starts with the number of its rule in the checklist.
//! The rows under "others went wrong" are cases in which a published server or library was seen to err.

// A test stops at the first surprise.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tower_precondition::{
    Condition::{self, *},
    ConditionalFields, Decision, EntityTag, HttpDate,
    Ignored::{self, *},
    Outcome, Validators, evaluate,
};

/// When the representation was last modified.
const MODIFIED: i64 = 784_111_777;
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const EQUAL: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
const BEFORE_1970: &str = "Wed, 31 Dec 1969 23:59:59 GMT";
/// When the request arrives: nine years later, in November 2003.
const NOW: i64 = MODIFIED + 9 * 365 * 86_400;
const IN_THE_FUTURE: &str = "Sun, 06 Nov 2044 08:49:37 GMT";

fn at(seconds: i64) -> HttpDate {
    HttpDate::from_unix_seconds(seconds).unwrap()
}

fn absent() -> Option<Validators> {
    None
}

/// A representation that has neither a tag nor a date.
fn bare() -> Option<Validators> {
    Some(Validators::new())
}

fn tagged(tag: &str) -> Option<Validators> {
    Some(Validators::new().with_etag(tag.parse().unwrap()))
}

/// Modified within a second in which it may have changed again.
fn dated(seconds: i64) -> Option<Validators> {
    Some(Validators::new().with_last_modified(at(seconds)))
}

fn strongly_dated(seconds: i64) -> Option<Validators> {
    Some(Validators::new().with_strong_last_modified(at(seconds)))
}

/// The tag `"v1"` and a strong date.
fn tagged_and_dated() -> Option<Validators> {
    tagged(r#""v1""#).map(|validators| validators.with_strong_last_modified(at(MODIFIED)))
}

/// What a row of the table expects.
struct Expected {
    decision: Decision,
    range: Option<bool>,
    outcomes: Vec<(Condition, Outcome)>,
}

fn proceeds() -> Expected {
    Expected { decision: Decision::Proceed, range: None, outcomes: Vec::new() }
}

fn not_modified() -> Expected {
    Expected { decision: Decision::NotModified, ..proceeds() }
}

fn fails(condition: Condition) -> Expected {
    Expected { decision: Decision::Failed(condition), ..proceeds() }
}

impl Expected {
    fn range(self, stands: bool) -> Self {
        Self { range: Some(stands), ..self }
    }

    fn and(mut self, condition: Condition, outcome: Outcome) -> Self {
        self.outcomes.push((condition, outcome));
        self
    }

    fn holds(self, condition: Condition) -> Self {
        self.and(condition, Outcome::True)
    }

    fn refutes(self, condition: Condition) -> Self {
        self.and(condition, Outcome::False)
    }

    fn ignores(self, condition: Condition, reason: Ignored) -> Self {
        self.and(condition, Outcome::Ignored(reason))
    }
}

/// The headers of these lines, in their order. Bytes, because a tag need not be ASCII.
fn headers(lines: &[(&str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn check(method: &str, lines: &[(&str, &[u8])], current: Option<Validators>, expected: Expected) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let headers = headers(lines);
    let preconditions = ConditionalFields::from_headers_at(&headers, at(NOW));
    let evaluation = evaluate(&method, &preconditions, current.as_ref());
    assert_eq!(evaluation.decision(), expected.decision, "{method} {headers:?}: {evaluation:?}");
    if let Some(stands) = expected.range {
        assert_eq!(evaluation.allows_range(), stands, "{method} {headers:?}: {evaluation:?}");
    }
    for (condition, outcome) in expected.outcomes {
        assert_eq!(evaluation.outcome(condition), outcome, "{condition:?} of {method} {headers:?}");
    }
    // A field that is not there has no outcome, and one that is there has one.
    for condition in Condition::ALL {
        let is_absent = evaluation.outcome(condition) == Outcome::NotPresent;
        assert_eq!(is_absent, !preconditions.contains(condition), "{condition:?} of {method} {headers:?}");
    }
}

/// Turns each row into a test of its own: the methods it holds for, the field lines, the representation,
/// and what is expected.
macro_rules! rules {
    ($(
        $name:ident: [$($method:literal)+] { $($field:literal: $value:expr),* $(,)? }
            against $current:expr => $expected:expr;
    )+) => {$(
        #[test]
        fn $name() {
            for method in [$($method),+] {
                check(method, &[$(($field, AsRef::<[u8]>::as_ref($value))),*], $current, $expected);
            }
        }
    )+};
}

// When to evaluate.
rules! {
    rule_4_methods_that_select_nothing_ignore_every_condition: ["CONNECT" "OPTIONS" "TRACE"] {
        "if-match": r#""v2""#,
        "if-none-match": "*",
        "if-modified-since": EQUAL,
        "if-unmodified-since": BEFORE,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds()
        .range(false)
        .ignores(IfMatch, Ignored::Method)
        .ignores(IfNoneMatch, Ignored::Method)
        .ignores(IfModifiedSince, Ignored::Method)
        .ignores(IfUnmodifiedSince, Ignored::Method)
        .ignores(IfRange, Ignored::Method);
    rule_4_also_where_nothing_is_there: ["CONNECT" "OPTIONS" "TRACE"] {
        "if-match": "*",
        "if-unmodified-since": BEFORE,
    } against absent() => proceeds()
        .range(false)
        .ignores(IfMatch, Ignored::Method)
        .ignores(IfUnmodifiedSince, Ignored::Method);
    rule_4_also_where_the_field_is_malformed: ["CONNECT" "OPTIONS" "TRACE"] {
        "if-match": "v1",
        "if-none-match": "v1",
    } against tagged_and_dated() => proceeds()
        .ignores(IfMatch, Ignored::Method)
        .ignores(IfNoneMatch, Ignored::Method);
    rule_5_head_is_judged_by_its_tag_as_get: ["GET" "HEAD"] { "if-none-match": r#""v1""# }
        against tagged_and_dated() => not_modified().refutes(IfNoneMatch);
    rule_5_head_is_judged_by_its_date_as_get: ["GET" "HEAD"] { "if-modified-since": EQUAL }
        against tagged_and_dated() => not_modified().refutes(IfModifiedSince);
    rule_5_head_can_fail_as_get: ["GET" "HEAD"] { "if-match": r#""v2""# }
        against tagged_and_dated() => fails(IfMatch).range(false).refutes(IfMatch);
    rule_6_query_is_judged_by_its_tag_as_get: ["GET" "QUERY"] { "if-none-match": r#""v1""# }
        against tagged_and_dated() => not_modified().refutes(IfNoneMatch);
    rule_6_query_is_judged_by_its_date_as_get: ["GET" "QUERY"] { "if-modified-since": EQUAL }
        against tagged_and_dated() => not_modified().refutes(IfModifiedSince);
    rule_6_query_may_ask_for_a_range_as_get: ["GET" "QUERY"] { "if-range": r#""v1""#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(true).holds(IfRange);
    rule_6_query_may_lose_its_range_as_get: ["GET" "QUERY"] { "if-range": r#""v2""#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    // The names of methods are case-sensitive, so this is a method of someone's own.
    rule_6_query_is_written_in_capitals: ["query" "Query"] { "if-none-match": r#""v1""# }
        against tagged_and_dated() => fails(IfNoneMatch).range(false);
}

// What is not there is 404, conditions or none.
rules! {
    rule_2_what_is_not_there_is_read_without_conditions: ["GET" "HEAD" "QUERY"] {
        "if-match": r#""v1""#,
        "if-none-match": "*",
        "if-modified-since": EQUAL,
        "if-unmodified-since": BEFORE,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against absent() => proceeds()
        .range(false)
        .ignores(IfMatch, NoRepresentation)
        .ignores(IfNoneMatch, NoRepresentation)
        .ignores(IfModifiedSince, NoRepresentation)
        .ignores(IfUnmodifiedSince, NoRepresentation)
        .ignores(IfRange, NoRepresentation);
    rule_2_a_range_without_if_range_stands_for_the_handler: ["GET" "QUERY"] {
        "if-match": r#""v1""#,
        "range": "bytes=0-1",
    } against absent() => proceeds().range(true).ignores(IfMatch, NoRepresentation);
}

// In which order.
rules! {
    rule_7_if_match_true_goes_on_to_if_none_match: ["GET" "HEAD" "QUERY"] {
        "if-match": r#""v1""#,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => not_modified().holds(IfMatch).refutes(IfNoneMatch);
    rule_7_if_match_true_goes_on_for_writes: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-match": r#""v1""#,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => fails(IfNoneMatch).holds(IfMatch).refutes(IfNoneMatch);
    rule_7_if_match_false_is_the_end: ["GET" "HEAD" "QUERY"] {
        "if-match": r#""v2""#,
        "if-none-match": r#""v1""#,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => fails(IfMatch)
        .range(false)
        .refutes(IfMatch)
        .ignores(IfNoneMatch, AlreadyDecided);
    rule_7_if_match_false_is_the_end_for_writes: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-match": r#""v2""#,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => fails(IfMatch).refutes(IfMatch).ignores(IfNoneMatch, AlreadyDecided);
    rule_8_if_unmodified_since_stands_in_for_if_match: ["GET" "HEAD" "QUERY" "POST" "PUT" "PATCH" "DELETE"] {
        "if-unmodified-since": BEFORE,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => fails(IfUnmodifiedSince)
        .range(false)
        .refutes(IfUnmodifiedSince)
        .ignores(IfNoneMatch, AlreadyDecided);
    rule_8_if_unmodified_since_true_goes_on: ["GET" "HEAD" "QUERY"] {
        "if-unmodified-since": EQUAL,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => not_modified().holds(IfUnmodifiedSince).refutes(IfNoneMatch);
    rule_9_if_none_match_true_goes_on_to_the_range: ["GET" "QUERY"] {
        "if-none-match": r#""v2""#,
        "if-range": r#""v2""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(false).holds(IfNoneMatch).refutes(IfRange);
    rule_9_if_none_match_false_is_not_modified_for_reads: ["GET" "HEAD" "QUERY"] {
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => not_modified().range(false).refutes(IfNoneMatch);
    rule_9_if_none_match_false_fails_for_all_others: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => fails(IfNoneMatch).range(false).refutes(IfNoneMatch);
    rule_10_if_modified_since_decides_where_there_is_no_if_none_match: ["GET" "HEAD" "QUERY"] {
        "if-modified-since": EQUAL,
        "if-match": "*",
    } against tagged_and_dated() => not_modified().range(false).holds(IfMatch).refutes(IfModifiedSince);
    rule_10_and_comes_before_the_range: ["GET" "QUERY"] {
        "if-modified-since": EQUAL,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => not_modified()
        .range(false)
        .refutes(IfModifiedSince)
        .ignores(IfRange, AlreadyDecided);
    rule_11_if_range_true_leaves_the_range: ["GET" "QUERY"] {
        "if-match": r#""v1""#,
        "if-none-match": r#""v2""#,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(true).holds(IfMatch).holds(IfNoneMatch).holds(IfRange);
    rule_11_if_range_false_takes_the_range: ["GET" "QUERY"] {
        "if-range": r#""v2""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_11_if_range_is_for_get_and_query: ["HEAD" "POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(false).ignores(IfRange, Ignored::Method);
    rule_11_a_range_without_if_range_stands: ["GET" "QUERY"] { "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(true);
    rule_12_without_conditions_the_request_is_performed:
        ["GET" "HEAD" "QUERY" "POST" "PUT" "PATCH" "DELETE" "OPTIONS" "TRACE" "CONNECT" "PROPPATCH"] {}
        against tagged_and_dated() => proceeds();
    rule_12_also_where_nothing_is_there:
        ["GET" "HEAD" "QUERY" "POST" "PUT" "PATCH" "DELETE" "OPTIONS" "TRACE" "CONNECT" "PROPPATCH"] {}
        against absent() => proceeds();
    rule_12_all_conditions_true_is_performed: ["GET" "HEAD" "QUERY" "PUT" "DELETE"] {
        "if-match": r#""v1""#,
        "if-none-match": r#""v2""#,
    } against tagged_and_dated() => proceeds().holds(IfMatch).holds(IfNoneMatch);
}

// If-Match.
rules! {
    rule_13_strong_tags_match: ["PUT"] { "if-match": r#""v1""# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_13_a_weak_tag_in_the_field_does_not_match: ["PUT" "GET"] { "if-match": r#"W/"v1""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_13_a_weak_current_tag_does_not_match: ["PUT" "GET"] { "if-match": r#""v1""# }
        against tagged(r#"W/"v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_13_two_weak_tags_do_not_match: ["PUT" "GET"] { "if-match": r#"W/"v1""# }
        against tagged(r#"W/"v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_14_any_is_true_where_something_exists: ["PUT" "DELETE" "GET"] { "if-match": "*" }
        against tagged_and_dated() => proceeds().holds(IfMatch);
    rule_14_any_is_true_without_a_tag_or_a_date: ["PUT" "PATCH" "POST" "DELETE" "GET" "HEAD" "QUERY"] {
        "if-match": "*",
    } against bare() => proceeds().holds(IfMatch);
    rule_14_any_is_true_with_a_weak_tag: ["PUT"] { "if-match": "*" }
        against tagged(r#"W/"v1""#) => proceeds().holds(IfMatch);
    rule_14_any_is_false_where_nothing_exists: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] { "if-match": "*" }
        against absent() => fails(IfMatch).refutes(IfMatch);
    rule_15_a_list_is_true_if_its_last_member_matches: ["PUT"] { "if-match": r#""a", W/"v1", "v1""# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_15_a_list_without_the_tag_is_false: ["PUT"] { "if-match": r#""a", "b""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_15_a_list_is_false_where_there_is_no_tag: ["PUT" "GET"] { "if-match": r#""v1""# }
        against dated(MODIFIED) => fails(IfMatch).refutes(IfMatch);
    rule_15_a_list_is_false_where_nothing_exists: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-match": r#""v1""#,
    } against absent() => fails(IfMatch).refutes(IfMatch);
    rule_15_an_empty_list_is_false: ["PUT" "GET"] { "if-match": "" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_15_an_empty_tag_is_not_an_empty_list: ["PUT"] { "if-match": r#""""# }
        against tagged(r#""""#) => proceeds().holds(IfMatch);
    rule_18_a_get_with_another_tag_fails: ["GET" "HEAD" "QUERY"] { "if-match": r#""v2""# }
        against tagged(r#""v1""#) => fails(IfMatch).range(false);
    rule_18_a_get_with_the_tag_proceeds: ["GET" "QUERY"] { "if-match": r#""v1""#, "range": "bytes=0-1" }
        against tagged(r#""v1""#) => proceeds().range(true).holds(IfMatch);
    rule_19_any_beside_a_tag_is_malformed: ["PUT" "GET"] { "if-match": r#"*, "v1""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_a_tag_beside_any_is_malformed: ["PUT" "GET"] { "if-match": r#""v1", *"# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_on_another_line_is_malformed: ["PUT" "GET"] { "if-match": r#""v1""#, "if-match": "*" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_twice_is_malformed: ["PUT" "GET"] { "if-match": "*", "if-match": "*" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_beside_an_empty_line_is_malformed: ["PUT" "GET"] { "if-match": "*", "if-match": "" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_beside_a_comma_is_malformed: ["PUT" "GET"] { "if-match": "*," }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_behind_a_comma_is_malformed: ["PUT" "GET"] { "if-match": ", *" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_in_quotes_is_a_tag_like_another: ["PUT"] { "if-match": r#""*""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
}

// If-None-Match.
rules! {
    rule_20_two_weak_tags_match: ["GET"] { "if-none-match": r#"W/"v1""# }
        against tagged(r#"W/"v1""#) => not_modified();
    rule_20_a_weak_tag_matches_a_strong_one: ["GET"] { "if-none-match": r#"W/"v1""# }
        against tagged(r#""v1""#) => not_modified();
    rule_20_a_strong_tag_matches_a_weak_one: ["GET"] { "if-none-match": r#""v1""# }
        against tagged(r#"W/"v1""#) => not_modified();
    rule_20_the_weak_comparison_holds_for_writes: ["PUT"] { "if-none-match": r#"W/"v1""# }
        against tagged(r#""v1""#) => fails(IfNoneMatch).refutes(IfNoneMatch);
    rule_21_any_is_true_where_nothing_exists: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-none-match": "*",
    } against absent() => proceeds().holds(IfNoneMatch);
    rule_21_any_is_false_without_a_tag_or_a_date: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-none-match": "*",
    } against bare() => fails(IfNoneMatch).refutes(IfNoneMatch);
    rule_21_any_is_false_for_reads: ["GET" "HEAD" "QUERY"] { "if-none-match": "*" }
        against bare() => not_modified().refutes(IfNoneMatch);
    rule_22_a_list_is_false_if_its_last_member_matches: ["GET"] { "if-none-match": r#""a", "b", "v1""# }
        against tagged(r#""v1""#) => not_modified().refutes(IfNoneMatch);
    rule_22_a_list_without_the_tag_is_true: ["GET" "PUT"] { "if-none-match": r#""a", "b""# }
        against tagged(r#""v1""#) => proceeds().holds(IfNoneMatch);
    rule_22_a_list_is_true_where_there_is_no_tag: ["GET" "PUT"] { "if-none-match": r#""v1""# }
        against dated(MODIFIED) => proceeds().holds(IfNoneMatch);
    rule_22_a_list_is_true_where_nothing_exists: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-none-match": r#""v1""#,
    } against absent() => proceeds().holds(IfNoneMatch);
    rule_22_an_empty_list_is_true: ["GET" "PUT"] { "if-none-match": "" }
        against tagged(r#""v1""#) => proceeds().holds(IfNoneMatch);
    rule_23_false_is_never_performed: ["GET" "HEAD"] { "if-none-match": "*" }
        against tagged_and_dated() => not_modified();
    rule_23_false_fails_for_the_others: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] { "if-none-match": "*" }
        against tagged_and_dated() => fails(IfNoneMatch);
    rule_24_any_beside_a_tag_matches_nothing_on_reads: ["GET" "HEAD" "QUERY"] { "if-none-match": r#"*, "v1""# }
        against tagged(r#""v1""#) => proceeds().holds(IfNoneMatch);
    rule_24_any_beside_a_tag_fails_writes: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-none-match": r#""v1", *"#,
    } against tagged(r#""v2""#) => fails(IfNoneMatch).refutes(IfNoneMatch);
    rule_24_any_beside_a_tag_fails_writes_to_what_is_not_there: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-none-match": "*, *",
    } against absent() => fails(IfNoneMatch).refutes(IfNoneMatch);
    rule_24_any_on_two_lines_is_malformed: ["PUT"] { "if-none-match": "*", "if-none-match": "*" }
        against absent() => fails(IfNoneMatch).refutes(IfNoneMatch);
}

// If-Modified-Since.
rules! {
    rule_25_if_none_match_true_shadows_it: ["GET" "HEAD" "QUERY"] {
        "if-none-match": r#""v2""#,
        "if-modified-since": EQUAL,
    } against tagged_and_dated() => proceeds()
        .holds(IfNoneMatch)
        .ignores(IfModifiedSince, BesideIfNoneMatch);
    rule_25_if_none_match_false_wins_over_it: ["GET" "HEAD" "QUERY"] {
        "if-none-match": r#""v1""#,
        "if-modified-since": BEFORE,
    } against tagged_and_dated() => not_modified().refutes(IfNoneMatch);
    rule_25_a_malformed_if_none_match_shadows_it: ["GET" "HEAD" "QUERY"] {
        "if-none-match": "v1",
        "if-modified-since": EQUAL,
    } against tagged_and_dated() => proceeds()
        .holds(IfNoneMatch)
        .ignores(IfModifiedSince, BesideIfNoneMatch);
    rule_25_an_empty_if_none_match_shadows_it: ["GET" "HEAD" "QUERY"] {
        "if-none-match": "",
        "if-modified-since": EQUAL,
    } against tagged_and_dated() => proceeds()
        .holds(IfNoneMatch)
        .ignores(IfModifiedSince, BesideIfNoneMatch);
    rule_25_it_is_shadowed_where_there_is_no_tag: ["GET" "HEAD" "QUERY"] {
        "if-none-match": r#""v1""#,
        "if-modified-since": EQUAL,
    } against dated(MODIFIED) => proceeds().ignores(IfModifiedSince, BesideIfNoneMatch);
    rule_26_an_invalid_date_is_ignored: ["GET" "HEAD" "QUERY"] { "if-modified-since": "yesterday" }
        against tagged_and_dated() => proceeds().ignores(IfModifiedSince, InvalidDate);
    rule_26_an_empty_value_is_ignored: ["GET" "HEAD" "QUERY"] { "if-modified-since": "" }
        against tagged_and_dated() => proceeds().ignores(IfModifiedSince, InvalidDate);
    rule_26_seconds_are_not_a_date: ["GET" "HEAD" "QUERY"] { "if-modified-since": "784111777" }
        against tagged_and_dated() => proceeds().ignores(IfModifiedSince, InvalidDate);
    rule_26_obs_text_is_not_a_date: ["GET" "HEAD" "QUERY"] { "if-modified-since": b"\xfc\xff" }
        against tagged_and_dated() => proceeds().ignores(IfModifiedSince, InvalidDate);
    rule_26_a_day_that_does_not_exist_is_ignored: ["GET"] {
        "if-modified-since": "Thu, 30 Feb 1995 08:49:37 GMT",
    } against tagged_and_dated() => proceeds().ignores(IfModifiedSince, InvalidDate);
    rule_27_two_lines_are_ignored: ["GET" "HEAD" "QUERY"] {
        "if-modified-since": EQUAL,
        "if-modified-since": EQUAL,
    } against tagged_and_dated() => proceeds().ignores(IfModifiedSince, SeveralLines);
    rule_28_writes_ignore_it: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] { "if-modified-since": EQUAL }
        against tagged_and_dated() => proceeds().ignores(IfModifiedSince, Ignored::Method);
    rule_29_without_a_date_it_is_ignored: ["GET" "HEAD" "QUERY"] { "if-modified-since": EQUAL }
        against tagged(r#""v1""#) => proceeds().ignores(IfModifiedSince, NoModificationDate);
    rule_30_modified_before_the_date_is_not_modified: ["GET" "HEAD" "QUERY"] { "if-modified-since": AFTER }
        against dated(MODIFIED) => not_modified().refutes(IfModifiedSince);
    rule_30_modified_at_the_date_is_not_modified: ["GET" "HEAD" "QUERY"] { "if-modified-since": EQUAL }
        against dated(MODIFIED) => not_modified().refutes(IfModifiedSince);
    rule_30_modified_after_the_date_proceeds: ["GET" "HEAD" "QUERY"] { "if-modified-since": BEFORE }
        against dated(MODIFIED) => proceeds().holds(IfModifiedSince);
    rule_30_a_date_in_the_future_is_no_exception: ["GET" "HEAD" "QUERY"] { "if-modified-since": IN_THE_FUTURE }
        against dated(MODIFIED) => not_modified().refutes(IfModifiedSince);
    rule_30_a_date_before_1970_is_no_exception: ["GET" "HEAD" "QUERY"] { "if-modified-since": BEFORE_1970 }
        against dated(MODIFIED) => proceeds().holds(IfModifiedSince);
    rule_30_a_representation_from_before_1970_is_no_exception: ["GET"] { "if-modified-since": BEFORE_1970 }
        against dated(-1) => not_modified().refutes(IfModifiedSince);
}

/// "More than one member" on one line is not a date either.
#[test]
fn rule_27_two_members_on_one_line_are_ignored() {
    let value = format!("{EQUAL}, {EQUAL}");
    let headers = headers(&[("if-modified-since", value.as_bytes())]);
    let preconditions = ConditionalFields::from_headers_at(&headers, at(NOW));
    let evaluation = evaluate(&Method::GET, &preconditions, tagged_and_dated().as_ref());
    assert_eq!(evaluation.decision(), Decision::Proceed);
    let outcome = evaluation.outcome(IfModifiedSince);
    assert!(matches!(outcome, Outcome::Ignored(InvalidDate | SeveralLines)), "{outcome:?}");
}

// If-Unmodified-Since.
rules! {
    rule_31_if_match_true_shadows_it: ["GET" "HEAD" "QUERY" "PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-match": r#""v1""#,
        "if-unmodified-since": BEFORE,
    } against tagged_and_dated() => proceeds().holds(IfMatch).ignores(IfUnmodifiedSince, BesideIfMatch);
    rule_31_if_match_false_wins_over_it: ["GET" "PUT" "DELETE"] {
        "if-match": r#""v2""#,
        "if-unmodified-since": EQUAL,
    } against tagged_and_dated() => fails(IfMatch).refutes(IfMatch);
    rule_31_a_malformed_if_match_shadows_it: ["GET" "PUT" "DELETE"] {
        "if-match": "v1",
        "if-unmodified-since": EQUAL,
    } against tagged_and_dated() => fails(IfMatch).refutes(IfMatch);
    rule_31_any_shadows_it: ["GET" "PUT" "DELETE"] {
        "if-match": "*",
        "if-unmodified-since": BEFORE,
    } against dated(MODIFIED) => proceeds().holds(IfMatch).ignores(IfUnmodifiedSince, BesideIfMatch);
    rule_32_an_invalid_date_is_ignored: ["GET" "PUT" "DELETE"] { "if-unmodified-since": "yesterday" }
        against tagged_and_dated() => proceeds().ignores(IfUnmodifiedSince, InvalidDate);
    rule_32_two_lines_are_ignored: ["GET" "PUT" "DELETE"] {
        "if-unmodified-since": BEFORE,
        "if-unmodified-since": BEFORE,
    } against tagged_and_dated() => proceeds().ignores(IfUnmodifiedSince, SeveralLines);
    rule_33_without_a_date_it_is_ignored: ["GET" "PUT" "DELETE"] { "if-unmodified-since": BEFORE }
        against tagged(r#""v1""#) => proceeds().ignores(IfUnmodifiedSince, NoModificationDate);
    rule_33_what_is_not_there_has_no_date: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-unmodified-since": BEFORE,
    } against absent() => proceeds();
    rule_35_modified_before_the_date_is_true: ["PUT" "GET"] { "if-unmodified-since": AFTER }
        against dated(MODIFIED) => proceeds().holds(IfUnmodifiedSince);
    rule_35_modified_at_the_date_is_true: ["PUT" "GET"] { "if-unmodified-since": EQUAL }
        against dated(MODIFIED) => proceeds().holds(IfUnmodifiedSince);
    rule_35_modified_after_the_date_is_false: ["PUT" "GET"] { "if-unmodified-since": BEFORE }
        against dated(MODIFIED) => fails(IfUnmodifiedSince).refutes(IfUnmodifiedSince);
    rule_35_a_date_in_the_future_is_no_exception: ["PUT"] { "if-unmodified-since": IN_THE_FUTURE }
        against dated(MODIFIED) => proceeds().holds(IfUnmodifiedSince);
    rule_36_a_date_before_1970_is_not_ignored: ["PUT" "PATCH" "DELETE" "GET"] {
        "if-unmodified-since": BEFORE_1970,
    } against dated(MODIFIED) => fails(IfUnmodifiedSince).refutes(IfUnmodifiedSince);
    rule_36_nor_is_one_of_the_year_1: ["PUT" "PATCH" "DELETE" "GET"] {
        "if-unmodified-since": "Mon, 01 Jan 0001 00:00:00 GMT",
    } against dated(MODIFIED) => fails(IfUnmodifiedSince).refutes(IfUnmodifiedSince);
}

/// A list of dates on one line is as unusable as two lines.
#[test]
fn rule_32_two_members_on_one_line_are_ignored() {
    let value = format!("{BEFORE}, {BEFORE}");
    let headers = headers(&[("if-unmodified-since", value.as_bytes())]);
    let preconditions = ConditionalFields::from_headers_at(&headers, at(NOW));
    let evaluation = evaluate(&Method::PUT, &preconditions, tagged_and_dated().as_ref());
    assert_eq!(evaluation.decision(), Decision::Proceed);
    let outcome = evaluation.outcome(IfUnmodifiedSince);
    assert!(matches!(outcome, Outcome::Ignored(InvalidDate | SeveralLines)), "{outcome:?}");
}

// If-Range.
rules! {
    rule_37_without_range_it_is_ignored: ["GET" "QUERY"] { "if-range": r#""v2""# }
        against tagged_and_dated() => proceeds().ignores(IfRange, NoRange);
    rule_39_a_weak_date_is_false: ["GET" "QUERY"] { "if-range": EQUAL, "range": "bytes=0-1" }
        against dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_39_a_strong_date_is_true_where_it_is_equal: ["GET" "QUERY"] { "if-range": EQUAL, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(true).holds(IfRange);
    rule_39_a_later_date_is_false: ["GET" "QUERY"] { "if-range": AFTER, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_39_an_earlier_date_is_false: ["GET" "QUERY"] { "if-range": BEFORE, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_39_without_a_date_a_date_is_false: ["GET" "QUERY"] { "if-range": EQUAL, "range": "bytes=0-1" }
        against tagged(r#""v1""#) => proceeds().range(false).refutes(IfRange);
    rule_39_an_equal_date_before_1970_is_true: ["GET"] { "if-range": BEFORE_1970, "range": "bytes=0-1" }
        against strongly_dated(-1) => proceeds().range(true).holds(IfRange);
    rule_40_the_strong_tag_is_true: ["GET" "QUERY"] { "if-range": r#""v1""#, "range": "bytes=0-1" }
        against tagged(r#""v1""#) => proceeds().range(true).holds(IfRange);
    rule_40_a_weak_tag_in_the_field_is_false: ["GET" "QUERY"] { "if-range": r#"W/"v1""#, "range": "bytes=0-1" }
        against tagged(r#""v1""#) => proceeds().range(false).refutes(IfRange);
    rule_40_a_weak_current_tag_is_false: ["GET" "QUERY"] { "if-range": r#""v1""#, "range": "bytes=0-1" }
        against tagged(r#"W/"v1""#) => proceeds().range(false).refutes(IfRange);
    rule_40_two_weak_tags_are_false: ["GET" "QUERY"] { "if-range": r#"W/"v1""#, "range": "bytes=0-1" }
        against tagged(r#"W/"v1""#) => proceeds().range(false).refutes(IfRange);
    rule_40_without_a_tag_a_tag_is_false: ["GET" "QUERY"] { "if-range": r#""v1""#, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_41_false_takes_the_range_and_nothing_else: ["GET"] {
        "if-match": r#""v1""#,
        "if-range": r#""v2""#,
        "range": "bytes=0-1",
    } against tagged(r#""v1""#) => proceeds().range(false).holds(IfMatch).refutes(IfRange);
    rule_42_a_quote_first_is_a_tag: ["GET"] { "if-range": r#""Sun, 06 Nov""#, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    // A quote among the first three characters is a tag of one character too, and an empty one.
    rule_42_a_tag_of_one_character_is_a_tag: ["GET"] { "if-range": r#""a""#, "range": "bytes=0-1" }
        against tagged(r#""a""#) => proceeds().range(true).holds(IfRange);
    rule_42_an_empty_tag_is_a_tag: ["GET"] { "if-range": r#""""#, "range": "bytes=0-1" }
        against tagged(r#""""#) => proceeds().range(true).holds(IfRange);
    rule_42_all_three_formats_are_dates: ["GET"] {
        "if-range": "Sunday, 06-Nov-94 08:49:37 GMT",
        "range": "bytes=0-1",
    } against strongly_dated(MODIFIED) => proceeds().range(true).holds(IfRange);
    rule_42_asctime_is_a_date: ["GET"] { "if-range": "Sun Nov  6 08:49:37 1994", "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(true).holds(IfRange);
    rule_43_a_lone_quote_is_false: ["GET" "QUERY"] { "if-range": "\"", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_an_open_quote_is_false: ["GET" "QUERY"] { "if-range": r#""v1"#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_a_bare_word_is_false: ["GET" "QUERY"] { "if-range": "v1", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_an_empty_value_is_false: ["GET" "QUERY"] { "if-range": "", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_any_is_false: ["GET" "QUERY"] { "if-range": "*", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_a_list_is_false: ["GET" "QUERY"] { "if-range": r#""v1", "v1""#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_two_lines_are_false: ["GET" "QUERY"] {
        "if-range": r#""v1""#,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_a_lower_case_w_is_false: ["GET" "QUERY"] { "if-range": r#"w/"v1""#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_obs_text_is_false: ["GET" "QUERY"] { "if-range": b"\xfc", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
}

// Validators.
#[test]
fn rule_46_a_date_is_weak_unless_it_is_said_or_seen_to_be_strong() {
    let weak = Validators::new().with_last_modified(at(MODIFIED));
    assert_eq!(weak.last_modified(), Some(at(MODIFIED)));
    assert_eq!(weak.strong_last_modified(), None);

    let strong = Validators::new().with_strong_last_modified(at(MODIFIED));
    assert_eq!(strong.last_modified(), Some(at(MODIFIED)));
    assert_eq!(strong.strong_last_modified(), Some(at(MODIFIED)));

    for (now, settled) in [(-1, false), (0, false), (1, false), (2, true), (3, true)] {
        let validators = Validators::new().with_last_modified(at(MODIFIED)).settled_at(at(MODIFIED + now));
        assert_eq!(validators.last_modified(), Some(at(MODIFIED)));
        assert_eq!(validators.strong_last_modified().is_some(), settled, "{now} seconds later");
    }
    // What the source says is strong stays so, however young it is.
    let young = Validators::new().with_strong_last_modified(at(MODIFIED)).settled_at(at(MODIFIED));
    assert_eq!(young.strong_last_modified(), Some(at(MODIFIED)));
    // There is nothing to settle without a date.
    let dateless = Validators::new().settled_at(at(MODIFIED));
    assert_eq!(dateless.last_modified(), None);
    assert_eq!(dateless.strong_last_modified(), None);
    // At the edges of the calendar there may be no two seconds to go back.
    let first = Validators::new().with_last_modified(HttpDate::MIN).settled_at(HttpDate::MIN);
    assert_eq!(first.strong_last_modified(), None);
    let last = Validators::new().with_last_modified(HttpDate::MAX).settled_at(HttpDate::MAX);
    assert_eq!(last.strong_last_modified(), None);
    let ages_ago = Validators::new().with_last_modified(HttpDate::MIN).settled_at(HttpDate::MAX);
    assert_eq!(ages_ago.strong_last_modified(), Some(HttpDate::MIN));
}

#[test]
fn rule_46_a_settled_date_lets_a_range_stand() {
    let headers = headers(&[("if-range", EQUAL.as_bytes()), ("range", b"bytes=0-1")]);
    let preconditions = ConditionalFields::from_headers_at(&headers, at(NOW));
    for (later, stands) in [(1, false), (2, true)] {
        let current = Validators::new().with_last_modified(at(MODIFIED)).settled_at(at(MODIFIED + later));
        let evaluation = evaluate(&Method::GET, &preconditions, Some(&current));
        assert_eq!(evaluation.allows_range(), stands);
    }
}

#[test]
fn rule_47_a_weak_tag_carries_its_mark() {
    let weak = EntityTag::weak("v1").unwrap();
    assert!(weak.is_weak());
    assert_eq!(weak.to_string(), r#"W/"v1""#);
    let strong = EntityTag::strong("v1").unwrap();
    assert!(!strong.is_weak());
    assert_eq!(strong.to_string(), r#""v1""#);
    assert!(EntityTag::from_static(r#"W/"v1""#).is_weak());
    assert!(!EntityTag::from_static(r#""v1""#).is_weak());
    // A tag whose text looks like the mark of another is not weak.
    assert!(!EntityTag::strong("W/").unwrap().is_weak());
}

#[test]
fn rule_47_the_mark_is_case_sensitive() {
    for text in [r#"w/"v1""#, r#"W"v1""#, r#"/"v1""#, r#"W /"v1""#, r#"W/ "v1""#, r#"W/W/"v1""#, "W/v1", "W/"]
    {
        assert!(text.parse::<EntityTag>().is_err(), "{text}");
    }
}

rules! {
    rule_47_a_lower_case_mark_is_malformed: ["PUT"] { "if-match": r#"w/"v1", "v1""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
}

#[test]
fn rule_48_tags_are_compared_byte_by_byte() {
    let tag = |text: &[u8]| EntityTag::try_from(HeaderValue::from_bytes(text).unwrap()).unwrap();
    // (one, other, strong, weak)
    let table: [(&[u8], &[u8], bool, bool); 9] = [
        (b"\"1\"", b"\"1\"", true, true),
        (b"W/\"1\"", b"W/\"1\"", false, true),
        (b"W/\"1\"", b"W/\"2\"", false, false),
        (b"W/\"1\"", b"\"1\"", false, true),
        (b"\"a\"", b"\"A\"", false, false),
        (b"\"\"", b"\"\"", true, true),
        (b"\"a\\b\"", b"\"ab\"", false, false),
        (b"\"\xfc\"", b"\"\xfc\"", true, true),
        (b"\"\xfc\"", b"\"\xdc\"", false, false),
    ];
    for (one, other, strong, weak) in table {
        assert_eq!(tag(one).strong_eq(&tag(other)), strong, "{one:?} and {other:?}");
        assert_eq!(tag(other).strong_eq(&tag(one)), strong, "{other:?} and {one:?}");
        assert_eq!(tag(one).weak_eq(&tag(other)), weak, "{one:?} and {other:?}");
        assert_eq!(tag(other).weak_eq(&tag(one)), weak, "{other:?} and {one:?}");
    }
}

#[test]
fn rule_48_what_may_stand_between_the_quotes() {
    for byte in 0..=u8::MAX {
        let allowed = byte == b'!' || (b'#'..=b'~').contains(&byte) || byte >= 0x80;
        assert_eq!(EntityTag::strong([byte]).is_ok(), allowed, "{byte:#04x}");
        assert_eq!(EntityTag::weak([byte]).is_ok(), allowed, "{byte:#04x}");
        if let Ok(value) = HeaderValue::from_bytes(&[b'"', byte, b'"']) {
            assert_eq!(EntityTag::try_from(value).is_ok(), allowed, "{byte:#04x}");
        }
    }
    assert_eq!(EntityTag::strong("").unwrap().to_string(), r#""""#);
    for text in [
        "",
        "\"",
        "v1",
        "\"v1",
        "v1\"",
        "\"v 1\"",
        "\"v\"1\"",
        " \"v1\"",
        "\"v1\" ",
        "'v1'",
        "*",
        "\"a\", \"b\"",
    ] {
        assert!(text.parse::<EntityTag>().is_err(), "{text}");
        assert!(EntityTag::try_from(HeaderValue::from_static(text)).is_err(), "{text}");
    }
}

rules! {
    rule_48_a_comma_in_quotes_does_not_end_a_tag: ["PUT"] { "if-match": r#""a,b", "c;d""# }
        against tagged(r#""a,b""#) => proceeds().holds(IfMatch);
    rule_48_half_of_a_tag_with_a_comma_does_not_match: ["PUT"] { "if-match": r#""a,b""# }
        against tagged(r#""a""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_a_quoted_comma_does_not_split_a_tag_into_another: ["PUT"] { "if-match": r#""a","b","c""# }
        against tagged(r#"",""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_a_semicolon_may_stand_in_quotes: ["GET"] { "if-none-match": r#""c;d""# }
        against tagged(r#""c;d""#) => not_modified();
    rule_48_a_backslash_is_no_escape: ["PUT"] { "if-match": r#""a\", "b""# }
        against tagged(r#""b""#) => proceeds().holds(IfMatch);
    rule_48_a_backslash_is_part_of_the_tag: ["PUT"] { "if-match": r#""a\""# }
        against tagged(r#""a\""#) => proceeds().holds(IfMatch);
    rule_48_obs_text_matches_itself: ["GET"] { "if-none-match": b"\"\xfc\"" }
        against Some(Validators::new().with_etag(EntityTag::strong(b"\xfc").unwrap())) => not_modified();
    rule_48_case_matters: ["PUT"] { "if-match": r#""V1""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_a_space_in_quotes_is_malformed: ["PUT"] { "if-match": r#""v1", "a b""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_two_tags_without_a_comma_are_malformed: ["PUT"] { "if-match": r#""v1" "v2""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_the_empty_tag_is_a_tag: ["GET"] { "if-none-match": r#""""# }
        against tagged(r#""""#) => not_modified();
}

#[test]
fn rule_50_a_time_is_cut_to_its_second_before_it_is_compared() {
    let headers = headers(&[("if-modified-since", EQUAL.as_bytes())]);
    let preconditions = ConditionalFields::from_headers_at(&headers, at(NOW));
    let second = UNIX_EPOCH + Duration::from_secs(MODIFIED.unsigned_abs());
    for (within, expected) in
        [(0, Decision::NotModified), (999_999_999, Decision::NotModified), (1_000_000_000, Decision::Proceed)]
    {
        let modified: SystemTime = second + Duration::from_nanos(within);
        let current = Validators::new().with_last_modified(HttpDate::try_from(modified).unwrap());
        let evaluation = evaluate(&Method::GET, &preconditions, Some(&current));
        assert_eq!(evaluation.decision(), expected, "{within} ns into the second");
    }
}

#[test]
fn rule_50_before_1970_a_time_is_cut_downwards_too() {
    let half_a_second = UNIX_EPOCH - Duration::from_millis(500);
    assert_eq!(HttpDate::try_from(half_a_second).unwrap().unix_seconds(), -1);
    let one_second = UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(HttpDate::try_from(one_second).unwrap().unix_seconds(), -1);
    let a_little_more = UNIX_EPOCH - Duration::from_millis(1001);
    assert_eq!(HttpDate::try_from(a_little_more).unwrap().unix_seconds(), -2);
}

// Syntax.
rules! {
    rule_51_the_second_line_counts: ["PUT"] { "if-match": r#""a""#, "if-match": r#""v1""# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_51_the_second_line_counts_for_if_none_match: ["GET"] {
        "if-none-match": r#""a""#,
        "if-none-match": r#""b", "v1""#,
    } against tagged(r#""v1""#) => not_modified();
    rule_51_the_second_line_counts_against_a_write: ["PUT"] {
        "if-none-match": r#""a""#,
        "if-none-match": r#""v1""#,
    } against tagged(r#""v1""#) => fails(IfNoneMatch);
    rule_51_other_fields_between_the_lines_do_not_matter: ["PUT"] {
        "if-match": r#""a""#,
        "accept": "*/*",
        "if-match": r#""v1""#,
    } against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_51_one_malformed_line_makes_the_list_malformed: ["PUT"] {
        "if-match": r#""v1""#,
        "if-match": "v1",
    } against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_51_a_tag_does_not_run_over_two_lines: ["PUT"] { "if-match": r#""v1"#, "if-match": r#"v1""# }
        against tagged(r#""v1,v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_52_empty_members_do_not_count: ["PUT"] { "if-match": r#", ,, "a" ,	, "v1",,"# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_52_empty_lines_do_not_count: ["PUT"] { "if-match": "", "if-match": r#""v1""#, "if-match": "," }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_52_commas_alone_are_an_empty_list: ["PUT"] { "if-match": ", ,," }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_52_commas_alone_match_nothing: ["PUT" "GET"] { "if-none-match": ", ,," }
        against tagged(r#""v1""#) => proceeds().holds(IfNoneMatch);
    rule_53_imf_fixdate_is_accepted: ["GET"] { "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT" }
        against dated(MODIFIED) => not_modified();
    rule_53_rfc_850_is_accepted: ["GET"] { "if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT" }
        against dated(MODIFIED) => not_modified();
    rule_53_asctime_is_accepted: ["GET"] { "if-modified-since": "Sun Nov  6 08:49:37 1994" }
        against dated(MODIFIED) => not_modified();
    rule_53_rfc_850_is_judged_by_the_clock_that_is_handed_in: ["PUT"] {
        "if-unmodified-since": "Sunday, 06-Nov-94 08:49:36 GMT",
    } against dated(MODIFIED) => fails(IfUnmodifiedSince);
}

#[test]
fn rule_51_the_tags_of_all_lines_are_one_list() {
    let headers = headers(&[
        ("if-match", br#""a", W/"b""#),
        ("if-none-match", br#""z""#),
        ("if-match", b""),
        ("if-match", br#" "c,d""#),
    ]);
    let preconditions = ConditionalFields::from_headers(&headers);
    let list = preconditions.if_match().unwrap();
    let tags: Vec<String> = list.to_tags().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(tags, [r#""a""#, r#"W/"b""#, r#""c,d""#]);
    assert!(!list.is_any().unwrap());
    assert!(list.strong_match(&EntityTag::from_static(r#""c,d""#)).unwrap());
    assert!(!list.strong_match(&EntityTag::from_static(r#""b""#)).unwrap());
    assert!(list.weak_match(&EntityTag::from_static(r#""b""#)).unwrap());
    assert!(!list.weak_match(&EntityTag::from_static(r#""z""#)).unwrap());
    assert!(preconditions.check().is_ok());
}

#[test]
fn rule_52_a_thousand_empty_members_are_still_a_list() {
    let value = format!("{}\"v1\"{}", ",".repeat(500), " ,\t".repeat(500));
    let headers = headers(&[("if-match", value.as_bytes())]);
    let preconditions = ConditionalFields::from_headers(&headers);
    assert!(preconditions.check().is_ok());
    assert_eq!(preconditions.if_match().unwrap().to_tags().unwrap().len(), 1);
}

fn parse(text: &str) -> Option<i64> {
    HttpDate::parse_at(text.as_bytes(), at(NOW)).ok().map(HttpDate::unix_seconds)
}

#[test]
fn rule_53_three_formats_in_and_one_out() {
    for text in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(parse(text), Some(MODIFIED), "{text}");
        let read: HttpDate = text.parse().unwrap();
        assert_eq!(read.to_string(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
    // The grammar lets the day of an asctime date have two digits.
    assert_eq!(parse("Sun Nov 06 08:49:37 1994"), Some(MODIFIED));
    assert_eq!(parse("Wed Nov 16 08:49:37 1994"), Some(MODIFIED + 10 * 86_400));
}

#[test]
fn rule_53_nothing_else_is_a_date() {
    for text in [
        "",
        " ",
        "0",
        "-1",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT; length=1",
        "Sun, 06 Nov 1994 08:49:37.5 GMT",
        "Sun, 06 Nov +994 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 94",
        "Sun Nov  6 08:49:37 1994 GMT",
        "1994-11-06T08:49:37Z",
        "S\u{fc}n, 06 Nov 1994 08:49:37 GMT",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

/// RFC 5322 §3.3, of which the format is a subset: the name of the day must be that of the date.
#[test]
fn rule_53_the_name_of_the_day_is_that_of_the_date() {
    assert_eq!(parse("Mon, 06 Nov 1994 08:49:37 GMT"), None);
    assert_eq!(parse("Monday, 06-Nov-94 08:49:37 GMT"), None);
    assert_eq!(parse("Mon Nov  6 08:49:37 1994"), None);
}

#[test]
fn rule_53_the_29th_of_february() {
    assert_eq!(parse("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
    assert_eq!(parse("Thu, 29 Feb 1996 00:00:00 GMT"), Some(825_552_000));
    assert_eq!(parse("Thu, 01 Mar 1900 00:00:00 GMT"), Some(-2_203_891_200));
    for text in
        ["Thu, 29 Feb 1900 00:00:00 GMT", "Wed, 28 Feb 1900 24:00:00 GMT", "Mon, 29 Feb 2100 00:00:00 GMT"]
    {
        assert_eq!(parse(text), None, "{text}");
    }
}

/// The clock stands at noon on Thursday the 15th of October 2026.
const NOON_2026: i64 = 1_792_065_600;

fn two_digits(text: &str, now: i64) -> Option<String> {
    HttpDate::parse_at(text.as_bytes(), at(now)).ok().map(|date| date.to_string())
}

#[test]
fn rule_53_two_digits_turn_exactly_fifty_years_ahead() {
    assert_eq!(at(NOON_2026).to_string(), "Thu, 15 Oct 2026 12:00:00 GMT");
    // In 2076 the day is a Thursday, in 1976 it was a Friday.
    let exactly = two_digits("Thursday, 15-Oct-76 12:00:00 GMT", NOON_2026);
    assert_eq!(exactly.as_deref(), Some("Thu, 15 Oct 2076 12:00:00 GMT"));
    let almost = two_digits("Thursday, 15-Oct-76 11:59:59 GMT", NOON_2026);
    assert_eq!(almost.as_deref(), Some("Thu, 15 Oct 2076 11:59:59 GMT"));
    let more = two_digits("Friday, 15-Oct-76 12:00:01 GMT", NOON_2026);
    assert_eq!(more.as_deref(), Some("Fri, 15 Oct 1976 12:00:01 GMT"));
    let next_day = two_digits("Saturday, 16-Oct-76 00:00:00 GMT", NOON_2026);
    assert_eq!(next_day.as_deref(), Some("Sat, 16 Oct 1976 00:00:00 GMT"));
    let next_year = two_digits("Saturday, 15-Oct-77 00:00:00 GMT", NOON_2026);
    assert_eq!(next_year.as_deref(), Some("Sat, 15 Oct 1977 00:00:00 GMT"));
}

#[test]
fn rule_53_the_name_of_the_day_is_that_of_the_chosen_century() {
    // A Friday that is fifty years ahead would have to be in 1976, and the other way round.
    assert_eq!(two_digits("Friday, 15-Oct-76 12:00:00 GMT", NOON_2026), None);
    assert_eq!(two_digits("Thursday, 15-Oct-76 12:00:01 GMT", NOON_2026), None);
    // The same text is another date when the clock has gone on.
    let text = "Thursday, 15-Oct-76 12:00:01 GMT";
    let later = two_digits(text, NOON_2026 + 1);
    assert_eq!(later.as_deref(), Some("Thu, 15 Oct 2076 12:00:01 GMT"));
}

#[test]
fn rule_53_two_digits_mean_this_century_or_the_last() {
    let this_year = two_digits("Thursday, 01-Jan-26 00:00:00 GMT", NOON_2026);
    assert_eq!(this_year.as_deref(), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    let next_month = two_digits("Sunday, 15-Nov-26 12:00:00 GMT", NOON_2026);
    assert_eq!(next_month.as_deref(), Some("Sun, 15 Nov 2026 12:00:00 GMT"));
    let classic = two_digits("Sunday, 06-Nov-94 08:49:37 GMT", NOON_2026);
    assert_eq!(classic.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    let epoch = two_digits("Saturday, 01-Jan-00 00:00:00 GMT", NOON_2026);
    assert_eq!(epoch.as_deref(), Some("Sat, 01 Jan 2000 00:00:00 GMT"));

    // From the end of a century the next one is near.
    let end_of_2099 = 4_102_444_799;
    assert_eq!(at(end_of_2099).to_string(), "Thu, 31 Dec 2099 23:59:59 GMT");
    let a_second_later = two_digits("Friday, 01-Jan-00 00:00:00 GMT", end_of_2099);
    assert_eq!(a_second_later.as_deref(), Some("Fri, 01 Jan 2100 00:00:00 GMT"));

    // The clock itself may stand before 1970.
    let in_1960 = two_digits("Saturday, 06-Nov-10 08:49:37 GMT", -288_803_423);
    assert_eq!(in_1960.as_deref(), Some("Sat, 06 Nov 2010 08:49:37 GMT"));
    let past = two_digits("Monday, 06-Nov-11 08:49:37 GMT", -288_803_423);
    assert_eq!(past.as_deref(), Some("Mon, 06 Nov 1911 08:49:37 GMT"));
}

#[test]
fn rule_53_a_second_of_60_is_in_the_grammar() {
    // A leap second that did happen. There is no such second in Unix time: it is one of its neighbours.
    for text in
        ["Sat, 31 Dec 2016 23:59:60 GMT", "Saturday, 31-Dec-16 23:59:60 GMT", "Sat Dec 31 23:59:60 2016"]
    {
        let read = HttpDate::parse_at(text.as_bytes(), at(NOON_2026)).unwrap().unix_seconds();
        assert!((1_483_228_799..=1_483_228_800).contains(&read), "{text} is {read}");
    }
    // At the end of the calendar there is no next second.
    if let Ok(read) = HttpDate::parse_at(b"Fri, 31 Dec 9999 23:59:60 GMT", at(NOW)) {
        assert_eq!(read, HttpDate::MAX);
    }
}

rules! {
    rule_53_a_second_of_60_is_not_ignored: ["PUT"] { "if-unmodified-since": "Fri, 30 Jun 1972 23:59:60 GMT" }
        against dated(MODIFIED) => fails(IfUnmodifiedSince);
}

#[test]
fn rule_53_dates_before_1970_are_dates() {
    for (text, seconds) in [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ("Wed Dec 31 23:59:59 1969", -1),
        ("Fri, 13 Dec 1901 20:45:52 GMT", -2_147_483_648),
        ("Mon, 01 Jan 0001 00:00:00 GMT", -62_135_596_800),
    ] {
        assert_eq!(parse(text), Some(seconds), "{text}");
        assert_eq!(at(seconds).to_string().parse::<HttpDate>().unwrap(), at(seconds));
    }
    assert_eq!(at(-1).to_string(), "Wed, 31 Dec 1969 23:59:59 GMT");
    let rfc850 = HttpDate::parse_at(b"Wednesday, 31-Dec-69 23:59:59 GMT", at(0)).unwrap();
    assert_eq!(rfc850, at(-1));
}

#[test]
fn rule_53_the_calendar_has_the_years_0_to_9999() {
    assert_eq!(HttpDate::MIN.to_string(), "Sat, 01 Jan 0000 00:00:00 GMT");
    assert_eq!(HttpDate::MAX.to_string(), "Fri, 31 Dec 9999 23:59:59 GMT");
    assert_eq!(parse("Sat, 01 Jan 0000 00:00:00 GMT"), Some(HttpDate::MIN.unix_seconds()));
    assert_eq!(parse("Sat Jan  1 00:00:00 0000"), Some(HttpDate::MIN.unix_seconds()));
    assert_eq!(parse("Fri, 31 Dec 9999 23:59:59 GMT"), Some(HttpDate::MAX.unix_seconds()));
    assert_eq!(parse("Fri Dec 31 23:59:59 9999"), Some(HttpDate::MAX.unix_seconds()));
    // The year 0 is a leap year of the calendar that 10000 years later repeats itself.
    assert_eq!(parse("Tue, 29 Feb 0000 00:00:00 GMT"), Some(HttpDate::MIN.unix_seconds() + 59 * 86_400));
    assert!(HttpDate::from_unix_seconds(HttpDate::MIN.unix_seconds() - 1).is_err());
    assert!(HttpDate::from_unix_seconds(HttpDate::MAX.unix_seconds() + 1).is_err());
    assert_eq!(parse("Sat, 01 Jan 10000 00:00:00 GMT"), None);
}

#[test]
fn rule_53_two_digits_at_the_ends_of_the_calendar_do_not_panic() {
    for now in [HttpDate::MIN, HttpDate::MAX] {
        for year in 0..100 {
            for day in ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] {
                let text = format!("{day}, 01-Jan-{year:02} 00:00:00 GMT");
                if let Ok(read) = HttpDate::parse_at(text.as_bytes(), now) {
                    let fifty_years = 51 * 366 * 86_400;
                    assert!(read.unix_seconds() - now.unix_seconds() <= fifty_years, "{text} is {read}");
                }
            }
        }
    }
    // Ninety-nine is last year, and there is no year before the first.
    let last_century = HttpDate::parse_at(b"Friday, 31-Dec-99 23:59:59 GMT", HttpDate::MAX);
    assert_eq!(last_century.unwrap(), HttpDate::MAX);
}

#[test]
fn rule_55_the_names_of_days_and_months_are_case_sensitive() {
    for text in [
        "sun, 06 Nov 1994 08:49:37 GMT",
        "SUN, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 NOV 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "sunday, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-nov-94 08:49:37 GMT",
        "sun Nov  6 08:49:37 1994",
        "Sun nov  6 08:49:37 1994",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

rules! {
    rule_55_a_date_in_the_wrong_case_is_ignored: ["GET"] { "if-modified-since": "sun, 06 nov 1994 08:49:37 gmt" }
        against dated(MODIFIED) => proceeds().ignores(IfModifiedSince, InvalidDate);
}

// Where others went wrong. The numbers are those of the rules that they broke.
rules! {
    // Only the first field line was read (Go's file server, tower-http's ServeDir).
    rule_51_others_read_the_first_line_only: ["PUT" "DELETE"] {
        "if-match": r#""old""#,
        "if-match": r#""v1""#,
    } against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    // "Has a tag" was taken for "exists" (Django, Spring, ServeDir).
    rule_14_others_ask_for_a_tag: ["PUT" "GET"] { "if-match": "*" }
        against dated(MODIFIED) => proceeds().holds(IfMatch);
    rule_21_others_ask_for_a_tag: ["PUT"] { "if-none-match": "*" }
        against dated(MODIFIED) => fails(IfNoneMatch);
    // A malformed If-Match was dropped, and the write went through (Django, actix, dav-server).
    rule_15_others_drop_a_bare_word: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH" "GET"] { "if-match": "v1" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_15_others_drop_an_open_quote: ["PUT" "DELETE"] { "if-match": r#""v1"# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_15_others_drop_obs_text: ["PUT" "DELETE"] { "if-match": b"\xff" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_23_others_drop_a_malformed_if_none_match: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-none-match": "v1",
    } against tagged(r#""v2""#) => fails(IfNoneMatch).refutes(IfNoneMatch);
    // Commas were split inside quotes (actix, Cowboy, Express, object_store).
    rule_48_others_split_commas_in_quotes: ["GET"] { "if-none-match": r#""x", "a,b""# }
        against tagged(r#""a,b""#) => not_modified();
    // If-Modified-Since was consulted beside If-None-Match (nginx, Apache, warp, ASP.NET, Rails).
    rule_25_others_consult_the_date_too: ["GET" "HEAD"] {
        "if-modified-since": IN_THE_FUTURE,
        "if-none-match": r#""v2""#,
    } against tagged_and_dated() => proceeds();
    // If-Unmodified-Since was consulted beside If-Match (nginx, Apache, poem, Jersey).
    rule_31_others_consult_the_date_too: ["PUT" "DELETE"] {
        "if-unmodified-since": BEFORE_1970,
        "if-match": r#""v1""#,
    } against tagged_and_dated() => proceeds();
    // Without a modification date the answer was 412 (nginx, Django, warp).
    rule_33_others_fail_without_a_date: ["PUT" "DELETE" "GET"] { "if-unmodified-since": EQUAL }
        against bare() => proceeds().ignores(IfUnmodifiedSince, NoModificationDate);
    // If-Range was not read, and a client spliced two versions (ServeDir, poem, Tornado, aiohttp).
    rule_41_others_do_not_read_if_range: ["GET"] { "if-range": r#""v0""#, "range": "bytes=100-" }
        against tagged(r#""v1""#) => proceeds().range(false).refutes(IfRange);
    // Its date was compared with "at or before" (headers, Werkzeug, Akka, send).
    rule_39_others_take_a_later_date: ["GET"] { "if-range": IN_THE_FUTURE, "range": "bytes=100-" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    // A lone quote was a panic (dav-server, headers, warp, ServeDir).
    rule_48_others_panic_on_a_lone_quote: ["PUT" "GET"] { "if-match": "\"" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_others_panic_on_a_lone_weak_quote: ["PUT" "GET"] { "if-match": "W/\"" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_others_panic_on_a_lone_w: ["PUT" "GET"] { "if-match": "W" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    // So was a date before 1970.
    rule_36_others_panic_on_a_date_before_1970: ["PUT" "GET"] {
        "if-unmodified-since": "Sat, 01 Jan 0000 00:00:00 GMT",
    } against dated(MODIFIED) => fails(IfUnmodifiedSince);
    rule_36_others_panic_on_a_file_from_before_1970: ["PUT" "GET"] { "if-unmodified-since": EQUAL }
        against dated(-62_135_596_800) => proceeds().holds(IfUnmodifiedSince);
    // Empty list elements were refused (Tomcat).
    rule_52_others_refuse_empty_members: ["PUT"] { "if-match": r#","v1","# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
}

/// A malformed field says which one it is and where it goes wrong, so that a client can be told.
#[test]
fn rule_15_a_malformed_field_is_named() {
    for (name, condition) in [("if-match", IfMatch), ("if-none-match", IfNoneMatch)] {
        for (value, offset) in [
            (&b"v1"[..], 0),
            (b"\"a\", v1", 5),
            (b"\"a b\"", 2),
            (b"\"a", 2),
            (b"\"a\" \"b\"", 4),
            (b"\"a\", *", 5),
        ] {
            let headers = headers(&[(name, b"\"fine\""), (name, value)]);
            let preconditions = ConditionalFields::from_headers(&headers);
            let error = preconditions.check().unwrap_err();
            assert_eq!(error.condition(), condition);
            assert_eq!(error.line(), 1, "{error}");
            assert_eq!(error.offset(), offset, "{error}");
            assert_eq!(error.found(), value.get(offset).copied(), "{error}");
        }
    }
}

/// A request with no conditional field is unconditional, and one whose field was judged is not.
#[test]
fn rule_12_a_request_without_conditions_is_unconditional() {
    let none = HeaderMap::new();
    let evaluation =
        evaluate(&Method::PUT, &ConditionalFields::from_headers(&none), tagged_and_dated().as_ref());
    assert!(evaluation.is_unconditional());
    let some = headers(&[("if-match", b"\"v1\"")]);
    let evaluation =
        evaluate(&Method::PUT, &ConditionalFields::from_headers(&some), tagged_and_dated().as_ref());
    assert!(!evaluation.is_unconditional());
}

/// The fields as they are, apart from any representation.
#[test]
fn rule_26_the_dates_of_a_request_can_be_read() {
    let none = HeaderMap::new();
    let preconditions = ConditionalFields::from_headers(&none);
    assert!(preconditions.if_modified_since().is_none());
    assert!(preconditions.if_unmodified_since().is_none());
    assert!(preconditions.if_match().is_none());
    assert!(preconditions.if_none_match().is_none());
    assert!(!preconditions.has_range());

    let some = headers(&[("if-modified-since", EQUAL.as_bytes()), ("if-unmodified-since", b"yesterday")]);
    let preconditions = ConditionalFields::from_headers(&some);
    assert_eq!(preconditions.if_modified_since().unwrap().unwrap(), at(MODIFIED));
    assert!(preconditions.if_unmodified_since().unwrap().is_err());
}
