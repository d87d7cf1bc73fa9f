//! Decisions made into responses.

use std::mem;

use http::{
    Extensions, HeaderMap, Method, Response, StatusCode, Version,
    header::{self, HeaderValue},
    request::Parts,
    response,
};

use super::body::ResponseBody;
use super::emit::Emit;
use super::events;
use super::responder::RejectionResponder;
use crate::{
    decision::Rejection,
    precondition::RequestFields,
    representation::RefusedBody,
    validator::{HttpDate, ResponseFields, Validators},
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
    // Where the 200 is the handler's to describe, what it says of freshness is not known here.
    if emit.applies_to(&head.method) {
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
    let response = render(rejection, responder, head, fields);
    if let Some(rejection) = response.extensions().get() {
        events::rejected(rejection, response.status(), head);
    }
    response
}

/// The same, without telling anyone.
pub(crate) fn render<B>(
    rejection: Rejection,
    responder: &impl RejectionResponder,
    head: &Parts,
    fields: RequestFields,
) -> Response<ResponseBody<B>> {
    let mut response = responder.respond(&rejection, head).map(|content| ResponseBody::whole(content.into()));
    let headers = response.headers_mut();
    // A stored 412 would be served to everyone, and a 428 must not be stored (RFC 6585 §3).
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(current) = rejection.current() {
        if let Some(etag) = current.etag() {
            headers.insert(header::ETAG, etag.as_header_value().clone());
        }
        if let Some(date) = current.last_modified() {
            insert_last_modified(headers, date, None);
        }
    }
    if let Some(location) = rejection.location() {
        headers.insert(header::LOCATION, location.clone());
    }
    response.extensions_mut().insert(rejection);
    complete(response, head, fields)
}

/// Stands in the extensions of an answer of a source, which no layer outside is to add to.
#[derive(Clone, Copy, Debug)]
struct Refused;

/// Whether a response was made by a layer further in, or by its source.
pub(crate) fn is_of_inner_layer(extensions: &Extensions) -> bool {
    extensions.get::<Rejection>().is_some() || extensions.get::<Refused>().is_some()
}

/// The answer of the source.
pub(crate) fn refuse<B>(
    response: Response<RefusedBody>,
    head: &Parts,
    fields: RequestFields,
) -> Response<ResponseBody<B>> {
    let mut response = response.map(ResponseBody::refused);
    response.extensions_mut().insert(Refused);
    complete(response, head, fields)
}

/// What the connection needs of an answer that the handler did not make.
fn complete<B>(
    mut response: Response<ResponseBody<B>>,
    head: &Parts,
    fields: RequestFields,
) -> Response<ResponseBody<B>> {
    let status = response.status();
    let has_content = !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if head.method == Method::HEAD || !has_content {
        let length = response.body().own_length().filter(|_| has_content);
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
pub(crate) fn emit(head: &mut response::Parts, validators: &mut Validators) {
    let partial = match head.status {
        StatusCode::OK => false,
        StatusCode::PARTIAL_CONTENT => true,
        _ => return,
    };
    // An answer of a layer further in is nobody's 200.
    if !head.extensions.is_empty() && is_of_inner_layer(&head.extensions) {
        return;
    }
    let headers = &mut head.headers;
    let present = ResponseFields::of(headers);
    if present.has(ResponseFields::VALIDATOR) {
        events::handler_tagged(headers.get(header::ETAG), validators);
        return;
    }
    // A 206 has what combining it needs, and no more (§15.3.7).
    let date = validators.last_modified().filter(|_| !partial || validators.etag().is_none());
    if let Some(etag) = validators.take_etag() {
        headers.insert(header::ETAG, etag.into());
    }
    if let Some(date) = date {
        insert_last_modified(headers, date, None);
    }
    insert_missing_fields(headers, present, validators);
    insert_freshness(headers, present, validators);
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

/// Writes Last-Modified, in the text that the client sent where that is the same.
///
/// It must not lie ahead of the message's own Date (§8.8.2.1), and a server may write a Date
/// that is a second old: beside a date of just now the layer writes its own.
pub(crate) fn insert_last_modified(headers: &mut HeaderMap, date: HttpDate, sent: Option<HeaderValue>) {
    let now = HttpDate::now();
    let date = date.min(now);
    let text = date.to_bytes();
    let value = match sent.filter(|sent| sent.as_bytes() == text) {
        Some(sent) => sent,
        None => date.to_header_value(),
    };
    headers.insert(header::LAST_MODIFIED, value);
    if !date.is_settled_at(now) && !headers.contains_key(header::DATE) {
        headers.insert(header::DATE, now.to_header_value());
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
