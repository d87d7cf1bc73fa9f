use http::{
    HeaderValue, Response, StatusCode,
    header::{ACCEPT_ENCODING, ETAG, LAST_MODIFIED},
};

use super::{
    request::{SentTags, TagOf304},
    tag::encode_etag,
};
use crate::{
    header_map::{remove_field, set_field},
    validator::{Validators, complete_vary},
};

/// Rewrites the tag of a response to that of the bytes that are sent.
pub(super) fn encode_response<B>(response: &mut Response<B>, sent: Option<&SentTags>) {
    if response.status() != StatusCode::NOT_MODIFIED {
        encode_etag(response.headers_mut());
        return;
    }
    let headers = response.headers_mut();
    let current = Validators::from_headers(headers).take_etag();
    match sent.zip(current).map(|(sent, current)| sent.choose(&current)) {
        None => encode_etag(headers),
        // Last-Modified only if there is no ETag (RFC 9110 §15.4.5).
        Some(TagOf304::Sent(tag)) => {
            set_field(headers, ETAG, tag.into());
            remove_field(headers, LAST_MODIFIED);
        }
        Some(TagOf304::Uncoded) => {
            encode_etag(headers);
            remove_field(headers, LAST_MODIFIED);
        }
        Some(TagOf304::Unknown) => remove_field(headers, ETAG),
    }
    // The compression adds it to the 200. A 304 is made outside the compression (RFC 9110 §15.4.5).
    complete_vary(headers, &HeaderValue::from_name(ACCEPT_ENCODING));
}
