use std::sync::Arc;

use super::queue::Queue;
use crate::{
    decision::Expose,
    precondition::Requirement,
    response::{Emit, ProblemDetails},
};

/// What a layer was told. Its parts stand behind pointers of their own, so that
/// a layer can be cloned and built upon whatever they are.
pub(crate) struct Config<V, P, R> {
    pub(crate) source: Arc<V>,
    pub(crate) policy: Arc<P>,
    pub(crate) responder: Arc<R>,
    pub(crate) emit: Emit,
    pub(crate) expose: Expose,
    /// Where writes of one resource are made one after the other.
    pub(crate) queue: Option<Arc<dyn Queue>>,
}

impl<V> Config<V, Requirement, ProblemDetails> {
    pub(crate) fn new(source: V, emit: Emit) -> Self {
        Self {
            source: Arc::new(source),
            policy: Arc::new(Requirement::none()),
            responder: Arc::new(ProblemDetails),
            emit,
            expose: Expose::default(),
            queue: None,
        }
    }
}

impl<V, P, R> Clone for Config<V, P, R> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            policy: Arc::clone(&self.policy),
            responder: Arc::clone(&self.responder),
            emit: self.emit,
            expose: self.expose,
            queue: self.queue.clone(),
        }
    }
}
