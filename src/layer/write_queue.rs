use std::{future::Future, pin::Pin};

use http::request::Parts;

use crate::representation::Turn;

/// Lets one write to a resource pass at a time.
pub(super) trait WriteQueue: Send + Sync {
    /// Joins the queue behind the other writes to the same resource.
    fn join(&self, head: &Parts) -> Joined;
}

/// What a write finds in its queue.
#[cfg_attr(not(feature = "serialize-writes"), allow(dead_code, reason = "only that feature has queues"))]
pub(super) enum Joined {
    /// Nobody else: it is its turn.
    Turn(Turn),
    Wait(WaitForTurn),
}

/// The wait of one write for its turn.
pub(super) type WaitForTurn = Pin<Box<dyn Future<Output = Result<Turn, WaitedTooLong>> + Send>>;

/// The wait ended without a turn.
pub(super) struct WaitedTooLong;
