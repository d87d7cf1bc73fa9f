//! Run with
//!
//! ```text
//! cargo run --example documents
//! ```
//!
//! JSON documents that two people can edit without losing each other's changes.
//!
//! ```text
//! $ curl -i --json '{"title":"Plan","text":"first"}' -X PUT 127.0.0.1:3000/documents/plan -H 'If-None-Match: *'
//! HTTP/1.1 201 Created
//! location: /documents/plan
//! etag: "1"
//!
//! $ curl -i --json '{"title":"Plan","text":"second"}' -X PUT 127.0.0.1:3000/documents/plan
//! HTTP/1.1 428 Precondition Required
//!
//! $ curl -i --json '{"title":"Plan","text":"second"}' -X PUT 127.0.0.1:3000/documents/plan -H 'If-Match: "1"'
//! HTTP/1.1 204 No Content
//! etag: "2"
//!
//! $ curl -i --json '{"title":"Plan","text":"other"}' -X PUT 127.0.0.1:3000/documents/plan -H 'If-Match: "1"'
//! HTTP/1.1 412 Precondition Failed
//! etag: "2"
//! ```
//!
//! | route | method | is |
//! |---|---|---|
//! | `/documents` | GET | the list |
//! | `/documents/{id}` | GET | the document |
//! | | PUT | creates it, or replaces it: `application/json` |
//! | | PATCH | changes it: `application/merge-patch+json` (RFC 7396) |
//! | | DELETE | deletes it |
//!
//! `X-User` names who changes it. It stands in for authentication, which is out of
//! this example's scope; in earnest it belongs outside the layer and around it.

mod expected;
mod handlers;
#[cfg(test)]
mod readme;
mod refusal;
mod source;
mod store;
#[cfg(test)]
mod tests;

use std::{
    env,
    error::Error,
    io::{self, IsTerminal},
};

use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tower_precondition::{PreconditionLayer, Requirement, validators_from_fn_with_state};

use crate::{
    handlers::{list, patch, read, remove, replace},
    source::look_up,
    store::Store,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(colours).init();
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(Store::default())).await?;
    Ok(())
}

fn app(store: Store) -> Router {
    // A first PUT may come without a condition; what exists is changed under one only.
    let preconditions = PreconditionLayer::new(validators_from_fn_with_state(store.clone(), look_up))
        .require(Requirement::on_writes().existing_only());
    // On the MethodRouter, so that what is 404 or 405 without a condition stays so with one.
    let document = get(read).put(replace).patch(patch).delete(remove).route_layer(preconditions);
    Router::new().route("/documents", get(list)).route("/documents/{id}", document).with_state(store)
}
