//! Other layers inside, and the layer's own answers.

use std::{convert::Infallible, future::ready};

use http::{Request, Response, StatusCode, request::Parts};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_precondition::{
    EntityTag, Expose, PreconditionLayer, Rejection, Representation, Requirement, Verdict,
};

use super::exchange;
use crate::support::{Handler, at_once, current, finds, request, response, send_to, tagged};

/// Status, ETag and content of an answer that passes both layers.
fn through_both<S, B>(inner: S, request: Request<String>) -> (u16, Option<String>, String)
where
    S: Service<Request<String>, Response = Response<B>, Error = Infallible> + Clone,
    B: http_body::Body<Data = bytes::Bytes, Error: Into<tower_precondition::BoxError>>,
{
    let Ok(response) = at_once(PreconditionLayer::from_response().layer(inner).oneshot(request));
    let (head, body) = response.into_parts();
    let tag = head.headers.get("etag").map(|tag| tag.to_str().expect("visible ASCII").to_owned());
    let Ok(body) = at_once(body.collect()) else { panic!("content without errors") };
    (head.status.as_u16(), tag, String::from_utf8(body.to_bytes().into()).expect("text"))
}

#[test]
fn decision_16_an_outer_layer_evaluates_against_the_tag_of_an_inner_one() {
    let inner = PreconditionLayer::new(finds(current)).layer(Handler::answering(response(200, &[], "text")));
    for (field, tag, status) in
        [("if-none-match", "\"1\"", 304), ("if-match", "\"0\"", 412), ("if-match", "\"1\"", 200)]
    {
        let (answered, sent, _) = through_both(inner.clone(), request("GET", &[(field, tag)]));
        assert_eq!((answered, sent.as_deref()), (status, Some("\"1\"")), "{field}: {tag}");
    }
}

/// A rejection never represents the target, even with status 200.
#[test]
fn decision_16_a_rejection_of_an_inner_layer_passes() {
    let responder = |_: &Rejection, _: &Parts| {
        Response::builder().header("etag", "\"help\"").body("how to ask").expect("a response")
    };
    let inner = PreconditionLayer::new(finds(current))
        .require(Requirement::on_writes().for_methods([http::Method::GET]))
        .with_rejection_response(responder)
        .layer(Handler::answering(response(200, &[], "text")));
    let fields = [("if-none-match", "\"help\"")];
    let (status, tag, content) = through_both(inner, request("GET", &fields));
    assert_eq!((status, tag.as_deref(), &*content), (200, Some("\"help\""), "how to ask"));
}

#[test]
fn decision_16_a_refusal_of_an_inner_source_passes() {
    let refusal = || {
        Representation::refused(
            Response::builder()
                .header("etag", "\"terms\"")
                .body(String::from("accept the terms"))
                .expect("a response"),
        )
    };
    let inner = PreconditionLayer::new(finds(refusal)).layer(Handler::answering(response(200, &[], "text")));
    let (status, tag, content) = through_both(inner, request("GET", &[("if-none-match", "\"terms\"")]));
    assert_eq!((status, tag.as_deref(), &*content), (200, Some("\"terms\""), "accept the terms"));
}

#[test]
fn a_rejection_of_the_handler_is_rendered_and_not_evaluated() {
    let source = finds(|| tagged("\"1\""));
    let handler = service_fn(|request: Request<String>| {
        let verdict = request.extensions().get::<Verdict>().expect("the inner layer evaluated it");
        let late = verdict.reject(EntityTag::from_static("\"2\"")).to_response();
        ready(Ok::<_, Infallible>(late.map(|body| String::from_utf8(body.into()).expect("text"))))
    });
    let inner = PreconditionLayer::new(source).layer(handler);
    let layer =
        PreconditionLayer::from_response().unevaluated_writes(tower_precondition::UnevaluatedWrites::Forward);
    let Ok(answer) = at_once(layer.layer(inner).oneshot(request("PUT", &[("if-match", "\"1\"")])));
    assert_eq!(answer.status(), 412);
    assert_eq!(answer.headers()["etag"], "\"2\"");
}

#[test]
fn a_custom_responder_renders_the_412() {
    let responder = |rejection: &Rejection, head: &Parts| {
        let mut response = Response::new(format!("{} {}: {rejection}", head.method, head.uri));
        *response.status_mut() = StatusCode::CONFLICT;
        response
    };
    let layer = PreconditionLayer::from_response().with_rejection_response(responder);
    let handled = response(200, &[("etag", "\"1\"")], "text");
    let answer = send_to(handled, layer, request("GET", &[("if-match", "\"0\"")]));
    assert_eq!(answer.status(), 409);
    assert_eq!(answer.body, "GET /documents/7?view=full: If-Match does not name the current representation");
    assert_eq!(answer.field("etag"), Some("\"1\""));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
}

#[test]
fn decision_11_the_412_is_plain_text_if_accept_prefers_it() {
    let fields = [("if-match", "\"0\""), ("accept", "text/plain")];
    let answer = exchange("GET", &fields, 200, &[("etag", "\"1\"")]);
    assert_eq!(answer.field("content-type"), Some("text/plain; charset=utf-8"));
}

#[test]
fn decision_10_expose_nothing_hides_the_fields_of_the_answer() {
    let layer = PreconditionLayer::from_response().expose(Expose::Nothing);
    let handled = response(200, &[("etag", "\"1\""), ("set-cookie", "a=1")], "text");
    let answer = send_to(handled, layer, request("GET", &[("if-match", "\"0\"")]));
    assert_eq!(answer.status(), 412);
    assert_eq!((answer.field("etag"), answer.field("set-cookie")), (None, None));
    assert!(!answer.body.contains("\"1\"") && !answer.body.contains("\\\"1\\\""), "{}", answer.body);
}

#[test]
fn decision_6_an_error_of_the_handler_passes_unchanged() {
    let handler = service_fn(|_: Request<String>| ready(Err::<Response<String>, _>("the service's own")));
    for fields in [&[][..], &[("if-none-match", "\"1\"")]] {
        let service = PreconditionLayer::from_response().layer(handler);
        let error: &'static str = at_once(service.oneshot(request("GET", fields))).expect_err("an error");
        assert_eq!(error, "the service's own");
    }
}

#[test]
fn the_outer_of_two_layers_evaluates_the_answer() {
    let both = ServiceBuilder::new().layer(PreconditionLayer::from_response());
    let inner = PreconditionLayer::from_response().layer(Handler::answering(response(
        200,
        &[("etag", "\"1\"")],
        "text",
    )));
    let Ok(answer) = at_once(both.service(inner).oneshot(request("GET", &[("if-none-match", "\"1\"")])));
    assert_eq!(answer.status(), 304);
}
