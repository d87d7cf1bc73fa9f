//! What is told to `tracing`, behind the feature of that name; without it, nothing.

use http::{HeaderValue, request::Parts};

use crate::{BoxError, Rejection, Validators};

/// One event a rejection.
#[cfg(feature = "tracing")]
pub(crate) fn rejected(rejection: &Rejection, head: &Parts) {
    tracing::info!(
        condition = rejection.condition().map(tracing::field::display),
        status = rejection.kind().status().as_u16(),
        method = %head.method,
        path = head.uri.path(),
        "request rejected: {rejection}",
    );
}

/// One event for a look-up that failed, whatever became of the request.
#[cfg(feature = "tracing")]
pub(crate) fn lookup_failed(error: &BoxError, head: &Parts) {
    tracing::error!(
        error = error.as_ref() as &(dyn std::error::Error + 'static),
        method = %head.method,
        path = head.uri.path(),
        "look-up of validators failed",
    );
}

/// One event for a handler's own tag that is another than the source's: one of the two is wrong.
#[cfg(feature = "tracing")]
pub(crate) fn handler_tagged(handler: Option<&HeaderValue>, source: &Validators) {
    if let (Some(handler), Some(source)) = (handler, source.etag()) {
        if handler != source.as_header_value() {
            tracing::warn!(?handler, %source, "the handler's entity tag is not the source's");
        }
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn rejected(_: &Rejection, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn lookup_failed(_: &BoxError, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn handler_tagged(_: Option<&HeaderValue>, _: &Validators) {}
