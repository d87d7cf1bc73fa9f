use std::mem;

use http::{
    HeaderMap, Response, StatusCode,
    header::{self, HeaderValue},
    request::Parts,
    response,
};

use super::{OwnBody, content_fields::remove_content_fields, insert_last_modified, unread::must_close};
use crate::{
    header_map::{first_line, set_field},
    precondition::RequestFields,
    validator::{HttpDate, KeepLastModified, Validators},
};

/// Makes a 304 with the fields that the source knows of the 200 (RFC 9110 §15.4.5), in the request's own header
/// map.
///
/// It carries no Cache-Control that the layer made up: that would replace what a cache stored with the 200.
pub(crate) fn not_modified(
    mut validators: Validators,
    sent: Option<HeaderValue>,
    head: &mut Parts,
    fields: RequestFields,
) -> Response<OwnBody> {
    let close = must_close(head, fields);
    let mut response = Response::new(OwnBody::Empty);
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    mem::swap(headers, &mut head.headers);

    // Last-Modified only if there is no ETag, or if a layer outside asks for both.
    let both = KeepLastModified::is_on(&head.extensions);
    let date = validators.last_modified().filter(|_| both || validators.etag().is_none());
    let sent = date.and_then(|date| sent.or_else(|| sent_text(headers, date)));
    headers.clear();
    if let Some(etag) = validators.take_etag() {
        set_field(headers, header::ETAG, etag.into());
    }
    if let Some(date) = date {
        insert_last_modified(headers, date, sent);
    }
    if validators.have_fields() {
        validators.write_fields_to(headers);
    }
    if close {
        set_field(headers, header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Returns the date's text if the client sent it, so that the answer need not allocate one.
fn sent_text(headers: &HeaderMap, date: HttpDate) -> Option<HeaderValue> {
    first_line(headers, header::IF_MODIFIED_SINCE).filter(|line| line.as_bytes() == date.to_bytes()).cloned()
}

/// Turns the head of a 200 into that of the 304 in its place.
pub(crate) fn turn_into_not_modified(
    response: &mut response::Parts,
    current: &Validators,
    date_beside_tag: bool,
) {
    response.status = StatusCode::NOT_MODIFIED;
    // Last-Modified only if there is no ETag (RFC 9110 §15.4.5), or if a layer outside asks.
    let without_date = current.etag().is_some() && !date_beside_tag;
    remove_content_fields(&mut response.headers, without_date);
}
