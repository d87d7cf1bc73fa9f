use http::{
    Extensions, HeaderMap, Method, Response, StatusCode,
    header::{self, HeaderValue},
    request::Parts,
};

use super::{
    AnyResponder, OwnBody, events, insert_last_modified,
    unread::{must_close, say_close},
};
use crate::{
    decision::Rejection,
    header_map::{has_field, set_field},
    precondition::RequestFields,
    representation::RefusedBody,
};

/// Renders a rejection, and tells `tracing`.
pub(crate) fn reject(
    rejection: Rejection,
    responder: &dyn AnyResponder,
    head: &Parts,
    fields: RequestFields,
) -> Response<OwnBody> {
    let mut response = render(&rejection, responder, head, fields);
    events::rejected(&rejection, response.status(), head);
    response.extensions_mut().insert(rejection);
    response
}

/// Renders a rejection. The caller puts it into the extensions.
// In both callers, so that a 412 costs a call less.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn render(
    rejection: &Rejection,
    responder: &dyn AnyResponder,
    head: &Parts,
    fields: RequestFields,
) -> Response<OwnBody> {
    if rejection.kind().status().is_success() {
        return succeed(rejection, head, fields);
    }
    let mut response = responder.respond(rejection, head);
    let headers = response.headers_mut();
    // A cache would serve a stored 412 to everyone, and must not store a 428 (RFC 6585 §3).
    set_field(headers, header::CACHE_CONTROL, const { HeaderValue::from_static("no-store") });
    write_current(rejection, headers);
    complete(&mut response, head, fields);
    response
}

/// Answers a success. It is no error, so the responder has nothing to render.
#[cold]
fn succeed(rejection: &Rejection, head: &Parts, fields: RequestFields) -> Response<OwnBody> {
    let mut response = Response::new(OwnBody::Empty);
    *response.status_mut() = rejection.kind().status();
    write_current(rejection, response.headers_mut());
    complete(&mut response, head, fields);
    response
}

/// Writes what a response tells of the current representation.
// In both callers, so that a 412 costs no call.
#[cfg_attr(not(debug_assertions), inline(always))]
fn write_current(rejection: &Rejection, headers: &mut HeaderMap) {
    if let Some(current) = rejection.current() {
        if let Some(etag) = current.etag() {
            set_field(headers, header::ETAG, etag.as_header_value().clone());
        }
        if let Some(date) = current.last_modified() {
            insert_last_modified(headers, date, None);
        }
    }
    if let Some(location) = rejection.location() {
        set_field(headers, header::LOCATION, location.clone());
    }
}

/// Marks a response of a source, so that no outer layer adds to it.
#[derive(Clone, Copy, Debug)]
struct Refused;

/// Returns whether an inner layer or its source made the response.
pub(crate) fn is_of_inner_layer(extensions: &Extensions) -> bool {
    extensions.get::<Rejection>().is_some() || extensions.get::<Refused>().is_some()
}

/// Answers with the response of the source.
pub(crate) fn refuse(
    response: Response<RefusedBody>,
    head: &Parts,
    fields: RequestFields,
) -> Response<OwnBody> {
    let mut response = response.map(OwnBody::Refused);
    response.extensions_mut().insert(Refused);
    complete(&mut response, head, fields);
    response
}

/// Drops content that the response must not have, and closes the connection if it must.
fn complete(response: &mut Response<OwnBody>, head: &Parts, fields: RequestFields) {
    let status = response.status();
    let has_content = !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if head.method == Method::HEAD || !has_content {
        let length = response.body().length().filter(|_| has_content);
        let headers = response.headers_mut();
        if let (Some(length), false) = (length, has_field(headers, header::CONTENT_LENGTH)) {
            set_field(headers, header::CONTENT_LENGTH, length.into());
        }
        *response.body_mut() = OwnBody::Empty;
    }
    if must_close(head, fields) {
        say_close(response);
    }
}
