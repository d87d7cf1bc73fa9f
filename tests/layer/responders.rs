//! Decision 11: other forms of a rejection, through the responder.

use http::{Response, request::Parts};
use tower_precondition::{PreconditionLayer, ProblemDetails, Rejection, RejectionResponder, Representation};

use crate::support::{By::Layer, MODIFIED, current, finds, request, response, send};

const STALE: [(&str, &str); 1] = [("if-match", "\"2\"")];

#[test]
fn decision_11_a_closure_answers_in_html() {
    let layer = PreconditionLayer::new(finds(current)).with_rejection_response(
        |rejection: &Rejection, head: &Parts| {
            let status = rejection.kind().status().as_u16();
            let body = format!("<p>{} {}: {rejection}</p>", head.method, head.uri.path());
            response(status, &[("content-type", "text/html")], &body)
        },
    );
    let answer = send(layer, request("PUT", &STALE));
    assert_eq!(answer.by(), Layer(412));
    assert_eq!(answer.field("content-type"), Some("text/html"));
    assert_eq!(answer.body, "<p>PUT /documents/7: If-Match does not name the current representation</p>",);
}

#[test]
fn decision_11_the_layer_completes_the_response_of_a_responder() {
    let found = || Representation::current(current()).with_location("/documents/7".parse().expect("a value"));
    let layer = PreconditionLayer::new(finds(found)).with_rejection_response(|_: &Rejection, _: &Parts| {
        response(412, &[("cache-control", "public"), ("etag", "\"2\""), ("x-own", "kept")], "no")
    });
    let answer = send(layer, request("PUT", &STALE));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    assert_eq!(answer.field("etag"), Some("\"1\""));
    assert_eq!(answer.field("last-modified"), Some(MODIFIED));
    assert_eq!(answer.field("location"), Some("/documents/7"));
    assert_eq!(answer.field("x-own"), Some("kept"));
    assert!(answer.rejection().is_some());
}

#[test]
fn decision_11_a_responder_chooses_another_status() {
    let layer = PreconditionLayer::new(finds(current)).with_rejection_response(|_: &Rejection, _: &Parts| {
        Response::builder().status(409).body("").expect("a response")
    });
    let answer = send(layer, request("PUT", &STALE));
    assert_eq!((answer.by(), answer.body.as_str()), (Layer(409), ""));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
}

#[test]
fn decision_11_a_responder_can_add_to_problem_details() {
    struct Linked;

    impl RejectionResponder for Linked {
        type Body = bytes::Bytes;

        fn respond(&self, rejection: &Rejection, head: &Parts) -> Response<bytes::Bytes> {
            let mut response = ProblemDetails::new().respond(rejection, head);
            response.headers_mut().insert("link", "</help/412>; rel=help".parse().expect("a value"));
            response
        }
    }

    let layer = PreconditionLayer::new(finds(current)).with_rejection_response(Linked);
    let answer = send(layer, request("PUT", &STALE));
    assert_eq!(answer.field("link"), Some("</help/412>; rel=help"));
    assert_eq!(answer.problem()["status"], 412);
}

#[test]
fn decision_11_a_responder_does_not_render_a_304() {
    let layer = PreconditionLayer::new(finds(current)).with_rejection_response(
        |_: &Rejection, _: &Parts| -> Response<String> { panic!("a 304 is no rejection") },
    );
    let answer = send(layer, request("GET", &[("if-none-match", "*")]));
    assert_eq!(answer.by(), Layer(304));
}
