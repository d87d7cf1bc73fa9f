use std::{fmt, sync::Arc};

use http::request::Parts;

use crate::source::{Inquiry, Sealed};

/// A source whose layer stands outside a compression, and so tells content codings apart by their tags.
///
/// [`PreconditionLayer::outside_compression`](crate::PreconditionLayer::outside_compression) makes a layer of it, and
/// says how it behaves.
///
/// ```
/// # use tower::Layer;
/// use tower_precondition::{OutsideCompression, Precondition, PreconditionLayer, Probing};
///
/// let layer = PreconditionLayer::probing().outside_compression();
/// let service: Precondition<&str, OutsideCompression<Probing>> = layer.layer("any service");
/// assert_eq!(*service.get_ref(), "any service");
/// ```
pub struct OutsideCompression<V> {
    pub(crate) source: Arc<V>,
}

impl<V> Clone for OutsideCompression<V> {
    fn clone(&self) -> Self {
        Self { source: Arc::clone(&self.source) }
    }
}

impl<V> fmt::Debug for OutsideCompression<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutsideCompression")
    }
}

impl<V: Inquiry<S, B>, S, B> Sealed<S, B> for OutsideCompression<V> {}

impl<V: Inquiry<S, B>, S, B> Inquiry<S, B> for OutsideCompression<V> {
    type Error = V::Error;
    type Future = V::Future;
    const CALLS_SERVICE: bool = V::CALLS_SERVICE;
    const NAMES_CODINGS: bool = true;

    fn inquire(&self, head: &Parts, depends_on_state: bool, service: &mut S) -> Self::Future {
        self.source.inquire(head, depends_on_state, service)
    }
}
