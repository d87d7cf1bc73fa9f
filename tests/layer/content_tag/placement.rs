//! The layer around any service, beside the other layer, and under Axum; auto traits and sizes.

use std::{
    convert::Infallible,
    fmt,
    future::{Ready, poll_fn, ready},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use axum::{Router, body::Body as AxumBody, routing::get};
use bytes::Bytes;
use http::{Request, Response, header, request::Parts};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_precondition::{
    EntityTag, EntityTagLayer, PreconditionLayer,
    content_tag::{EntityTagFuture, EntityTagService, TaggedBody},
};

use crate::support::bodies::{End, Length, Script, Step, data};

fn is_shared<T: Send + Sync + fmt::Debug>() {}
fn is_unpin<T: Unpin>() {}

/// A HEAD has no content to hash, so the tag that the client just got must not be false.
#[test]
fn rule_15_inside_probing_the_tag_just_given_is_not_refused() {
    let handler =
        service_fn(async |_: Request<String>| Ok::<_, Infallible>(Response::new(String::from("text"))));
    let service = PreconditionLayer::probing().layer(EntityTagLayer::new().layer(handler));
    let get = || Request::get("/").body(String::new()).expect("a request");
    let Ok(first) = crate::support::at_once(service.clone().oneshot(get()));
    let mut again = get();
    again.headers_mut().insert(header::IF_MATCH, first.headers()[header::ETAG].clone());
    let Ok(again) = crate::support::at_once(service.oneshot(again));
    assert_eq!(
        (again.status().as_u16(), &again.headers()[header::ETAG]),
        (200, &first.headers()[header::ETAG])
    );
}

#[test]
fn every_public_type_has_the_traits_that_are_expected_of_it() {
    type Body = TaggedBody<Full<Bytes>>;
    type Future = EntityTagFuture<Ready<Result<Response<Full<Bytes>>, Infallible>>, Full<Bytes>>;
    is_shared::<EntityTagLayer>();
    is_shared::<EntityTagService<()>>();
    is_shared::<Body>();
    is_shared::<Future>();
    is_unpin::<Body>();
    is_unpin::<Future>();
    fn is_default<T: Default>() {}
    is_default::<Body>();
    is_default::<EntityTagLayer>();
    fn is_clone<T: Clone>() {}
    is_clone::<EntityTagLayer>();
    is_clone::<EntityTagService<u8>>();
}

/// A service that panics if it is called before it is ready, and cannot be cloned.
struct Strict {
    is_ready: bool,
    answer: fn() -> Result<Response<String>, &'static str>,
}

impl Service<Request<()>> for Strict {
    type Response = Response<String>;
    type Error = &'static str;
    type Future = Ready<Result<Response<String>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called before it was ready");
        ready((self.answer)())
    }
}

#[tokio::test]
async fn decision_15_the_ready_service_is_the_one_called() {
    let strict = Strict { is_ready: false, answer: || Ok(Response::new("text".to_owned())) };
    let mut service = EntityTagLayer::new().layer(strict);
    for _ in 0..2 {
        let response = service.ready().await.expect("it is ready").call(Request::new(())).await;
        assert!(response.expect("an answer").headers().contains_key("etag"));
    }
}

#[tokio::test]
async fn readiness_is_the_inner_services() {
    let (mut service, mut handle) =
        tower_test::mock::spawn_layer::<Request<()>, Response<String>, _>(EntityTagLayer::new());
    handle.allow(0);
    assert!(service.poll_ready().is_pending());
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
    handle.send_error("gone");
    assert!(poll_fn(|_| service.poll_ready()).await.is_err());
}

#[tokio::test]
async fn decision_6_the_error_of_the_service_passes_unchanged() {
    for method in ["GET", "PUT"] {
        let strict = Strict { is_ready: false, answer: || Err("the service's own") };
        let request = Request::builder().method(method).body(()).expect("a request");
        let error: &'static str =
            EntityTagLayer::new().layer(strict).oneshot(request).await.expect_err("an error");
        assert_eq!(error, "the service's own");
    }
}

#[test]
fn debug_output_names_the_type_and_the_state() {
    assert_eq!(format!("{:?}", EntityTagLayer::new().limit(9)), "EntityTagLayer { limit: 9, own: Keep }");
    assert_eq!(
        format!("{:?}", EntityTagLayer::new().limit(9).layer(7)),
        "EntityTagService { inner: 7, limit: 9, own: Keep }"
    );
    let mut service = EntityTagLayer::new().layer(service_fn(|_: Request<()>| {
        let body = Script::new(Length::Exact, End::Foretold, [Step::Pause, data("text")]);
        ready(Ok::<_, Infallible>(Response::new(body)))
    }));
    let put = service.call(Request::put("/").body(()).expect("a request"));
    assert_eq!(format!("{put:?}"), "EntityTagFuture(forward)");
    let mut get = Box::pin(service.call(Request::new(())));
    assert_eq!(format!("{get:?}"), "EntityTagFuture(respond)");
    assert!(get.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(format!("{get:?}"), "EntityTagFuture(read)");
}

#[test]
fn a_response_that_is_dropped_drops_its_body() {
    let held = Arc::new([b'x'; 100]);
    let frame = Bytes::from_owner(Shared(Arc::clone(&held)));
    let body = Script::new(Length::Exact, End::Unknown, [Step::Data(frame), Step::Pause]);
    let mut body = Some(body);
    let mut service = EntityTagLayer::new().layer(service_fn(move |_: Request<()>| {
        ready(Ok::<_, Infallible>(Response::new(body.take().expect("called once"))))
    }));
    let mut future = Box::pin(service.call(Request::new(())));
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(Arc::strong_count(&held), 2);
    drop(future);
    assert_eq!(Arc::strong_count(&held), 1);
}

struct Shared(Arc<[u8; 100]>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0[..]
    }
}

async fn exchange(app: &Router, request: Request<AxumBody>) -> (http::response::Parts, Bytes) {
    let Ok(response) = app.clone().oneshot(request).await;
    let (head, body) = response.into_parts();
    (head, body.collect().await.expect("a whole body").to_bytes())
}

fn request(method: &str, fields: &[(&str, &str)]) -> Request<AxumBody> {
    let builder = Request::builder().method(method).uri("/");
    let builder = fields.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(AxumBody::empty()).expect("a request")
}

#[tokio::test]
async fn under_axum_get_has_a_tag_and_head_has_none() {
    let app = Router::new().route("/", get(async || "text")).layer(EntityTagLayer::new());
    let (head, content) = exchange(&app, request("GET", &[])).await;
    assert!(head.headers.contains_key("etag"));
    assert_eq!(content, "text");
    let (head, content) = exchange(&app, request("HEAD", &[])).await;
    assert!(!head.headers.contains_key("etag"));
    assert_eq!(head.headers.get("content-length").expect("that of GET"), "4");
    assert_eq!(content, "");
}

#[tokio::test]
async fn answers_of_an_inner_precondition_layer_pass() {
    let source = |_: &Parts| ready(const { EntityTag::from_static("\"1\"") });
    let preconditions = PreconditionLayer::new(source);
    let routes = get(async || "text").put(async || "").route_layer(preconditions);
    let routes = routes.route_layer(EntityTagLayer::new());
    let app = Router::new().route("/", routes);
    for (method, fields, status) in [
        ("GET", &[][..], 200),
        ("GET", &[("if-none-match", "\"1\"")], 304),
        ("PUT", &[("if-match", "\"2\"")], 412),
        ("GET", &[("if-match", "\"2\"")], 412),
    ] {
        let (head, _) = exchange(&app, request(method, fields)).await;
        assert_eq!(head.status, status);
        let tag = head.headers.get("etag");
        assert_eq!(tag.expect("the source's tag"), "\"1\"", "{method} {fields:?}");
    }
}

#[tokio::test]
async fn inside_a_layer_that_evaluates_the_response_any_handler_gets_304() {
    let routes = get(async || "text").route_layer(EntityTagLayer::new());
    let app = Router::new().route("/", routes.route_layer(PreconditionLayer::from_response()));
    let (head, _) = exchange(&app, request("GET", &[])).await;
    let tag = head.headers.get(header::ETAG).expect("a tag").to_str().expect("visible ASCII");
    for (method, field, value, status) in [
        ("GET", "if-none-match", tag, 304),
        ("GET", "if-none-match", "\"1\"", 200),
        ("GET", "if-match", tag, 200),
        ("GET", "if-match", "\"1\"", 412),
        ("HEAD", "if-none-match", tag, 304),
        ("HEAD", "if-match", tag, 200),
        ("HEAD", "if-match", "\"1\"", 412),
    ] {
        let (head, content) = exchange(&app, request(method, &[(field, value)])).await;
        assert_eq!(head.status, status, "{method} {field}: {value}");
        assert_eq!(content == "text", method == "GET" && status == 200, "{method} {field}: {value}");
    }
}
