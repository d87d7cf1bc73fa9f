//! The middleware: layer, service, future.

pub(crate) mod config;
pub(crate) mod evaluate_response;
pub(crate) mod future;
pub(crate) mod layer;
pub(crate) mod order_of_answers;
pub(crate) mod queue;
#[cfg(feature = "serialize-writes")]
pub(crate) mod serialized_writes;
pub(crate) mod service;
