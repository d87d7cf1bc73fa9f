use std::sync::Arc;

use super::write_queue::WriteQueue;
use crate::{
    decision::Expose,
    precondition::UpgradeProtocols,
    response::{Emit, ProblemDetails, RefusedUploads},
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
    pub(super) refused_uploads: RefusedUploads,
    /// Runs the writes to one resource one at a time.
    pub(super) queue: Option<Arc<dyn WriteQueue>>,
}

impl<V> Config<V, ProblemDetails> {
    pub(super) fn new(source: V, emit: Emit) -> Self {
        Self {
            source: Arc::new(source),
            responder: Arc::new(ProblemDetails::new()),
            emit,
            expose: Expose::default(),
            upgrades: UpgradeProtocols::NONE,
            refused_uploads: RefusedUploads::DEFAULT,
            queue: None,
        }
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
            refused_uploads: self.refused_uploads,
            queue: self.queue.clone(),
        }
    }
}
