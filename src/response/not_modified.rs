use std::mem;

use http::{
    Response, StatusCode,
    header::{self, HeaderName, HeaderValue},
    request::Parts,
};

use super::{
    Emit, OwnBody,
    emit::{insert_freshness, insert_missing_fields},
    insert_last_modified,
    unread::must_close,
};
use crate::{
    precondition::RequestFields,
    validator::{ResponseFields, Validators},
};

/// Makes a 304 with the fields that the 200 would carry (RFC 9110 §15.4.5), in the request's own header map.
// Saves 54 instructions of a 304.
#[inline]
pub(crate) fn not_modified(
    mut validators: Validators,
    emit: Emit,
    head: &mut Parts,
    fields: RequestFields,
) -> Response<OwnBody> {
    let close = must_close(head, fields);
    let mut response = Response::new(OwnBody::Empty);
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    mem::swap(headers, &mut head.headers);

    // Last-Modified only if there is no ETag.
    let date = validators.last_modified().filter(|_| validators.etag().is_none());
    let sent = date.and_then(|_| headers.get(header::IF_MODIFIED_SINCE).cloned());
    headers.clear();
    if let Some(etag) = validators.take_etag() {
        headers.insert(header::ETAG, etag.into());
    }
    if let Some(date) = date {
        insert_last_modified(headers, date, sent);
    }
    insert_missing_fields(headers, ResponseFields::NONE, &validators);
    // If the handler describes the 200, its freshness is not known here.
    if emit.applies_to(&head.method) {
        insert_freshness(headers, ResponseFields::NONE, &validators);
    }
    if close {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The fields of a 200 that describe its content. A 304 in its place drops them (RFC 9110 §15.4.5).
const OF_CONTENT: [HeaderName; 7] = [
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];

/// Turns a 200 into the 304 that takes its place. The body is dropped unread.
pub(crate) fn not_modified_in_place_of<B>(response: Response<B>) -> Response<OwnBody> {
    let mut response = response.map(|_unread| OwnBody::Empty);
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    for name in OF_CONTENT {
        headers.remove(name);
    }
    response
}
