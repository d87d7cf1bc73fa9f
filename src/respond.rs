//! Decisions made into responses.

use http::{
    HeaderMap, Method, Response, StatusCode, Version,
    header::{self, HeaderValue},
    request::Parts,
};

use crate::{HttpDate, Rejection, RejectionResponder, ResponseBody, Validators, events, source::RefusedBody};

/// The most content of a request that is taken for likely to have arrived with its head.
const SMALL_CONTENT: u64 = 8 * 1024;

/// 304, with what the 200 would carry (RFC 9110 §15.4.5), in the request's own header map.
pub(crate) fn not_modified<B>(validators: &Validators, mut head: Parts) -> Response<ResponseBody<B>> {
    let close = leaves_content(&head);
    // The client's text of the date, to be sent back if it is the right one.
    let sent_date = head.headers.remove(header::IF_MODIFIED_SINCE);

    let mut headers = head.headers;
    headers.clear();
    if let Some(etag) = validators.etag() {
        headers.insert(header::ETAG, etag.as_header_value().clone());
    } else if let Some(date) = validators.last_modified() {
        headers.insert(header::LAST_MODIFIED, last_modified(date, sent_date));
    }
    insert_missing_fields(&mut headers, validators);
    if close {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }

    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.headers_mut() = headers;
    response
}

/// The answer of the layer's own, as the responder renders it.
pub(crate) fn reject<B>(
    rejection: Rejection,
    responder: &impl RejectionResponder,
    head: &Parts,
) -> Response<ResponseBody<B>> {
    events::rejected(&rejection, head);
    let mut response = responder.respond(&rejection, head).map(|content| ResponseBody::whole(content.into()));
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
    complete(response, head)
}

/// The answer of the source.
pub(crate) fn refuse<B>(response: Response<RefusedBody>, head: &Parts) -> Response<ResponseBody<B>> {
    complete(response.map(ResponseBody::refused), head)
}

/// What the connection needs of an answer that the handler did not make.
fn complete<B>(mut response: Response<ResponseBody<B>>, head: &Parts) -> Response<ResponseBody<B>> {
    if head.method == Method::HEAD {
        let length = response.body().own_length();
        let headers = response.headers_mut();
        if let (Some(length), false) = (length, headers.contains_key(header::CONTENT_LENGTH)) {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        *response.body_mut() = ResponseBody::empty();
    }
    if leaves_content(head) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Adds to a handler's answer what the source found, unless the handler said it itself.
pub(crate) fn emit<B>(response: &mut Response<B>, validators: &Validators) {
    let partial = match response.status() {
        StatusCode::OK => false,
        StatusCode::PARTIAL_CONTENT => true,
        _ => return,
    };
    let headers = response.headers_mut();
    if let (Some(handler), Some(source)) = (headers.get(header::ETAG), validators.etag()) {
        events::tags_differ(handler, source);
    }
    if headers.contains_key(header::ETAG) || headers.contains_key(header::LAST_MODIFIED) {
        return;
    }
    if let Some(etag) = validators.etag() {
        headers.insert(header::ETAG, etag.as_header_value().clone());
    }
    // A 206 has what combining it needs, and no more (§15.3.7).
    if let Some(date) = validators.last_modified().filter(|_| !partial || validators.etag().is_none()) {
        headers.insert(header::LAST_MODIFIED, last_modified(date, None));
    }
    insert_missing_fields(headers, validators);
}

fn insert_missing_fields(headers: &mut HeaderMap, validators: &Validators) {
    for (name, value) in validators.fields() {
        if !headers.contains_key(&name) {
            headers.insert(name, value.clone());
        }
    }
    // A Last-Modified alone would invite caches to guess how long it is fresh (RFC 9111 §4.2.2).
    if !headers.contains_key(header::CACHE_CONTROL) && !headers.contains_key(header::EXPIRES) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
}

/// The date as a field value, in the client's own text where that is the same.
///
/// It must not lie ahead of the message's own date (§8.8.2.1).
fn last_modified(date: HttpDate, sent: Option<HeaderValue>) -> HeaderValue {
    let date = date.min(HttpDate::now());
    sent.filter(|sent| sent.as_bytes() == date.to_bytes()).unwrap_or_else(|| date.to_header_value())
}

/// Whether an answer now leaves content unread that would be in the way of the next request.
///
/// HTTP/2 and later tell streams apart, and end one without ending the connection.
fn leaves_content(head: &Parts) -> bool {
    if head.version > Version::HTTP_11 {
        return false;
    }
    if head.headers.contains_key(header::EXPECT) || head.headers.contains_key(header::TRANSFER_ENCODING) {
        return true;
    }
    let Some(length) = head.headers.get(header::CONTENT_LENGTH) else { return false };
    let length = length.to_str().ok().and_then(|length| length.parse::<u64>().ok());
    length.is_none_or(|length| length > SMALL_CONTENT)
}
