//! Extractors for the parts of a request, each with its limits.
//!
//! If the head alone shows that a request is invalid, the look-up refuses it before the layer evaluates
//! preconditions: they apply only to requests that would succeed without them (RFC 9110 §13.2.1).

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request, rejection::BytesRejection},
    http::{
        HeaderMap, Method, StatusCode,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName},
        request::Parts,
    },
};

use tokio::time;

use crate::{problem::Refusal, server::Patience, store::Document};

/// The longest request body, in bytes.
pub(crate) const CONTENT_LIMIT: usize = 1024 * 1024;
pub(crate) const ID_LIMIT: usize = 100;
pub(crate) const USER_LIMIT: usize = 100;
const ANONYMOUS: &str = "anonymous";

pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";
pub(crate) const JSON: &str = "application/json";

/// The id of a document, from the path.
#[derive(Debug)]
pub(crate) struct DocumentId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for DocumentId {
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let refused = |detail: String| Refusal::new(StatusCode::BAD_REQUEST, detail);
        let Path(id) = Path::<String>::from_request_parts(head, state)
            .await
            .map_err(|error| refused(format!("the id of the document: {error}")))?;
        match id.chars().count() > ID_LIMIT || id.contains(char::is_control) {
            true => Err(refused(format!(
                "the id of a document has at most {ID_LIMIT} characters, and no control character"
            ))),
            false => Ok(Self(id)),
        }
    }
}

/// The user who writes, from `X-User`, which stands in for authentication.
#[derive(Debug)]
pub(crate) struct User(pub(crate) String);

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let name = head.headers.get("x-user").and_then(|name| name.to_str().ok());
        match name {
            Some(name) if name.len() > USER_LIMIT => Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                format!("X-User has at most {USER_LIMIT} characters"),
            )),
            name => Ok(Self(name.unwrap_or(ANONYMOUS).to_owned())),
        }
    }
}

/// The user who writes, to tell the ids of one from those of another.
pub(crate) fn sender(head: &Parts) -> Option<String> {
    let name = head.headers.get("x-user").and_then(|name| name.to_str().ok());
    Some(name.unwrap_or(ANONYMOUS).to_owned())
}

/// Checks that the head of a write announces a body that its handler accepts. A read always passes.
#[derive(Debug)]
pub(crate) struct Announced;

impl<S: Sync> FromRequestParts<S> for Announced {
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Refusal> {
        if head.method.is_safe() {
            return Ok(Self);
        }
        User::from_request_parts(head, state).await?;
        let headers = &head.headers;
        let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: u64| length > CONTENT_LIMIT as u64) {
            return Err(too_large());
        }
        match head.method {
            Method::PUT if !has_type(headers, JSON) => Err(Refusal::media_type(ACCEPT, JSON)),
            Method::PATCH if !has_type(headers, MERGE_PATCH) => {
                Err(Refusal::media_type(HeaderName::from_static("accept-patch"), MERGE_PATCH))
            }
            _ => Ok(Self),
        }
    }
}

pub(crate) fn has_type(headers: &HeaderMap, expected: &str) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(expected)
}

/// The whole request body.
#[derive(Debug)]
pub(crate) struct Content(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Content {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let patience = request.extensions().get::<Patience>().copied().unwrap_or_default();
        let Ok(read) = time::timeout(patience.content, Bytes::from_request(request, state)).await else {
            let detail = format!("the content did not arrive within {:?}", patience.content);
            return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, detail));
        };
        match read {
            Ok(content) => Ok(Self(content)),
            Err(BytesRejection::FailedToBufferBody(error)) if error.status() == 413 => Err(too_large()),
            Err(_) => Err(Refusal::new(StatusCode::BAD_REQUEST, "the request body is incomplete")),
        }
    }
}

fn too_large() -> Refusal {
    let detail = format!("a request body has at most {CONTENT_LIMIT} bytes");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

/// Returns the document if every store can keep it.
pub(crate) fn storable(document: Document) -> Result<Document, Refusal> {
    // PostgreSQL cannot store this character.
    match [&document.title, &document.text].iter().any(|text| text.contains('\0')) {
        true => Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "a document cannot contain the character U+0000",
        )),
        false => Ok(document),
    }
}
