//! The status that a client gets, by method, conditions and the handler's answer.

use http::{HeaderMap, HeaderValue, header};
use tower_precondition::RejectionKind;

use super::{answered_with, exchange};
use crate::support::{EARLIER, LATER, MODIFIED, response};

/// `METHOD [fields of the request], status [fields of the handler's answer] => status`.
///
/// The handler runs once for each request, and sees no condition.
macro_rules! evaluated {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*],
        $status:literal [$($answered:literal: $with:expr),*] => $expected:literal;)*) => {$(
        #[test]
        fn $name() {
            let fields: &[(&str, &str)] = &[$(($field, $value)),*];
            let answered: &[(&str, &str)] = &[$(($answered, $with)),*];
            let answer = exchange($method, fields, $status, answered);
            assert_eq!(answer.status(), $expected, "{answer:?}");
            let seen = answer.handled.as_ref().expect("the handler ran");
            assert!(!seen.headers.keys().any(|name| name.as_str().starts_with("if-")), "{seen:?}");
            if $expected == $status {
                assert_eq!(answer.body, "text");
                let sent = response($status, answered, "");
                assert_eq!(&answer.head.headers, sent.headers(), "an answer that passes does not change");
            } else if $expected == 304 {
                assert_eq!(answer.body, "");
            }
        }
    )*};
}

evaluated! {
    rule_60_a_206_passes_if_the_version_changed: "GET" ["if-none-match": "\"0\"", "range": "bytes=0-1"], 206 ["etag": "\"1\"", "content-range": "bytes 0-1/4"] => 206;
    rule_60_a_206_to_query_becomes_304_if_the_client_holds_the_version: "QUERY" ["if-none-match": "\"1\"", "range": "bytes=0-1"], 206 ["etag": "\"1\""] => 304;
    rule_60_a_416_becomes_304_if_the_client_holds_the_version: "GET" ["if-none-match": "\"1\"", "range": "bytes=9-"], 416 ["etag": "\"1\"", "content-range": "bytes */4"] => 304;
    rule_60_a_416_becomes_412_if_if_match_is_false: "GET" ["if-match": "\"0\"", "range": "bytes=9-"], 416 ["etag": "\"1\""] => 412;
    rule_60_a_416_passes_if_the_version_changed: "GET" ["if-none-match": "\"0\"", "range": "bytes=9-"], 416 ["etag": "\"1\""] => 416;
    a_206_without_a_tag_is_not_served_under_if_match: "GET" ["if-match": "\"1\"", "range": "bytes=0-1"], 206 ["last-modified": MODIFIED] => 501;
    a_206_with_an_invalid_tag_is_not_served_under_if_match: "GET" ["if-match": "\"0\", \"1\"", "range": "bytes=0-1"], 206 ["etag": "1"] => 501;
    a_206_to_query_without_a_tag_is_not_served_under_if_match: "QUERY" ["if-match": "\"1\"", "range": "bytes=0-1"], 206 [] => 501;
    a_206_without_a_tag_matches_no_if_none_match: "GET" ["if-none-match": "\"1\"", "range": "bytes=0-1"], 206 [] => 206;
    a_206_without_a_date_is_not_compared: "GET" ["if-unmodified-since": EARLIER, "range": "bytes=0-1"], 206 ["etag": "\"1\""] => 206;
    a_206_without_a_date_is_sent_again: "GET" ["if-modified-since": LATER, "range": "bytes=0-1"], 206 ["etag": "\"1\""] => 206;
    rule_14_a_206_without_a_tag_exists: "GET" ["if-match": "*", "range": "bytes=0-1"], 206 [] => 206;
    rule_21_a_206_without_a_tag_exists: "GET" ["if-none-match": "*", "range": "bytes=0-1"], 206 [] => 304;
    rule_15_a_malformed_list_is_false_for_any_206: "GET" ["if-match": "1", "range": "bytes=0-1"], 206 [] => 412;
    rule_15_an_empty_list_is_false_for_any_206: "GET" ["if-match": "", "range": "bytes=0-1"], 206 [] => 412;
    rule_14_a_416_without_a_tag_exists: "GET" ["if-match": "*", "range": "bytes=9-"], 416 [] => 416;
    rule_21_a_416_without_a_tag_exists: "GET" ["if-none-match": "*", "range": "bytes=9-"], 416 [] => 304;
    a_416_with_a_date_alone_passes_under_if_match: "GET" ["if-match": "\"1\"", "range": "bytes=9-"], 416 ["last-modified": MODIFIED] => 416;
    rule_36_a_416_becomes_412_by_its_date: "GET" ["if-unmodified-since": EARLIER, "range": "bytes=9-"], 416 ["last-modified": MODIFIED] => 412;
    a_416_without_validators_passes: "GET" ["if-match": "\"1\"", "range": "bytes=9-"], 416 [] => 416;
    a_416_with_an_invalid_tag_passes: "GET" ["if-match": "\"1\"", "range": "bytes=9-"], 416 ["etag": "1"] => 416;
    a_416_to_query_is_evaluated: "QUERY" ["if-match": "\"0\"", "range": "bytes=9-"], 416 ["etag": "\"1\""] => 412;

    rule_2_a_404_wins: "GET" ["if-none-match": "*"], 404 ["etag": "\"1\""] => 404;
    rule_2_a_404_wins_over_412: "GET" ["if-match": "\"0\""], 404 ["etag": "\"1\""] => 404;
    rule_2_a_404_wins_on_head: "HEAD" ["if-match": "*"], 404 [] => 404;
    rule_2_a_404_wins_on_query: "QUERY" ["if-match": "*"], 404 [] => 404;
    rule_2_a_403_wins: "GET" ["if-none-match": "\"1\""], 403 ["etag": "\"1\""] => 403;
    rule_2_a_401_wins: "GET" ["if-match": "\"0\""], 401 ["www-authenticate": "Basic"] => 401;
    rule_2_a_410_wins: "GET" ["if-match": "\"0\""], 410 [] => 410;
    rule_2_a_301_wins: "GET" ["if-none-match": "\"1\""], 301 ["etag": "\"1\"", "location": "/there"] => 301;
    rule_2_a_303_wins: "GET" ["if-match": "\"0\""], 303 ["location": "/there"] => 303;
    rule_2_a_304_of_the_handler_passes: "GET" ["if-match": "\"0\""], 304 ["etag": "\"1\""] => 304;
    rule_2_a_500_wins: "GET" ["if-none-match": "\"1\""], 500 ["etag": "\"1\""] => 500;
    rule_2_a_412_of_the_handler_passes: "GET" ["if-none-match": "\"1\""], 412 ["etag": "\"1\""] => 412;
    rule_75_a_204_is_evaluated: "GET" ["if-none-match": "\"1\""], 204 ["etag": "\"1\""] => 304;
    rule_75_a_203_is_evaluated: "GET" ["if-match": "\"0\""], 203 ["etag": "\"1\""] => 412;
    rule_75_a_201_is_evaluated: "QUERY" ["if-match": "\"0\""], 201 ["etag": "\"1\""] => 412;
    rule_75_a_204_without_a_tag_has_none: "GET" ["if-match": "\"1\""], 204 [] => 412;
    rule_13_a_200_without_a_tag_has_none: "GET" ["if-match": "\"1\""], 200 ["last-modified": MODIFIED] => 412;
    rule_13_a_200_to_head_without_a_tag_has_none: "HEAD" ["if-match": "\"1\""], 200 [] => 412;

    rules_6_7_if_match_false_on_query: "QUERY" ["if-match": "\"0\""], 200 ["etag": "\"1\""] => 412;
    rules_7_18_if_match_false_for_a_part: "GET" ["if-match": "\"0\"", "range": "bytes=0-1"], 206 ["etag": "\"1\""] => 412;
    rule_13_if_match_compares_strongly: "GET" ["if-match": "W/\"1\""], 200 ["etag": "W/\"1\""] => 412;
    rule_51_several_lines_of_if_match: "GET" ["if-match": "\"0\"", "if-match": "\"1\""], 200 ["etag": "\"1\""] => 200;
    rule_48_a_comma_within_a_tag: "GET" ["if-none-match": "\"1\""], 200 ["etag": "\"1,\""] => 200;

    decision_4_a_malformed_list_matches_nothing: "GET" ["if-none-match": "1, \"1\""], 200 ["etag": "\"1\""] => 200;
    decision_4_a_malformed_list_shadows_its_date: "GET" ["if-none-match": "1", "if-modified-since": LATER], 200 ["etag": "\"1\"", "last-modified": MODIFIED] => 200;
    decision_4_a_malformed_if_match_matches_nothing: "GET" ["if-match": "\"1\", 1"], 200 ["etag": "\"1\""] => 412;
    decision_4_a_malformed_list_on_head: "HEAD" ["if-none-match": "\"1"], 200 ["etag": "\"1\""] => 200;

    rule_30_not_modified_since_a_later_date: "GET" ["if-modified-since": LATER], 200 ["last-modified": MODIFIED] => 304;
    rule_30_modified_since_an_earlier_date: "GET" ["if-modified-since": EARLIER], 200 ["last-modified": MODIFIED] => 200;
    rules_5_30_not_modified_on_head: "HEAD" ["if-modified-since": MODIFIED], 200 ["last-modified": MODIFIED] => 304;
    rules_6_30_not_modified_on_query: "QUERY" ["if-modified-since": MODIFIED], 200 ["last-modified": MODIFIED] => 304;
    rule_35_not_modified_after_the_date: "GET" ["if-unmodified-since": MODIFIED], 200 ["last-modified": MODIFIED] => 200;
    rule_32_two_lines_of_if_unmodified_since: "GET" ["if-unmodified-since": EARLIER, "if-unmodified-since": EARLIER], 200 ["last-modified": MODIFIED] => 200;

    a_tag_without_quotes_is_ignored: "GET" ["if-none-match": "\"1\""], 200 ["etag": "1"] => 200;
    a_tag_without_quotes_does_not_hide_the_date: "GET" ["if-modified-since": MODIFIED], 200 ["etag": "1", "last-modified": MODIFIED] => 304;
    a_list_of_tags_is_no_tag: "GET" ["if-none-match": "\"1\""], 200 ["etag": "\"1\", \"2\""] => 200;
    rule_47_a_small_w_is_no_tag: "GET" ["if-none-match": "\"1\""], 200 ["etag": "w/\"1\""] => 200;
    several_tags_are_ignored: "GET" ["if-none-match": "\"1\""], 200 ["etag": "\"1\"", "etag": "\"2\""] => 200;
    the_same_tag_twice_is_ignored: "GET" ["if-none-match": "\"1\""], 200 ["etag": "\"1\"", "etag": "\"1\""] => 200;
    an_invalid_date_is_ignored: "GET" ["if-modified-since": LATER], 200 ["last-modified": "yesterday"] => 200;
    several_dates_are_ignored: "GET" ["if-modified-since": LATER], 200 ["last-modified": MODIFIED, "last-modified": MODIFIED] => 200;
    an_invalid_date_fails_no_if_unmodified_since: "GET" ["if-unmodified-since": EARLIER], 200 ["last-modified": "1994"] => 200;

    rule_41_if_range_beside_a_true_if_match: "GET" ["if-range": "\"1\"", "range": "bytes=0-1", "if-match": "\"1\""], 200 ["etag": "\"1\""] => 200;
    rule_60_if_range_beside_a_false_if_none_match: "GET" ["if-range": "\"1\"", "range": "bytes=0-1", "if-none-match": "\"1\""], 200 ["etag": "\"1\""] => 304;
}

#[test]
fn rule_48_bytes_beyond_ascii_are_compared_as_they_are() {
    let tag = HeaderValue::from_bytes(b"\"\xfc\"").expect("a field value");
    let mut request = crate::support::request("GET", &[]);
    request.headers_mut().insert(header::IF_NONE_MATCH, tag.clone());
    let mut answer = response(200, &[], "text");
    answer.headers_mut().insert(header::ETAG, tag);
    let layer = tower_precondition::PreconditionLayer::from_response();
    assert_eq!(crate::support::send_to(answer, layer, request).status(), 304);
}

#[test]
fn decision_10_the_412_shows_the_validators_of_the_answer() {
    let fields = [("etag", "\"1\""), ("last-modified", MODIFIED), ("set-cookie", "a=1"), ("vary", "accept")];
    let answer = exchange("GET", &[("if-match", "\"0\"")], 200, &fields);
    assert_eq!(answer.status(), 412);
    assert_eq!(answer.field("etag"), Some("\"1\""));
    assert_eq!(answer.field("last-modified"), Some(MODIFIED));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    assert_eq!(answer.problem()["current_etag"], "\"1\"");
    assert_eq!(answer.problem()["condition"], "If-Match");
    assert_eq!(answer.problem()["provided"], "\"0\"");
    assert!(answer.rejection().is_some());
}

#[test]
fn the_501_to_a_read_says_what_is_missing() {
    let fields = [("if-match", "\"1\""), ("range", "bytes=0-1")];
    let answer = exchange("GET", &fields, 206, &[("content-range", "bytes 0-1/4"), ("set-cookie", "a=1")]);
    assert_eq!(
        answer.problem()["detail"],
        "the precondition of this read cannot be evaluated: the 206 has no entity tag to compare with",
    );
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    assert_eq!((answer.field("content-range"), answer.field("set-cookie")), (None, Some("a=1")));
    assert_eq!(answer.rejection().expect("it says why").kind(), RejectionKind::Unevaluated);
}

#[test]
fn rule_56_a_412_to_head_has_the_length_and_no_content() {
    let answer = exchange("HEAD", &[("if-match", "\"0\"")], 200, &[("etag", "\"1\"")]);
    assert_eq!(answer.status(), 412);
    assert_eq!(answer.body, "");
    assert!(answer.field("content-length").is_some_and(|length| length != "0"));
}

#[test]
fn an_answer_and_a_304_keep_the_extensions_of_the_handler() {
    for (tag, status) in [("\"0\"", 200), ("\"1\"", 304)] {
        let mut answer = response(200, &[("etag", "\"1\"")], "text");
        answer.extensions_mut().insert(7_u8);
        let answer = answered_with("GET", &[("if-none-match", tag)], answer);
        assert_eq!(answer.status(), status);
        assert_eq!(answer.head.extensions.get(), Some(&7_u8));
    }
}

#[test]
fn every_answer_to_an_unconditional_request_passes() {
    for status in [200, 206, 304, 404, 412, 416, 500] {
        let fields = [("etag", "1"), ("etag", "\"2\""), ("content-length", "4"), ("last-modified", "never")];
        for method in ["GET", "HEAD", "QUERY", "PUT", "DELETE", "POST", "PATCH", "OPTIONS", "LOCK"] {
            let answer = exchange(method, &[], status, &fields);
            assert_eq!(answer.status(), status);
            assert_eq!(answer.head.headers, *response(status, &fields, "").headers());
            assert_eq!(answer.body, "text");
        }
    }
}

#[test]
fn rule_62_no_field_is_added_to_a_304() {
    let answer = exchange("GET", &[("if-none-match", "*")], 200, &[]);
    assert_eq!(answer.status(), 304);
    assert_eq!(answer.head.headers, HeaderMap::new());
}
