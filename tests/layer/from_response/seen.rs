//! The fields of the request that reach the handler.

use super::exchange;
use crate::support::MODIFIED;

macro_rules! range_seen {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*] => $range:expr;)*) => {$(
        #[test]
        fn $name() {
            let fields = [("range", "bytes=0-1"), $(($field, $value)),*];
            let answer = exchange($method, &fields, 200, &[("etag", "\"1\"")]);
            assert_eq!(answer.handler_saw("range"), $range);
        }
    )*};
}

const KEPT: Option<&str> = Some("bytes=0-1");
const LOST: Option<&str> = None;

range_seen! {
    decision_8_range_alone_stays: "GET" [] => KEPT;
    decision_8_range_stays_beside_if_none_match: "GET" ["if-none-match": "\"0\""] => KEPT;
    decision_8_range_stays_beside_if_match: "GET" ["if-match": "\"0\""] => KEPT;
    decision_8_range_stays_on_query: "QUERY" ["if-match": "\"1\""] => KEPT;
    rule_41_range_is_removed_beside_if_range: "GET" ["if-range": "\"1\""] => LOST;
    rule_41_range_is_removed_beside_a_date_in_if_range: "GET" ["if-range": MODIFIED] => LOST;
    rule_41_range_is_removed_beside_text_in_if_range: "GET" ["if-range": "soon"] => LOST;
    rule_41_range_is_removed_beside_two_lines_of_if_range: "GET" ["if-range": "\"1\"", "if-range": "\"1\""] => LOST;
    rule_41_range_is_removed_on_query: "QUERY" ["if-range": "\"1\""] => LOST;
    rule_41_range_is_removed_beside_if_range_and_if_match: "GET" ["if-range": "\"1\"", "if-match": "\"1\""] => LOST;
    decision_23_range_is_removed_beside_if_unmodified_since: "GET" ["if-unmodified-since": MODIFIED] => LOST;
    decision_23_range_stays_if_if_match_protects_it: "GET" ["if-unmodified-since": MODIFIED, "if-match": "\"1\""] => KEPT;
    rule_60_range_is_removed_on_head: "HEAD" [] => LOST;
    decision_8_range_stays_on_put: "PUT" [] => KEPT;
}

#[test]
fn rule_60_a_head_loses_range_and_if_range() {
    let fields = [("range", "bytes=0-1"), ("if-range", "\"1\""), ("if-none-match", "\"0\"")];
    let answer = exchange("HEAD", &fields, 200, &[("etag", "\"1\"")]);
    let seen = answer.handled.expect("the handler ran");
    assert!(seen.headers.is_empty(), "{seen:?}");
}

#[test]
fn all_other_fields_reach_the_handler() {
    let others = [("accept", "text/html"), ("accept", "text/plain"), ("cookie", "a=1"), ("if-unknown", "1")];
    let conditions = [
        ("if-none-match", "\"0\""),
        ("if-match", "*"),
        ("if-modified-since", MODIFIED),
        ("if-unmodified-since", MODIFIED),
    ];
    let answer = exchange("GET", &[&others[..], &conditions].concat(), 200, &[("etag", "\"1\"")]);
    let seen = answer.handled.expect("the handler ran");
    let expected = crate::support::request("GET", &others);
    assert_eq!(seen.headers, *expected.headers());
    assert_eq!(seen.uri, *expected.uri());
}

#[test]
fn an_upgrade_passes_unchanged() {
    let fields = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("if-none-match", "\"1\""),
        ("range", "bytes=0-1"),
    ];
    let answer = exchange("GET", &fields, 200, &[("etag", "\"1\"")]);
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.handled.expect("the handler ran").headers,
        *crate::support::request("GET", &fields).headers()
    );
}

#[test]
fn rule_4_methods_without_a_representation_pass_unchanged() {
    for method in ["OPTIONS", "TRACE", "CONNECT"] {
        let fields = [("if-match", "\"0\""), ("if-none-match", "malformed")];
        let answer = exchange(method, &fields, 200, &[("etag", "\"1\"")]);
        assert_eq!(answer.status(), 200);
        assert_eq!(
            answer.handled.expect("the handler ran").headers,
            *crate::support::request("GET", &fields).headers()
        );
    }
}
