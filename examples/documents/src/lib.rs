//! Run with
//!
//! ```text
//! cargo run -p documents
//! ```
//!
//! JSON documents that two people can edit without losing each other's changes, and a page
//! to look at them, at `http://127.0.0.1:3000/`.
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
//! | `/` | GET | the page |
//! | `/documents` | GET | the list: which there are, and who changed them when |
//! | `/documents/{id}` | GET | the document |
//! | | PUT | creates it, or replaces it: `application/json` |
//! | | PATCH | changes it: `application/merge-patch+json` (RFC 7396) |
//! | | DELETE | deletes it |
//! | `/documents/{id}/history` | GET | who did what to it when, the oldest first |
//! | `/try` | POST | tries a request out, and shows the answer octet by octet and how it came about |
//!
//! Answers are compressed for clients that say so, and the entity tag tells the coding: `"1~gzip"` is
//! version 1 as gzip has it, and as good as `"1"` to write with. The layer stands outside the
//! compression for that. Which version it is stands in `X-Version`, since tags are opaque.
//!
//! `X-User` names who changes it. It stands in for authentication, which is out of
//! this example's scope; in earnest it belongs outside the layer and around it.
//!
//! The argument is the address to listen at; `127.0.0.1:3000` is the default. The environment
//! says more:
//!
//! | variable | default | is |
//! |---|---|---|
//! | `DATABASE_URL` | `sqlite:documents.sqlite` | [where documents are kept](Store::open) |
//! | `RUST_LOG` | `info` | what is told on standard error, such as `info,sqlx=debug` |
//!
//! Several of this program can share one PostgreSQL database: what is decided between them
//! is decided by its rows.
#![allow(missing_docs, reason = "the library of one program: its tests and its benches are all that use it")]

mod handlers;
mod page;
mod problem;
mod request;
mod server;
mod source;
mod steps;
pub mod store;
mod wire;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};
use tower_http::compression::CompressionLayer;
use tower_precondition::{PreconditionLayer, Requirement, validators_from_fn_with_state};

use crate::{
    handlers::{history, list, patch, read, remove, replace},
    page::page,
    problem::Refusal,
    request::CONTENT_LIMIT,
    source::look_up,
    wire::{TRY, try_out},
};
pub use crate::{server::serve, store::Store};

/// The whole of it, over this store.
pub fn app(store: Store) -> Router {
    let documents = documents(store);
    let try_out = Router::new().route(TRY, post(try_out)).with_state(documents.clone());
    try_out.merge(documents).method_not_allowed_fallback(method_not_allowed).layer(limit())
}

/// What can be tried out: all but the trying.
fn documents(store: Store) -> Router {
    // A first PUT may come without a condition; what exists is changed under one only.
    let preconditions = PreconditionLayer::new(validators_from_fn_with_state(store.clone(), look_up))
        .require(Requirement::on_writes().existing_only())
        .outside_compression();
    // On the MethodRouter, so that what is 404 or 405 without a condition stays so with one.
    let document = get(read).put(replace).patch(patch).delete(remove);
    let document = document.route_layer(CompressionLayer::new()).route_layer(preconditions);
    Router::new()
        .route("/", page())
        .route("/documents", get(list).route_layer(CompressionLayer::new()))
        .route("/documents/{id}", document)
        .route("/documents/{id}/history", get(history).route_layer(CompressionLayer::new()))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(limit())
        .with_state(store)
}

fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(CONTENT_LIMIT)
}

async fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this path")
}

async fn method_not_allowed() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "the method is none of those that Allow names")
}
