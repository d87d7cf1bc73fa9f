//! The behaviour of the program, over every store.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a test's way to fail")]

mod api;
mod contract;
mod faults;
mod late;
mod limits;
mod made_writes;
mod openapi;
mod page;
mod program;
mod recipe;
#[path = "../support/mod.rs"]
mod support;
mod transaction;
mod wire;
