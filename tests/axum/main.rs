//! Under Axum: look-ups over extractors, the place of the layer, and a compare-and-set.
#![allow(clippy::indexing_slicing, reason = "a member that is missing is a failure, and told as one")]

#[path = "../support/mod.rs"]
mod support;

mod compare_and_set;
mod contract;
mod extractors;
mod lent_head;
mod lookups;
mod placement;
mod probing;
mod protocols;

mod responses;

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{HeaderMap, Method, Request, header};
use tower::ServiceExt;

struct Answer {
    status: u16,
    headers: HeaderMap,
    etag: String,
    content: String,
}

/// Sends a request without content and with at most one field.
async fn ask(app: &Router, method: &Method, path: &str, field: Option<(&str, &str)>) -> Answer {
    let builder = Request::builder().method(method).uri(path);
    let builder = field.into_iter().fold(builder, |builder, (name, value)| builder.header(name, value));
    let request = builder.body(Body::empty()).expect("a request");
    let answer = tokio::time::timeout(Duration::from_secs(30), app.clone().oneshot(request)).await;
    let Ok(response) = answer.expect("an answer in time");
    let (head, body) = response.into_parts();
    let content = to_bytes(body, usize::MAX).await.expect("content in memory");
    let etag = head.headers.get(header::ETAG).map_or("", |etag| etag.to_str().expect("ASCII")).to_owned();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        etag,
        content: String::from_utf8(content.to_vec()).expect("text"),
    }
}
