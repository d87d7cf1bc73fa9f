//! Under Axum, `probing()` sends a HEAD for a write only if it is around the whole router.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    handler::Handler,
    routing::{MethodRouter, delete, get},
};
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};
use tower_precondition::{ContentCodingLayer, PreconditionLayer, Verdict, source::Probing};

use crate::support::request;

fn layer() -> PreconditionLayer<Probing> {
    PreconditionLayer::probing()
}

/// Counts the deletions.
#[derive(Clone, Debug, Default)]
struct Deleted(Arc<AtomicUsize>);

impl Deleted {
    fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

async fn read(Path(id): Path<u32>) -> ([(&'static str, String); 1], String) {
    ([("etag", format!("\"{id}\""))], format!("document {id}"))
}

async fn remove(State(deleted): State<Deleted>) -> &'static str {
    deleted.0.fetch_add(1, Ordering::SeqCst);
    "deleted"
}

fn documents() -> MethodRouter<Deleted> {
    get(read).delete(remove)
}

fn app(documents: MethodRouter<Deleted>, deleted: &Deleted) -> Router {
    Router::new().route("/documents/{id}", documents).with_state(deleted.clone())
}

async fn exchange<S, B>(service: S, method: &str, fields: &[(&str, &str)]) -> (u16, String)
where
    S: Service<Request<Body>, Response = Response<B>, Error = std::convert::Infallible>,
    B: http_body::Body<Data = bytes::Bytes, Error: std::fmt::Debug>,
{
    let Ok(response) = service.oneshot(request(method, fields).map(Body::from)).await;
    let (head, body) = response.into_parts();
    let content = body.collect().await.expect("content without errors").to_bytes();
    (head.status.as_u16(), String::from_utf8(content.into()).expect("text"))
}

const TRUE: [(&str, &str); 1] = [("if-match", "\"7\"")];
const FALSE: [(&str, &str); 1] = [("if-match", "\"0\"")];

/// No HEAD may reach the handler of DELETE, whatever the condition is.
async fn refuses_and_deletes_nothing<S, B>(service: S, deleted: &Deleted)
where
    S: Service<Request<Body>, Response = Response<B>, Error = std::convert::Infallible> + Clone,
    B: http_body::Body<Data = bytes::Bytes, Error: std::fmt::Debug>,
{
    for fields in [TRUE, FALSE, [("if-match", "*")], [("if-none-match", "*")]] {
        let (status, content) = exchange(service.clone(), "DELETE", &fields).await;
        assert_eq!(status, 501, "{fields:?}: {content}");
        assert!(content.contains("it belongs around the whole router"), "{content}");
        assert_eq!(deleted.times(), 0);
    }
    assert_eq!(exchange(service, "DELETE", &[]).await.0, 200, "without a condition it is performed");
    assert_eq!(deleted.times(), 1);
}

macro_rules! refuses {
    ($($name:ident: $deleted:ident => $service:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let $deleted = Deleted::default();
            refuses_and_deletes_nothing($service, &$deleted).await;
        }
    )*};
}

refuses! {
    around_a_method_router_by_route_layer: deleted => app(documents().route_layer(layer()), &deleted);
    around_a_method_router_by_layer: deleted => app(documents().layer(layer()), &deleted);
    around_the_routes_by_router_layer: deleted => app(documents(), &deleted).layer(layer());
    around_the_routes_by_router_route_layer: deleted => app(documents(), &deleted).route_layer(layer());
    around_one_method_alone: deleted => app(delete(remove).layer(layer()), &deleted);
    around_one_handler: deleted => app(get(read).delete(remove.layer(layer())), &deleted);
    around_one_handler_among_layers: deleted => {
        let trace = tower_http::trace::TraceLayer::new_for_http();
        app(get(read).delete(remove.layer((layer(), trace))), &deleted)
    };
    among_other_layers: deleted => {
        let layers = ServiceBuilder::new().layer(layer()).layer(tower_http::trace::TraceLayer::new_for_http());
        app(documents(), &deleted).layer(layers)
    };
    outside_a_compression: deleted => app(documents(), &deleted).layer((ContentCodingLayer::new(), layer()));
    in_another_layer_of_its_kind: deleted => {
        let layers = ServiceBuilder::new().layer(layer()).layer(PreconditionLayer::from_response()
            .unevaluated_writes(tower_precondition::UnevaluatedWrites::Forward));
        app(documents(), &deleted).layer(layers)
    };
}

#[tokio::test]
async fn around_the_handlers_of_one_method_reads_are_evaluated() {
    let app = app(documents(), &Deleted::default()).layer(layer());
    assert_eq!(exchange(app.clone(), "GET", &[("if-none-match", "\"7\"")]).await.0, 304);
    assert_eq!(exchange(app.clone(), "GET", &[("if-none-match", "\"0\"")]).await.1, "document 7");
    assert_eq!(exchange(app, "GET", &FALSE).await.0, 412);
}

async fn evaluates<S, B>(service: S, deleted: &Deleted)
where
    S: Service<Request<Body>, Response = Response<B>, Error = std::convert::Infallible> + Clone,
    B: http_body::Body<Data = bytes::Bytes, Error: std::fmt::Debug>,
{
    assert_eq!(exchange(service.clone(), "DELETE", &FALSE).await.0, 412);
    assert_eq!(exchange(service.clone(), "DELETE", &[("if-none-match", "*")]).await.0, 412);
    assert_eq!(deleted.times(), 0);
    assert_eq!(exchange(service.clone(), "DELETE", &TRUE).await, (200, "deleted".to_owned()));
    assert_eq!(deleted.times(), 1);
    assert_eq!(exchange(service.clone(), "DELETE", &[]).await.0, 200);
    assert_eq!(deleted.times(), 2);
    assert_eq!(exchange(service.clone(), "GET", &[("if-none-match", "\"7\"")]).await.0, 304);
    assert_eq!(exchange(service.clone(), "GET", &[("if-none-match", "\"0\"")]).await.1, "document 7");
    // The HEAD gets 200, and the route has no PUT.
    assert_eq!(exchange(service, "PUT", &TRUE).await.0, 405);
}

#[tokio::test]
async fn around_the_whole_router_writes_are_evaluated() {
    let deleted = Deleted::default();
    evaluates(layer().layer(app(documents(), &deleted)), &deleted).await;
}

#[tokio::test]
async fn around_a_router_that_is_the_fallback_of_another_writes_are_evaluated() {
    let deleted = Deleted::default();
    let inner = layer().layer(app(documents(), &deleted));
    let inner = tower::util::MapResponse::new(inner, |response: Response<_>| response.map(Body::new));
    evaluates(Router::new().fallback_service(inner), &deleted).await;
}

#[tokio::test]
async fn around_a_method_router_as_a_service_writes_are_evaluated() {
    let deleted = Deleted::default();
    let documents =
        get(async || ([("etag", "\"7\"")], "document 7")).delete(remove).with_state(deleted.clone());
    evaluates(layer().layer(documents), &deleted).await;
}

#[tokio::test]
async fn a_target_without_a_route_is_404_for_reads_and_absent_for_writes() {
    let service = layer().layer(Router::<()>::new().route("/other", get(async || "text")));
    assert_eq!(exchange(service.clone(), "GET", &[("if-match", "*")]).await.0, 404);
    assert_eq!(exchange(service.clone(), "PUT", &[("if-match", "*")]).await.0, 412);
    assert_eq!(exchange(service, "PUT", &[("if-none-match", "*")]).await.0, 404);
}

#[tokio::test]
async fn decision_12_a_handler_extracts_the_verdict() {
    let put = async |verdict: Verdict| verdict.current().is_some().to_string();
    let app = Router::new().route("/documents/{id}", get(read).put(put));
    assert_eq!(exchange(layer().layer(app), "PUT", &TRUE).await, (200, "true".to_owned()));
}
