//! Decisions made into responses.

pub(crate) mod accept;
pub(crate) mod body;
pub(crate) mod emit;
pub(crate) mod events;
pub(crate) mod from_handler;
pub(crate) mod problem;
pub(crate) mod respond;
pub(crate) mod responder;
