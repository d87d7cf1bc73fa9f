//! The middleware: layer, service, future.

mod config;
mod evaluate_response;
mod future;
mod layer;
mod order_of_answers;
mod queue;
#[cfg(feature = "serialize-writes")]
mod serialized_writes;
mod service;

pub use future::ResponseFuture;
pub use layer::PreconditionLayer;
#[cfg(feature = "serialize-writes")]
pub use serialized_writes::SerializedWrites;
pub use service::Precondition;
