//! Proofs that no update is lost: over HTTP, on real databases, with several processes, and with faults.
//! Without the protection, the same tests see updates lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a test's way to fail")]

mod blind;
mod client;
mod contention;
mod counting;
mod create_guard;
mod departures;
mod faults;
mod servers;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

/// Returns how often to repeat: `full` times if `PROOFS=full` is set, as in CI, and otherwise a quarter.
///
/// A race that loses updates shows up within the first hundred writes, as the unprotected stores show here.
/// The full number looks for a rarer one.
fn repeat(full: usize) -> usize {
    match std::env::var("PROOFS") {
        Ok(amount) if amount == "full" => full,
        _ => full / 4,
    }
}

/// Lets one proof run at a time: two would compete for the processors and take many times as long.
async fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    ONE.lock().await
}

/// Waits for a future, with a limit.
async fn in_time<T>(it: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(300), it).await.expect("it completes within the limit")
}
