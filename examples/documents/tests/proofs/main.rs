//! Proofs that no update is lost: over HTTP, on real databases, with several processes, and with faults.
//! Without the protection, the same tests see updates lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a test's way to fail")]

mod blind;
mod client;
mod contention;
mod counting;
mod create_guard;
mod cutting_proxy;
mod departures;
mod faults;
mod lost_answers;
mod servers;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

/// How often a proof repeats: in short, and in full if `PROOFS=full` is set, as in CI.
///
/// A race that loses updates shows up within the first hundred writes, as the unprotected stores show here.
/// The full number looks for a rarer one.
struct Times {
    short: usize,
    full: usize,
}

impl Times {
    fn get(&self) -> usize {
        match std::env::var("PROOFS") {
            Ok(amount) if amount == "full" => self.full,
            _ => self.short,
        }
    }
}

/// Lets two proofs run at a time: one computes while the other waits. More would compete for the processors.
async fn one_of_two() -> SemaphorePermit<'static> {
    static TWO: Semaphore = Semaphore::const_new(2);
    TWO.acquire().await.expect("nobody closes it")
}

/// Waits for a future, with a limit.
async fn in_time<T>(it: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(300), it).await.expect("it completes within the limit")
}
