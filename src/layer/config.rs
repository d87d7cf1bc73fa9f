use std::sync::Arc;

use super::before_writes::BeforeWrites;
use crate::{
    decision::Expose,
    precondition::UpgradeProtocols,
    response::{Emit, ProblemDetails},
};

/// The settings that a request needs after its head was checked.
///
/// The source and the responder are shared, so that a layer can be cloned and changed whatever they are.
pub(super) struct Config<V, R> {
    pub(super) source: Arc<V>,
    pub(super) responder: Arc<R>,
    pub(super) emit: Emit,
    pub(super) expose: Expose,
    pub(super) upgrades: UpgradeProtocols,
    /// What writes need before the look-up. One pointer, because most layers do nothing.
    pub(super) writes: Option<Arc<BeforeWrites>>,
}

impl<V> Config<V, ProblemDetails> {
    pub(super) fn new(source: V, emit: Emit) -> Self {
        Self {
            source: Arc::new(source),
            responder: Arc::new(ProblemDetails::new()),
            emit,
            expose: Expose::default(),
            upgrades: UpgradeProtocols::NONE,
            writes: None,
        }
    }
}

#[cfg(any(feature = "serialize-writes", feature = "write-ids"))]
impl<V, R> Config<V, R> {
    pub(super) fn writes_mut(&mut self) -> &mut BeforeWrites {
        Arc::make_mut(self.writes.get_or_insert_default())
    }
}

impl<V, R> Clone for Config<V, R> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            responder: Arc::clone(&self.responder),
            emit: self.emit,
            expose: self.expose,
            upgrades: self.upgrades.clone(),
            writes: self.writes.clone(),
        }
    }
}
