//! Under Axum, `probing()` performs nothing, wherever it stands; with the user's promise it evaluates writes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    handler::Handler,
    middleware::{Next, from_fn},
    response::IntoResponse,
    routing::{MethodRouter, delete, get},
};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, util::BoxCloneSyncService, util::MapRequestLayer};
use tower_precondition::{ContentCodingLayer, PreconditionLayer, Verdict, source::Probing};

use crate::support::request;

/// A layer without the user's promise.
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
        assert_eq!(deleted.times(), 0, "{status} {content}");
        assert_eq!(status, 501, "{fields:?}: {content}");
        assert!(content.contains("`probe_writes`"), "it names the setting: {content}");
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
    rule_82_around_a_method_router_by_route_layer: deleted => app(documents().route_layer(layer()), &deleted);
    rule_82_around_a_method_router_by_layer: deleted => app(documents().layer(layer()), &deleted);
    rule_82_around_the_routes_by_router_layer: deleted => app(documents(), &deleted).layer(layer());
    rule_82_around_the_routes_by_router_route_layer: deleted => app(documents(), &deleted).route_layer(layer());
    rule_82_around_one_method_alone: deleted => app(delete(remove).layer(layer()), &deleted);
    rule_82_around_one_handler: deleted => app(get(read).delete(remove.layer(layer())), &deleted);
    rule_82_around_one_handler_among_layers: deleted => {
        let trace = tower_http::trace::TraceLayer::new_for_http();
        app(get(read).delete(remove.layer((layer(), trace))), &deleted)
    };
    rule_82_among_other_layers: deleted => {
        let layers = ServiceBuilder::new().layer(layer()).layer(tower_http::trace::TraceLayer::new_for_http());
        app(documents(), &deleted).layer(layers)
    };
    rule_82_outside_a_compression: deleted => app(documents(), &deleted).layer((ContentCodingLayer::new(), layer()));
    rule_82_in_another_layer_of_its_kind: deleted => {
        let layers = ServiceBuilder::new().layer(layer()).layer(PreconditionLayer::from_response()
            .unevaluated_writes(tower_precondition::UnevaluatedWrites::Forward));
        app(documents(), &deleted).layer(layers)
    };
    rule_82_around_next: deleted => {
        let layer = layer();
        let around = from_fn(move |request: axum::extract::Request, next: Next| {
            let answer = layer.layer(next).oneshot(request);
            async move {
                let Ok(answer) = answer.await;
                answer.map(Body::new)
            }
        });
        app(documents().route_layer(around), &deleted)
    };
    rule_82_around_a_box_of_ones_own: deleted => {
        /// A box that no layer can see through.
        #[derive(Clone)]
        struct Own(BoxCloneSyncService<Request<Body>, Response<Body>, std::convert::Infallible>);
        impl Service<Request<Body>> for Own {
            type Response = Response<Body>;
            type Error = std::convert::Infallible;
            type Future = <BoxCloneSyncService<Request<Body>, Response<Body>, std::convert::Infallible>
                as Service<Request<Body>>>::Future;

            fn poll_ready(
                &mut self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Result<(), Self::Error>> {
                self.0.poll_ready(cx)
            }

            fn call(&mut self, request: Request<Body>) -> Self::Future {
                self.0.call(request)
            }
        }
        let boxing = tower::layer::layer_fn(|service| Own(BoxCloneSyncService::new(service)));
        app(delete(remove).layer((layer(), boxing)), &deleted)
    };
    rule_82_around_the_whole_router: deleted => layer().layer(app(documents(), &deleted));
}

/// As a service has it that takes the field on whatever method.
fn overriding(
    routes: Router,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = std::convert::Infallible, Future: Send> + Clone
{
    let override_method = |mut request: Request<Body>| {
        let parameter = request.uri().query().and_then(|query| query.strip_prefix("_method="));
        let field = ["x-http-method-override", "x-http-method", "x-method-override", "x-own-override"]
            .iter()
            .find_map(|name| request.headers().get(*name));
        let named = field.map(|name| name.as_bytes()).or(parameter.map(str::as_bytes));
        if let Some(method) = named.and_then(|name| Method::from_bytes(name).ok()) {
            *request.method_mut() = method;
        }
        request
    };
    MapRequestLayer::new(override_method).layer(routes)
}

#[tokio::test]
async fn rule_82_a_probe_performs_no_overriding_method() {
    for layer in [layer(), layer().probe_writes()] {
        for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
            for (method, status) in [("POST", 501), ("PUT", 501)] {
                let deleted = Deleted::default();
                let service = layer.layer(overriding(app(documents(), &deleted)));
                let fields = [(name, "DELETE"), ("if-match", "\"0\"")];
                let (told, content) = exchange(service, method, &fields).await;
                assert_eq!((deleted.times(), told), (0, status), "{method} {name}: {content}");
            }
            // The client asked for the deletion, and the layer takes a GET for what it is: it performs it once.
            let deleted = Deleted::default();
            let service = layer.layer(overriding(app(documents(), &deleted)));
            let fields = [(name, "DELETE"), ("if-none-match", "\"7\"")];
            assert_eq!(exchange(service, "GET", &fields).await, (200, "deleted".to_owned()));
            assert_eq!(deleted.times(), 1, "{name}");
        }
    }
}

#[tokio::test]
async fn rule_82_a_probe_performs_no_overriding_method_of_a_parameter() {
    let deleted = Deleted::default();
    let service = layer().probe_writes().layer(overriding(app(documents(), &deleted)));
    let post = Request::post("/documents/7?_method=DELETE").header("if-match", "\"0\"");
    let Ok(answer) = service.oneshot(post.body(Body::empty()).expect("a request")).await;
    assert_eq!((deleted.times(), answer.status().as_u16()), (0, 501));
}

/// A field of the application's own, which the user names.
#[tokio::test]
async fn rule_82_a_probe_performs_no_method_of_a_field_that_the_user_names() {
    let deleted = Deleted::default();
    let layer = layer().probe_writes().probe_without([HeaderName::from_static("x-own-override")]);
    let service = layer.layer(overriding(app(documents(), &deleted)));
    let fields = |etag| [("x-own-override", "DELETE"), ("if-match", etag)];
    assert_eq!(exchange(service.clone(), "POST", &fields("\"0\"")).await.0, 412);
    assert_eq!(deleted.times(), 0);
    assert_eq!(exchange(service, "POST", &fields("\"7\"")).await.1, "deleted");
    assert_eq!(deleted.times(), 1);
}

/// RFC 9110 §13.2.1: the client learns how to sign in, whatever its condition is.
#[tokio::test]
async fn rule_2_a_write_that_must_sign_in_first_gets_the_challenge() {
    let deleted = Deleted::default();
    let sign_in = from_fn(async |request: axum::extract::Request, next: Next| {
        match request.headers().contains_key(header::AUTHORIZATION) {
            true => next.run(request).await,
            false => {
                let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"documents\"")];
                (StatusCode::UNAUTHORIZED, challenge, "sign in").into_response()
            }
        }
    });
    let service = layer().probe_writes().layer(app(documents(), &deleted).layer(sign_in));
    for etag in ["\"0\"", "\"7\"", "*"] {
        let stranger = request("DELETE", &[("if-match", etag)]).map(Body::from);
        let Ok(answer) = service.clone().oneshot(stranger).await;
        assert_eq!(answer.status(), 401, "{etag}");
        assert_eq!(answer.headers()[header::WWW_AUTHENTICATE], "Basic realm=\"documents\"");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        assert!(!answer.headers().contains_key(header::CONTENT_LENGTH));
    }
    assert_eq!(deleted.times(), 0);
    let known = [("authorization", "Basic 1"), ("if-match", "\"7\"")];
    assert_eq!(exchange(service.clone(), "DELETE", &known).await.1, "deleted");
    // A read gets the service's own answer.
    assert_eq!(exchange(service, "GET", &FALSE).await, (401, "sign in".to_owned()));
}

/// Each tenant has its own version of the document.
#[tokio::test]
async fn a_write_is_evaluated_by_the_state_that_its_fields_select() {
    async fn of_tenant(fields: HeaderMap) -> [(&'static str, String); 2] {
        let tenant = fields.get("x-tenant").map_or("none", |tenant| tenant.to_str().expect("text"));
        [("etag", format!("\"{tenant}\"")), ("vary", "x-tenant, accept-encoding".to_owned())]
    }
    let routes = Router::new().route("/documents/{id}", get(of_tenant).put(async || "written"));
    let service = layer().probe_writes().layer(routes);
    for (tenant, etag, status) in
        [("north", "\"north\"", 200), ("north", "\"none\"", 412), ("south", "\"north\"", 412)]
    {
        let fields = [("x-tenant", tenant), ("if-match", etag)];
        assert_eq!(exchange(service.clone(), "PUT", &fields).await.0, status, "{tenant} {etag}");
    }
}

/// The limit that the documentation names: Axum runs the handler of GET for a HEAD.
#[tokio::test]
async fn under_axum_a_head_runs_the_handler_of_get() {
    let link = || {
        let used = Arc::new(AtomicUsize::new(0));
        get(async move || match used.fetch_add(1, Ordering::SeqCst) {
            0 => ([(header::ETAG, "\"1\"")], "the file").into_response(),
            _ => StatusCode::GONE.into_response(),
        })
    };
    let routes = || Router::new().route("/documents/{id}", link());
    let fields = [("if-none-match", "\"0\"")];
    assert_eq!(exchange(layer().layer(routes()), "GET", &fields).await.0, 410);
    let from_response = PreconditionLayer::from_response().layer(routes());
    assert_eq!(exchange(from_response, "GET", &fields).await, (200, "the file".to_owned()));
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
    evaluates(layer().probe_writes().layer(app(documents(), &deleted)), &deleted).await;
}

/// A box of tower hides the type of the router, which no longer matters.
#[tokio::test]
async fn around_a_router_in_a_box_or_a_buffer_writes_are_evaluated() {
    let deleted = Deleted::default();
    let boxed = BoxCloneSyncService::new(app(documents(), &deleted));
    evaluates(layer().probe_writes().layer(boxed), &deleted).await;
    let deleted = Deleted::default();
    let buffered = tower::buffer::Buffer::new(app(documents(), &deleted), 4);
    let buffered = buffered.map_err(|error| -> std::convert::Infallible { panic!("{error}") });
    evaluates(layer().probe_writes().layer(buffered), &deleted).await;
}

#[tokio::test]
async fn around_a_router_that_is_the_fallback_of_another_writes_are_evaluated() {
    let deleted = Deleted::default();
    let inner = layer().probe_writes().layer(app(documents(), &deleted));
    let inner = tower::util::MapResponse::new(inner, |response: Response<_>| response.map(Body::new));
    evaluates(Router::new().fallback_service(inner), &deleted).await;
}

#[tokio::test]
async fn around_a_method_router_as_a_service_writes_are_evaluated() {
    let deleted = Deleted::default();
    let documents =
        get(async || ([("etag", "\"7\"")], "document 7")).delete(remove).with_state(deleted.clone());
    evaluates(layer().probe_writes().layer(documents), &deleted).await;
}

#[tokio::test]
async fn a_target_without_a_route_is_404_for_reads_and_absent_for_writes() {
    let routes = Router::<()>::new().route("/other", get(async || "text"));
    let service = layer().probe_writes().layer(routes);
    assert_eq!(exchange(service.clone(), "GET", &[("if-match", "*")]).await.0, 404);
    assert_eq!(exchange(service.clone(), "PUT", &[("if-match", "*")]).await.0, 412);
    assert_eq!(exchange(service, "PUT", &[("if-none-match", "*")]).await.0, 404);
}

#[tokio::test]
async fn decision_12_a_handler_extracts_the_verdict() {
    let put = async |verdict: Verdict| verdict.current().is_some().to_string();
    let app = Router::new().route("/documents/{id}", get(read).put(put));
    assert_eq!(exchange(layer().probe_writes().layer(app), "PUT", &TRUE).await, (200, "true".to_owned()));
}
