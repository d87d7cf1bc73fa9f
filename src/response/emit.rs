use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CACHE_CONTROL, ETAG},
    response::Parts,
};

use super::{events, insert_last_modified, is_of_inner_layer};
use crate::validator::{ResponseFields, Validators};

/// Says what the layer adds to a 200 or 206 to GET or HEAD. The default is [`Validators`](Self::Validators).
///
/// ```
/// use tower_precondition::{Emit, EntityTag, PreconditionLayer};
///
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
/// // The handlers write their own ETag, so an unconditional GET needs no look-up.
/// let layer = PreconditionLayer::new(source).emit(Emit::Nothing);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let request = Request::get("/").body(String::new()).unwrap();
/// # let response = layer.layer(handler).oneshot(request).await.unwrap();
/// assert!(!response.headers().contains_key("etag"));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Emit {
    /// The source's validators and fields, unless the handler set ETag or Last-Modified.
    #[default]
    Validators,
    /// Nothing.
    Nothing,
}

impl Emit {
    /// Returns whether a 200 to this method gets anything.
    ///
    /// QUERY does not: it selects by its content, which no source sees.
    pub(crate) fn applies_to(self, method: &Method) -> bool {
        self == Self::Validators && matches!(*method, Method::GET | Method::HEAD)
    }
}

/// Adds the source's validators to a handler's response, unless the handler set its own.
pub(crate) fn emit(head: &mut Parts, validators: &mut Validators) {
    let partial = match head.status {
        StatusCode::OK => false,
        StatusCode::PARTIAL_CONTENT => true,
        _ => return,
    };
    // An inner layer's response keeps its own validators.
    if !head.extensions.is_empty() && is_of_inner_layer(&head.extensions) {
        return;
    }
    let headers = &mut head.headers;
    let present = ResponseFields::of(headers);
    if present.has(ResponseFields::VALIDATOR) {
        events::handler_tagged(headers.get(ETAG), validators);
        return;
    }
    // A 206 carries Last-Modified only if there is no ETag (RFC 9110 §15.3.7).
    let date = validators.last_modified().filter(|_| !partial || validators.etag().is_none());
    if let Some(etag) = validators.take_etag() {
        headers.insert(ETAG, etag.into());
    }
    if let Some(date) = date {
        insert_last_modified(headers, date, None);
    }
    insert_missing_fields(headers, present, validators);
    insert_freshness(headers, present, validators);
}

// Saves 19 instructions of a 304, with the next.
#[inline]
pub(super) fn insert_missing_fields(
    headers: &mut HeaderMap,
    present: ResponseFields,
    validators: &Validators,
) {
    if validators.have_fields() {
        for (_, name, value) in validators.fields().filter(|(bit, ..)| !present.has(*bit)) {
            headers.insert(name, value.clone());
        }
    }
}

/// Adds `no-cache` if nothing says how long the response is fresh: caches would guess from Last-Modified
/// (RFC 9111 §4.2.2).
#[inline]
pub(super) fn insert_freshness(headers: &mut HeaderMap, present: ResponseFields, validators: &Validators) {
    if !present.has(ResponseFields::FRESHNESS) && !validators.say_freshness() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
}
