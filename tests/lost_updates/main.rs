//! No update is lost: values that the source passes to the handler, guards that the layer holds, queues, and
//! the answer to a write that lost a race.
#![allow(clippy::indexing_slicing, reason = "a member that is missing is a failure, and told as one")]

#[path = "../support/mod.rs"]
mod support;

mod attachments;
mod contention;
mod create_guard;
mod every_end;
mod guards;
mod guards_on_sockets;
mod held_guards;
mod late;
mod late_among_layers;
mod made_writes;
mod queue_among_layers;
mod request_preconditions;
mod serialized_writes;
mod store;
mod told;
mod write_ids;

use std::sync::{Arc, Mutex};

/// A log of events, in order.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn note(&self, what: &'static str) {
        self.0.lock().expect("no test panics in here").push(what);
    }

    fn noted(&self) -> Vec<&'static str> {
        self.0.lock().expect("no test panics in here").clone()
    }

    /// Makes a value that is logged when it is dropped.
    fn on_drop(&self, what: &'static str) -> OnDrop {
        OnDrop { log: self.clone(), what }
    }
}

#[derive(Debug)]
struct OnDrop {
    log: Log,
    what: &'static str,
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.log.note(self.what);
    }
}
