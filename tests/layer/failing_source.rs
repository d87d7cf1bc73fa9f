//! Decision 5: if the source fails, no write passes, and no read under If-Match or If-Unmodified-Since.

use std::error::Error;

use tower_precondition::{PreconditionLayer, Rejection, RejectionKind};

use crate::support::{By::Handler, By::Layer, LATER, fails, request, response, send};

macro_rules! with_a_failing_source {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*] => $by:expr;)*) => {$(
        #[test]
        fn $name() {
            let fields = [$(($field, $value)),*];
            let answer = send(PreconditionLayer::new(fails), request($method, &fields));
            assert_eq!(answer.by(), $by);
        }
    )*};
}

with_a_failing_source! {
    decision_5_an_unconditional_put_is_503: "PUT" [] => Layer(503);
    decision_5_an_unconditional_post_is_503: "POST" [] => Layer(503);
    decision_5_delete_is_503: "DELETE" ["if-match": "\"1\""] => Layer(503);
    decision_5_an_unknown_method_is_503: "LOCK" [] => Layer(503);
    decision_5_get_with_if_match_is_503: "GET" ["if-match": "\"1\""] => Layer(503);
    decision_5_head_with_if_unmodified_since_is_503: "HEAD" ["if-unmodified-since": LATER] => Layer(503);
    decision_5_query_with_if_match_is_503: "QUERY" ["if-match": "*"] => Layer(503);
    decision_5_a_cache_condition_with_if_match_is_503:
        "GET" ["if-none-match": "\"1\"", "if-match": "\"1\""] => Layer(503);
    decision_5_a_get_with_an_ignored_date_reaches_the_handler: "GET" ["if-unmodified-since": "yesterday"] => Handler;
    decision_5_an_unconditional_get_reaches_the_handler: "GET" [] => Handler;
    decision_5_head_with_a_date_reaches_the_handler: "HEAD" ["if-modified-since": LATER] => Handler;
    decision_5_query_with_a_tag_reaches_the_handler: "QUERY" ["if-none-match": "\"1\""] => Handler;
}

#[test]
fn decision_5_a_read_with_cache_conditions_is_answered_in_full_without_them() {
    let fields = [
        ("if-none-match", "\"1\""),
        ("if-modified-since", LATER),
        ("range", "bytes=0-1"),
        ("if-range", "\"1\""),
        ("accept", "text/plain"),
    ];
    let answer = send(PreconditionLayer::new(fails), request("GET", &fields));
    assert_eq!((answer.by(), answer.status(), answer.body.as_str()), (Handler, 200, "text"));
    for field in ["if-none-match", "if-modified-since", "range", "if-range"] {
        assert_eq!(answer.handler_saw(field), None, "{field}");
    }
    assert_eq!(answer.handler_saw("accept"), Some("text/plain"));
    assert_eq!(answer.field("etag"), None);
    assert_eq!(answer.field("cache-control"), None);
}

#[test]
fn decision_5_if_range_alone_is_a_cache_condition() {
    let fields = [("range", "bytes=0-1"), ("if-range", "\"1\"")];
    let answer = send(PreconditionLayer::new(fails), request("GET", &fields));
    assert_eq!(answer.by(), Handler);
    assert_eq!(answer.handler_saw("range"), None);
    assert_eq!(answer.handler_saw("if-range"), None);
}

#[test]
fn decision_5_the_client_does_not_see_the_error() {
    for accept in ["application/json", "text/plain"] {
        let answer = send(PreconditionLayer::new(fails), request("PUT", &[("accept", accept)]));
        assert_eq!(answer.by(), Layer(503));
        assert!(!answer.body.is_empty());
        assert!(!answer.body.contains("10.0.0.7"), "{}", answer.body);
        assert!(answer.head.headers.values().all(|value| !value.as_bytes().ends_with(b"away")));
    }
}

#[test]
fn decision_5_the_rejection_holds_the_error_for_layers_outside() {
    let answer = send(PreconditionLayer::new(fails), request("PUT", &[]));
    let rejection = answer.rejection().expect("a 503 has its rejection beside it");
    assert_eq!(rejection.kind(), RejectionKind::LookupFailed);
    assert!(rejection.current().is_none());
    let source = rejection.source().expect("the source's error").to_string();
    assert_eq!(source, "the store at 10.0.0.7 is away");
}

#[test]
fn decision_5_the_responder_may_change_the_status() {
    let layer = PreconditionLayer::new(fails)
        .with_rejection_response(|_: &Rejection, _: &_| response(500, &[("retry-after", "5")], "later"));
    let answer = send(layer, request("PUT", &[]));
    assert_eq!(answer.by(), Layer(500));
    assert_eq!(answer.field("retry-after"), Some("5"));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
}
