use std::convert::Infallible;

use axum_core::{
    body::Body,
    response::{IntoResponse, IntoResponseParts, Response, ResponseParts},
};

use crate::{
    decision::Rejection,
    response::{ResponseBody, insert_last_modified},
    validator::{EntityTag, Validators},
};

/// Writes the validators into the response, as [`Validators::write_to`] does, but a date in the future as now.
impl IntoResponseParts for Validators {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        self.write_to(parts.headers_mut());
        if let Some(date) = self.last_modified() {
            insert_last_modified(parts.headers_mut(), date, None);
        }
        Ok(parts)
    }
}

/// Writes the tag as ETag.
///
/// ```
/// use axum::{http::StatusCode, response::IntoResponse};
/// use tower_precondition::EntityTag;
///
/// // The tag of the new state, after a PUT that stored the content as it was sent.
/// let response = (StatusCode::NO_CONTENT, EntityTag::from_version(2)).into_response();
/// assert_eq!(response.headers()["etag"], "\"2\"");
/// ```
impl IntoResponseParts for EntityTag {
    type Error = Infallible;

    fn into_response_parts(self, parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        Validators::from(self).into_response_parts(parts)
    }
}

/// A response without content. In front of a body, it is a part of that response.
impl IntoResponse for Validators {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// A response without content. In front of a body, it is a part of that response.
impl IntoResponse for EntityTag {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// Answers as [`to_response`](Rejection::to_response) does. A layer on the way renders it with its own responder.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.to_response().map(|content| match content.is_empty() {
            // Of an exact size of zero Axum makes `Content-Length: 0`, which a 304 must not have.
            true => Body::new(ResponseBody::<Body>::default()),
            false => Body::from(content),
        })
    }
}
