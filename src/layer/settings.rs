use http::HeaderName;

use super::PreconditionLayer;
use crate::{decision::Expose, precondition::TagComparison, response::Emit};

/// The settings that decide which answers the layer can give.
pub(crate) struct Settings<'a, V, P> {
    pub(crate) policy: &'a P,
    pub(crate) source: &'a V,
    pub(crate) emit: Emit,
    pub(crate) expose: Expose,
    pub(crate) comparison: &'a TagComparison,
    /// Whether a write can wait for others.
    pub(crate) writes_wait: bool,
    /// The request fields that identify a write.
    pub(crate) identity: Vec<HeaderName>,
}

impl<V, P, R> PreconditionLayer<V, P, R> {
    pub(crate) fn settings(&self) -> Settings<'_, V, P> {
        let Self { policy, config } = self;
        let writes = config.writes.as_deref();
        #[cfg(feature = "write-ids")]
        let ids = writes.and_then(|writes| writes.ids.as_ref());
        #[cfg(feature = "write-ids")]
        let identity = ids.map_or_else(Vec::new, |ids| ids.request_fields().into());
        #[cfg(not(feature = "write-ids"))]
        let identity = Vec::new();
        Settings {
            policy,
            source: &config.source,
            emit: config.emit,
            expose: config.expose,
            comparison: &config.comparison,
            writes_wait: writes.is_some_and(|writes| writes.queue.is_some()),
            identity,
        }
    }
}
