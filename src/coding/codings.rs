//! What the layer does to entity tags where it is told to mind content codings.

use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{ACCEPT_ENCODING, VARY},
};

use super::request::{SentTags, decode_request};
use super::tag::encode_response;
use crate::{
    lists::list_members,
    precondition::{MethodKind, RequestFields},
    validator::Validators,
};

/// Makes the tags of a request those of the representation, and keeps what a 304 must carry.
pub(crate) fn decode<B>(request: &mut Request<B>) -> Option<SentTags> {
    if !RequestFields::of(request.headers()).has_condition() {
        return None;
    }
    let kind = MethodKind::of(request.method());
    decode_request(request.headers_mut(), kind)
}

/// Makes the tag of a response that of what is sent.
pub(crate) fn encode<B>(response: &mut Response<B>, sent: Option<&SentTags>) {
    if response.status() != StatusCode::NOT_MODIFIED {
        encode_response(response.headers_mut());
        return;
    }
    let headers = response.headers_mut();
    let current = Validators::from_headers(headers).take_etag();
    match sent.zip(current).and_then(|(sent, current)| sent.naming(&current)) {
        Some(tag) => Validators::from(tag).write_to(headers),
        None => encode_response(headers),
    }
    // The 200 has it from the compression, which a 304 of the layer does not pass (RFC 9110 §15.4.5).
    let varies =
        |member: &[u8]| member == b"*" || member.eq_ignore_ascii_case(ACCEPT_ENCODING.as_str().as_bytes());
    if !list_members(headers, VARY).any(varies) {
        headers.append(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
    }
}
