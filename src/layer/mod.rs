//! The middleware: layer, service, future.

pub(crate) mod config;
pub(crate) mod future;
pub(crate) mod judge_response;
pub(crate) mod layer;
pub(crate) mod queue;
#[cfg(feature = "serialize-writes")]
pub(crate) mod serialized_writes;
pub(crate) mod service;
pub(crate) mod steps;
