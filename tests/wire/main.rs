//! What clients see on real sockets: over HTTP/1.1 and HTTP/2, under Axum and under plain Hyper.
//!
//! A case is a function that takes the [`Wire`] to run on. A table in each
//! module lists its cases, and makes one test of each for every wire that it names.
#![allow(clippy::indexing_slicing, reason = "a member that is missing is a failure, and told as one")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod client;
mod compression;
mod connections;
mod content_tag;
mod contract;
mod curl;
mod differential;
mod http1;
mod http2;
mod hyper_only;
mod incoming_body;
mod lingering_close;
mod resources;
mod serve_dir;
mod stack;
mod tables;
mod tunnels;
mod uploads;
mod wrapped;

use std::{future::Future, pin::Pin, time::Duration};

use client::Client;
use resources::{Server, Stack};

/// A way from a client to the resources.
#[derive(Clone, Copy, Debug)]
struct Wire {
    stack: Stack,
    protocol: Protocol,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

impl Wire {
    /// A server of its own and one connection to it.
    async fn open(self) -> (Server, Client) {
        let server = Server::start(self.stack).await;
        let client = Client::connect(server.address, self.protocol).await;
        (server, client)
    }
}

/// Limits the time, so that no test hangs.
async fn in_time(case: Pin<Box<dyn Future<Output = ()> + '_>>) {
    tokio::time::timeout(Duration::from_secs(60), case).await.expect("the case ends in time");
}
