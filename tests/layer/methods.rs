//! Decision 3 and the rules about methods.

use http::Method;
use tower_precondition::{Emit, PreconditionLayer, Representation, Requirement, Validators};

use crate::{
    answers,
    support::{
        By::{self, Handler, Layer},
        EARLIER, LATER, MODIFIED, current, dated, finds, never_asked, request, response, send, tagged,
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
}

/// A request for another protocol: the source is asked for what it attaches, and nothing is evaluated.
macro_rules! upgrades {
    ($($name:ident: $protocol:literal, [$($named:literal),*] => $upgrades:literal;)*) => {$(
        #[test]
        fn $name() {
            let source = finds(|| Representation::from(current()).with_attached("row"));
            let named: &[&str] = &[$($named),*];
            let layer = PreconditionLayer::new(source).require(Requirement::on_writes().for_methods([Method::GET]));
            let fields = [("if-match", "\"2\""), ("connection", "keep-alive, Upgrade"), ("upgrade", $protocol)];
            let answer = send(layer.upgrades_to(named.iter().copied()), request("GET", &fields));
            if !$upgrades {
                assert_eq!(answer.by(), By::Layer(412), "a server ignores it, so it is a plain GET");
                return;
            }
            assert_eq!(answer.by(), Handler);
            assert_eq!(answer.handler_saw("if-match"), Some("\"2\""));
            let seen = &answer.handled.expect("the handler ran").extensions;
            assert_eq!(seen.get(), Some(&"row"));
        }
    )*};
}

upgrades! {
    decision_3_a_websocket_is_never_evaluated: "websocket", [] => true;
    decision_3_a_websocket_among_several_is_never_evaluated: "h2c, WebSocket", [] => true;
    decision_3_h2c_is_still_a_request_for_a_representation: "h2c", [] => false;
    decision_3_a_protocol_that_nobody_speaks_is_a_plain_get: "nonsense", [] => false;
    decision_3_a_named_protocol_is_never_evaluated: "IRC/6.9", ["irc"] => true;
    decision_3_a_named_version_is_never_evaluated: "irc/6.9", ["irc/6.9"] => true;
    decision_3_another_version_is_a_plain_get: "irc/7", ["irc/6.9"] => false;
    decision_3_a_websocket_beside_named_protocols_is_never_evaluated: "websocket", ["irc"] => true;
}

/// A server that declines the upgrade answers a plain GET. Nothing evaluated the condition, so only a full 200 is
/// certainly correct.
#[test]
fn rule_41_an_upgrade_loses_range_beside_a_condition_that_protects_it() {
    let upgrade = [("connection", "upgrade"), ("upgrade", "websocket"), ("range", "bytes=0-1")];
    let alone = send(PreconditionLayer::new(finds(current)), request("GET", &upgrade));
    assert_eq!(alone.handler_saw("range"), Some("bytes=0-1"), "no condition stands beside it");

    for condition in [("if-range", "\"1\""), ("if-match", "\"0\""), ("if-unmodified-since", MODIFIED)] {
        let fields = [&upgrade[..], &[condition]].concat();
        let beside = send(PreconditionLayer::new(finds(current)), request("GET", &fields));
        assert_eq!(beside.by(), Handler);
        assert_eq!(beside.handler_saw("range"), None, "{condition:?}");
        assert_eq!(beside.handler_saw("if-range"), None);
    }
}

/// Else a route whose handler needs the row would answer 500 to any client.
#[test]
fn decision_3_an_upgrade_asks_the_source_even_if_nothing_is_emitted() {
    let source = finds(|| Representation::from(current()).with_attached("row"));
    let layer = PreconditionLayer::new(source).emit(Emit::Nothing);
    let answer = send(layer, request("GET", &[("connection", "upgrade"), ("upgrade", "websocket")]));
    assert_eq!(answer.field("etag"), None);
    assert_eq!(answer.handled.expect("the handler ran").extensions.get(), Some(&"row"));
}

#[test]
fn decision_3_a_source_can_refuse_an_upgrade() {
    let layer =
        PreconditionLayer::new(finds(|| Representation::refused(response(401, &[], "sign in first"))));
    let answer = send(layer, request("GET", &[("connection", "upgrade"), ("upgrade", "websocket")]));
    assert_eq!(answer.by(), By::Layer(401));
}

#[test]
fn decision_3_options_ignores_malformed_fields() {
    let answer = send(PreconditionLayer::new(never_asked), request("OPTIONS", &[("if-match", "no tag")]));
    assert_eq!(answer.by(), Handler);
    assert_eq!(answer.handler_saw("if-match"), Some("no tag"));
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
