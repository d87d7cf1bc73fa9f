//! Look-ups over Axum's extractors: their arguments, their return types, and extractors that refuse.

use std::convert::Infallible;

use axum::{
    Extension, Router,
    extract::{MatchedPath, OriginalUri, Path, Query, RawQuery, State},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, get, put},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header, request::Parts};
use serde::Deserialize;
use tower_precondition::{
    EntityTag, PreconditionLayer, Representation, Requirement, Validators, axum::RepresentationFn,
    validators_from_fn, validators_from_fn_with_state,
};

use crate::{ask, support::run};

/// Puts the look-up in front of a handler for every method that the tests use.
fn behind<T: 'static>(lookup: impl RepresentationFn<(), T> + Send + Sync + 'static) -> Router {
    let layer = PreconditionLayer::new(validators_from_fn(lookup));
    at_documents(handlers().route_layer(layer))
}

fn handlers<S: Clone + Send + Sync + 'static>() -> MethodRouter<S> {
    get(|| async { "read" }).put(|| async { "written" })
}

fn at_documents(documents: MethodRouter) -> Router {
    Router::new().route("/documents/{id}", documents)
}

/// Asserts that the look-up found version 2: a GET that names it gets 304.
async fn finds_version_2(app: Router, path: &str) {
    let answer = ask(&app, &Method::GET, path, Some(("if-none-match", "\"2\""))).await;
    assert_eq!((answer.status, answer.etag.as_str()), (304, "\"2\""));
}

macro_rules! takes {
    ($($name:ident: $lookup:expr;)+) => { $(
        #[test]
        fn $name() {
            run(Box::pin(finds_version_2(behind($lookup), "/documents/2?version=2")));
        }
    )+ };
}

#[test]
fn the_layer_takes_a_function_as_it_is() {
    async fn lookup(Path(id): Path<u64>) -> Result<Option<EntityTag>, StatusCode> {
        if id == 0 { Err(StatusCode::FORBIDDEN) } else { Ok(Some(EntityTag::from_version(id))) }
    }
    let app = at_documents(handlers().route_layer(PreconditionLayer::new(lookup)));
    run(Box::pin(async move {
        finds_version_2(app.clone(), "/documents/2").await;
        assert_eq!(ask(&app, &Method::PUT, "/documents/0", None).await.status, 403);
    }));
}

#[derive(Deserialize)]
struct Wanted {
    version: u64,
}

takes! {
    takes_nothing: || async { EntityTag::from_version(2) };
    takes_a_path: |Path(id): Path<u64>| async move { EntityTag::from_version(id) };
    takes_a_query: |Query(wanted): Query<Wanted>| async move { EntityTag::from_version(wanted.version) };
    takes_the_head: |method: Method, uri: Uri, headers: HeaderMap| async move {
        assert_eq!((method, uri.path()), (Method::GET, "/documents/2"));
        assert!(headers.contains_key(header::IF_NONE_MATCH));
        EntityTag::from_version(2)
    };
    takes_the_matched_path: |path: MatchedPath| async move {
        assert_eq!(path.as_str(), "/documents/{id}");
        EntityTag::from_version(2)
    };
    takes_an_optional_extractor: |missing: Option<Extension<u64>>| async move {
        EntityTag::from_version(missing.map_or(2, |Extension(version)| version))
    };
    takes_sixteen: |_: Path<u64>, _: Query<Wanted>, _: Method, _: Uri, _: HeaderMap, _: MatchedPath,
                    _: OriginalUri, _: RawQuery, _: Version, _: (), _: Path<String>, _: Method, _: Uri,
                    _: HeaderMap, _: RawQuery, Query(wanted): Query<Wanted>| async move {
        EntityTag::from_version(wanted.version)
    };
}

#[derive(Clone)]
struct Store {
    version: u64,
}

async fn by_state(State(store): State<Store>, Path(_): Path<u64>) -> Option<Validators> {
    Some(EntityTag::from_version(store.version).into())
}

#[tokio::test]
async fn takes_a_state() {
    let store = Store { version: 2 };
    let layer = PreconditionLayer::new(validators_from_fn_with_state(store.clone(), by_state));
    let app = Router::new().route("/documents/{id}", handlers().route_layer(layer)).with_state(store);
    finds_version_2(app, "/documents/1").await;
}

#[tokio::test]
async fn a_look_up_takes_an_extension_of_a_layer_outside() {
    let app = behind(|Extension(version): Extension<u64>| async move { EntityTag::from_version(version) });
    finds_version_2(app.layer(Extension(2_u64)), "/documents/1").await;
}

#[tokio::test]
async fn a_look_up_takes_the_path_of_a_nested_route() {
    let app = behind(|Path((space, id)): Path<(String, u64)>, path: MatchedPath| async move {
        assert_eq!(path.as_str(), "/spaces/{space}/documents/{id}");
        (space == "own").then(|| Validators::from(EntityTag::from_version(id)))
    });
    finds_version_2(Router::new().nest("/spaces/{space}", app), "/spaces/own/documents/2").await;
}

macro_rules! returns {
    ($($name:ident: $output:ty = $value:expr => $get:literal, $put:literal;)+) => { $(
        /// The status of a GET that names version 2, and of a PUT onto version 1.
        #[tokio::test]
        async fn $name() {
            async fn lookup() -> $output {
                $value
            }
            let answer = ask(&behind(lookup), &Method::GET, "/documents/1", Some(("if-none-match", "\"2\""))).await;
            assert_eq!(answer.status, $get);
            let answer = ask(&behind(lookup), &Method::PUT, "/documents/1", Some(("if-match", "\"1\""))).await;
            assert_eq!(answer.status, $put);
        }
    )+ };
}

/// An error of an application.
struct Forbidden;

impl IntoResponse for Forbidden {
    fn into_response(self) -> Response {
        (StatusCode::FORBIDDEN, [(header::WWW_AUTHENTICATE, "Basic")], "not yours").into_response()
    }
}

fn version_2() -> Validators {
    EntityTag::from_version(2).into()
}

returns! {
    returns_a_tag: EntityTag = EntityTag::from_version(2) => 304, 412;
    returns_validators: Validators = version_2() => 304, 412;
    returns_some_validators: Option<Validators> = Some(version_2()) => 304, 412;
    returns_no_validators: Option<Validators> = None => 200, 412;
    returns_a_current_representation: Representation = Representation::current(version_2()) => 304, 412;
    returns_a_deferral: Representation = Representation::defer_to_handler() => 200, 200;
    returns_a_refusal: Representation = Representation::refused(Forbidden.into_response()) => 403, 403;
    returns_a_tag_or_an_error: Result<EntityTag, Forbidden> = Ok(EntityTag::from_version(2)) => 304, 412;
    returns_validators_or_an_error: Result<Validators, StatusCode> = Ok(version_2()) => 304, 412;
    returns_some_validators_or_an_error: Result<Option<Validators>, Response> = Ok(Some(version_2())) => 304, 412;
    returns_no_validators_or_an_error: Result<Option<Validators>, String> = Ok(None) => 200, 412;
    returns_a_representation_or_an_error: Result<Representation, Forbidden> = Ok(Representation::absent()) => 200, 412;
    returns_validators_and_never_an_error: Result<Validators, Infallible> = Ok(version_2()) => 304, 412;
    returns_an_error: Result<Option<Validators>, Forbidden> = Err(Forbidden) => 403, 403;
    returns_a_status_as_error: Result<Validators, StatusCode> = Err(StatusCode::UNAUTHORIZED) => 401, 401;
}

#[tokio::test]
async fn the_response_of_an_error_is_the_answer() {
    let lookup = || async { Err::<Validators, _>(Forbidden) };
    for method in [Method::GET, Method::PUT] {
        for condition in [None, Some(("if-match", "\"1\""))] {
            let answer = ask(&behind(lookup), &method, "/documents/1", condition).await;
            assert_eq!(
                (answer.status, answer.content.as_str()),
                (403, "not yours"),
                "{method} {condition:?}"
            );
            assert_eq!(answer.headers.get(header::WWW_AUTHENTICATE).expect("its own field"), "Basic");
        }
    }
    let head = ask(&behind(lookup), &Method::HEAD, "/documents/1", None).await;
    assert_eq!((head.status, head.content.as_str()), (403, ""));
    assert_eq!(head.headers.get(header::CONTENT_LENGTH).expect("the length of GET"), "9");
}

/// A read reaches the handler, which refuses by itself. A write gets the refusal of the look-up.
#[tokio::test]
async fn a_refusing_extractor_ends_writes_and_not_reads() {
    let query: Method = "QUERY".parse().expect("a method");
    let handler = || async { (StatusCode::IM_A_TEAPOT, "the handler's refusal") };
    for method in [Method::GET, Method::HEAD, query, Method::PUT, Method::PATCH, Method::POST, Method::DELETE]
    {
        let layer = PreconditionLayer::new(validators_from_fn(|Path(id): Path<u64>| async move {
            EntityTag::from_version(id)
        }));
        let app = at_documents(any(handler).layer(layer));
        let reads = !["PUT", "PATCH", "POST", "DELETE"].contains(&method.as_str());
        let answer = ask(&app, &method, "/documents/first", Some(("if-none-match", "\"2\""))).await;
        assert_eq!(answer.status, if reads { 418 } else { 400 }, "{method}");
        assert_eq!(answer.content == "the handler's refusal", reads && method != Method::HEAD, "{method}");
    }
}

#[tokio::test]
async fn a_policy_reads_the_matched_path() {
    let layer = PreconditionLayer::new(validators_from_fn(|| async { EntityTag::from_version(2) })).require(
        |head: &Parts| match head.extensions.get::<MatchedPath>().map(MatchedPath::as_str) {
            Some("/documents/{id}") => Requirement::on_writes(),
            Some("/drafts/{id}") => Requirement::none(),
            other => panic!("one of the two routes, not {other:?}"),
        },
    );
    let documents = at_documents(handlers().route_layer(layer.clone()));
    let app = documents.route("/drafts/{id}", handlers().route_layer(layer));
    assert_eq!(ask(&app, &Method::PUT, "/documents/1", None).await.status, 428);
    assert_eq!(ask(&app, &Method::PUT, "/drafts/1", None).await.status, 200);
}

/// The handler of a write returns the new validators.
#[tokio::test]
async fn validators_in_front_of_a_body_are_its_fields() {
    let written = || async {
        let validators = Validators::from(EntityTag::from_version(3))
            .with_cache_control(HeaderValue::from_static("private"));
        (StatusCode::CREATED, validators, "written")
    };
    let layer = PreconditionLayer::new(validators_from_fn(|| async { EntityTag::from_version(2) }));
    let app = at_documents(put(written).route_layer(layer));
    let placements = [
        (app.clone(), "/documents/1"),
        (Router::new().nest("/spaces/own", app.clone()), "/spaces/own/documents/1"),
        (Router::new().merge(app.clone()), "/documents/1"),
        (Router::new().fallback_service(app), "/documents/1"),
    ];
    for (app, path) in placements {
        let answer = ask(&app, &Method::PUT, path, Some(("if-match", "\"2\""))).await;
        assert_eq!((answer.status, answer.content.as_str()), (201, "written"));
        assert_eq!(answer.etag, "\"3\"");
        assert_eq!(answer.headers.get(header::CACHE_CONTROL).expect("its field"), "private");
    }
}

/// The layer leaves the validators of a GET handler as they are.
#[tokio::test]
async fn decision_14_a_handlers_own_validators_stay() {
    let handler = || async { (Validators::from(EntityTag::from_version(3)), "read") };
    let layer = PreconditionLayer::new(validators_from_fn(|| async { EntityTag::from_version(2) }));
    let app = at_documents(get(handler).route_layer(layer));
    let answer = ask(&app, &Method::GET, "/documents/1", None).await;
    assert_eq!((answer.status, answer.etag.as_str()), (200, "\"3\""));
    assert!(!answer.headers.contains_key(header::CACHE_CONTROL), "the layer adds all fields or none");
}
