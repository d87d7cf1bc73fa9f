//! `/openapi.json` has every route, and the answer to every request: its status, its fields and its media type.

use std::collections::BTreeSet;

use axum::{Router, body::Body};
use documents::{Store, app, store::Memory};
use serde_json::Value;

use crate::support::http::{Answer, FIRST, SECOND, content_digest, send};

const JSON: (&str, &str) = ("content-type", "application/json");
const PATCH: (&str, &str) = ("content-type", "application/merge-patch+json");
const AS_TEXT: (&str, &str) = ("accept", "text/plain");
const ID: (&str, &str) = ("idempotency-key", "\"1\"");
const PLAN: &str = "/documents/{id}";

/// The method, the path as the description has it, the id, the fields and the body; then the status.
type Exchange =
    (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], &'static str, u16);

/// One after the other, so that each finds what those before it made.
const EXCHANGES: &[Exchange] = &[
    ("GET", "/", "", &[], "", 200),
    ("GET", "/page/{file}", "style.css", &[], "", 200),
    ("GET", "/page/{file}", "icon.svg", &[], "", 200),
    ("GET", "/page/{file}", "start.js", &[("if-match", "\"0\"")], "", 412),
    ("GET", "/page/{file}", "none.js", &[], "", 404),
    ("GET", "/openapi.json", "", &[], "", 200),
    ("GET", "/openapi.json", "", &[("if-none-match", "*")], "", 304),
    ("GET", "/documents", "", &[], "", 200),
    ("GET", "/documents", "", &[("if-none-match", "*")], "", 304),
    ("GET", "/documents", "", &[("if-match", "\"0\"")], "", 412),
    ("GET", PLAN, "plan", &[], "", 404),
    ("GET", PLAN, "%00", &[], "", 400),
    ("GET", PLAN, "plan", &[("if", "none")], "", 400),
    ("PATCH", PLAN, "plan", &[PATCH], "{}", 404),
    ("PATCH", PLAN, "plan", &[PATCH, ("if-match", "*")], "{}", 404),
    ("DELETE", PLAN, "plan", &[], "", 404),
    ("DELETE", PLAN, "plan", &[("if-match", "*")], "", 404),
    ("PUT", PLAN, "plan", &[JSON, ("if-none-match", "*")], FIRST, 201),
    ("GET", PLAN, "plan", &[], "", 200),
    ("GET", PLAN, "plan", &[("if-none-match", "\"1\"")], "", 304),
    ("GET", PLAN, "plan", &[("if-match", "\"0\"")], "", 412),
    ("GET", PLAN, "plan", &[("if-match", "\"0\""), AS_TEXT], "", 412),
    ("GET", PLAN, "plan", &[("if", "([\"0\"])")], "", 412),
    ("PUT", PLAN, "plan", &[JSON], SECOND, 428),
    ("PUT", PLAN, "plan", &[JSON, AS_TEXT], SECOND, 428),
    ("PUT", PLAN, "plan", &[JSON, ("if-match", "1")], SECOND, 400),
    ("PUT", PLAN, "plan", &[JSON, ("if-none-match", "*")], SECOND, 412),
    ("PUT", PLAN, "plan", &[JSON, ("if-match", "\"1\"")], "{}", 422),
    ("PUT", PLAN, "plan", &[("content-type", "text/plain")], SECOND, 415),
    ("PUT", PLAN, "plan", &[JSON, ("content-length", "9999999")], SECOND, 413),
    ("PUT", PLAN, "plan", &[JSON, ("if-match", "\"1\"")], SECOND, 204),
    ("PATCH", PLAN, "plan", &[PATCH, ("if-match", "\"2\"")], "{\"text\":\"third\"}", 200),
    ("PATCH", PLAN, "plan", &[PATCH, ("if-match", "\"2\"")], "{}", 412),
    ("PATCH", PLAN, "plan", &[PATCH, ("if-match", "\"3\"")], "{\"text\":null}", 422),
    ("PATCH", PLAN, "plan", &[PATCH], "{}", 428),
    ("PATCH", PLAN, "plan", &[PATCH, ("if-match", "3")], "{}", 400),
    ("PATCH", PLAN, "plan", &[JSON], "{}", 415),
    ("PATCH", PLAN, "plan", &[PATCH, ("content-length", "9999999")], "{}", 413),
    ("GET", "/documents/{id}/history", "plan", &[], "", 200),
    ("GET", "/documents/{id}/history", "%00", &[], "", 400),
    ("GET", "/documents/{id}/history", "none", &[], "", 404),
    ("DELETE", PLAN, "plan", &[], "", 428),
    ("DELETE", PLAN, "plan", &[("if-match", "\"2\"")], "", 412),
    ("DELETE", PLAN, "plan", &[("if-match", "3")], "", 400),
    ("DELETE", PLAN, "plan", &[("content-length", "9999999")], "", 413),
    ("DELETE", PLAN, "plan", &[("if-match", "\"3\""), ID], "", 204),
    ("DELETE", PLAN, "plan", &[("if-match", "\"3\""), ID], "", 204),
    ("POST", "/try", "", &[JSON], "{\"method\":\"GET\",\"path\":\"/documents\"}", 200),
    ("POST", "/try", "", &[JSON], "{}", 422),
    ("POST", "/try", "", &[("content-type", "text/plain")], "{}", 415),
];

/// Fields that frame, encode or guard every answer of this program, and its message.
const OF_EVERY_ANSWER: [&str; 8] = [
    "connection",
    "content-length",
    "content-encoding",
    "content-type",
    "content-security-policy",
    "date",
    "vary",
    "x-content-type-options",
];

async fn description(app: &Router) -> Value {
    send(app, "GET", "/openapi.json", &[], Body::empty()).await.json()
}

fn assert_described(api: &Value, (method, path, _, fields, _, status): Exchange, answer: &Answer) {
    let request = format!("{method} {path} with {fields:?}");
    assert_eq!(answer.status.as_u16(), status, "{request}: {:?}", answer.content);
    let operation = &api["paths"][path][method.to_lowercase()];
    let response = &operation["responses"][status.to_string()];
    assert!(response.is_object(), "{request}: {status} is not described");
    let described: BTreeSet<String> =
        response["headers"].as_object().into_iter().flatten().map(|(name, _)| name.to_lowercase()).collect();
    for name in answer.headers.keys().map(|name| name.as_str()).filter(|name| !OF_EVERY_ANSWER.contains(name))
    {
        assert!(described.contains(name), "{request}: {name} of {status} is not described");
    }
    if let Some(media_type) = answer.get("content-type") {
        let essence = media_type.split(';').next();
        let content =
            response["content"].as_object().unwrap_or_else(|| panic!("{request}: {status} has content"));
        assert!(
            content.keys().any(|one| one.split(';').next() == essence),
            "{request}: {media_type} of {status}"
        );
    } else {
        assert!(response["content"].is_null(), "{request}: {status} has no content");
    }
    for (name, _) in fields {
        let all = [&operation["parameters"], &api["paths"][path]["parameters"]];
        let mut parameters = all.into_iter().filter_map(Value::as_array).flatten();
        let is_parameter = name.starts_with("if") || *name == "idempotency-key";
        let known =
            parameters.any(|one| one["name"].as_str().is_some_and(|one| one.eq_ignore_ascii_case(name)));
        assert!(!is_parameter || known, "{request}: {name} is no parameter");
    }
}

#[tokio::test]
async fn every_answer_is_described() {
    let app = app(Store::new(Memory::default()));
    let api = description(&app).await;
    for exchange in EXCHANGES {
        let (method, path, id, fields, body, _) = *exchange;
        let target = path.replace("{id}", id).replace("{file}", id);
        let digest = content_digest(body);
        let mut fields = fields.to_vec();
        if fields.contains(&ID) {
            fields.push(("content-digest", &digest));
        }
        let answer = send(&app, method, &target, &fields, Body::from(body)).await;
        assert_described(&api, *exchange, &answer);
    }
}

#[tokio::test]
async fn every_route_and_no_other_is_described() {
    let app = app(Store::new(Memory::default()));
    let api = description(&app).await;
    for (path, item) in api["paths"].as_object().unwrap() {
        let target = path.replace("{id}", "plan").replace("{file}", "style.css");
        for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
            let answer = send(&app, method, &target, &[], Body::empty()).await;
            let described = item.get(method.to_lowercase()).is_some();
            assert_eq!(answer.status != 405, described, "{method} {path}");
        }
    }
    for file in api["paths"]["/page/{file}"]["parameters"][0]["schema"]["enum"].as_array().unwrap() {
        let target = format!("/page/{}", file.as_str().unwrap());
        assert_eq!(send(&app, "GET", &target, &[], Body::empty()).await.status, 200, "{target}");
    }
    let tested: BTreeSet<_> =
        EXCHANGES.iter().map(|(method, path, ..)| (*path, method.to_lowercase())).collect();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|name| *name != "parameters") {
            assert!(tested.contains(&(path.as_str(), method.clone())), "no request tests {method} {path}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let app = app(Store::new(Memory::default()));
    let api = description(&app).await;
    let text = api.to_string();
    let references = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
    assert!(references.clone().count() > 20);
    for reference in references {
        assert!(api.pointer(reference).is_some(), "{reference}");
    }
}
