use axum::{
    Json,
    http::{
        StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    source::{changed_at, validators},
    store::{Conflict, Stored},
};

/// Why a request is not performed.
#[derive(Debug)]
pub(crate) enum Refusal {
    NotFound,
    /// The content is in another media type than this one.
    MediaType(&'static str),
    /// The content is not a document, or a patch does not leave one.
    Content(serde_json::Error),
    /// The document was changed between the layer's check and the write.
    Conflict(Conflict),
    /// A write reached its handler without the layer's verdict.
    NoVerdict,
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Content(error)
    }
}

impl From<Conflict> for Refusal {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::MediaType(expected) => {
                let text = format!("expected content of type {expected}\n");
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, [(ACCEPT, expected)], text).into_response()
            }
            Self::Content(error) => {
                (StatusCode::UNPROCESSABLE_ENTITY, format!("not a document: {error}\n")).into_response()
            }
            Self::Conflict(conflict) => precondition_failed(conflict.current.as_deref()),
            Self::NoVerdict => {
                let text = "no verdict: is PreconditionLayer applied to this route?\n";
                (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
            }
        }
    }
}

/// The same answer that the layer would have given a moment later.
fn precondition_failed(current: Option<&Stored>) -> Response {
    let mut problem = json!({
        "title": "Precondition Failed",
        "status": 412,
        "detail": "the document was changed while this request was on its way",
    });
    if let (Some(current), Some(members)) = (current, problem.as_object_mut()) {
        let etag = validators(current).etag().map(ToString::to_string);
        members.insert("current_etag".to_owned(), json!(etag));
        members.insert("changed_by".to_owned(), json!(current.changed_by));
        members.insert("changed_at".to_owned(), json!(changed_at(current)));
    }
    (
        StatusCode::PRECONDITION_FAILED,
        current.map(validators),
        [(CONTENT_TYPE, "application/problem+json"), (CACHE_CONTROL, "no-store")],
        Json(problem),
    )
        .into_response()
}
