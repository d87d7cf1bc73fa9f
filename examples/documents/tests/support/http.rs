//! Requests to the application, without a socket.

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::BodyExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

pub(crate) const PLAN: &str = "/documents/plan";
pub(crate) const FIRST: &str = r#"{"title":"Plan","text":"first"}"#;
pub(crate) const SECOND: &str = r#"{"title":"Plan","text":"second"}"#;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Bytes,
}

impl Answer {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.content).unwrap()
    }

    /// Asserts this status, with problem details that name it, and that no cache may store the answer.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{:?}", self.content);
        assert_eq!(self.get("content-type"), Some("application/problem+json"));
        assert_eq!(self.get("cache-control"), Some("no-store"));
        assert_eq!(self.json()["status"], status);
        assert!(self.json()["detail"].is_string());
    }
}

pub(crate) async fn send(
    app: &Router,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: Body,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    let media_type = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let given = |name: &str| fields.iter().any(|(field, _)| *field == name);
    if matches!(method, "POST" | "PUT" | "PATCH") && !given("content-type") {
        request = request.header("content-type", media_type);
    }
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (head, body) = app.clone().oneshot(request.body(body).unwrap()).await.unwrap().into_parts();
    let content = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status, headers: head.headers, content }
}

/// Sends a request to the plan.
pub(crate) async fn ask(
    app: &Router,
    method: &str,
    fields: &[(&str, &str)],
    content: &'static str,
) -> Answer {
    send(app, method, PLAN, fields, Body::from(content)).await
}

/// Reads the text of the plan.
pub(crate) async fn text(app: &Router) -> Value {
    ask(app, "GET", &[], "").await.json()["text"].take()
}

/// The value of Content-Digest (RFC 9530).
pub(crate) fn content_digest(content: &str) -> String {
    format!("sha-256=:{}:", BASE64_STANDARD.encode(Sha256::digest(content)))
}
