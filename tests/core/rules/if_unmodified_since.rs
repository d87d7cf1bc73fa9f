//! If-Unmodified-Since (§13.1.4, rules 31 to 36).

use http::Method;
use tower_precondition::{
    Condition::{IfMatch, IfUnmodifiedSince},
    ConditionalFields, Decision, evaluate,
    precondition::Ignored::{BesideIfMatch, InvalidDate, NoModificationDate, SeveralLines},
    precondition::Outcome,
};

use super::case::{
    AFTER, BEFORE, BEFORE_1970, EQUAL, IN_THE_FUTURE, MODIFIED, NOW, absent, at, dated, fails, headers,
    proceeds, rules, tagged, tagged_and_dated,
};

rules! {
    rule_31_it_is_ignored_beside_a_true_if_match: ["GET" "HEAD" "QUERY" "PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-match": r#""v1""#,
        "if-unmodified-since": BEFORE,
    } against tagged_and_dated() => proceeds().holds(IfMatch).ignores(IfUnmodifiedSince, BesideIfMatch);
    rule_31_a_false_if_match_decides_before_it: ["GET" "PUT" "DELETE"] {
        "if-match": r#""v2""#,
        "if-unmodified-since": EQUAL,
    } against tagged_and_dated() => fails(IfMatch).refutes(IfMatch);
    rule_31_a_malformed_if_match_decides_before_it: ["GET" "PUT" "DELETE"] {
        "if-match": "v1",
        "if-unmodified-since": EQUAL,
    } against tagged_and_dated() => fails(IfMatch).refutes(IfMatch);
    rule_31_it_is_ignored_beside_any: ["GET" "PUT" "DELETE"] {
        "if-match": "*",
        "if-unmodified-since": BEFORE,
    } against dated(MODIFIED) => proceeds().holds(IfMatch).ignores(IfUnmodifiedSince, BesideIfMatch);
    rule_32_an_invalid_date_is_ignored: ["GET" "PUT" "DELETE"] { "if-unmodified-since": "yesterday" }
        against tagged_and_dated() => proceeds().ignores(IfUnmodifiedSince, InvalidDate);
    rule_32_two_lines_are_ignored: ["GET" "PUT" "DELETE"] {
        "if-unmodified-since": BEFORE,
        "if-unmodified-since": BEFORE,
    } against tagged_and_dated() => proceeds().ignores(IfUnmodifiedSince, SeveralLines);
    rule_33_it_is_ignored_without_a_modification_date: ["GET" "PUT" "DELETE"] { "if-unmodified-since": BEFORE }
        against tagged(r#""v1""#) => proceeds().ignores(IfUnmodifiedSince, NoModificationDate);
    rule_33_it_is_ignored_on_a_missing_resource: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
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
    rule_36_a_date_of_the_year_1_is_not_ignored: ["PUT" "PATCH" "DELETE" "GET"] {
        "if-unmodified-since": "Mon, 01 Jan 0001 00:00:00 GMT",
    } against dated(MODIFIED) => fails(IfUnmodifiedSince).refutes(IfUnmodifiedSince);
}

/// Either reason is correct: the line has two members, and it is not a date.
#[test]
fn rule_32_two_members_on_one_line_are_ignored() {
    let value = format!("{BEFORE}, {BEFORE}");
    let headers = headers(&[("if-unmodified-since", value.as_bytes())]);
    let fields = ConditionalFields::from_headers_at(&headers, at(NOW));
    let evaluation = evaluate(&Method::PUT, &fields, tagged_and_dated().as_ref());
    assert_eq!(evaluation.decision(), Decision::Proceed);
    let outcome = evaluation.outcome(IfUnmodifiedSince);
    assert!(matches!(outcome, Outcome::Ignored(InvalidDate | SeveralLines)), "{outcome:?}");
}
