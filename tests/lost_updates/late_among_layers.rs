//! A handler's rejection on its way out: the layer that renders it, and the fields that stay.

use std::{
    convert::Infallible,
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, body::Body, routing::put};
use http::{HeaderValue, Request, Response, header, request::Parts};
use http_body_util::Full;
use tower::{Layer, ServiceBuilder, util::MapResponseLayer};
use tower_precondition::{
    Emit, Expose, PreconditionLayer, Preconditions, ProblemDetails, Rejection, RejectionKind,
    RejectionResponder, Representation, Verdict,
};

use crate::{
    support::{LATER, current, date, finds, service_fn, tagged},
    told::{self, Told},
};

fn stale() -> Request<String> {
    told::request("PUT", &[("if-match", b"\"1\"")])
}

/// The answer of a handler whose compare-and-set found version 2.
fn late(request: &Request<String>) -> Response<Full<bytes::Bytes>> {
    let verdict = request.extensions().get::<Verdict>().expect("the request was evaluated");
    let found = tagged("\"2\"").with_last_modified(date(LATER));
    let found = Representation::current(found).with_location(HeaderValue::from_static("/documents/7"));
    verdict.reject(found).to_response().map(Full::new)
}

async fn answer_late(request: Request<String>) -> Result<Response<Full<bytes::Bytes>>, Infallible> {
    Ok(late(&request))
}

/// Renders its name, and counts how often.
#[derive(Clone)]
struct Counted(&'static str, Arc<AtomicUsize>);

impl Counted {
    fn new(name: &'static str) -> Self {
        Self(name, Arc::default())
    }

    fn count(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }
}

impl RejectionResponder for Counted {
    type Body = String;

    fn respond(&self, rejection: &Rejection, _: &Parts) -> Response<String> {
        self.1.fetch_add(1, Ordering::Relaxed);
        let mut response = Response::new(format!("{}: {rejection}", self.0));
        *response.status_mut() = rejection.kind().status();
        response
    }
}

#[test]
fn a_late_answer_is_rendered_once() {
    let responder = Counted::new("own");
    let layer = PreconditionLayer::new(finds(current)).with_rejection_response(responder.clone());
    let told = Told::by(layer.layer(service_fn(answer_late)), stale());
    assert_eq!((told.status, responder.count()), (412, 1));
    assert_eq!(told.text(), "own: If-Match does not name the current representation");
}

#[test]
fn decision_16_only_the_nearest_layer_renders_a_late_answer() {
    let [outer, middle, inner] = ["outer", "middle", "inner"].map(Counted::new);
    let layer = |responder: &Counted| {
        PreconditionLayer::new(finds(current)).with_rejection_response(responder.clone())
    };
    let service = ServiceBuilder::new()
        .layer(layer(&outer))
        .layer(layer(&middle).expose(Expose::Nothing))
        .layer(layer(&inner))
        .service(service_fn(answer_late));
    let told = Told::by(service, stale());
    assert_eq!(told.text(), "inner: If-Match does not name the current representation");
    assert_eq!(told.field("etag"), Some("\"2\""), "the fields that the nearest layer exposes stay");
    assert_eq!([outer.count(), middle.count(), inner.count()], [0, 0, 1]);
}

#[test]
fn decision_16_a_late_answer_follows_the_requirement_of_the_nearest_layer() {
    let [outer, inner] = ["outer", "inner"].map(Counted::new);
    let required = tower_precondition::Requirement::on_writes().existing_only();
    let service = ServiceBuilder::new()
        .layer(PreconditionLayer::new(finds(Representation::absent)).with_rejection_response(outer.clone()))
        .layer(
            PreconditionLayer::new(finds(Representation::absent))
                .require(required)
                .with_rejection_response(inner.clone()),
        )
        .service(service_fn(answer_late));
    let told = Told::by(service, told::request("PUT", &[]));
    assert_eq!((told.status, outer.count(), inner.count()), (428, 0, 1));
}

/// A layer that deferred renders the rejection of the handler, because it is the nearest.
#[test]
fn a_layer_whose_source_deferred_renders_the_rejection_of_the_handler() {
    let responder = Counted::new("own");
    let layer = PreconditionLayer::new(finds(Representation::defer_to_handler))
        .with_rejection_response(responder.clone());
    let handler = service_fn(|request: Request<String>| {
        let (head, _) = request.into_parts();
        let rejection = Preconditions::from_head(&head).check(tagged("\"2\"")).expect_err("stale");
        ready(Ok::<_, Infallible>(rejection.to_response().map(Full::new)))
    });
    let told = Told::by(layer.layer(handler), stale());
    assert_eq!((told.status, responder.count()), (412, 1));
    assert!(told.text().starts_with("own: "));
}

#[test]
fn decision_12_the_rejection_is_in_the_extensions() {
    for expose in [Expose::Validators, Expose::Nothing] {
        let layer = PreconditionLayer::new(finds(current)).expose(expose);
        let rejection =
            Told::by(layer.layer(service_fn(answer_late)), stale()).rejection.expect("a rejection");
        assert_eq!(rejection.kind, RejectionKind::PreconditionFailed);
        assert_eq!(rejection.current.is_some(), expose == Expose::Validators);
    }
}

#[test]
fn decision_10_expose_nothing_removes_the_fields_of_a_late_answer() {
    let layer = PreconditionLayer::new(finds(current)).expose(Expose::Nothing);
    let told = Told::by(layer.layer(service_fn(answer_late)), stale());
    for hidden in ["etag", "last-modified", "location"] {
        assert_eq!(told.field(hidden), None);
    }
    assert!(!told.text().contains("\\\"2\\\"") && !told.text().contains(LATER), "{}", told.text());
}

#[test]
fn the_fields_of_layers_in_between_stay() {
    let between = MapResponseLayer::new(|mut response: Response<Full<bytes::Bytes>>| {
        let headers = response.headers_mut();
        headers.insert("x-request-id", HeaderValue::from_static("7"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("a=1"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("b=2"));
        headers.append(header::VARY, HeaderValue::from_static("origin, Accept-Encoding"));
        response.extensions_mut().insert("of the layer between");
        response
    });
    let service = ServiceBuilder::new()
        .layer(PreconditionLayer::new(finds(current)))
        .layer(between)
        .service(service_fn(answer_late));
    let told = Told::by(service, stale());
    assert_eq!(told.field("x-request-id"), Some("7"));
    assert_eq!(told.lines("set-cookie"), [b"a=1", b"b=2"]);
    assert_eq!(told.field("vary"), Some("origin"));
    assert_eq!(told.field("etag"), Some("\"2\""));
}

#[test]
fn the_layer_replaces_the_handlers_content_and_its_fields() {
    const OF_CONTENT: [(&str, &str); 8] = [
        ("content-type", "text/x-own"),
        ("content-length", "3"),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("content-range", "bytes 0-2/9"),
        ("trailer", "x-sum"),
        ("transfer-encoding", "chunked"),
        ("location", "/own"),
    ];
    let handler = service_fn(|request: Request<String>| {
        let mut response = late(&request);
        for (name, value) in OF_CONTENT {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        *response.body_mut() = Full::from("own");
        ready(Ok::<_, Infallible>(response))
    });
    let own = Told::by(PreconditionLayer::new(finds(current)).layer(handler), stale());
    let plain = Told::by(PreconditionLayer::new(finds(current)).layer(service_fn(answer_late)), stale());
    assert_eq!(own, plain);
}

#[test]
fn a_late_answer_is_complete_without_a_layer_outside() {
    let evaluated = Arc::new(std::sync::Mutex::new(None));
    for (accept, content_type) in
        [("application/json", "application/problem+json"), ("text/plain", "text/plain; charset=utf-8")]
    {
        let keep = Arc::clone(&evaluated);
        let handler = service_fn(move |request: Request<String>| {
            *keep.lock().expect("no test panics in here") = Some(late(&request));
            ready(Ok::<_, Infallible>(Response::new(String::new())))
        });
        let request = told::request("PUT", &[("if-match", b"\"1\""), ("accept", accept.as_bytes())]);
        Told::by(PreconditionLayer::new(finds(current)).layer(handler), request);

        let alone = evaluated.lock().expect("no test panics in here").take().expect("the handler ran");
        let told = Told::of(alone);
        assert_eq!(told.status, 412);
        assert_eq!(told.field("content-type"), Some(content_type));
        assert_eq!(told.field("cache-control"), Some("no-store"));
        assert_eq!(told.field("etag"), Some("\"2\""));
        assert_eq!(told.field("last-modified"), Some(LATER));
        assert_eq!(told.field("location"), Some("/documents/7"));
        assert!(told.text().contains("If-Match does not name"), "{}", told.text());
        assert_eq!(told.rejection.expect("a rejection").kind, RejectionKind::PreconditionFailed);
    }
}

/// A layer between that makes a new response out of the old one.
#[test]
fn an_answer_without_its_extensions_passes_unchanged() {
    let responder = Counted::new("own");
    let forgetful = MapResponseLayer::new(|response: Response<Full<bytes::Bytes>>| {
        let (mut head, body) = response.into_parts();
        head.extensions.clear();
        Response::from_parts(head, body)
    });
    let service = ServiceBuilder::new()
        .layer(PreconditionLayer::new(finds(current)).with_rejection_response(responder.clone()))
        .layer(forgetful)
        .service(service_fn(answer_late));
    let told = Told::by(service, stale());
    assert_eq!((told.status, responder.count()), (412, 0));
    assert_eq!(told.field("content-type"), Some("application/problem+json"));
    assert_eq!(told.field("etag"), Some("\"2\""));
}

/// No layer renders an answer of the handler itself that has the same status.
#[test]
fn decision_16_the_handlers_own_412_passes_unchanged() {
    let responder = Counted::new("own");
    let layer = PreconditionLayer::new(finds(current)).with_rejection_response(responder.clone());
    let handler = service_fn(|_: Request<String>| {
        ready(Ok::<_, Infallible>(
            Response::builder().status(412).body(String::from("mine")).expect("a response"),
        ))
    });
    let told = Told::by(layer.layer(handler), stale());
    assert_eq!((told.status, told.text(), responder.count()), (412, "mine", 0));
    assert!(told.rejection.is_none());
}

#[test]
fn a_rejection_of_the_layer_makes_a_second_response() {
    let layer = PreconditionLayer::new(finds(current));
    let unreached = service_fn(|_: Request<String>| ready(Ok::<_, Infallible>(Response::new(String::new()))));
    let request = told::request("PUT", &[("if-match", b"\"9\""), ("accept", b"text/plain")]);
    let response = crate::support::at_once(tower::ServiceExt::oneshot(layer.layer(unreached), request));
    let Ok(response) = response;
    let rejection = response.extensions().get::<Rejection>().expect("a rejection").clone();
    let again = Told::of(rejection.to_response().map(Full::new));
    assert_eq!((again.status, again.field("etag")), (412, Some("\"1\"")));
    assert_eq!(again.field("cache-control"), Some("no-store"));
}

/// A handler can return it as its error, with `?`.
#[tokio::test]
async fn under_axum_a_late_rejection_is_the_error_of_a_handler() {
    async fn write(verdict: Verdict) -> Result<&'static str, Rejection> {
        Err(verdict.reject(tagged("\"2\"")))
    }
    let responder = Counted::new("own");
    let layer =
        PreconditionLayer::new(finds(current)).with_rejection_response(responder.clone()).emit(Emit::Nothing);
    let app = Router::new().route("/documents/{id}", put(write).route_layer(layer));
    let told = Told::by(app, stale().map(Body::from));
    assert_eq!((told.status, responder.count()), (412, 1));
    assert_eq!(told.text(), "own: If-Match does not name the current representation");
    assert_eq!(told.field("content-length"), Some(told.text().len().to_string().as_str()));
}

#[test]
fn under_axum_a_missing_verdict_is_500() {
    async fn write(_: Verdict) {}
    let app = Router::new().route("/documents/{id}", put(write));
    let told = Told::by(app, stale().map(Body::from));
    assert_eq!(told.status, 500);
    let fix = "no `Verdict` in this request: is `PreconditionLayer` applied to this route";
    let text = if cfg!(debug_assertions) { fix } else { "this request could not be handled" };
    assert!(told.text().starts_with(text), "{}", told.text());

    async fn lenient(verdict: Option<Verdict>) -> String {
        verdict.is_some().to_string()
    }
    let alone = Router::new().route("/documents/{id}", put(lenient));
    assert_eq!(Told::by(alone.clone(), stale().map(Body::from)).text(), "false");
    let behind = alone.layer(PreconditionLayer::new(finds(current)));
    assert_eq!(Told::by(behind, stale().map(Body::from)).text(), "true");
}

#[test]
fn the_default_responder_renders_a_late_answer_too() {
    let layer = PreconditionLayer::new(finds(current)).with_rejection_response(ProblemDetails::new());
    let default = PreconditionLayer::new(finds(current));
    let told = Told::by(layer.layer(service_fn(answer_late)), stale());
    assert_eq!(told, Told::by(default.layer(service_fn(answer_late)), stale()));
}
