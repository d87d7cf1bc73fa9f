//! The answers to reads, by the answer to the HEAD.

use super::{Resource, exchange};
use crate::support::{EARLIER, LATER, MODIFIED, request};

/// `METHOD [fields], the answer to HEAD => status`; 200 means that the request reached the service.
macro_rules! reads {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*],
        $status:literal [$($answered:literal: $with:expr),*] => $expected:literal;)*) => {$(
        #[test]
        fn $name() {
            let resource = Resource::whose_head_is($status, &[$(($answered, $with)),*]);
            let answer = exchange(&resource, $method, &[$(($field, $value)),*]);
            assert_eq!(answer.status(), $expected);
            let reached = resource.methods().len() == 2;
            assert_eq!(reached, $expected == 200, "{:?}", resource.methods());
            if $method == "GET" {
                assert_eq!(answer.headers().contains_key("x-answer"), reached);
            }
        }
    )*};
}

reads! {
    rule_9_a_204_to_head_is_evaluated: "GET" ["if-none-match": "\"1\""], 204 ["etag": "\"1\""] => 304;
    a_200_without_validators_lets_a_read_pass: "GET" ["if-none-match": "\"1\""], 200 [] => 200;
    decision_2_a_404_to_head_lets_a_read_pass: "GET" ["if-none-match": "\"1\""], 404 ["etag": "\"1\""] => 200;
    decision_2_a_410_to_head_lets_a_read_pass: "GET" ["if-match": "\"1\""], 410 [] => 200;
    a_403_to_head_lets_a_read_pass: "GET" ["if-match": "\"0\""], 403 ["etag": "\"1\""] => 200;
    a_405_to_head_lets_a_read_pass: "GET" ["if-none-match": "\"1\""], 405 ["etag": "\"1\""] => 200;
    a_301_to_head_lets_a_read_pass: "GET" ["if-none-match": "\"1\""], 301 ["etag": "\"1\""] => 200;
    a_304_to_head_lets_a_read_pass: "GET" ["if-none-match": "\"1\""], 304 ["etag": "\"1\""] => 200;
    a_500_to_head_lets_a_read_pass: "GET" ["if-match": "\"0\""], 500 ["etag": "\"1\""] => 200;
    several_tags_are_ignored: "GET" ["if-none-match": "\"1\""], 200 ["etag": "\"1\"", "etag": "\"1\""] => 200;
    a_200_to_head_without_a_tag_tells_none: "GET" ["if-match": "\"1\""], 200 ["last-modified": MODIFIED] => 200;
    a_200_to_head_without_a_tag_tells_none_on_head: "HEAD" ["if-match": "\"1\""], 200 [] => 200;
    a_200_to_head_with_a_malformed_tag_tells_none: "GET" ["if-match": "\"1\""], 200 ["etag": "1"] => 200;
    a_200_to_head_without_a_tag_is_evaluated_by_if_none_match_any: "GET" ["if-none-match": "*"], 200 [] => 304;
    a_200_to_head_without_a_tag_is_evaluated_by_its_date: "GET" ["if-unmodified-since": EARLIER], 200 ["last-modified": MODIFIED] => 412;
    a_malformed_tag_is_ignored: "GET" ["if-none-match": "\"1\""], 200 ["etag": "1"] => 200;
    decision_4_a_malformed_list_matches_nothing: "GET" ["if-none-match": "1"], 200 ["etag": "\"1\""] => 200;
    rule_5_head_passes_if_the_client_holds_another_version: "HEAD" ["if-none-match": "\"0\""], 200 ["etag": "\"1\""] => 200;
}

/// Nobody may evaluate what stands beside a Range, and a whole representation is joined to nothing.
#[test]
fn decision_23_a_read_that_was_not_evaluated_loses_range_beside_a_condition_that_protects_it() {
    let others = [("if-none-match", "\"1\""), ("accept", "a/b")];
    let range = [("range", "bytes=0-1")];
    for protecting in [("if-range", "\"1\""), ("if-match", "\"1\""), ("if-unmodified-since", LATER)] {
        for method in ["GET", "QUERY"] {
            for resource in [
                Resource::whose_head_is(403, &[]),
                Resource::whose_head_is(500, &[]),
                Resource::without_head(),
            ] {
                let last_seen = |fields: &[(&str, &str)]| {
                    assert_eq!(exchange(&resource, method, fields).status(), 200);
                    resource.seen().pop().expect("it passes").0.headers
                };
                let alone = [&others[..], &range].concat();
                assert_eq!(last_seen(&alone), *request(method, &alone).headers());
                let seen = last_seen(&[&alone[..], &[protecting]].concat());
                let kept = [&others[..], &[protecting][usize::from(protecting.0 == "if-range")..]].concat();
                assert_eq!(seen, *request(method, &kept).headers(), "{method} {protecting:?}");
            }
        }
    }
}

#[test]
fn decision_3_query_passes_with_its_conditions() {
    let fields = [("if-none-match", "\"1\""), ("if-match", "\"0\"")];
    let resource = Resource::whose_head_is(200, &[("etag", "\"1\"")]);
    assert_eq!(exchange(&resource, "QUERY", &fields).status(), 200);
    assert_eq!(resource.seen()[0].0.headers, *request("QUERY", &fields).headers());
}

/// `[fields], the answer to HEAD => the Range that the service sees`.
macro_rules! ranges {
    ($($name:ident: [$($field:literal: $value:expr),*], $status:literal [$($answered:literal: $with:expr),*] => $range:expr;)*) => {$(
        #[test]
        fn $name() {
            let resource = Resource::whose_head_is($status, &[$(($answered, $with)),*]);
            let fields = [("range", "bytes=0-1"), $(($field, $value)),*];
            assert_eq!(exchange(&resource, "GET", &fields).status(), 200);
            let seen = &resource.seen()[1].0.headers;
            let range: Option<&str> = $range;
            assert_eq!(seen.get("range").map(|range| range.to_str().expect("visible ASCII")), range);
            assert!(!seen.contains_key("if-range"));
        }
    )*};
}

ranges! {
    rule_41_if_range_without_a_tag_to_compare: ["if-range": "\"1\""], 200 [] => None;
    rule_41_if_range_of_an_absent_resource: ["if-range": "\"1\""], 404 [] => None;
    rule_11_if_range_true_beside_if_none_match: ["if-range": "\"1\"", "if-none-match": "\"0\""], 200 ["etag": "\"1\""] => Some("bytes=0-1");
    decision_23_if_match_without_a_tag_to_compare: ["if-match": "\"1\""], 200 [] => None;
    decision_23_if_match_any_needs_no_tag: ["if-match": "*"], 200 [] => Some("bytes=0-1");
    range_alone_beside_if_match: ["if-match": "\"1\""], 200 ["etag": "\"1\""] => Some("bytes=0-1");
}

#[test]
fn rule_39_a_date_of_this_second_is_not_strong() {
    let date = crate::support::date_in(0).to_string();
    let resource = Resource::whose_head_is(200, &[("last-modified", &date)]);
    exchange(&resource, "GET", &[("if-range", &date), ("range", "bytes=0-1")]);
    assert!(!resource.seen()[1].0.headers.contains_key("range"));
}

#[test]
fn rules_61_62_the_304_has_the_fields_of_the_head() {
    let kept = [
        ("etag", "\"1\""),
        ("cache-control", "max-age=60, private"),
        ("content-location", "/documents/7.en"),
        ("expires", "Sun, 06 Nov 1994 09:50:00 GMT"),
        ("vary", "accept, accept-language"),
    ];
    let said = [
        ("etag", "\"1\""),
        ("last-modified", MODIFIED),
        ("cache-control", "max-age=60"),
        ("cache-control", "private"),
        ("content-location", "/documents/7.en"),
        ("expires", "Sun, 06 Nov 1994 09:50:00 GMT"),
        ("vary", "accept"),
        ("vary", "accept-language"),
        ("content-type", "text/plain"),
        ("content-length", "4"),
        ("server", "documents"),
    ];
    for method in ["GET", "HEAD"] {
        let answer = exchange(&Resource::whose_head_is(200, &said), method, &[("if-none-match", "\"1\"")]);
        assert_eq!(answer.status(), 304);
        assert_eq!(*answer.headers(), *request("GET", &kept).headers());
    }
}

#[test]
fn rule_62_the_304_has_the_date_without_a_tag() {
    let resource = Resource::whose_head_is(200, &[("last-modified", MODIFIED)]);
    let answer = exchange(&resource, "GET", &[("if-modified-since", LATER)]);
    assert_eq!(answer.status(), 304);
    assert_eq!(*answer.headers(), *request("GET", &[("last-modified", MODIFIED)]).headers());
}

#[test]
fn decision_14_a_200_gets_no_field_of_the_head() {
    let resource = Resource::whose_head_is(200, &[("etag", "\"1\""), ("cache-control", "max-age=60")]);
    let answer = exchange(&resource, "GET", &[("if-none-match", "\"0\"")]);
    assert_eq!(*answer.headers(), *request("GET", &[("x-answer", "handler")]).headers());
}

#[test]
fn decision_10_the_412_shows_the_validators_of_the_head() {
    let resource = Resource::whose_head_is(200, &[("etag", "\"1\""), ("last-modified", MODIFIED)]);
    let answer = exchange(&resource, "PUT", &[("if-match", "\"0\"")]);
    assert_eq!(answer.status(), 412);
    assert_eq!(answer.headers()["etag"], "\"1\"");
    assert_eq!(answer.headers()["last-modified"], MODIFIED);
    assert_eq!(answer.headers()["cache-control"], "no-store");
}
