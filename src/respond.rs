//! Decisions made into responses.

use std::mem;

use http::{
    HeaderMap, Method, Response, StatusCode, Version,
    header::{self, HeaderValue},
    request::Parts,
    response,
};

use crate::{
    Emit, HttpDate, Rejection, RejectionResponder, ResponseBody, Validators, events,
    fields::{RequestFields, ResponseFields},
    order::emits,
    source::RefusedBody,
};

/// The most content of a request that is taken for likely to have arrived with its head.
const SMALL_CONTENT: u64 = 8 * 1024;

/// 304, with what the 200 would carry (RFC 9110 §15.4.5), in the request's own header map.
pub(crate) fn not_modified<B>(
    mut validators: Validators,
    emit: Emit,
    head: &mut Parts,
    fields: RequestFields,
) -> Response<ResponseBody<B>> {
    let close = leaves_content(head, fields);
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    mem::swap(headers, &mut head.headers);

    // Last-Modified stands only where there is no ETag.
    let date = match (validators.etag(), validators.last_modified()) {
        (None, Some(date)) => Some(last_modified(date, headers.get(header::IF_MODIFIED_SINCE))),
        _ => None,
    };
    headers.clear();
    if let Some(etag) = validators.take_etag() {
        headers.insert(header::ETAG, etag.into());
    }
    if let Some(date) = date {
        headers.insert(header::LAST_MODIFIED, date);
    }
    insert_missing_fields(headers, ResponseFields::NONE, &validators);
    // Where the 200 is the handler's to describe, what it says of freshness is not known here.
    if emits(emit, &head.method) {
        insert_freshness(headers, ResponseFields::NONE, &validators);
    }
    if close {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The answer of the layer's own, as the responder renders it.
pub(crate) fn reject<B>(
    rejection: Rejection,
    responder: &impl RejectionResponder,
    head: &Parts,
    fields: RequestFields,
) -> Response<ResponseBody<B>> {
    let mut response = responder.respond(&rejection, head).map(|content| ResponseBody::whole(content.into()));
    events::rejected(&rejection, response.status(), head);
    let headers = response.headers_mut();
    // A stored 412 would be served to everyone, and a 428 must not be stored (RFC 6585 §3).
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(current) = rejection.current() {
        if let Some(etag) = current.etag() {
            headers.insert(header::ETAG, etag.as_header_value().clone());
        }
        if let Some(date) = current.last_modified() {
            headers.insert(header::LAST_MODIFIED, last_modified(date, None));
        }
    }
    if let Some(location) = rejection.location() {
        headers.insert(header::LOCATION, location.clone());
    }
    response.extensions_mut().insert(rejection);
    complete(response, head, fields)
}

/// The answer of the source.
pub(crate) fn refuse<B>(
    response: Response<RefusedBody>,
    head: &Parts,
    fields: RequestFields,
) -> Response<ResponseBody<B>> {
    complete(response.map(ResponseBody::refused), head, fields)
}

/// What the connection needs of an answer that the handler did not make.
fn complete<B>(
    mut response: Response<ResponseBody<B>>,
    head: &Parts,
    fields: RequestFields,
) -> Response<ResponseBody<B>> {
    if head.method == Method::HEAD {
        let length = response.body().own_length();
        let headers = response.headers_mut();
        if let (Some(length), false) = (length, headers.contains_key(header::CONTENT_LENGTH)) {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        *response.body_mut() = ResponseBody::empty();
    }
    if leaves_content(head, fields) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Adds to a handler's answer what the source found, unless the handler said it itself.
pub(crate) fn emit(head: &mut response::Parts, mut validators: Validators) {
    let partial = match head.status {
        StatusCode::OK => false,
        StatusCode::PARTIAL_CONTENT => true,
        _ => return,
    };
    let headers = &mut head.headers;
    let present = ResponseFields::of(headers);
    if present.has(ResponseFields::VALIDATOR) {
        events::handler_tagged(headers.get(header::ETAG), &validators);
        return;
    }
    // A 206 has what combining it needs, and no more (§15.3.7).
    let date = validators.last_modified().filter(|_| !partial || validators.etag().is_none());
    if let Some(etag) = validators.take_etag() {
        headers.insert(header::ETAG, etag.into());
    }
    if let Some(date) = date {
        headers.insert(header::LAST_MODIFIED, last_modified(date, None));
    }
    insert_missing_fields(headers, present, &validators);
    insert_freshness(headers, present, &validators);
}

#[inline]
fn insert_missing_fields(headers: &mut HeaderMap, present: ResponseFields, validators: &Validators) {
    if validators.have_fields() {
        for (_, name, value) in validators.fields().filter(|(bit, ..)| !present.has(*bit)) {
            headers.insert(name, value.clone());
        }
    }
}

/// Where nothing says how long the response is fresh, a Last-Modified would invite caches to
/// guess (RFC 9111 §4.2.2).
#[inline]
fn insert_freshness(headers: &mut HeaderMap, present: ResponseFields, validators: &Validators) {
    if !present.has(ResponseFields::FRESHNESS) && !validators.say_freshness() {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
}

/// The date as a field value, in the text that the client sent where that is the same.
fn last_modified(date: HttpDate, sent: Option<&HeaderValue>) -> HeaderValue {
    let date = date.not_in_future();
    let text = date.to_bytes();
    match sent.filter(|sent| sent.as_bytes() == text) {
        Some(sent) => sent.clone(),
        None => date.to_header_value(),
    }
}

/// Whether an answer now leaves content unread that would be in the way of the next request.
///
/// HTTP/2 and later tell streams apart, and end one without ending the connection.
#[inline]
fn leaves_content(head: &Parts, fields: RequestFields) -> bool {
    if head.version > Version::HTTP_11 {
        return false;
    }
    if fields.has(RequestFields::UNSIZED_CONTENT) {
        return true;
    }
    fields.has(RequestFields::CONTENT_LENGTH) && {
        let length = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        length.and_then(|length| length.parse().ok()).is_none_or(|length: u64| length > SMALL_CONTENT)
    }
}
