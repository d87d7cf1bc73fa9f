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

use crate::store::StoreError;

/// Why a request is not performed; rendered as problem details (RFC 9457).
///
/// It is boxed, since a handler's error is moved more often than it is made.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Reason>);

#[derive(Debug)]
enum Reason {
    /// The document was changed between the layer's check and the write.
    Late(Rejection),
    Problem(Problem),
}

#[derive(Debug)]
struct Problem {
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

    /// The content is in another media type than this one, of which the field is to tell.
    pub(crate) fn media_type(field: HeaderName, expected: &'static str) -> Self {
        let detail = format!("expected content of type {expected}");
        let field = (field, HeaderValue::from_static(expected));
        Self::problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail, Some(field))
    }

    fn problem(status: StatusCode, detail: String, field: Option<(HeaderName, HeaderValue)>) -> Self {
        Self(Box::new(Reason::Problem(Problem { status, detail, field })))
    }
}

/// What the store says goes to the log, and no further.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store is away");
        let detail = "the store is away; try again later".to_owned();
        let again = (RETRY_AFTER, HeaderValue::from_static("2"));
        Self::problem(StatusCode::SERVICE_UNAVAILABLE, detail, Some(again))
    }
}

/// The content is JSON of another form than what is expected, or no JSON.
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
            Reason::Problem(problem) => problem.into_response(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Members {
            title: &'static str,
            status: u16,
            detail: String,
        }

        let Self { status, detail, field } = self;
        let title = status.canonical_reason().unwrap_or_default();
        let members = Members { title, status: status.as_u16(), detail };
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
