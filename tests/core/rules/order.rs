//! The order of §13.2.2 (rules 7 to 12).

use http::{HeaderMap, Method};
use tower_precondition::{
    Condition::{IfMatch, IfModifiedSince, IfNoneMatch, IfRange, IfUnmodifiedSince},
    ConditionalFields, evaluate,
    precondition::Ignored::{self, AlreadyDecided},
};

use super::case::{BEFORE, EQUAL, absent, fails, headers, not_modified, proceeds, rules, tagged_and_dated};

rules! {
    rule_7_a_read_with_if_match_true_goes_on_to_if_none_match: ["GET" "HEAD" "QUERY"] {
        "if-match": r#""v1""#,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => not_modified().holds(IfMatch).refutes(IfNoneMatch);
    rule_7_a_write_with_if_match_true_goes_on_to_if_none_match: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-match": r#""v1""#,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => fails(IfNoneMatch).holds(IfMatch).refutes(IfNoneMatch);
    rule_7_if_match_false_ends_a_read: ["GET" "HEAD" "QUERY"] {
        "if-match": r#""v2""#,
        "if-none-match": r#""v1""#,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => fails(IfMatch)
        .range(false)
        .refutes(IfMatch)
        .ignores(IfNoneMatch, AlreadyDecided);
    rule_7_if_match_false_ends_a_write: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-match": r#""v2""#,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => fails(IfMatch).refutes(IfMatch).ignores(IfNoneMatch, AlreadyDecided);
    rule_8_if_unmodified_since_decides_without_if_match: ["GET" "HEAD" "QUERY" "POST" "PUT" "PATCH" "DELETE"] {
        "if-unmodified-since": BEFORE,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => fails(IfUnmodifiedSince)
        .range(false)
        .refutes(IfUnmodifiedSince)
        .ignores(IfNoneMatch, AlreadyDecided);
    rule_8_if_unmodified_since_true_goes_on_to_if_none_match: ["GET" "HEAD" "QUERY"] {
        "if-unmodified-since": EQUAL,
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => not_modified().holds(IfUnmodifiedSince).refutes(IfNoneMatch);
    rule_9_if_none_match_true_goes_on_to_the_range: ["GET" "QUERY"] {
        "if-none-match": r#""v2""#,
        "if-range": r#""v2""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(false).holds(IfNoneMatch).refutes(IfRange);
    rule_9_if_none_match_false_answers_304_to_reads: ["GET" "HEAD" "QUERY"] {
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => not_modified().range(false).refutes(IfNoneMatch);
    rule_9_if_none_match_false_answers_412_to_writes: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-none-match": r#""v1""#,
    } against tagged_and_dated() => fails(IfNoneMatch).range(false).refutes(IfNoneMatch);
    rule_10_if_modified_since_decides_without_if_none_match: ["GET" "HEAD" "QUERY"] {
        "if-modified-since": EQUAL,
        "if-match": "*",
    } against tagged_and_dated() => not_modified().range(false).holds(IfMatch).refutes(IfModifiedSince);
    rule_10_if_modified_since_comes_before_if_range: ["GET" "QUERY"] {
        "if-modified-since": EQUAL,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => not_modified()
        .range(false)
        .refutes(IfModifiedSince)
        .ignores(IfRange, AlreadyDecided);
    rule_11_if_range_true_keeps_the_range: ["GET" "QUERY"] {
        "if-match": r#""v1""#,
        "if-none-match": r#""v2""#,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(true).holds(IfMatch).holds(IfNoneMatch).holds(IfRange);
    rule_11_if_range_false_removes_the_range: ["GET" "QUERY"] {
        "if-range": r#""v2""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_11_other_methods_ignore_if_range: ["HEAD" "POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(false).ignores(IfRange, Ignored::Method);
    rule_11_a_range_without_if_range_stays: ["GET" "QUERY"] { "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(true);
    rule_12_a_request_without_conditions_proceeds:
        ["GET" "HEAD" "QUERY" "POST" "PUT" "PATCH" "DELETE" "OPTIONS" "TRACE" "CONNECT" "PROPPATCH"] {}
        against tagged_and_dated() => proceeds();
    rule_12_a_request_without_conditions_proceeds_on_a_missing_resource:
        ["GET" "HEAD" "QUERY" "POST" "PUT" "PATCH" "DELETE" "OPTIONS" "TRACE" "CONNECT" "PROPPATCH"] {}
        against absent() => proceeds();
    rule_12_a_request_whose_conditions_are_true_proceeds: ["GET" "HEAD" "QUERY" "PUT" "DELETE"] {
        "if-match": r#""v1""#,
        "if-none-match": r#""v2""#,
    } against tagged_and_dated() => proceeds().holds(IfMatch).holds(IfNoneMatch);
}

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

#[test]
fn rule_32_a_request_whose_only_condition_is_ignored_is_not_unconditional() {
    let ignored = headers(&[("if-unmodified-since", b"no date")]);
    let evaluation = evaluate(&Method::PUT, &ConditionalFields::from_headers(&ignored), None);
    assert!(!evaluation.is_unconditional());
}
