//! Entity tags from content (feature `content-tag`): a layer of its own, which knows nothing of preconditions.
//!
//! [`EntityTagLayer`] says what it tags, how, and at what cost.

mod body;
mod future;
mod hash;
mod layer;
#[cfg(feature = "tracing")]
mod misplaced;
mod reading;
mod request;
mod service;

pub use body::TaggedBody;
pub use future::EntityTagFuture;
pub use layer::EntityTagLayer;
pub use service::EntityTagService;
