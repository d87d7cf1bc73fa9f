//! The places for the layer in an Axum application, and the answers 404, 405 and HEAD in each.
//!
//! The application has GET and PUT on `/documents/{id}`; a look-up over `Path<u32>` finds version 2
//! of document 1, and writes require a condition. A cell with three statuses shows the answers
//! to a request without a condition, with a false If-Match, and with a true one.
//!
//! | the layer is added by | GET without a route | PUT without a route | DELETE without a handler | OPTIONS without a handler | HEAD by `get` | HEAD with the current If-None-Match |
//! |---|---|---|---|---|---|---|
//! | `MethodRouter::route_layer` | 404 | 404, 404, 404 | 405, 405, 405 | 405 | 200, 412, 200 | 304 |
//! | `MethodRouter::layer` | 404 | 404, 404, 404 | **428, 412**, 405 | 405 | 200, 412, 200 | 304 |
//! | `Router::route_layer` | 404 | 404, 404, 404 | **428, 412**, 405 | 405 | 200, 412, 200 | 304 |
//! | `Router::layer` | 404 | **428, 500, 500** | **428, 412**, 405 | 405 | 200, 412, 200 | 304 |
//!
//! Only the first row keeps every 404 and 405. The 500 is Axum's: a fallback has no path parameters, so the
//! extractor refuses, and a write gets this refusal. A look-up without `Path` would run there, and the answer
//! could be 412. In the last row a GET without a route is 404 only because a read whose extractor refuses
//! reaches the handler.
//!
//! `any(..)` and `MethodRouter::fallback` add no route for a method. `route_layer` does not cover them, and
//! panics if there is no other route. `MethodRouter::layer` covers them.

use axum::{
    Router,
    extract::Path,
    routing::{MethodRouter, any, get},
};
use http::{Method, StatusCode, header};
use tower_precondition::{
    EntityTag, PreconditionLayer, Requirement, ValidatorSource, Validators, validators_from_fn,
};

use crate::{ask, support::run};

/// The statuses of one row, in the order of the columns.
struct Row {
    get_nowhere: u16,
    put_nowhere: [u16; 3],
    delete: [u16; 3],
    options: u16,
    head: [u16; 3],
    head_of_the_current_version: u16,
}

/// A false condition.
const STALE: Option<(&str, &str)> = Some(("if-match", "\"1\""));

/// The first row: the layer sees only requests that have a handler.
const HANDLERS_ONLY: Row = Row {
    get_nowhere: 404,
    put_nowhere: [404, 404, 404],
    delete: [405, 405, 405],
    options: 405,
    head: [200, 412, 200],
    head_of_the_current_version: 304,
};
const ROUTES: Row = Row { delete: [428, 412, 405], ..HANDLERS_ONLY };
const EVERYTHING: Row = Row { put_nowhere: [428, 500, 500], ..ROUTES };

macro_rules! placements {
    ($($name:ident: $app:expr => $row:expr;)+) => { $(
        #[test]
        fn $name() {
            run(Box::pin($row.check($app)));
        }
    )+ };
}

placements! {
    rule_2_method_router_route_layer: at_documents(documents().route_layer(layer())) => HANDLERS_ONLY;
    method_router_layer_answers_before_405: at_documents(documents().layer(layer())) => ROUTES;
    router_route_layer_answers_before_405: at_documents(documents()).route_layer(layer()) => ROUTES;
    router_layer_answers_before_404: at_documents(documents()).layer(layer()) => EVERYTHING;

    rule_2_a_route_that_is_added_later_stands_outside:
        at_documents(documents().route_layer(layer())).route("/later", get(read)) => HANDLERS_ONLY;
    rule_2_nested: Router::new().nest("/documents", at("/{id}", documents().route_layer(layer()))) => HANDLERS_ONLY;
    nested_router_route_layer_answers_before_405: Router::new().nest("/documents", at("/{id}", documents()).route_layer(layer())) => ROUTES;
    rule_2_merged: Router::new().route("/other", get(read)).merge(at_documents(documents().route_layer(layer()))) => HANDLERS_ONLY;
}

impl Row {
    async fn check(&self, app: Router) {
        const CONDITIONS: [Option<&str>; 3] = [None, Some("\"1\""), Some("\"2\"")];
        let expected = [
            (Method::PUT, "/nowhere", self.put_nowhere),
            (Method::DELETE, "/documents/1", self.delete),
            (Method::HEAD, "/documents/1", self.head),
            // The layer answers the same in every row.
            (Method::GET, "/documents/1", [200, 412, 200]),
            (Method::PUT, "/documents/1", [428, 412, 200]),
        ];
        for (method, path, statuses) in expected {
            for (condition, status) in CONDITIONS.into_iter().zip(statuses) {
                let condition = condition.map(|tag| ("if-match", tag));
                let answer = ask(&app, &method, path, condition).await;
                assert_eq!(answer.status, status, "{method} {path} {condition:?}");
            }
        }
        let current = Some(("if-none-match", "\"2\""));
        for condition in [None, current] {
            assert_eq!(ask(&app, &Method::GET, "/nowhere", condition).await.status, self.get_nowhere);
            assert_eq!(ask(&app, &Method::OPTIONS, "/documents/1", condition).await.status, self.options);
        }
        let answer = ask(&app, &Method::HEAD, "/documents/1", current).await;
        assert_eq!(answer.status, self.head_of_the_current_version);
        assert!(!answer.headers.contains_key(header::CONTENT_LENGTH), "{:?}", answer.headers);
    }
}

/// Axum answers HEAD with the handler of GET, and then removes the content.
#[tokio::test]
async fn rule_56_head_by_get_has_the_fields_of_get() {
    for app in [
        at_documents(documents().route_layer(layer())),
        at_documents(documents().layer(layer())),
        at_documents(documents()).route_layer(layer()),
        at_documents(documents()).layer(layer()),
    ] {
        for condition in [None, STALE] {
            let get = ask(&app, &Method::GET, "/documents/1", condition).await;
            let head = ask(&app, &Method::HEAD, "/documents/1", condition).await;
            assert_eq!(head.headers, get.headers);
            assert_eq!(head.headers.get(header::ETAG).expect("a tag"), "\"2\"");
            let length = head.headers.get(header::CONTENT_LENGTH).expect("a length");
            assert_eq!(length, get.content.len().to_string().as_str());
            assert_eq!(head.content, "");
        }
    }
}

#[tokio::test]
async fn rule_2_a_405_keeps_its_allow_field() {
    let app = at_documents(documents().route_layer(layer()));
    let answer = ask(&app, &Method::DELETE, "/documents/1", STALE).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.headers.get(header::ALLOW).expect("Allow"), "GET,HEAD,PUT");
    assert_eq!(answer.content, "");
}

#[tokio::test]
async fn rule_2_fallbacks_of_the_router_are_not_evaluated() {
    let fallback = || async { (StatusCode::NOT_FOUND, "nothing like that") };
    let not_allowed = || async { (StatusCode::METHOD_NOT_ALLOWED, "not like that") };
    let app = at_documents(documents().route_layer(layer()))
        .fallback(fallback)
        .method_not_allowed_fallback(not_allowed);
    let answer = ask(&app, &Method::PUT, "/nowhere", STALE).await;
    assert_eq!((answer.status, answer.content.as_str()), (404, "nothing like that"));
    let answer = ask(&app, &Method::DELETE, "/documents/1", STALE).await;
    assert_eq!((answer.status, answer.content.as_str()), (405, "not like that"));
}

#[tokio::test]
async fn a_service_as_fallback_is_evaluated_if_the_layer_covers_it() {
    let service = get(read).put(write);
    let tagged = PreconditionLayer::new(validators_from_fn(|| async { EntityTag::from_version(2) }));

    let outside = Router::new().route("/documents", get(read)).route_layer(tagged.clone());
    let outside = outside.fallback_service(service.clone());
    assert_eq!(ask(&outside, &Method::PUT, "/any", STALE).await.status, 200);

    let inside = Router::new().fallback_service(service).layer(tagged);
    assert_eq!(ask(&inside, &Method::PUT, "/any", STALE).await.status, 412);
}

#[tokio::test]
async fn method_router_layer_covers_any() {
    let app = at_documents(any(read).layer(layer()));
    for (method, status) in
        [(Method::GET, 412), (Method::PUT, 412), (Method::PATCH, 412), (Method::OPTIONS, 200)]
    {
        let answer = ask(&app, &method, "/documents/1", STALE).await;
        assert_eq!(answer.status, status, "{method}");
    }
}

#[test]
#[should_panic(expected = "Adding a route_layer before any routes is a no-op")]
fn method_router_route_layer_does_not_cover_any() {
    let _: MethodRouter = any(read).route_layer(layer());
}

async fn read() -> &'static str {
    "the second version"
}

async fn write() -> &'static str {
    "written"
}

fn documents() -> MethodRouter {
    get(read).put(write)
}

fn at(path: &str, documents: MethodRouter) -> Router {
    Router::new().route(path, documents)
}

fn at_documents(documents: MethodRouter) -> Router {
    at("/documents/{id}", documents)
}

fn layer() -> PreconditionLayer<impl ValidatorSource<Future: Send> + Send + Sync + 'static> {
    let source = validators_from_fn(|Path(id): Path<u32>| async move {
        (id == 1).then(|| Validators::from(EntityTag::from_version(2)))
    });
    PreconditionLayer::new(source).require(Requirement::on_writes())
}
