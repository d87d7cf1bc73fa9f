//! Under Axum: look-ups over extractors, where the layer stands, and the code of the README.
#![allow(clippy::indexing_slicing, reason = "a member that is missing is a failure, and told as one")]

#[path = "../support/mod.rs"]
mod support;

mod contract;
mod extractors;
mod lookups;
mod placement;
mod probing;
mod readme;
