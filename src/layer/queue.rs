use std::{future::Future, pin::Pin};

use http::request::Parts;

/// Lets one write of a resource pass at a time.
pub(crate) trait Queue: Send + Sync {
    /// Queues up behind the writes of the same resource.
    fn join(&self, head: &Parts) -> Waiting;
}

/// The wait for one's turn.
pub(crate) type Waiting = Pin<Box<dyn Future<Output = Result<Turn, WaitedTooLong>> + Send>>;

/// One's turn; the next one's begins when it is dropped.
pub(crate) type Turn = Box<dyn Send>;

/// The wait ended without a turn.
pub(crate) struct WaitedTooLong;
