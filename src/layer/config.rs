use std::sync::Arc;

use super::before_writes::BeforeWrites;
use crate::{
    decision::Expose,
    precondition::{Suffixes, TagComparison, UpgradeProtocols},
    response::{
        AnyResponder, Emit, ProblemDetails, RefusedUploads, RejectionResponder, events::WeakTagWarning,
    },
};

/// The settings that a request needs after its head was checked.
///
/// The source and the responder are shared, so that a layer can be cloned and changed whatever they are.
pub(super) struct Config<V, R> {
    pub(super) source: Arc<V>,
    pub(super) responder: Arc<R>,
    pub(super) emit: Emit,
    pub(super) expose: Expose,
    pub(super) comparison: TagComparison,
    /// Set if and only if `comparison` has suffixes, once the layer is applied.
    pub(super) suffixed: Option<Suffixed<V, R>>,
    pub(super) weak_tag_warning: WeakTagWarning,
    pub(super) upgrades: UpgradeProtocols,
    pub(super) refused_uploads: RefusedUploads,
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
            comparison: TagComparison::new(),
            suffixed: None,
            weak_tag_warning: WeakTagWarning::default(),
            upgrades: UpgradeProtocols::NONE,
            refused_uploads: RefusedUploads::DEFAULT,
            writes: None,
        }
    }
}

impl<V, R: RejectionResponder> Config<V, R> {
    pub(super) fn for_response(&self) -> ResponseConfig<'_> {
        ResponseConfig {
            responder: &*self.responder,
            expose: self.expose,
            weak_tag_warning: &self.weak_tag_warning,
        }
    }
}

/// The settings for the evaluation of a response, without the types of the layer.
pub(super) struct ResponseConfig<'a> {
    pub(super) responder: &'a dyn AnyResponder,
    pub(super) expose: Expose,
    pub(super) weak_tag_warning: &'a WeakTagWarning,
}

impl<V, R> Config<V, R> {
    /// Replaces the source and the responder, whose types may change. The layer is not applied yet.
    pub(super) fn with<W, Q>(self, replace: impl FnOnce(Arc<V>, Arc<R>) -> (Arc<W>, Arc<Q>)) -> Config<W, Q> {
        let (source, responder) = replace(self.source, self.responder);
        Config {
            source,
            responder,
            emit: self.emit,
            expose: self.expose,
            comparison: self.comparison,
            suffixed: None,
            weak_tag_warning: self.weak_tag_warning,
            upgrades: self.upgrades,
            refused_uploads: self.refused_uploads,
            writes: self.writes,
        }
    }

    /// Ends the configuration, when the layer is applied to a service.
    pub(super) fn applied(self: &Arc<Self>) -> Arc<Self> {
        let Some(suffixes) = self.comparison.suffixes().cloned() else {
            return Arc::clone(self);
        };
        let comparison = self.comparison.without_suffixes();
        let inside = Arc::new(Self { comparison, ..(**self).clone() });
        Arc::new(Self { suffixed: Some(Suffixed { suffixes, inside }), ..(**self).clone() })
    }

    #[cfg(any(feature = "serialize-writes", feature = "write-ids"))]
    pub(super) fn writes_mut(&mut self) -> &mut BeforeWrites {
        Arc::make_mut(self.writes.get_or_insert_default())
    }
}

/// The settings of a layer that takes suffixes off.
pub(super) struct Suffixed<V, R> {
    pub(super) suffixes: Suffixes,
    /// The settings for a request whose suffixes a layer outside takes off.
    pub(super) inside: Arc<Config<V, R>>,
}

impl<V, R> Clone for Suffixed<V, R> {
    fn clone(&self) -> Self {
        Self { suffixes: self.suffixes.clone(), inside: Arc::clone(&self.inside) }
    }
}

impl<V, R> Clone for Config<V, R> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            responder: Arc::clone(&self.responder),
            emit: self.emit,
            expose: self.expose,
            comparison: self.comparison.clone(),
            suffixed: self.suffixed.clone(),
            weak_tag_warning: self.weak_tag_warning.clone(),
            upgrades: self.upgrades.clone(),
            refused_uploads: self.refused_uploads,
            writes: self.writes.clone(),
        }
    }
}
