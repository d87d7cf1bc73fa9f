//! Sessions of protocols that use weak tags, by the examples of their specifications.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{Request, Response, StatusCode},
    routing::get,
};
use tower::ServiceExt;
use tower_precondition::{
    EntityTag, PreconditionLayer, Requirement, TagComparison, Validators, Verdict,
    validators_from_fn_with_state,
};

/// The resources by their ids, each with its version.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<BTreeMap<String, String>>>);

impl Store {
    fn version(&self, id: &str) -> Option<String> {
        self.0.lock().expect("no test panics in here").get(id).cloned()
    }

    /// Sets the next version if `expected` is current: a compare-and-set.
    fn replace(&self, id: &str, expected: &str, next: Option<String>) -> bool {
        let mut versions = self.0.lock().expect("no test panics in here");
        let is_current = versions.get(id).is_some_and(|version| version == expected);
        match next {
            _ if !is_current => {}
            Some(next) => drop(versions.insert(id.to_owned(), next)),
            None => drop(versions.remove(id)),
        }
        is_current
    }
}

fn weak(version: &str) -> EntityTag {
    EntityTag::weak(version).expect("a tag")
}

async fn look_up(State(store): State<Store>, Path(id): Path<String>) -> Option<Validators> {
    store.version(&id).map(|version| weak(&version).into())
}

async fn read(State(store): State<Store>, Path(id): Path<String>) -> (StatusCode, String) {
    match store.version(&id) {
        Some(version) => (StatusCode::OK, version),
        None => (StatusCode::NOT_FOUND, String::new()),
    }
}

/// The version that the layer evaluated, without quotes, as a store binds it.
fn evaluated(verdict: &Verdict) -> String {
    let tag = verdict.current().and_then(Validators::etag);
    tag.and_then(EntityTag::opaque_str).expect("it exists and has a tag").to_owned()
}

async fn update(
    State(store): State<Store>,
    Path(id): Path<String>,
    verdict: Verdict,
    next: String,
) -> (StatusCode, Validators, ()) {
    assert!(store.replace(&id, &evaluated(&verdict), Some(next.clone())));
    (StatusCode::OK, weak(&next).into(), ())
}

async fn remove(State(store): State<Store>, Path(id): Path<String>, verdict: Verdict) -> StatusCode {
    assert!(store.replace(&id, &evaluated(&verdict), None));
    StatusCode::NO_CONTENT
}

fn server(path: &str, id: &str, version: &str) -> Router {
    let store = Store::default();
    store.0.lock().expect("no test panics in here").insert(id.to_owned(), version.to_owned());
    let layer = PreconditionLayer::new(validators_from_fn_with_state(store.clone(), look_up))
        .require(Requirement::on_writes())
        .compare_tags(TagComparison::new().weak_by_protocol());
    let resource = get(read).put(update).delete(remove).route_layer(layer);
    Router::new().route(path, resource).with_state(store)
}

/// The status and the tag of an answer.
type Told = (u16, Option<String>);

async fn ask(app: &Router, method: &str, uri: &str, field: Option<(&str, &str)>, body: &str) -> Told {
    let mut request = Request::builder().method(method).uri(uri);
    if let Some((name, value)) = field {
        request = request.header(name, value);
    }
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let response: Response<Body> = app.clone().oneshot(request).await.expect("an answer");
    let etag = response.headers().get("etag").map(|etag| etag.to_str().expect("text").to_owned());
    (response.status().as_u16(), etag)
}

fn told(status: u16, etag: &str) -> Told {
    (status, Some(etag.to_owned()))
}

/// FHIR, RESTful API, "Managing Resource Contention": the version id is the weak tag.
#[tokio::test]
async fn rule_85_a_fhir_session() {
    let app = server("/Patient/{id}", "347", "23");
    let patient = "/Patient/347";
    // Version read, and read again.
    assert_eq!(ask(&app, "GET", patient, None, "").await, told(200, "W/\"23\""));
    let unchanged = ask(&app, "GET", patient, Some(("if-none-match", "W/\"23\"")), "").await;
    assert_eq!(unchanged, told(304, "W/\"23\""));
    // Update.
    let first = Some(("if-match", "W/\"23\""));
    assert_eq!(ask(&app, "PUT", patient, first, "24").await, told(200, "W/\"24\""));
    // Conflict: the version id is not the current one.
    assert_eq!(ask(&app, "PUT", patient, first, "25").await, told(412, "W/\"24\""));
    assert_eq!(ask(&app, "PUT", patient, None, "25").await.0, 428);
    // Delete.
    assert_eq!(ask(&app, "DELETE", patient, first, "").await.0, 412);
    assert_eq!(ask(&app, "DELETE", patient, Some(("if-match", "W/\"24\"")), "").await.0, 204);
    assert_eq!(ask(&app, "GET", patient, None, "").await.0, 404);
}

/// SCIM, RFC 7644 §3.5.1, §3.6 and §3.14: the id and the tags are those of its examples.
#[tokio::test]
async fn rule_85_a_scim_session() {
    let id = "2819c223-7f76-453a-919d-413861904646";
    let (app, user) = (server("/Users/{id}", id, "e180ee84f0671b1"), &format!("/Users/{id}"));
    assert_eq!(ask(&app, "GET", user, None, "").await, told(200, "W/\"e180ee84f0671b1\""));
    let unchanged = ask(&app, "GET", user, Some(("if-none-match", "W/\"e180ee84f0671b1\"")), "").await;
    assert_eq!(unchanged.0, 304);
    let first = Some(("if-match", "W/\"e180ee84f0671b1\""));
    assert_eq!(ask(&app, "PUT", user, first, "a330bc54f0671c9").await, told(200, "W/\"a330bc54f0671c9\""));
    let second = Some(("if-match", "W/\"a330bc54f0671c9\""));
    assert_eq!(ask(&app, "PUT", user, second, "c310cd84f0281b7").await, told(200, "W/\"c310cd84f0281b7\""));
    assert_eq!(ask(&app, "PUT", user, first, "b431af54f0671a2").await, told(412, "W/\"c310cd84f0281b7\""));
    assert_eq!(ask(&app, "DELETE", user, first, "").await.0, 412);
    assert_eq!(ask(&app, "DELETE", user, Some(("if-match", "W/\"c310cd84f0281b7\"")), "").await.0, 204);
}

/// OData 4.01, Part 1, §8.2.4: a weak tag in If-Match, and `*` for any version.
#[tokio::test]
async fn rule_85_an_odata_session() {
    let (app, product) = (server("/Products/{id}", "1", "08D1694BE"), "/Products/1");
    assert_eq!(ask(&app, "GET", product, None, "").await, told(200, "W/\"08D1694BE\""));
    let first = Some(("if-match", "W/\"08D1694BE\""));
    assert_eq!(ask(&app, "PUT", product, first, "2").await.0, 200);
    assert_eq!(ask(&app, "PUT", product, first, "3").await.0, 412);
    assert_eq!(ask(&app, "DELETE", product, Some(("if-match", "*")), "").await.0, 204);
    assert_eq!(ask(&app, "PUT", product, Some(("if-match", "*")), "4").await.0, 412);
}
