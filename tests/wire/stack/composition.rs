//! The documented order under `ServiceBuilder`, and other ways to combine services in Tower.

use std::{future::ready, time::Duration};

use axum::{Router, body::Body};
use http::{Request, Response, StatusCode, header};
use tower::{
    BoxError, Layer, Service, ServiceBuilder, ServiceExt,
    layer::util::Identity,
    service_fn,
    util::{BoxCloneService, Either, option_layer},
};
use tower_http::{
    compression::CompressionLayer, cors::CorsLayer, timeout::TimeoutLayer, trace::TraceLayer,
    validate_request::ValidateRequestHeaderLayer,
};
use tower_precondition::{ContentCodingLayer, PreconditionLayer, Requirement};

use super::{Calls, answers_text, request, version_2};
use crate::support::client::Client;

async fn status<S, B>(service: S, method: &str, fields: &[(&str, &str)]) -> u16
where
    S: Service<Request<Body>, Response = Response<B>, Error: std::fmt::Debug>,
{
    service.oneshot(request(method, fields)).await.expect("an answer").status().as_u16()
}

/// The simplest authentication.
#[allow(clippy::result_large_err, reason = "ValidateRequest asks for it")]
fn signed_in(request: &mut Request<Body>) -> Result<(), Response<Body>> {
    match request.headers().contains_key(header::AUTHORIZATION) {
        true => Ok(()),
        false => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            Err(response)
        }
    }
}

/// Trace, CORS and time-outs, then authentication, then routing, then the layer, then compression.
#[tokio::test]
async fn rules_1_2_the_documented_order_gives_each_answer() {
    let lookups = Calls::default();
    let preconditions = PreconditionLayer::new(lookups.source()).require(Requirement::on_writes());
    let layer = (ContentCodingLayer::new(), preconditions);
    let route = Calls::default().route().route_layer(CompressionLayer::new()).route_layer(layer);
    let app = Router::new().route("/document", route).layer(
        ServiceBuilder::new()
            .layer(TraceLayer::new_for_http())
            .layer(CorsLayer::permissive().expose_headers([header::ETAG]))
            .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(60)))
            .layer(ValidateRequestHeaderLayer::custom(signed_in)),
    );
    let known = ("authorization", "Basic YTpi");
    let stale = ("if-match", "\"1\"");
    for client in Client::both(app).await {
        for (method, path, fields, status, asked) in [
            ("PUT", "/document", &[stale][..], 401, 0),
            ("PUT", "/document", &[known, stale], 412, 1),
            ("PUT", "/document", &[known], 428, 0),
            ("PUT", "/document", &[known, ("if-match", "\"2\"")], 200, 1),
            ("PUT", "/nowhere", &[known, stale], 404, 0),
            ("GET", "/document", &[known, ("if-none-match", "\"2\"")], 304, 1),
        ] {
            lookups.take();
            let answer = client.ask(method, path, fields).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {path} {fields:?}");
            assert_eq!(lookups.take(), asked, "{method} {path} {fields:?}");
        }
    }
}

/// Plain Tower, without Axum.
#[tokio::test]
async fn the_layer_works_under_a_service_builder() {
    let service = ServiceBuilder::new()
        .layer(TraceLayer::new_for_http())
        .layer(CorsLayer::permissive().expose_headers([header::ETAG]))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(60)))
        .layer(PreconditionLayer::new(version_2))
        .layer(CompressionLayer::new())
        .service(service_fn(answers_text));
    assert_eq!(status(service.clone(), "PUT", &[("if-match", "\"1\"")]).await, 412);
    assert_eq!(status(service, "PUT", &[("if-match", "\"2\"")]).await, 200);
}

/// An optional layer. Both sides must answer with the same body type.
#[tokio::test]
async fn behind_an_option() {
    for (enabled, expected) in [(true, 412), (false, 200)] {
        let layer = enabled.then(|| {
            ServiceBuilder::new()
                .map_response(|response: Response<_>| response.map(Body::new))
                .layer(PreconditionLayer::new(version_2))
        });
        let either: Either<_, Identity> = option_layer(layer);
        let service = ServiceBuilder::new().layer(either.clone()).service(service_fn(answers_text));
        assert_eq!(status(service, "PUT", &[("if-match", "\"1\"")]).await, expected);
        let app = Router::new().route("/document", Calls::default().route().route_layer(either));
        assert_eq!(status(app, "PUT", &[("if-match", "\"1\"")]).await, expected);
    }
}

#[tokio::test]
async fn behind_a_box() {
    type Boxed = BoxCloneService<Request<Body>, Response<Body>, BoxError>;
    // Around a box, and in one.
    let inner: Boxed = BoxCloneService::new(service_fn(answers_text).map_err(BoxError::from));
    let layered = PreconditionLayer::new(version_2).layer(inner);
    let boxed: Boxed = BoxCloneService::new(layered.map_response(|response| response.map(Body::new)));
    assert_eq!(status(boxed.clone(), "PUT", &[("if-match", "\"1\"")]).await, 412);
    assert_eq!(status(boxed, "PUT", &[("if-match", "\"2\"")]).await, 200);
    // By a HEAD too, around a box and in one.
    let tagged = |request: Request<Body>| ready(Ok::<_, BoxError>(tagged(&request)));
    let probing = PreconditionLayer::probing().probe_writes();
    let around = probing.layer(BoxCloneService::new(service_fn(tagged)));
    assert_eq!(status(around, "PUT", &[("if-match", "\"1\"")]).await, 412);
    let probed = probing.layer(service_fn(tagged));
    let boxed: Boxed = BoxCloneService::new(probed.map_response(|response| response.map(Body::new)));
    assert_eq!(status(boxed, "PUT", &[("if-match", "\"1\"")]).await, 412);
}

fn tagged(_: &Request<Body>) -> Response<Body> {
    Response::builder().header(header::ETAG, "\"2\"").body(Body::empty()).expect("a response")
}
