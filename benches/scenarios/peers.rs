//! Alternatives to the layer, written as a careful user would write them.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use axum::{
    Json,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use headers::{CacheControl, ETag, HeaderMapExt, IfMatch, IfModifiedSince, IfNoneMatch, LastModified};
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use serde_json::json;
use tower::{Layer, Service};
use tower_http::{
    add_extension::AddExtensionLayer, auth::AsyncRequireAuthorizationLayer,
    set_header::SetResponseHeaderLayer,
};
use tower_precondition::Verdict;

use super::{
    Scenario, request,
    services::{Inner, served},
};

pub(crate) fn scenarios() -> Vec<Scenario> {
    let get = |name, prepare| {
        Scenario::new(name, 200, prepare).over_empty("empty service, GET").over_bare("bare service, GET")
    };
    let put = |name, prepare| {
        Scenario::new(name, 200, prepare).over_empty("empty service, PUT").over_bare("bare service, PUT")
    };
    vec![
        get("SetResponseHeaderLayer", || {
            let tag = HeaderValue::from_static(request::TAG);
            served(SetResponseHeaderLayer::if_not_present(header::ETAG, tag).layer(Inner), request::get())
        }),
        get("AsyncRequireAuthorizationLayer", || {
            let authorize = async |request: Request| Ok::<_, http::Response<Full<Bytes>>>(request);
            served(AsyncRequireAuthorizationLayer::new(authorize).layer(Inner), request::get())
        }),
        get("from_fn that does nothing", || served(from_fn(pass).layer(Inner), request::get())),
        get("from_fn with typed fields, no condition", || {
            served(from_fn_with_state(etag(), conditional).layer(Inner), request::get())
        }),
        Scenario::new("from_fn with typed fields, 304", 304, || {
            served(from_fn_with_state(etag(), conditional).layer(Inner), request::get_if_none_match())
        })
        .over_empty("empty service, If-None-Match"),
        Scenario::new("from_fn with typed fields, 304 by date", 304, || {
            served(
                from_fn_with_state(last_modified(), conditional_by_date).layer(Inner),
                request::get_if_modified_since(),
            )
        })
        .over_empty("empty service, If-Modified-Since"),
        put("from_fn with typed fields, write that goes on", || {
            served(from_fn_with_state(etag(), conditional).layer(Inner), request::put_current())
        }),
        Scenario::new("from_fn with typed fields, 412 without a body", 412, || {
            served(from_fn_with_state(etag(), conditional).layer(Inner), request::put_stale())
        })
        .over_empty("empty service, PUT"),
        Scenario::new("from_fn with typed fields, 412 with problem details", 412, || {
            let conditional = from_fn_with_state(etag(), conditional).layer(Inner);
            served(map_response(tell).layer(conditional), request::put_stale())
        })
        .over_empty("empty service, PUT"),
        Scenario::new("412 by hand, empty", 412, || served(ByHand, request::put_stale()))
            .over_empty("empty service, PUT"),
        put("AddExtensionLayer of a Verdict's size", || {
            let value = [0_u8; size_of::<Verdict>()];
            served(AddExtensionLayer::new(value).layer(Inner), request::put_current())
        }),
    ]
}

/// Compares If-Match with the current tag byte by byte, and answers with the fields that the layer's 412 has.
#[derive(Clone, Copy)]
struct ByHand;

impl<B> Service<http::Request<B>> for ByHand {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let mut response = http::Response::new(Full::default());
        if request.headers().get(header::IF_MATCH).is_some_and(|tag| tag != request::TAG) {
            *response.status_mut() = StatusCode::PRECONDITION_FAILED;
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(header::ETAG, HeaderValue::from_static(request::TAG));
        }
        ready(Ok(response))
    }
}

/// Returns the current tag, which an application parses once at its start.
pub(super) fn etag() -> ETag {
    let mut headers = http::HeaderMap::new();
    headers.insert(header::ETAG, HeaderValue::from_static(request::TAG));
    headers.typed_get().expect("the tag is valid")
}

async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}

/// Evaluates the preconditions that the typed headers of `headers` can express.
pub(super) async fn conditional(State(etag): State<ETag>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let if_match = request.headers().typed_get::<IfMatch>();
    if if_match.is_some_and(|condition| !condition.precondition_passes(&etag)) {
        return status(StatusCode::PRECONDITION_FAILED);
    }
    let if_none_match = request.headers().typed_get::<IfNoneMatch>();
    if if_none_match.is_some_and(|condition| !condition.precondition_passes(&etag)) {
        if !reads {
            return status(StatusCode::PRECONDITION_FAILED);
        }
        let mut response = status(StatusCode::NOT_MODIFIED);
        response.headers_mut().typed_insert(etag);
        response.headers_mut().typed_insert(CacheControl::new().with_no_cache());
        return response;
    }
    let mut response = next.run(request).await;
    if reads {
        response.headers_mut().typed_insert(etag);
        response.headers_mut().typed_insert(CacheControl::new().with_no_cache());
    }
    response
}

/// Returns the current date, which an application parses once at its start.
fn last_modified() -> LastModified {
    let mut headers = http::HeaderMap::new();
    headers.insert(header::LAST_MODIFIED, HeaderValue::from_static(request::DATE));
    headers.typed_get().expect("the date is valid")
}

/// The same for a resource that has only a date.
async fn conditional_by_date(State(date): State<LastModified>, request: Request, next: Next) -> Response {
    let since = request.headers().typed_get::<IfModifiedSince>();
    let mut response = match since.is_some_and(|since| !since.is_modified(date.into())) {
        true => status(StatusCode::NOT_MODIFIED),
        false => next.run(request).await,
    };
    response.headers_mut().typed_insert(date);
    response
}

/// Writes problem details into a 412, as an API does that has them for all its errors.
async fn tell(response: Response) -> Response {
    if response.status() != StatusCode::PRECONDITION_FAILED {
        return response;
    }
    let problem = json!({
        "type": "about:blank",
        "title": "Precondition Failed",
        "status": 412,
        "detail": "If-Match is false: the resource has another entity tag",
        "condition": "If-Match",
        "current_etag": request::TAG,
    });
    let fields = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::ETAG, HeaderValue::from_static(request::TAG)),
    ];
    (StatusCode::PRECONDITION_FAILED, fields, Json(problem)).into_response()
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
