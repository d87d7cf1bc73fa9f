//! What reading comes to, by what the HEAD was answered.

use super::{Resource, exchange};
use crate::support::{EARLIER, LATER, MODIFIED, request};

/// `METHOD [fields], what HEAD is answered => status`, which is 200 where the service got the request.
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
    rule_9_what_the_client_holds: "GET" ["if-none-match": "\"1\""], 200 ["etag": "\"1\""] => 304;
    rule_9_what_the_client_holds_by_204: "GET" ["if-none-match": "\"1\""], 204 ["etag": "\"1\""] => 304;
    rule_9_what_the_client_does_not_hold: "GET" ["if-none-match": "\"0\""], 200 ["etag": "\"1\""] => 200;
    rule_20_weak_tags: "GET" ["if-none-match": "\"1\""], 200 ["etag": "W/\"1\""] => 304;
    rule_7_if_match_false: "GET" ["if-match": "\"0\""], 200 ["etag": "\"1\""] => 412;
    rule_14_any_is_existence: "GET" ["if-match": "*"], 200 [] => 200;
    rule_21_any_is_existence: "GET" ["if-none-match": "*"], 200 [] => 304;
    a_service_without_validators_goes_on: "GET" ["if-none-match": "\"1\""], 200 [] => 200;
    rule_15_if_match_of_what_has_no_tag: "GET" ["if-match": "\"1\""], 200 [] => 412;
    rule_30_not_modified: "GET" ["if-modified-since": MODIFIED], 200 ["last-modified": MODIFIED] => 304;
    rule_30_modified: "GET" ["if-modified-since": EARLIER], 200 ["last-modified": MODIFIED] => 200;
    rule_27_two_lines_of_if_modified_since: "GET" ["if-modified-since": LATER, "if-modified-since": LATER], 200 ["last-modified": MODIFIED] => 200;
    rule_51_tags_on_a_second_line: "GET" ["if-none-match": "\"0\"", "if-none-match": "\"1\""], 200 ["etag": "\"1\""] => 304;
    rule_36_modified_after_if_unmodified_since: "GET" ["if-unmodified-since": EARLIER], 200 ["last-modified": MODIFIED] => 412;
    decision_2_nothing_there: "GET" ["if-none-match": "\"1\""], 404 ["etag": "\"1\""] => 200;
    decision_2_nothing_there_any_more: "GET" ["if-match": "\"1\""], 410 [] => 200;
    decision_2_nothing_there_for_if_match_any: "GET" ["if-match": "*"], 404 [] => 200;
    another_answer_goes_on_403: "GET" ["if-match": "\"0\""], 403 ["etag": "\"1\""] => 200;
    another_answer_goes_on_405: "GET" ["if-none-match": "\"1\""], 405 ["etag": "\"1\""] => 200;
    another_answer_goes_on_301: "GET" ["if-none-match": "\"1\""], 301 ["etag": "\"1\""] => 200;
    another_answer_goes_on_304: "GET" ["if-none-match": "\"1\""], 304 ["etag": "\"1\""] => 200;
    another_answer_goes_on_500: "GET" ["if-match": "\"0\""], 500 ["etag": "\"1\""] => 200;
    several_tags_are_none: "GET" ["if-none-match": "\"1\""], 200 ["etag": "\"1\"", "etag": "\"1\""] => 200;
    a_malformed_tag_is_none: "GET" ["if-none-match": "\"1\""], 200 ["etag": "1"] => 200;
    decision_4_a_malformed_list_matches_nothing: "GET" ["if-none-match": "1"], 200 ["etag": "\"1\""] => 200;
    rule_5_head_of_what_the_client_holds: "HEAD" ["if-none-match": "\"1\""], 200 ["etag": "\"1\""] => 304;
    rule_5_head_of_what_it_does_not_hold: "HEAD" ["if-none-match": "\"0\""], 200 ["etag": "\"1\""] => 200;
    rule_5_head_by_if_match: "HEAD" ["if-match": "\"0\""], 200 ["etag": "\"1\""] => 412;
}

#[test]
fn what_was_not_judged_goes_on_as_it_came() {
    let fields =
        [("if-none-match", "\"1\""), ("if-range", "\"1\""), ("range", "bytes=0-1"), ("accept", "a/b")];
    for resource in
        [Resource::whose_head_is(403, &[]), Resource::whose_head_is(500, &[]), Resource::without_head()]
    {
        assert_eq!(exchange(&resource, "GET", &fields).status(), 200);
        assert_eq!(resource.seen()[1].0.headers, *request("GET", &fields).headers());
    }
}

#[test]
fn decision_3_query_goes_on_as_it_came() {
    let fields = [("if-none-match", "\"1\""), ("if-range", "\"0\""), ("range", "bytes=0-1")];
    let resource = Resource::whose_head_is(200, &[("etag", "\"1\"")]);
    assert_eq!(exchange(&resource, "QUERY", &fields).status(), 200);
    assert_eq!(resource.seen()[0].0.headers, *request("QUERY", &fields).headers());
}

/// `[fields], what HEAD is answered => the Range that the service sees`.
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
    rule_11_if_range_true: ["if-range": "\"1\""], 200 ["etag": "\"1\""] => Some("bytes=0-1");
    rule_41_if_range_false: ["if-range": "\"0\""], 200 ["etag": "\"1\""] => None;
    rule_40_if_range_compares_strongly: ["if-range": "W/\"1\""], 200 ["etag": "W/\"1\""] => None;
    rule_41_if_range_of_what_has_no_tag: ["if-range": "\"1\""], 200 [] => None;
    rule_39_an_old_date_is_strong: ["if-range": MODIFIED], 200 ["last-modified": MODIFIED] => Some("bytes=0-1");
    rule_39_a_later_date_is_not_the_same: ["if-range": LATER], 200 ["last-modified": MODIFIED] => None;
    rule_43_unusable_text: ["if-range": "soon"], 200 ["etag": "\"1\""] => None;
    rule_41_if_range_of_what_is_not_there: ["if-range": "\"1\""], 404 [] => None;
    rule_11_if_range_true_beside_if_none_match: ["if-range": "\"1\"", "if-none-match": "\"0\""], 200 ["etag": "\"1\""] => Some("bytes=0-1");
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
fn rules_61_62_the_304_has_what_the_head_said() {
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
fn rule_62_the_304_has_the_date_where_there_is_no_tag() {
    let resource = Resource::whose_head_is(200, &[("last-modified", MODIFIED)]);
    let answer = exchange(&resource, "GET", &[("if-modified-since", LATER)]);
    assert_eq!(answer.status(), 304);
    assert_eq!(*answer.headers(), *request("GET", &[("last-modified", MODIFIED)]).headers());
}

#[test]
fn decision_14_a_200_gets_nothing_of_the_head() {
    let resource = Resource::whose_head_is(200, &[("etag", "\"1\""), ("cache-control", "max-age=60")]);
    let answer = exchange(&resource, "GET", &[("if-none-match", "\"0\"")]);
    assert_eq!(*answer.headers(), *request("GET", &[("x-answer", "handler")]).headers());
}

#[test]
fn decision_10_the_412_shows_what_the_head_said() {
    let resource = Resource::whose_head_is(200, &[("etag", "\"1\""), ("last-modified", MODIFIED)]);
    let answer = exchange(&resource, "PUT", &[("if-match", "\"0\"")]);
    assert_eq!(answer.status(), 412);
    assert_eq!(answer.headers()["etag"], "\"1\"");
    assert_eq!(answer.headers()["last-modified"], MODIFIED);
    assert_eq!(answer.headers()["cache-control"], "no-store");
}
