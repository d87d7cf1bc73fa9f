//! Entity tags made from content: a layer of its own, which knows nothing of preconditions.
//!
//! The contract stands on [`EntityTagLayer`], since this module is not public.

mod body;
mod future;
mod hash;
mod held;
mod layer;
mod reading;
mod service;

pub use body::TaggedBody;
pub use future::EntityTagFuture;
pub use layer::EntityTagLayer;
pub use service::EntityTagService;
