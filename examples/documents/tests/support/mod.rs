//! Helpers that the test programs share. None of them uses all.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is a test's way to fail"
)]

pub mod http;
pub mod postgres;
pub mod statements;
pub mod stores;
