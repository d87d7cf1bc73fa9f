//! The requests that the client sends.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Uri,
    header::{self, HeaderName},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Change, Error, Seen, Target, Tried,
    condition::{Condition, NoCondition},
    settings::Settings,
};
use crate::precondition;

/// A request that can be sent again as it is.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) content: Bytes,
}

/// The reason why a change gives no request.
#[derive(Debug)]
pub(super) enum NoRequest {
    NoCondition(NoCondition),
    DoesNotFit { exists: bool },
    OtherResource { read: Uri },
}

impl NoRequest {
    pub(super) fn into_error<E>(self, tried: Box<Tried>) -> Error<E> {
        match self {
            Self::NoCondition(NoCondition::NoValidator) => Error::NoValidator { tried },
            Self::NoCondition(NoCondition::WeakTag(etag)) => Error::WeakTag { etag, tried },
            Self::DoesNotFit { exists } => Error::DoesNotFit { exists, tried },
            Self::OtherResource { read } => Error::OtherResource { read: Box::new(read), tried },
        }
    }
}

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// Makes the request that reads the resource. `anew` is true if what a cache holds is known to be old.
pub(super) fn read(target: &Target, settings: &Settings, anew: bool) -> Prepared {
    let mut headers = target.headers().clone();
    remove_own(&mut headers, settings);
    // A lock's token in WebDAV's If is for the write.
    headers.remove("if");
    if anew {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    Prepared { method: Method::GET, uri: target.uri().clone(), headers, content: Bytes::new() }
}

/// Makes the request that writes a change, with its condition. `None` if there is nothing to send.
pub(super) fn write(
    target: &Target,
    settings: &Settings,
    seen: &Seen,
    change: &Change,
) -> Result<Option<(Condition, Prepared)>, NoRequest> {
    // Versions of two resources can be equal, and say nothing of each other.
    if seen.uri() != target.uri() {
        return Err(NoRequest::OtherResource { read: seen.uri().clone() });
    }
    let exists = seen.exists();
    if !change.kind.fits(exists) {
        return Err(NoRequest::DoesNotFit { exists });
    }
    let Some((method, content)) = change.kind.request(exists) else { return Ok(None) };
    let condition = Condition::of(seen, settings.accepted).map_err(NoRequest::NoCondition)?;

    let mut headers = target.headers().clone();
    for (name, value) in &change.headers {
        headers.insert(name, value.clone());
    }
    remove_own(&mut headers, settings);
    condition.write_to(&mut headers);
    headers.insert(settings.write_id.clone(), new_write_id());
    if let Some(content) = content {
        headers.insert(CONTENT_DIGEST, digest(content));
    }
    let content = content.cloned().unwrap_or_default();
    Ok(Some((condition, Prepared { method, uri: target.uri().clone(), headers, content })))
}

/// Removes the fields that the client alone may set.
fn remove_own(headers: &mut HeaderMap, settings: &Settings) {
    if headers.is_empty() {
        return;
    }
    for condition in precondition::Condition::ALL {
        headers.remove(condition.field());
    }
    headers.remove(header::RANGE);
    headers.remove(CONTENT_DIGEST);
    headers.remove(&settings.write_id);
}

/// Makes a string of structured fields (RFC 9651 §3.3.3), as the draft of Idempotency-Key asks.
fn new_write_id() -> HeaderValue {
    HeaderValue::try_from(format!("\"{}\"", Uuid::new_v4())).expect("a UUID is visible ASCII")
}

/// Makes the value of Content-Digest (RFC 9530 §2).
fn digest(content: &Bytes) -> HeaderValue {
    let value = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(content)));
    HeaderValue::try_from(value).expect("Base64 is visible ASCII")
}

impl Prepared {
    pub(super) fn into_request<B: From<Bytes>>(self) -> Request<B> {
        let mut request = Request::new(B::from(self.content));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        request
    }
}
