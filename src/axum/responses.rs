use std::convert::Infallible;

use axum_core::{
    body::Body,
    response::{IntoResponse, IntoResponseParts, Response, ResponseParts},
};

use crate::{
    decision::Rejection,
    response::{ResponseBody, insert_last_modified},
    validator::Validators,
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
