use axum::{
    Json,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tower_precondition::Rejection;
use utoipa::ToSchema;

use crate::store::StoreError;

/// Why the server refuses a request; answered as problem details (RFC 9457).
///
/// Boxed to keep the `Result` of every handler small.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Reason>);

#[derive(Debug)]
enum Reason {
    /// Someone changed the document between the layer's look-up and the write.
    Late(Rejection),
    Own(Own),
}

#[derive(Debug)]
struct Own {
    status: StatusCode,
    detail: String,
    field: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::problem(status, detail.into(), None)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such document")
    }

    /// 415: the body has another media type than this one; the header tells the client which to send.
    pub(crate) fn media_type(field: HeaderName, expected: &'static str) -> Self {
        let detail = format!("expected content of type {expected}");
        let field = (field, HeaderValue::from_static(expected));
        Self::problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail, Some(field))
    }

    fn problem(status: StatusCode, detail: String, field: Option<(HeaderName, HeaderValue)>) -> Self {
        Self(Box::new(Reason::Own(Own { status, detail, field })))
    }
}

/// Logs the error of the store, and tells the client nothing of it.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store is unavailable");
        let detail = "the store is unavailable; try again later".to_owned();
        let again = (RETRY_AFTER, HeaderValue::from_static("2"));
        Self::problem(StatusCode::SERVICE_UNAVAILABLE, detail, Some(again))
    }
}

/// 422: the body is not JSON, or not the JSON of a document.
impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, format!("not a document: {error}"))
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self(Box::new(Reason::Late(rejection)))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match *self.0 {
            Reason::Late(rejection) => rejection.into_response(),
            Reason::Own(own) => own.into_response(),
        }
    }
}

/// The members of problem details. The layer adds others.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    title: &'static str,
    status: u16,
    detail: String,
}

impl IntoResponse for Own {
    fn into_response(self) -> Response {
        let Self { status, detail, field } = self;
        let title = status.canonical_reason().unwrap_or_default();
        let members = Problem { title, status: status.as_u16(), detail };
        let fields = [
            (CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (status, fields, Json(members)).into_response();
        if let Some((name, value)) = field {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
