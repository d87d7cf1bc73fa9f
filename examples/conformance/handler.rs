//! The handler. It ignores conditions and never serves a range.

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Body;

use crate::{bad_request, content::Content, state::State};

pub(crate) async fn handle<B: Body + Unpin>(request: Request<B>) -> Result<Response<Content>, B::Error> {
    let (head, mut body) = request.into_parts();
    while let Some(frame) = body.frame().await {
        frame?;
    }
    let mut response = match State::of(&head.headers) {
        Ok(state) => answer(&head.method, &state),
        // The layer asks no source for this method, so the handler reads the field first.
        Err(unreadable) => bad_request(&unreadable).map(|text| Content::Text(Some(text))),
    };
    let headers = response.headers_mut();
    headers.insert("x-handler-ran", HeaderValue::from_static("1"));
    if let Some(range) = joined_range(&head.headers) {
        headers.insert("x-range-seen", range);
    }
    Ok(response)
}

fn answer(method: &Method, state: &State) -> Response<Content> {
    let reads = matches!(method.as_str(), "GET" | "HEAD" | "QUERY");
    let status = state.handler_status.unwrap_or(match (method.as_str(), state.exists) {
        ("GET" | "HEAD" | "QUERY", true) | ("POST", _) => StatusCode::OK,
        ("GET" | "HEAD" | "QUERY" | "DELETE", false) => StatusCode::NOT_FOUND,
        ("PUT" | "PATCH", false) => StatusCode::CREATED,
        _ => StatusCode::NO_CONTENT,
    });
    let length = if reads && status == StatusCode::OK { state.body_len } else { 0 };

    let mut response = Response::new(Content::Octets(length));
    *response.status_mut() = status;
    if reads && status.is_success() {
        response.headers_mut().extend(state.fields().map(|(name, value)| (name.clone(), value.clone())));
    }
    if reads && !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        // Set here, because the answer to HEAD has the length of the answer to GET, also if that is zero.
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

/// Returns the lines of Range, if the layer did not remove them.
fn joined_range(headers: &HeaderMap) -> Option<HeaderValue> {
    let lines: Vec<&[u8]> = headers.get_all(header::RANGE).iter().map(HeaderValue::as_bytes).collect();
    if lines.is_empty() {
        return None;
    }
    HeaderValue::from_bytes(&lines.join(&b", "[..])).ok()
}
