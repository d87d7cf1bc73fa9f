//! If-Modified-Since (§13.1.3, rules 25 to 30).

use http::{HeaderMap, Method};
use tower_precondition::{
    Condition::{IfModifiedSince, IfNoneMatch},
    ConditionalFields, Decision, evaluate,
    precondition::Ignored::{self, BesideIfNoneMatch, InvalidDate, NoModificationDate, SeveralLines},
    precondition::Outcome,
};

use super::case::{
    AFTER, BEFORE, BEFORE_1970, EQUAL, IN_THE_FUTURE, MODIFIED, NOW, at, dated, headers, not_modified,
    proceeds, rules, tagged, tagged_and_dated,
};

rules! {
    rule_25_it_is_ignored_beside_a_true_if_none_match: ["GET" "HEAD" "QUERY"] {
        "if-none-match": r#""v2""#,
        "if-modified-since": EQUAL,
    } against tagged_and_dated() => proceeds()
        .holds(IfNoneMatch)
        .ignores(IfModifiedSince, BesideIfNoneMatch);
    rule_25_a_false_if_none_match_decides_before_it: ["GET" "HEAD" "QUERY"] {
        "if-none-match": r#""v1""#,
        "if-modified-since": BEFORE,
    } against tagged_and_dated() => not_modified().refutes(IfNoneMatch);
    rule_25_it_is_ignored_beside_a_malformed_if_none_match: ["GET" "HEAD" "QUERY"] {
        "if-none-match": "v1",
        "if-modified-since": EQUAL,
    } against tagged_and_dated() => proceeds()
        .holds(IfNoneMatch)
        .ignores(IfModifiedSince, BesideIfNoneMatch);
    rule_25_it_is_ignored_beside_an_empty_if_none_match: ["GET" "HEAD" "QUERY"] {
        "if-none-match": "",
        "if-modified-since": EQUAL,
    } against tagged_and_dated() => proceeds()
        .holds(IfNoneMatch)
        .ignores(IfModifiedSince, BesideIfNoneMatch);
    rule_25_it_is_ignored_beside_if_none_match_without_a_current_tag: ["GET" "HEAD" "QUERY"] {
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
    rule_29_it_is_ignored_without_a_modification_date: ["GET" "HEAD" "QUERY"] { "if-modified-since": EQUAL }
        against tagged(r#""v1""#) => proceeds().ignores(IfModifiedSince, NoModificationDate);
    rule_30_modified_before_the_date_is_304: ["GET" "HEAD" "QUERY"] { "if-modified-since": AFTER }
        against dated(MODIFIED) => not_modified().refutes(IfModifiedSince);
    rule_30_modified_at_the_date_is_304: ["GET" "HEAD" "QUERY"] { "if-modified-since": EQUAL }
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

/// Either reason is correct: the line has two members, and it is not a date.
#[test]
fn rule_27_two_members_on_one_line_are_ignored() {
    let value = format!("{EQUAL}, {EQUAL}");
    let headers = headers(&[("if-modified-since", value.as_bytes())]);
    let fields = ConditionalFields::from_headers_at(&headers, at(NOW));
    let evaluation = evaluate(&Method::GET, &fields, tagged_and_dated().as_ref());
    assert_eq!(evaluation.decision(), Decision::Proceed);
    let outcome = evaluation.outcome(IfModifiedSince);
    assert!(matches!(outcome, Outcome::Ignored(InvalidDate | SeveralLines)), "{outcome:?}");
}

#[test]
fn rule_26_the_fields_can_be_read_without_a_representation() {
    let none = HeaderMap::new();
    let fields = ConditionalFields::from_headers(&none);
    assert!(fields.if_modified_since().is_none());
    assert!(fields.if_unmodified_since().is_none());
    assert!(fields.if_match().is_none());
    assert!(fields.if_none_match().is_none());
    assert!(!fields.has_range());

    let some = headers(&[("if-modified-since", EQUAL.as_bytes()), ("if-unmodified-since", b"yesterday")]);
    let fields = ConditionalFields::from_headers(&some);
    assert_eq!(fields.if_modified_since().unwrap().unwrap(), at(MODIFIED));
    assert!(fields.if_unmodified_since().unwrap().is_err());
}
