//! What is told to `tracing`, behind the feature of that name; without it, nothing.

use http::{HeaderValue, StatusCode, request::Parts};

use crate::{decision::Rejection, error::BoxError, representation::Missing, validator::Validators};

/// One name for all, whichever module an event comes from.
#[cfg(feature = "tracing")]
const TARGET: &str = env!("CARGO_CRATE_NAME");

/// One event a rejection.
#[cfg(feature = "tracing")]
pub(crate) fn rejected(rejection: &Rejection, status: StatusCode, head: &Parts) {
    tracing::info!(
        target: TARGET,
        condition = rejection.condition().map(tracing::field::display),
        status = status.as_u16(),
        method = %head.method,
        path = head.uri.path(),
        "request rejected: {rejection}",
    );
}

/// One event for a look-up that failed, whatever became of the request.
#[cfg(feature = "tracing")]
pub(crate) fn lookup_failed(error: &BoxError, head: &Parts) {
    tracing::error!(
        target: TARGET,
        error = error.as_ref() as &(dyn std::error::Error + 'static),
        method = %head.method,
        path = head.uri.path(),
        "look-up of validators failed",
    );
}

/// One event for a state that could not be learnt this time, where the request goes on all the same.
#[cfg(feature = "tracing")]
pub(crate) fn unknown(missing: Missing, head: &Parts) {
    if missing.is_passing() {
        tracing::error!(target: TARGET, method = %head.method, path = head.uri.path(), ?missing, "the current state could not be learnt");
    }
}

/// One event for a handler's own tag that is another than the source's: one of the two is wrong.
#[cfg(feature = "tracing")]
pub(crate) fn handler_tagged(handler: Option<&HeaderValue>, source: &Validators) {
    if let (Some(handler), Some(source)) = (handler, source.etag()) {
        if handler != source.as_header_value() {
            tracing::warn!(target: TARGET, ?handler, %source, "the handler's entity tag is not the source's");
        }
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn rejected(_: &Rejection, _: StatusCode, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn lookup_failed(_: &BoxError, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn unknown(_: Missing, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn handler_tagged(_: Option<&HeaderValue>, _: &Validators) {}
