//! The client: against scripted answers, random faults, this crate's layer, and servers that are not ours.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a panic is a test's way to fail")]

mod auto_traits;
mod bounds;
mod changing;
mod editing;
mod faulty_server;
mod foreign;
mod histories;
mod layer;
mod lost_answers;
#[path = "../support/random.rs"]
#[allow(dead_code, reason = "nothing is picked here")]
mod random;
mod script;
