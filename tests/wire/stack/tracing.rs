//! `TraceLayer` outside: the request's span says why the layer answered.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::body::Body;
use http::{
    Request, Response,
    header::{CACHE_CONTROL, HeaderValue},
};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::{set_header::SetResponseHeaderLayer, trace::TraceLayer};
use tower_precondition::{PreconditionLayer, Rejection, Requirement};
use tracing::{
    Instrument, Span, Subscriber,
    field::{Empty, Field, Visit},
    instrument::WithSubscriber,
    span::{Id, Record},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

use super::{answers_text, request, version_2};

/// The fields that were recorded in spans after they were made.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<BTreeMap<&'static str, String>>>);

impl<S: Subscriber> Layer<S> for Recorded {
    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut self.clone());
    }
}

impl Visit for Recorded {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.lock().expect("no test panics in here").insert(field.name(), format!("{value:?}"));
    }
}

#[tokio::test]
async fn decision_12_the_condition_that_failed_stands_in_the_span() {
    let trace = TraceLayer::new_for_http()
        .make_span_with(|_: &Request<Body>| {
            tracing::info_span!("request", rejection = Empty, condition = Empty)
        })
        .on_response(|response: &Response<_>, _: Duration, span: &Span| {
            if let Some(rejection) = response.extensions().get::<Rejection>() {
                span.record("rejection", tracing::field::debug(rejection.kind()));
                span.record("condition", rejection.condition().map(tracing::field::display));
            }
        });
    let layer = PreconditionLayer::new(version_2).require(Requirement::on_writes());
    let service = ServiceBuilder::new().layer(trace).layer(layer).service(service_fn(answers_text));

    for (method, fields, status, rejection, condition) in [
        ("PUT", &[("if-match", "\"1\"")][..], 412, Some("PreconditionFailed"), Some("If-Match")),
        ("PUT", &[("if-none-match", "*")], 412, Some("PreconditionFailed"), Some("If-None-Match")),
        ("PUT", &[("if-match", "1")], 400, Some("MalformedField"), Some("If-Match")),
        ("PUT", &[], 428, Some("PreconditionRequired"), None),
        ("GET", &[("if-none-match", "\"2\"")], 304, None, None),
        ("PUT", &[("if-match", "\"2\"")], 200, None, None),
    ] {
        let recorded = Recorded::default();
        let answer = service.clone().oneshot(request(method, fields));
        let subscriber = Registry::default().with(recorded.clone());
        let response = answer.in_current_span().with_subscriber(subscriber).await.expect("an answer");
        assert_eq!(response.status(), status);
        let recorded = recorded.0.lock().expect("no test panics in here");
        assert_eq!(recorded.get("rejection").map(String::as_str), rejection, "{method} {fields:?}");
        assert_eq!(recorded.get("condition").map(String::as_str), condition, "{method} {fields:?}");
    }
}

/// A field set outside the layer is on its answers too; one set inside is on the handler's alone.
#[tokio::test]
async fn set_response_header_on_either_side() {
    let freshness = HeaderValue::from_static("max-age=60");
    let set = || SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, freshness.clone());
    let own = || PreconditionLayer::new(version_2);
    let handler = service_fn(answers_text);
    let outside = ServiceBuilder::new().layer(set()).layer(own()).service(handler);
    let inside = ServiceBuilder::new().layer(own()).layer(set()).service(handler);
    // `probing()` and `from_response()` repeat the fields of the response.
    let tagged = SetResponseHeaderLayer::overriding(http::header::ETAG, HeaderValue::from_static("\"2\""));
    let probing = ServiceBuilder::new()
        .layer(PreconditionLayer::probing())
        .layer(set())
        .layer(tagged.clone())
        .service(handler);
    let from_response = ServiceBuilder::new()
        .layer(PreconditionLayer::from_response())
        .layer(set())
        .layer(tagged)
        .service(handler);

    // 200, 304, 412.
    let requests = || {
        let conditions = [("accept", "*/*"), ("if-none-match", "\"2\""), ("if-match", "\"1\"")];
        conditions.map(|condition| request("GET", &[condition]))
    };
    macro_rules! assert_cache_control {
        ($service:expr, $expected:expr) => {
            for (request, expected) in requests().into_iter().zip($expected) {
                let response = $service.clone().oneshot(request).await.expect("an answer");
                let found = response.headers().get(CACHE_CONTROL).map(HeaderValue::as_bytes);
                assert_eq!(found.unwrap_or_default(), expected.as_bytes(), "{}", response.status());
            }
        };
    }
    let overriding = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, freshness.clone()))
        .layer(own())
        .service(handler);
    // This override is a mistake of the application: a cache would serve a stored 412 to everyone.
    assert_cache_control!(overriding, ["max-age=60", "max-age=60", "max-age=60"]);
    // The layer says nothing of freshness beside a tag, so a default outside holds for the 200 and the 304.
    assert_cache_control!(outside, ["max-age=60", "max-age=60", "no-store"]);
    // What is set inside is only on the handler's responses.
    assert_cache_control!(inside, ["max-age=60", "", "no-store"]);
    assert_cache_control!(probing, ["max-age=60", "max-age=60", "no-store"]);
    assert_cache_control!(from_response, ["max-age=60", "max-age=60", "no-store"]);
}
