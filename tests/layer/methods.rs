//! Decision 3 and the rules about methods.

use tower_precondition::{PreconditionLayer, Validators};

use crate::{
    answers,
    support::{
        By::{self, Handler, Layer},
        EARLIER, LATER, MODIFIED, current, dated, finds, never_asked, request, send, tagged,
    },
};

answers! {
    decision_3_query_is_304_if_nothing_changed_since_its_date:
        "QUERY" ["if-modified-since": MODIFIED], dated(MODIFIED) => Layer(304);
    decision_3_query_is_412_if_if_match_is_false:
        "QUERY" ["if-match": "\"2\""], current() => Layer(412);

    rules_16_17_patch_is_not_performed: "PATCH" ["if-match": "\"2\""], current() => Layer(412);
    rules_16_17_post_is_not_performed: "POST" ["if-match": "\"2\""], current() => Layer(412);
    rule_16_an_unknown_method_is_not_performed: "LOCK" ["if-match": "\"2\""], current() => Layer(412);

    rule_23_patch_is_412: "PATCH" ["if-none-match": "\"1\""], current() => Layer(412);
    rule_23_delete_is_412: "DELETE" ["if-none-match": "\"1\""], current() => Layer(412);
    rule_23_an_unknown_method_is_412: "LOCK" ["if-none-match": "\"1\""], current() => Layer(412);

    rules_34_36_a_false_if_unmodified_since_on_get_is_412: "GET" ["if-unmodified-since": EARLIER], current() => Layer(412);
    rules_34_36_if_unmodified_since_false_on_delete:
        "DELETE" ["if-unmodified-since": EARLIER], current() => Layer(412);

    rule_57_post_ignores_if_modified_since: "POST" ["if-modified-since": LATER], current() => Handler;

    rule_68_a_tag_and_a_date_agree:
        "GET" ["if-none-match": "\"1\"", "if-modified-since": MODIFIED], current() => Layer(304);
    rule_68_if_none_match_hides_the_date_of_a_resource_without_a_tag:
        "GET" ["if-none-match": "\"1\"", "if-modified-since": LATER], dated(MODIFIED) => Handler;
}

/// False conditions on a method that neither selects nor changes a representation: no look-up, no answer.
macro_rules! never_evaluated {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*];)*) => {$(
        #[test]
        fn $name() {
            let fields = [("if-match", "\"2\""), ("if-none-match", "*"), $(($field, $value)),*];
            let answer = send(PreconditionLayer::new(never_asked), request($method, &fields));
            assert_eq!(answer.by(), Handler);
            assert_eq!(answer.handler_saw("if-match"), Some("\"2\""), "a request that is not evaluated is forwarded");
            assert_eq!(answer.handler_saw("if-none-match"), Some("*"));
            assert!(answer.verdict().is_none());
            assert_eq!(answer.field("etag"), None);
        }
    )*};
}

never_evaluated! {
    decision_3_options_is_never_evaluated: "OPTIONS" [];
    decision_3_trace_is_never_evaluated: "TRACE" [];
    decision_3_connect_is_never_evaluated: "CONNECT" [];
    decision_3_a_websocket_is_never_evaluated: "GET" ["connection": "upgrade", "upgrade": "websocket"];
    decision_3_an_upgrade_among_several_is_never_evaluated: "GET" ["connection": "keep-alive, Upgrade", "upgrade": "h2c, WebSocket"];
}

/// A server that declines the upgrade answers a plain GET. Nothing evaluated If-Range, so only a full 200 is
/// certainly correct.
#[test]
fn rule_41_an_upgrade_loses_range_beside_if_range() {
    let upgrade = [("connection", "upgrade"), ("upgrade", "websocket"), ("range", "bytes=0-1")];
    let alone = send(PreconditionLayer::new(never_asked), request("GET", &upgrade));
    assert_eq!(alone.handler_saw("range"), Some("bytes=0-1"), "no condition stands beside it");

    let fields = [&upgrade[..], &[("if-range", "\"1\"")]].concat();
    let beside = send(PreconditionLayer::new(never_asked), request("GET", &fields));
    assert_eq!(beside.by(), Handler);
    assert_eq!(beside.handler_saw("range"), None);
    assert_eq!(beside.handler_saw("if-range"), None);
}

#[test]
fn decision_3_options_ignores_malformed_fields() {
    let answer = send(PreconditionLayer::new(never_asked), request("OPTIONS", &[("if-match", "no tag")]));
    assert_eq!(answer.by(), Handler);
    assert_eq!(answer.handler_saw("if-match"), Some("no tag"));
}

#[test]
fn decision_3_h2c_is_still_a_request_for_a_representation() {
    let layer = PreconditionLayer::new(finds(current));
    let answer = send(
        layer,
        request("GET", &[("if-none-match", "\"1\""), ("connection", "upgrade"), ("upgrade", "h2c")]),
    );
    assert_eq!(answer.by(), By::Layer(304));
}

#[test]
fn decision_3_an_upgrade_without_its_connection_option_is_ignored() {
    let layer = PreconditionLayer::new(finds(current));
    let answer = send(layer, request("GET", &[("if-none-match", "\"1\""), ("upgrade", "websocket")]));
    assert_eq!(answer.by(), By::Layer(304));
}

#[test]
fn decision_3_another_connection_option_asks_for_no_upgrade() {
    let layer = PreconditionLayer::new(finds(current));
    let fields = [("if-none-match", "\"1\""), ("connection", "keep-alive"), ("upgrade", "websocket")];
    assert_eq!(send(layer, request("GET", &fields)).by(), By::Layer(304));
}

#[test]
fn decision_3_a_write_with_an_upgrade_is_evaluated() {
    let layer = PreconditionLayer::new(finds(current));
    let answer = send(
        layer,
        request("PUT", &[("if-match", "\"2\""), ("connection", "upgrade"), ("upgrade", "websocket")]),
    );
    assert_eq!(answer.by(), By::Layer(412));
}

#[test]
fn decision_3_a_query_gets_no_validators() {
    let layer = PreconditionLayer::new(finds(current));
    let answer = send(layer, request("QUERY", &[("if-none-match", "\"2\"")]));
    assert_eq!((answer.by(), answer.status()), (Handler, 200));
    for field in ["etag", "last-modified", "cache-control"] {
        assert_eq!(answer.field(field), None);
    }
}

#[test]
fn decision_3_an_unconditional_query_is_not_looked_up() {
    let answer = send(PreconditionLayer::new(never_asked), request("QUERY", &[]));
    assert_eq!(answer.by(), Handler);
}

#[test]
fn rule_45_no_date_is_invented() {
    for found in [Validators::new(), tagged("\"1\"")] {
        let layer = PreconditionLayer::new(finds(|| found.clone()));
        let answer = send(layer, request("GET", &[]));
        assert_eq!(answer.by(), Handler);
        assert_eq!(answer.field("last-modified"), None);
        let layer = PreconditionLayer::new(finds(|| found.clone()));
        let answer = send(layer, request("GET", &[("if-none-match", "*")]));
        assert_eq!(answer.by(), Layer(304));
        assert_eq!(answer.field("last-modified"), None);
    }
}
