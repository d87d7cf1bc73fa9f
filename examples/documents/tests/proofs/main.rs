//! No update is lost: shown over HTTP, on real databases, with more than one process, and with
//! what can go wrong in between. Where the protection is taken away, the same tests see the loss.
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

/// Two of these at the same time would take each other's processors, and last many times as long.
async fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    ONE.lock().await
}

/// No test waits for what never comes.
async fn in_time<T>(it: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(300), it).await.expect("it comes in time")
}
