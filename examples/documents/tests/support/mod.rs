//! Helpers that the test programs share. None of them uses all.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is a test's way to fail"
)]

pub(crate) mod http;
pub(crate) mod postgres;
pub(crate) mod statements;
pub(crate) mod stores;
