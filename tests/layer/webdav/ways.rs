//! `If` by the other ways to add the layer: the source of locks is the same.

use tower_precondition::{PreconditionLayer, UnevaluatedWrites};

use super::{locks, request};
use crate::support::{
    By::{Handler, Layer},
    response, send_to,
};

const ANSWER: &[(&str, &str)] = &[("etag", "\"1\"")];

#[test]
fn from_response_judges_if_before_the_handler_runs() {
    for method in ["GET", "HEAD", "PUT", "PROPFIND"] {
        for (field, by) in [
            ("(<urn:uuid:1>)", Handler),
            ("(<urn:uuid:1> [\"1\"])", Handler),
            ("(<urn:uuid:2>)", Layer(412)),
            ("([\"2\"])", Layer(412)),
            ("(", Layer(400)),
        ] {
            let layer = PreconditionLayer::from_response().webdav(locks);
            let answer =
                send_to(response(200, ANSWER, ""), layer, request(method, "/locked", &[("if", field)]));
            assert_eq!(answer.by(), by, "{method} {field}");
        }
    }
}

#[test]
fn from_response_evaluates_the_others_beside_a_true_if() {
    let layer = PreconditionLayer::from_response().webdav(locks);
    let fields = [("if", "(<urn:uuid:1>)"), ("if-none-match", "\"1\"")];
    let answer = send_to(response(200, ANSWER, "text"), layer, request("GET", "/locked", &fields));
    assert_eq!(answer.status(), 304);
    assert_eq!(answer.handler_saw("if"), None);

    let layer = PreconditionLayer::from_response().webdav(locks);
    let fields = [("if", "(<urn:uuid:1>)"), ("if-match", "\"1\"")];
    let answer = send_to(response(200, ANSWER, "text"), layer, request("PUT", "/locked", &fields));
    assert_eq!(answer.by(), Layer(501), "nothing evaluates the If-Match of a write");
}

#[test]
fn probing_judges_if_of_a_write_that_is_not_probed() {
    for (field, by) in [("(<urn:uuid:1>)", Handler), ("(<urn:uuid:2>)", Layer(412))] {
        let layer = PreconditionLayer::probing().unevaluated_writes(UnevaluatedWrites::Forward).webdav(locks);
        let answer = send_to(response(200, ANSWER, ""), layer, request("PUT", "/locked", &[("if", field)]));
        assert_eq!(answer.by(), by, "{field}");
    }
}
