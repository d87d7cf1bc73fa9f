//! A route of Axum whose look-up extracts from its path, beside two ways to write it without the layer.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, get},
};
use headers::ETag;
use http::{HeaderValue, StatusCode, header};
use tower_precondition::{EntityTag, PreconditionLayer};

use super::{
    Region, Scenario,
    peers::{conditional, etag},
    request::{self, TAG},
    services::served_again,
};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("a route by hand, 200", 200, || routed(get(by_hand), request::get)),
        Scenario::new("a route by hand, 304", 304, || routed(get(by_hand), request::get_if_none_match)),
        Scenario::new("a route with from_fn and typed fields, 200", 200, || {
            routed(get(document).layer(from_fn_with_state(etag(), middleware)), request::get)
        }),
        Scenario::new("a route with from_fn and typed fields, 304", 304, || {
            routed(get(document).layer(from_fn_with_state(etag(), middleware)), request::get_if_none_match)
        }),
        Scenario::new("a route with a look-up over its path, 200", 200, || {
            routed(get(document).layer(PreconditionLayer::new(look_up)), request::get)
        }),
        Scenario::new("a route with a look-up over its path, 304", 304, || {
            routed(get(document).layer(PreconditionLayer::new(look_up)), request::get_if_none_match)
        }),
    ]
}

fn routed(documents: MethodRouter<(), Infallible>, request: fn() -> Request) -> Region {
    served_again::<Router, Body>(Router::new().route("/documents/{id}", documents), request)
}

async fn document(Path(_): Path<u64>) -> &'static str {
    "text"
}

fn look_up(_: Path<u64>) -> Ready<EntityTag> {
    ready(const { EntityTag::from_static(TAG) })
}

/// Compares If-None-Match with the current tag byte by byte, and answers with the fields that the layer sends.
async fn by_hand(Path(_): Path<u64>, request: Request) -> Response {
    let mut response = Response::default();
    match request.headers().get(header::IF_NONE_MATCH) {
        Some(tag) if tag == TAG => *response.status_mut() = StatusCode::NOT_MODIFIED,
        _ => {
            *response.body_mut() = Body::from("text");
            let text = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, text);
        }
    }
    response.headers_mut().insert(header::ETAG, HeaderValue::from_static(TAG));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

async fn middleware(Path(_): Path<u64>, etag: State<ETag>, request: Request, next: Next) -> Response {
    conditional(etag, request, next).await
}
