//! Events for `tracing`. Without the feature, these functions do nothing.

#[cfg(feature = "tracing")]
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

#[cfg(feature = "tracing")]
use http::header;
use http::{HeaderMap, StatusCode, request::Parts};
#[cfg(feature = "tracing")]
use tracing::{Level, level_filters::LevelFilter};

#[cfg(feature = "tracing")]
use crate::representation::MalformedValidators;
use crate::{
    decision::Rejection,
    error::BoxError,
    representation::{MalformedValidator, Missing},
    validator::{ResponseFields, Validators},
};

/// One target for all events, so that a filter need not know the modules.
#[cfg(feature = "tracing")]
const TARGET: &str = env!("CARGO_CRATE_NAME");

/// One event for each rejection.
#[cfg(feature = "tracing")]
pub(crate) fn rejected(rejection: &Rejection, status: StatusCode, head: &Parts) {
    tracing::info!(
        target: TARGET,
        condition = rejection.field_name().map(tracing::field::display),
        status = status.as_u16(),
        method = %head.method,
        path = head.uri.path(),
        "request {}: {rejection}",
        if status.is_success() { "answered" } else { "rejected" },
    );
}

/// Warns once for each layer, with its clones, of an If-Match that a weak tag can never meet.
#[derive(Clone, Debug, Default)]
pub(crate) struct WeakTagWarning {
    #[cfg(feature = "tracing")]
    told: Arc<AtomicBool>,
}

impl WeakTagWarning {
    #[cfg(feature = "tracing")]
    pub(crate) fn of(&self, rejection: &Rejection, head: &Parts) {
        // Fast path: nobody listens.
        if LevelFilter::current() < Level::WARN
            || self.told.load(Ordering::Relaxed)
            || !rejection.is_for_weak_tag()
            || self.told.swap(true, Ordering::Relaxed)
        {
            return;
        }
        tracing::warn!(
            target: TARGET,
            method = %head.method,
            path = head.uri.path(),
            "a weak entity tag never matches in If-Match; if it is the protocol's or a proxy's, see \
             `PreconditionLayer::compare_tags` (said once for each layer): {rejection}",
        );
    }

    #[cfg(not(feature = "tracing"))]
    pub(crate) fn of(&self, _: &Rejection, _: &Parts) {}
}

/// One event for each failed look-up, even if the request continues.
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

/// One event if the state is unknown for now, and the request continues.
#[cfg(feature = "tracing")]
pub(crate) fn unknown(missing: Missing, head: &Parts) {
    if missing.is_temporary() {
        tracing::error!(
            target: TARGET,
            method = %head.method,
            path = head.uri.path(),
            ?missing,
            "the current state could not be learnt",
        );
    }
}

/// One event for each validator of a service that cannot be read, if the request has a condition.
#[cfg(feature = "tracing")]
pub(crate) fn malformed(malformed: MalformedValidator, head: &Parts) {
    warn_of(malformed, Some(head));
}

/// The same, if the layer evaluates the response and no longer has the request.
#[cfg(feature = "tracing")]
pub(crate) fn malformed_in(headers: &HeaderMap, present: ResponseFields, read: &Validators) {
    let is_read = |field, read: bool| read || !present.has(field);
    if is_read(ResponseFields::ETAG, read.etag().is_some())
        && is_read(ResponseFields::LAST_MODIFIED, read.last_modified().is_some())
    {
        return;
    }
    MalformedValidators::of(headers).iter().for_each(|malformed| warn_of(malformed, None));
}

#[cfg(feature = "tracing")]
fn warn_of(malformed: MalformedValidator, head: Option<&Parts>) {
    tracing::warn!(
        target: TARGET,
        field = malformed.field(),
        error = %malformed,
        method = head.map(|head| tracing::field::display(&head.method)),
        path = head.map(|head| head.uri.path()),
        "a validator of the service is malformed, and counts as missing",
    );
}

/// One event if the handler's validators are not the source's: one of the two is wrong.
#[cfg(feature = "tracing")]
pub(crate) fn handler_differs(headers: &HeaderMap, source: &Validators) {
    tracing::warn!(
        target: TARGET,
        etag = headers.get(header::ETAG).map(tracing::field::debug),
        last_modified = headers.get(header::LAST_MODIFIED).map(tracing::field::debug),
        source_etag = source.etag().map(tracing::field::display),
        source_last_modified = source.last_modified().map(tracing::field::display),
        "the handler's validators are not the source's",
    );
}

#[cfg(all(feature = "tracing", feature = "axum"))]
pub(crate) fn missing_extension(missing: &dyn std::error::Error, head: &Parts) {
    tracing::error!(
        target: TARGET,
        method = %head.method,
        path = head.uri.path(),
        "a handler cannot run: {missing}",
    );
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn rejected(_: &Rejection, _: StatusCode, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn lookup_failed(_: &BoxError, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn unknown(_: Missing, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn malformed(_: MalformedValidator, _: &Parts) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn malformed_in(_: &HeaderMap, _: ResponseFields, _: &Validators) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn handler_differs(_: &HeaderMap, _: &Validators) {}

#[cfg(all(not(feature = "tracing"), feature = "axum"))]
pub(crate) fn missing_extension(_: &dyn std::error::Error, _: &Parts) {}
