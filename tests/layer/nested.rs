//! Decision 16: layers nest. The answer of an inner layer passes an outer one unchanged.

use std::convert::Infallible;

use http::{HeaderMap, Request, header};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, util::MapRequestLayer};
use tower_precondition::{PreconditionLayer, Rejection, Representation, Validators, Verdict};

use crate::support::{Handler, LATER, at_once, date, finds, request, response, send, tagged};

fn inner() -> Validators {
    tagged("\"inner\"").with_last_modified(date(LATER))
}

/// Status, fields, rejection and content of an answer.
type Told = (u16, HeaderMap, Option<(u16, String)>, String);

fn ask<S, B>(service: S, request: Request<String>) -> Told
where
    S: Service<Request<String>, Response = http::Response<B>, Error = Infallible>,
    B: http_body::Body<Data = bytes::Bytes, Error: std::fmt::Debug>,
{
    let Ok(response) = at_once(service.oneshot(request));
    let (head, body) = response.into_parts();
    let rejection = head.extensions.get::<Rejection>();
    let rejection = rejection.map(|rejection| (rejection.kind().status().as_u16(), rejection.to_string()));
    let content = at_once(body.collect()).expect("content").to_bytes();
    (head.status.as_u16(), head.headers, rejection, String::from_utf8(content.into()).expect("text"))
}

fn handler() -> Handler {
    Handler::answering(response(200, &[], "text"))
}

#[test]
fn decision_16_an_inner_304_passes_an_outer_layer_that_would_emit() {
    // The condition is added between the two, so that the outer layer sees none and would emit.
    let condition = MapRequestLayer::new(|mut request: Request<String>| {
        request.headers_mut().insert(header::IF_NONE_MATCH, "\"inner\"".parse().expect("a value"));
        request
    });
    let alone = ServiceBuilder::new()
        .layer(condition.clone())
        .layer(PreconditionLayer::new(finds(inner)))
        .service(handler());
    let nested = PreconditionLayer::new(finds(|| tagged("\"outer\""))).layer(alone.clone());
    let told = ask(nested, request("GET", &[]));
    assert_eq!((told.0, &told.1[header::ETAG]), (304, &"\"inner\"".parse().expect("a value")));
    assert_eq!(told, ask(alone, request("GET", &[])));
}

#[test]
fn decision_16_an_inner_304_passes_an_outer_layer_that_deferred() {
    let alone = PreconditionLayer::new(finds(inner)).layer(handler());
    let nested = PreconditionLayer::new(finds(Representation::defer_to_handler)).layer(alone.clone());
    let fields = [("if-none-match", "\"inner\"")];
    let told = ask(nested, request("GET", &fields));
    assert_eq!(told.0, 304);
    assert_eq!(told, ask(alone, request("GET", &fields)));
}

#[test]
fn decision_16_an_inner_412_passes_an_outer_layer_whose_condition_is_true() {
    let alone = PreconditionLayer::new(finds(inner)).layer(handler());
    let nested = PreconditionLayer::new(finds(|| tagged("\"outer\""))).layer(alone.clone());
    let fields = [("if-match", "\"outer\"")];
    let told = ask(nested, request("PUT", &fields));
    assert_eq!((told.0, told.2.as_ref().map(|rejection| rejection.0)), (412, Some(412)));
    assert_eq!(told.1[header::ETAG], "\"inner\"");
    assert_eq!(told, ask(alone, request("PUT", &fields)));
}

#[test]
fn decision_16_the_outer_layer_answers_first() {
    let alone = PreconditionLayer::new(crate::support::never_asked).layer(handler());
    let nested = PreconditionLayer::new(finds(|| tagged("\"outer\""))).layer(alone);
    let told = ask(nested, request("PUT", &[("if-match", "\"inner\"")]));
    assert_eq!(told.0, 412);
    assert_eq!(told.1[header::ETAG], "\"outer\"");
}

#[test]
fn decision_16_a_read_evaluated_outside_is_not_evaluated_again_inside() {
    let alone = PreconditionLayer::new(finds(inner)).layer(handler());
    let nested = PreconditionLayer::new(finds(|| tagged("\"outer\""))).layer(alone);
    let told = ask(nested, request("GET", &[("if-none-match", "\"inner\"")]));
    assert_eq!(told.0, 200);
}

#[test]
fn decision_16_a_200_keeps_the_inner_validators() {
    let alone = PreconditionLayer::new(finds(inner)).layer(handler());
    let outer = || tagged("\"outer\"").with_vary("accept".parse().expect("a value"));
    let nested = PreconditionLayer::new(finds(outer)).layer(alone.clone());
    let told = ask(nested, request("GET", &[]));
    let mut expected = ask(alone, request("GET", &[]));
    assert_eq!(told.1[header::ETAG], "\"inner\"");
    // Who is served depends on what either says.
    expected.1.insert(header::VARY, "accept".parse().expect("a value"));
    assert_eq!(told, expected);
}

#[test]
fn decision_16_the_handler_gets_the_inner_verdict() {
    let service = ServiceBuilder::new()
        .layer(PreconditionLayer::new(finds(|| tagged("\"outer\""))))
        .layer(PreconditionLayer::new(finds(Representation::absent)))
        .service_fn(|request: Request<String>| async move {
            let verdict = request.extensions().get::<Verdict>().expect("a verdict");
            assert!(verdict.current().is_none(), "the verdict is that of the nearest layer");
            Ok::<_, Infallible>(response(200, &[], ""))
        });
    assert_eq!(ask(service, request("PUT", &[])).0, 200);
}

#[test]
fn decision_16_an_inner_refusal_passes_an_outer_layer_that_would_emit() {
    let refusing = || Representation::refused(response(200, &[], "sign in"));
    let alone = PreconditionLayer::new(finds(refusing)).layer(handler());
    let nested = PreconditionLayer::new(finds(|| tagged("\"outer\""))).layer(alone.clone());
    let told = ask(nested, request("GET", &[]));
    assert_eq!(told.3, "sign in");
    assert_eq!(told, ask(alone, request("GET", &[])));
}

#[test]
fn decision_16_the_outer_verdict_is_removed_if_the_inner_source_defers() {
    let handler = handler();
    let alone = PreconditionLayer::new(finds(Representation::defer_to_handler)).layer(handler.clone());
    let answer = send(PreconditionLayer::new(finds(|| tagged("\"outer\""))), request("PUT", &[]));
    assert!(answer.verdict().is_some());
    let nested = PreconditionLayer::new(finds(|| tagged("\"outer\""))).layer(alone);
    assert_eq!(ask(nested, request("PUT", &[])).0, 200);
    assert!(handler.last_seen().extensions.get::<Verdict>().is_none());
}

#[test]
fn decision_12_a_verdict_of_an_outer_layer_does_not_reach_a_read_behind_an_inner_one() {
    // A layer between the two makes a GET of the POST that the outer layer evaluated.
    let between = MapRequestLayer::new(|mut request: Request<String>| {
        assert!(request.extensions().get::<Verdict>().is_some());
        *request.method_mut() = http::Method::GET;
        request
    });
    let service = ServiceBuilder::new()
        .layer(PreconditionLayer::new(finds(|| tagged("\"outer\""))))
        .layer(between)
        .layer(PreconditionLayer::new(finds(inner)))
        .service_fn(|request: Request<String>| async move {
            assert!(request.extensions().get::<Verdict>().is_none());
            Ok::<_, Infallible>(response(200, &[], ""))
        });
    assert_eq!(ask(service, request("POST", &[])).0, 200);
}
