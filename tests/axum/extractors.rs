//! Look-ups over Axum's extractors: the answer if an extractor refuses, and the request that reaches the
//! handler.

use std::{convert::Infallible, future::Future};

use axum::{
    Extension, Router,
    body::Body,
    extract::{FromRequestParts, Path, Query},
    http::{HeaderMap, Method, Request, StatusCode, Uri, request::Parts},
    response::IntoResponse,
    routing::any,
};
use tower::ServiceExt;
use tower_precondition::{
    PreconditionLayer, ResourceState, SubmittedTokens, ValidatorSource, Validators, validators_from_fn,
};

use crate::support::{at_once, current, request};

/// A document behind this source; its handler answers with the request that it received.
fn app<V>(source: V) -> Router
where
    V: ValidatorSource<Future: Send> + Send + Sync + 'static,
{
    let handler = |uri: Uri, headers: HeaderMap| async move {
        let mut seen: Vec<_> = headers.keys().map(ToString::to_string).collect();
        seen.sort();
        (StatusCode::ACCEPTED, format!("handler at {}, {}", uri.path(), seen.join(" ")))
    };
    Router::new().route("/documents/{id}", any(handler).layer(PreconditionLayer::new(source)))
}

fn ask(app: Router, method: &str, fields: &[(&str, &str)]) -> (u16, HeaderMap, String) {
    let Ok(response) = at_once(app.oneshot(request(method, fields).map(Body::from)));
    let (head, body) = response.into_parts();
    let content = at_once(axum::body::to_bytes(body, usize::MAX)).expect("content");
    (head.status.as_u16(), head.headers, String::from_utf8(content.into()).expect("text"))
}

/// Refuses every request.
struct Refusing;

impl<S: Sync> FromRequestParts<S> for Refusing {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Err((StatusCode::UNAUTHORIZED, "sign in first"))
    }
}

async fn never_called(_: Path<u64>, _: Refusing) -> Option<Validators> {
    panic!("an extractor refused")
}

#[test]
fn the_handler_answers_a_read_if_an_extractor_refuses() {
    for method in ["GET", "HEAD", "QUERY"] {
        let (status, headers, _) =
            ask(app(validators_from_fn(never_called)), method, &[("if-none-match", "*")]);
        assert_eq!(status, 202, "{method}");
        assert!(!headers.contains_key("etag"));
    }
    let (_, _, content) = ask(app(validators_from_fn(never_called)), "GET", &[("if-none-match", "*")]);
    assert_eq!(content, "handler at /documents/7, if-none-match", "the handler evaluates");
}

#[test]
fn a_write_gets_the_refusal_of_an_extractor() {
    for method in ["PUT", "POST", "DELETE", "PATCH", "LOCK"] {
        let (status, _, content) =
            ask(app(validators_from_fn(never_called)), method, &[("if-match", "\"1\"")]);
        assert_eq!((status, content.as_str()), (401, "sign in first"), "{method}");
    }
}

#[test]
fn the_extractors_see_the_request() {
    #[derive(serde::Deserialize)]
    struct View {
        view: String,
    }

    async fn lookup(
        Path(id): Path<u64>,
        Query(View { view }): Query<View>,
        method: Method,
        headers: HeaderMap,
        Extension(user): Extension<&'static str>,
    ) -> Option<Validators> {
        assert_eq!((id, view.as_str(), method.as_str(), user), (7, "full", "PUT", "Ada"));
        assert_eq!(headers["if-match"], "\"2\"");
        Some(current())
    }
    let app = app(validators_from_fn(lookup)).layer(Extension("Ada"));
    assert_eq!(ask(app, "PUT", &[("if-match", "\"2\"")]).0, 412);
}

#[test]
fn an_extractor_removes_nothing_from_the_request() {
    struct Greedy;

    impl<S: Sync> FromRequestParts<S> for Greedy {
        type Rejection = Infallible;

        fn from_request_parts(
            head: &mut Parts,
            _: &S,
        ) -> impl Future<Output = Result<Self, Infallible>> + Send {
            head.headers.clear();
            head.extensions.clear();
            head.uri = Uri::from_static("/elsewhere");
            std::future::ready(Ok(Self))
        }
    }
    let source = validators_from_fn(|_: Greedy| async { current() });
    let (status, _, content) = ask(app(source), "PUT", &[("if-match", "\"1\""), ("x-own", "kept")]);
    assert_eq!((status, content.as_str()), (202, "handler at /documents/7, if-match x-own"));
}

#[test]
fn the_body_reaches_the_handler() {
    let source = validators_from_fn(|_: Path<u64>| async { current() });
    let echo = |content: String| async move { content };
    let app = Router::new().route("/documents/{id}", any(echo).layer(PreconditionLayer::new(source)));
    let request = Request::put("/documents/7").body(Body::from("sent")).expect("a request");
    let Ok(response) = at_once(app.oneshot(request));
    let content = at_once(axum::body::to_bytes(response.into_body(), usize::MAX)).expect("content");
    assert_eq!(content, "sent");
}

#[test]
fn validators_are_written_in_front_of_a_body() {
    let response = (StatusCode::OK, current(), "text").into_response();
    assert_eq!(response.headers()["etag"], "\"1\"");
    assert_eq!(response.headers()["last-modified"], crate::support::MODIFIED);
}

#[test]
fn rule_74_a_handler_extracts_the_submitted_tokens() {
    let handler = |tokens: SubmittedTokens| async move {
        let tokens: Vec<_> = tokens.iter().collect();
        tokens.join(" ")
    };
    let locks = |_: &Uri, _: &Parts| async { ResourceState::new().with_lock_token("urn:1") };
    let layer = PreconditionLayer::new(|_: &Parts| async { current() }).webdav(locks);
    let app = Router::new().route("/documents/{id}", any(handler).layer(layer));
    for (method, field, submitted) in
        [("PUT", "(<urn:1>) (Not <urn:2>)", "urn:1 urn:2"), ("LOCK", "(Not <DAV:no-lock>)", "DAV:no-lock")]
    {
        assert_eq!(ask(app.clone(), method, &[("if", field)]).2, submitted, "{method}");
    }
    assert_eq!(ask(app, "PUT", &[]).2, "", "none without the field");
}
