//! How the layer learns what exists.
//!
//! Implement [`ValidatorSource`], or pass a closure or an Axum function. The other types here stand in the
//! bounds of [`PreconditionLayer`](crate::PreconditionLayer); few programs name them.
//!
//! | the layer | has the source |
//! |---|---|
//! | [`new`](crate::PreconditionLayer::new) | any [`ValidatorSource`] |
//! | [`from_response`](crate::PreconditionLayer::from_response) | [`FromResponse`] |
//! | [`probing`](crate::PreconditionLayer::probing) | [`Probing`] |

mod closure;
mod from_response;
mod into_source;
#[cfg(feature = "webdav")]
mod lock_source;
mod probing;
mod representation_source;
mod validator_source;
#[cfg(feature = "webdav")]
mod with_locks;

pub use closure::{IntoRepresentation, RepresentationFuture};
pub use from_response::FromResponse;
pub use into_source::{AsItIs, IntoValidatorSource};
#[cfg(feature = "webdav")]
pub use lock_source::{IntoResourceState, LockSource, ResourceStateFuture};
pub use probing::Probing;
pub use representation_source::RepresentationSource;
pub use validator_source::ValidatorSource;
#[cfg(feature = "webdav")]
pub use with_locks::{LookUpWithLocks, WithLocks};

pub(crate) use representation_source::{Asked, Seal};
