use http::{HeaderValue, Response, StatusCode, header::ACCEPT_ENCODING};

use super::{request::SentTags, tag::encode_etag};
use crate::validator::{Validators, complete_vary};

/// Rewrites the tag of a response to that of the bytes that are sent.
pub(super) fn encode_response<B>(response: &mut Response<B>, sent: Option<&SentTags>) {
    if response.status() != StatusCode::NOT_MODIFIED {
        encode_etag(response.headers_mut());
        return;
    }
    let headers = response.headers_mut();
    let current = Validators::from_headers(headers).take_etag();
    match sent.zip(current).and_then(|(sent, current)| sent.naming(&current)) {
        Some(tag) => Validators::from(tag).write_to(headers),
        None => encode_etag(headers),
    }
    // The compression adds it to the 200. A 304 is made outside the compression (RFC 9110 §15.4.5).
    complete_vary(headers, &HeaderValue::from_name(ACCEPT_ENCODING));
}
