//! What is done to documents. None of these looks at a conditional field.

use std::convert::Infallible;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, OriginalUri, Path, State},
    http::{
        StatusCode,
        header::{CONTENT_LOCATION, LOCATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    refusal::Refusal,
    source::{changed_at, validators},
    store::{Document, Expected, Store, Stored},
};

/// Who makes a change.
pub(crate) struct User(String);

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let name = head.headers.get("x-user").and_then(|name| name.to_str().ok());
        Ok(Self(name.unwrap_or("anonymous").to_owned()))
    }
}

#[derive(Serialize)]
pub(crate) struct Listed {
    id: String,
    title: String,
    changed_by: String,
    changed_at: String,
}

pub(crate) async fn list(State(store): State<Store>) -> Json<Vec<Listed>> {
    let listed = |(id, stored): (String, Stored)| Listed {
        changed_at: changed_at(&stored),
        id,
        title: stored.document.title,
        changed_by: stored.changed_by,
    };
    Json(store.list().await.into_iter().map(listed).collect())
}

/// The layer adds the validators.
pub(crate) async fn read(
    State(store): State<Store>,
    Path(id): Path<String>,
) -> Result<Json<Document>, Refusal> {
    let stored = store.get(&id).await.ok_or(Refusal::NotFound)?;
    Ok(Json(stored.document))
}

pub(crate) async fn replace(
    State(store): State<Store>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    expected: Expected,
    User(user): User,
    content: Bytes,
) -> Result<Response, Refusal> {
    let document: Document = serde_json::from_slice(&content)?;
    // What GET will say is what was sent, but for white space and the order of members.
    let stored_as_sent = serde_json::to_vec(&document)? == content;
    let stored = store.put(&id, expected, document, user).await?;
    // Only then may a validator follow: with it the client takes its own text for what is
    // stored (RFC 9110 §9.3.4). Without one it reads again.
    let validators = stored_as_sent.then(|| validators(&stored));
    Ok(match expected {
        Expected::Nothing => (StatusCode::CREATED, validators, [(LOCATION, uri.path())]).into_response(),
        Expected::Version(_) => (StatusCode::NO_CONTENT, validators, ()).into_response(),
    })
}

/// Answers with the whole of the new document, so that its validators describe what the client sees.
pub(crate) async fn patch(
    State(store): State<Store>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    expected: Expected,
    User(user): User,
    content: Bytes,
) -> Result<Response, Refusal> {
    let patch = serde_json::from_slice(&content)?;
    // Should this be another version than the expected one, the store will find out.
    let base = store.get(&id).await.ok_or(Refusal::NotFound)?;
    let mut merged = serde_json::to_value(base.document)?;
    json_patch::merge(&mut merged, &patch);
    let document = serde_json::from_value(merged)?;

    let stored = store.put(&id, expected, document, user).await?;
    Ok((validators(&stored), [(CONTENT_LOCATION, uri.path())], Json(stored.document)).into_response())
}

pub(crate) async fn remove(
    State(store): State<Store>,
    Path(id): Path<String>,
    expected: Expected,
) -> Result<StatusCode, Refusal> {
    if expected == Expected::Nothing {
        return Err(Refusal::NotFound);
    }
    match store.delete(&id, expected).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        // Someone else was faster with the same; the layer says the same of what is gone already.
        Err(conflict) if conflict.current.is_none() => Err(Refusal::NotFound),
        Err(conflict) => Err(conflict.into()),
    }
}
