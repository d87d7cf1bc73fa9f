//! Services that were not written for the layer: judged by what they answer, or asked by a HEAD.
#![cfg(all(feature = "axum", feature = "content-tag", feature = "serialize-writes"))]
#![allow(clippy::indexing_slicing, reason = "a member that is missing is a failure, and told as one")]

#[path = "../support/mod.rs"]
mod support;

mod from_response;
mod probing;
mod properties;
mod unread;
