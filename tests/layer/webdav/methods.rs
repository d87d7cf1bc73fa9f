//! On which methods `If` is judged.

use tower_precondition::PreconditionLayer;

use super::{locks, locks_never_asked, request};
use crate::support::{
    By::{Handler, Layer},
    current, finds, send,
};

const FALSE: &str = "(<urn:uuid:2>)";

#[test]
fn a_false_if_is_412_on_every_method_that_has_a_meaning_for_it() {
    for method in [
        "GET",
        "HEAD",
        "QUERY",
        "PUT",
        "POST",
        "PATCH",
        "DELETE",
        "PROPFIND",
        "PROPPATCH",
        "MKCOL",
        "COPY",
        "MOVE",
        "LOCK",
        "UNLOCK",
        "REPORT",
        "SEARCH",
        "ACL",
        "ANYTHING",
    ] {
        let layer = PreconditionLayer::new(finds(current)).webdav(locks);
        let answer = send(layer, request(method, "/locked", &[("if", FALSE)]));
        assert_eq!(answer.by(), Layer(412), "{method}");
    }
}

#[test]
fn rule_4_connect_options_and_trace_ignore_if() {
    for method in ["CONNECT", "OPTIONS", "TRACE"] {
        for field in [FALSE, "malformed"] {
            let layer = PreconditionLayer::new(finds(current)).webdav(locks_never_asked);
            let answer = send(layer, request(method, "/locked", &[("if", field)]));
            assert_eq!(answer.by(), Handler, "{method} {field}");
            assert_eq!(answer.handler_saw("if"), Some(field), "{method}");
        }
    }
}

#[test]
fn decision_3_a_handshake_ignores_if() {
    let layer = PreconditionLayer::new(finds(current)).webdav(locks_never_asked);
    let fields = [("if", "malformed"), ("connection", "upgrade"), ("upgrade", "websocket")];
    let answer = send(layer, request("GET", "/locked", &fields));
    assert_eq!(answer.by(), Handler);
    assert_eq!(answer.handler_saw("if"), Some("malformed"));
}

#[test]
fn decision_22_without_a_source_of_locks_if_passes_untouched() {
    for method in ["GET", "PUT", "PROPFIND"] {
        let layer = PreconditionLayer::new(finds(current));
        let answer = send(layer, request(method, "/locked", &[("if", "malformed")]));
        assert_eq!(answer.by(), Handler, "{method}");
        assert_eq!(answer.handler_saw("if"), Some("malformed"), "{method}");
    }
}

#[test]
fn decision_8_a_read_loses_a_judged_if_and_a_write_keeps_it() {
    for (method, seen) in [("GET", None), ("HEAD", None), ("PUT", Some("(<urn:uuid:1>)"))] {
        let layer = PreconditionLayer::new(finds(current)).webdav(locks);
        let answer = send(layer, request(method, "/locked", &[("if", "(<urn:uuid:1>)")]));
        assert_eq!(answer.handler_saw("if"), seen, "{method}");
    }
}

#[test]
fn a_judged_read_keeps_its_range_and_gets_validators() {
    let layer = PreconditionLayer::new(finds(current)).webdav(locks);
    let answer = send(layer, request("GET", "/locked", &[("if", "(<urn:uuid:1>)"), ("range", "bytes=0-1")]));
    assert_eq!(answer.handler_saw("range"), Some("bytes=0-1"));
    assert_eq!(answer.field("etag"), Some("\"1\""));
}
