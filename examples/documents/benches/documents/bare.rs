//! What `documents` does on a document, by handlers that look at the conditional fields themselves:
//! as much of them as the requests of this bench have, compared as one would who knows no better.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LAST_MODIFIED,
            LOCATION,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};
use documents::{
    Store,
    store::{Change, Document, Revision, Stored},
};
use serde_json::json;
use tower_precondition::HttpDate;

pub(crate) fn app(store: Store) -> Router {
    Router::new().route("/documents/{id}", get(read).put(replace)).with_state(store)
}

fn tag(revision: &Revision) -> String {
    format!("\"{}\"", revision.version)
}

fn date(revision: &Revision) -> String {
    HttpDate::try_from(revision.changed_at).expect("the clock is right").to_string()
}

/// What describes it, as the layer would send it.
fn validators(revision: &Revision) -> [(HeaderName, String); 2] {
    [(ETAG, tag(revision)), (LAST_MODIFIED, date(revision))]
}

fn has(headers: &HeaderMap, name: HeaderName, tag: &str) -> bool {
    headers.get(name).is_some_and(|value| value == tag || value == "*")
}

async fn read(State(store): State<Store>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(stored) = store.get(&id).await.expect("the store is there") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let fresh = [(CACHE_CONTROL, "no-cache")];
    match has(&headers, IF_NONE_MATCH, &tag(&stored.revision)) {
        true => (StatusCode::NOT_MODIFIED, fresh, [(ETAG, tag(&stored.revision))]).into_response(),
        false => (fresh, validators(&stored.revision), Json(stored.document)).into_response(),
    }
}

async fn replace(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Bytes,
) -> Response {
    let current = store.get(&id).await.expect("the store is there");
    let Ok(document) = serde_json::from_slice::<Document>(&content) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let (change, status) = match &current {
        None => (Change::Create(document), StatusCode::CREATED),
        Some(Stored { revision, .. }) if has(&headers, IF_MATCH, &tag(revision)) => {
            (Change::Replace { version: revision.version, document }, StatusCode::NO_CONTENT)
        }
        Some(Stored { revision, .. }) => return failed(revision, &headers),
    };
    match store.write(&id, &change, "anonymous").await.expect("the store is there") {
        Some(revision) => {
            let location = (status == StatusCode::CREATED).then(|| [(LOCATION, format!("/documents/{id}"))]);
            (status, location, validators(&revision)).into_response()
        }
        None => StatusCode::PRECONDITION_FAILED.into_response(),
    }
}

/// In problem details, with the members that the layer's have.
fn failed(current: &Revision, headers: &HeaderMap) -> Response {
    let provided = headers.get(IF_MATCH).and_then(|tag| tag.to_str().ok());
    let details = json!({
        "title": "Precondition Failed",
        "status": 412,
        "detail": "If-Match does not name the current representation",
        "condition": "If-Match",
        "provided": provided,
        "current_etag": tag(current),
        "current_last_modified": date(current),
        "changed_by": current.changed_by,
        "changed_at": date(current),
    })
    .to_string();
    let fields = [
        (CONTENT_TYPE, "application/problem+json".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (CONTENT_LENGTH, details.len().to_string()),
    ];
    (StatusCode::PRECONDITION_FAILED, fields, validators(current), details).into_response()
}
