//! The exchanges pass for a right service. Each wrong one is found, by a text that says what is wrong.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderValue, Method, Request, StatusCode, header},
    response::Response,
    routing::get,
};
use tower::{ServiceExt, service_fn};
use tower_precondition::{
    EntityTag, PreconditionLayer, Rejection, Requirement, Verdict, testing::Exchanges,
    validators_from_fn_with_state,
};

type Note = Arc<Mutex<u64>>;

async fn lookup(State(note): State<Note>) -> EntityTag {
    EntityTag::from_version(*note.lock().expect("no panic"))
}

async fn write(State(note): State<Note>, verdict: Verdict, _: String) -> Result<StatusCode, Rejection> {
    let mut version = note.lock().expect("no panic");
    if verdict.current_number() != Some(*version) {
        return Err(verdict.reject(EntityTag::from_version(*version)));
    }
    *version += 1;
    Ok(StatusCode::NO_CONTENT)
}

fn app(note: &Note, requirement: Requirement) -> Router {
    let source = validators_from_fn_with_state(note.clone(), lookup);
    let layer = PreconditionLayer::new(source).require(requirement);
    Router::new()
        .route("/notes/plan", get(|| async { "text" }).put(write).route_layer(layer))
        .with_state(note.clone())
}

fn exchanges() -> Exchanges {
    Exchanges::of("/notes/plan").with_write(Method::PUT, "text/plain", "new").conditions_required()
}

#[tokio::test]
async fn a_right_service_passes() {
    let note = Note::new(Mutex::new(1));
    let app = app(&note, Requirement::on_writes());
    assert_eq!(Exchanges::of("/notes/plan").play::<Body, _, _>(app.clone()).await, 8);
    assert_eq!(*note.lock().expect("no panic"), 1, "reads write nothing");
    for version in 2..4 {
        assert_eq!(exchanges().play::<Body, _, _>(app.clone()).await, 17);
        assert_eq!(*note.lock().expect("no panic"), version, "one write is made each time");
    }
}

#[tokio::test]
async fn every_request_carries_the_given_fields_and_the_write_its_content() {
    let note = Note::new(Mutex::new(1));
    let app = app(&note, Requirement::on_writes());
    let authorized = service_fn(move |request: Request<Body>| {
        let app = app.clone();
        async move {
            assert_eq!(request.headers()["authorization"], "Bearer of-the-test");
            let (head, body) = request.into_parts();
            let content = axum::body::to_bytes(body, 100).await.expect("in memory");
            let (content_type, expected) = match head.method {
                Method::PUT => (Some(&HeaderValue::from_static("text/plain")), "new"),
                _ => (None, ""),
            };
            assert_eq!((head.headers.get("content-type"), &content[..]), (content_type, expected.as_bytes()));
            app.oneshot(Request::from_parts(head, Body::from(content))).await
        }
    });
    exchanges().with_header("authorization", "Bearer of-the-test").play::<Body, _, _>(authorized).await;
}

type OnRequest = fn(&mut Request<Body>);
type OnResponse = fn(&mut Response, &Note);

/// The right service, with something wrong in front of it.
async fn failure(requirement: Requirement, on_request: OnRequest, on_response: OnResponse) -> String {
    let note = Note::new(Mutex::new(1));
    let app = app(&note, requirement);
    let wrong = service_fn(move |mut request: Request<Body>| {
        let (app, note) = (app.clone(), note.clone());
        async move {
            on_request(&mut request);
            let mut response = app.oneshot(request).await?;
            on_response(&mut response, &note);
            Ok::<_, Infallible>(response)
        }
    });
    let played = tokio::spawn(async move { exchanges().play::<Body, _, _>(wrong).await });
    let panic = played.await.expect_err("a wrong service is found").into_panic();
    *panic.downcast::<String>().expect("the panic has a text")
}

fn as_it_is(_: &mut Request<Body>) {}

fn unchanged(_: &mut Response, _: &Note) {}

fn is(request: &Request<Body>, method: Method, name: &str, part: &str) -> bool {
    let value = request.headers().get(name).and_then(|value| value.to_str().ok());
    *request.method() == method && value.is_some_and(|value| value.contains(part))
}

/// Lets a write through whose If-Match has this part.
fn pass_if_match(request: &mut Request<Body>, part: &str) {
    if is(request, Method::PUT, "if-match", part) {
        request.headers_mut().insert(header::IF_MATCH, HeaderValue::from_static("*"));
    }
}

fn ignore_if_none_match(request: &mut Request<Body>, method: Method, part: &str) {
    if is(request, method, "if-none-match", part) {
        request.headers_mut().remove(header::IF_NONE_MATCH);
    }
}

#[rustfmt::skip]
const WRONG: [(&str, OnRequest, OnResponse, &[&str]); 19] = [
    ("the resource does not exist", |request| *request.uri_mut() = "/notes/other".parse().expect("a URI"), unchanged,
        &["GET /notes/plan\n", "expected: 200 OK", "found: 404 Not Found", "must exist"]),
    ("no layer", as_it_is, |response, _| drop(response.headers_mut().remove("etag")),
        &["got no ETag", "is `PreconditionLayer` on this route"]),
    ("a weak tag", as_it_is, |response, _| drop(response.headers_mut().insert("etag", HeaderValue::from_static("W/\"1\""))),
        &["got the weak ETag W/\"1\"", "If-Match never matches it"]),
    ("a malformed tag", as_it_is, |response, _| drop(response.headers_mut().insert("etag", HeaderValue::from_static("1"))),
        &["got the ETag \"1\": expected an entity tag in double quotes"]),
    ("no 304", |request| ignore_if_none_match(request, Method::GET, "\"1\""), unchanged,
        &["GET /notes/plan, if-none-match: \"1\"\n", "expected: 304 Not Modified", "found: 200 OK"]),
    ("a weak tag that does not match", |request| ignore_if_none_match(request, Method::GET, "W/"), unchanged,
        &["if-none-match: W/\"1\"\n", "compares weakly"]),
    ("one tag of a list is read", |request| ignore_if_none_match(request, Method::GET, ", "), unchanged,
        &["if-none-match: \"not-1\", \"1\"\n", "is a list"]),
    ("a star that is not read", |request| ignore_if_none_match(request, Method::GET, "*"), unchanged,
        &["if-none-match: *\n", "whether the resource exists"]),
    ("a 304 without its tag", as_it_is,
        |response, _| if response.status() == 304 { response.headers_mut().remove("etag"); },
        &["the 304 to GET /notes/plan must carry the ETag \"1\""]),
    ("a 304 to HEAD alone is missing", |request| ignore_if_none_match(request, Method::HEAD, "\"1\""), unchanged,
        &["HEAD /notes/plan, if-none-match: \"1\"\n", "expected: 304"]),
    ("a stale tag gets 304", |request| if is(request, Method::GET, "if-none-match", "\"not-1\"") { request.headers_mut().insert("if-none-match", HeaderValue::from_static("*")); }, unchanged,
        &["if-none-match: \"not-1\"\n", "expected: 200 OK", "found: 304"]),
    ("If-Match is ignored on a read", |request| if *request.method() == Method::GET { request.headers_mut().remove("if-match"); }, unchanged,
        &["GET /notes/plan, if-match: \"not-1\"\n", "expected: 412"]),
    ("a stale write is made", |request| pass_if_match(request, "\"not-1\""), unchanged,
        &["PUT /notes/plan, if-match: \"not-1\"\n", "expected: 412 Precondition Failed", "found: 204 No Content"]),
    ("a weak If-Match matches", |request| pass_if_match(request, "W/"), unchanged,
        &["if-match: W/\"1\"\n", "compares strongly"]),
    ("a malformed If-Match is ignored", |request| pass_if_match(request, "no tag"), unchanged,
        &["if-match: no tag\n", "expected: 400 Bad Request"]),
    ("a refused write is made", as_it_is,
        |response, note| if response.status() == 412 { *note.lock().expect("no panic") += 1; },
        &["a refused write was made: /notes/plan had the ETag \"1\", and has \"5\""]),
    ("the version stays", as_it_is,
        |response, note| if response.status() == 204 { *note.lock().expect("no panic") = 1; },
        &["PUT /notes/plan, if-match: \"1\"\n", "does each write change the version?"]),
    ("the second write of two is made", as_it_is,
        |response, note| if response.status() == 412 && *note.lock().expect("no panic") == 2 { *response.status_mut() = StatusCode::OK; },
        &["PUT /notes/plan, if-match: \"1\"\n", "expected: 412", "found: 200 OK", "this write would lose it"]),
    ("the handler takes no such content", as_it_is,
        |response, _| if response.status() == 204 { *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE; },
        &["PUT /notes/plan, if-match: \"1\"\n", "expected: 2xx", "found: 415 Unsupported Media Type"]),
];

#[tokio::test]
async fn each_wrong_service_is_found() {
    for (row, on_request, on_response, expected) in WRONG {
        let said = failure(Requirement::on_writes(), on_request, on_response).await;
        for part in expected {
            assert!(said.contains(part), "{row}: expected {part:?} in: {said}");
        }
    }
}

#[tokio::test]
async fn a_write_that_needs_no_condition_is_found_if_one_is_required() {
    let said = failure(Requirement::none(), as_it_is, unchanged).await;
    assert!(
        said.contains("PUT /notes/plan\n  expected: 428 Precondition Required\n     found: 204"),
        "{said}"
    );
    assert!(said.contains("Requirement::on_writes()"), "{said}");
}

#[tokio::test]
async fn a_service_that_fails_is_told_with_its_error() {
    let failing = service_fn(|_: Request<Body>| async { Err::<Response, _>("the store is away") });
    let played = tokio::spawn(async move { exchanges().play::<Body, _, _>(failing).await });
    let panic = played.await.expect_err("it fails").into_panic();
    let said = panic.downcast_ref::<String>().expect("a text");
    assert_eq!(said, "GET /notes/plan\n  the service fails: \"the store is away\"");
}
