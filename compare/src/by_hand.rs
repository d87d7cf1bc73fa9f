//! The typed fields of axum-extra, with which the handler asks each field.
//!
//! An `Option<TypedHeader<IfMatch>>` is `Some` if the request has no If-Match, and is false then. So this code looks for
//! the field first.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::{
    TypedHeader,
    headers::{ETag, Header, HeaderMapExt, IfMatch, IfNoneMatch},
};
// Not the lock of std: a debug build of `headers` can panic below, which would poison that for good.
use tokio::sync::Mutex;

type Note = Arc<Mutex<(u64, String)>>;

pub fn app() -> Router {
    let note = Note::new(Mutex::new((1, "version 1".to_owned())));
    Router::new().route("/{id}", get(read).put(write)).with_state(note)
}

fn field<T: Header>(headers: &HeaderMap) -> Option<T> {
    headers.contains_key(T::name()).then(|| headers.typed_get()).flatten()
}

fn tag(version: u64) -> ETag {
    format!("\"{version}\"").parse().unwrap()
}

async fn read(State(note): State<Note>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if id != "note" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (version, text) = note.lock().await.clone();
    let tag = tag(version);
    if field::<IfMatch>(&headers).is_some_and(|field| !field.precondition_passes(&tag)) {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    if field::<IfNoneMatch>(&headers).is_some_and(|field| !field.precondition_passes(&tag)) {
        return (StatusCode::NOT_MODIFIED, TypedHeader(tag)).into_response();
    }
    (TypedHeader(tag), text).into_response()
}

async fn write(
    State(note): State<Note>,
    Path(id): Path<String>,
    headers: HeaderMap,
    text: String,
) -> StatusCode {
    if id != "note" {
        // Nothing exists, so no If-Match is true.
        return if headers.contains_key("if-match") {
            StatusCode::PRECONDITION_FAILED
        } else {
            StatusCode::CREATED
        };
    }
    let mut note = note.lock().await;
    let tag = tag(note.0);
    let fails = field::<IfMatch>(&headers).is_some_and(|field| !field.precondition_passes(&tag))
        || field::<IfNoneMatch>(&headers).is_some_and(|field| !field.precondition_passes(&tag));
    if fails {
        return StatusCode::PRECONDITION_FAILED;
    }
    *note = (note.0 + 1, text);
    StatusCode::NO_CONTENT
}
