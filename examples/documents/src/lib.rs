//! Run with
//!
//! ```text
//! cargo run -p documents
//! ```
//!
//! Serves JSON documents that two people can edit without losing each other's changes, and a page
//! to edit them, at `http://127.0.0.1:3000/`.
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
//! | route | method | does |
//! |---|---|---|
//! | `/` | GET | serves the page, whose files are below `/page/` |
//! | `/documents` | GET | lists the documents, with who changed each and when; its tag is made of the rows |
//! | `/documents/{id}` | GET | reads the document |
//! | | PUT | creates or replaces it: `application/json` |
//! | | PATCH | changes it: `application/merge-patch+json` (RFC 7396) |
//! | | DELETE | deletes it |
//! | `/documents/{id}/history` | GET | lists who did what and when, the oldest first |
//! | `/openapi.json` | GET | describes all of this in OpenAPI 3.1, as the layers describe themselves |
//! | `/try` | POST | sends the request in its body, and shows the bytes of the answer and how the layer decided |
//!
//! The server compresses answers of more than 1 KiB for clients that accept it. The entity tag then names the content
//! coding: `"1~gzip"` is version 1 as compressed by gzip, and a write may name it instead of `"1"`.
//! `ContentCodingLayer`, outside the compression, does this. Behind a proxy that compresses, the program does not. Tags are opaque to clients;
//! `X-Version` has the number of the version.
//!
//! WebDAV's `If` is judged too, though no document is ever locked: `If: </documents/plan> (["1"])` on a write to
//! another document asks that the plan is still at version 1.
//!
//! A client that lost the answer to a write can send it again: `Idempotency-Key` has a new id for each write, and
//! `Content-Digest` a SHA-256 of its content. The server keeps a record of such writes for 24 hours, in the same
//! transaction as the write, and tells a repeated one that it was made.
//!
//! ```text
//! $ curl -i --json '{"title":"Plan","text":"third"}' -X PUT 127.0.0.1:3000/documents/plan -H 'If-Match: "2"' \
//!     -H 'Idempotency-Key: "0ba5"' -H 'Content-Digest: sha-256=:…:'
//! HTTP/1.1 204 No Content
//! etag: "3"
//! ```
//!
//! The record costs no statement. `If` costs one that reads for each document that it names.
//!
//! | request | statements that read | statements that write |
//! |---|--:|--:|
//! | a read, 304 or 200 | 1 | 0 |
//! | a write, with an id or without | 1 | 1 |
//! | a write that is refused by a condition | 1 | 0 |
//! | a write that was already made | 1 | 0 |
//!
//! `X-User` names the user who writes. It stands in for authentication, which this example leaves out:
//! a real service authenticates in a layer around this one.
//!
//! The program takes the address to listen on as its argument; the default is `127.0.0.1:3000`.
//! `documents --help` lists its arguments and variables. At the start it prints the address and where
//! it keeps documents. It reads these environment variables:
//!
//! | variable | default | sets |
//! |---|---|---|
//! | `DATABASE_URL` | `sqlite:documents.sqlite` | [where the program keeps documents](Store::open) |
//! | `HEAD_SECONDS` | `10` | [how long it waits](Patience) for the head of a request |
//! | `CONTENT_SECONDS` | `30` | how long it waits for the content of a request; then it answers 408 |
//! | `BEHIND` | | which proxy compresses in front of the program: `nginx` or `apache`; see [`Proxy`] |
//! | `RUST_LOG` | `info` | what the program logs to standard error, such as `info,sqlx=debug` |
//!
//! Several instances of the program can share one PostgreSQL database: its rows decide
//! which of two racing writes wins.
#![allow(missing_docs, reason = "the library of one program: its tests and its benches are all that use it")]

mod description;
mod handlers;
mod page;
mod problem;
mod proxy;
mod request;
mod server;
mod source;
mod steps;
pub mod store;
mod wire;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, Uri, request::Parts},
    routing::{get, post},
};
use tower_precondition::{
    CloseUnreadLayer, PreconditionLayer, Requirement, WriteIds, validators_from_fn_with_state,
};

use crate::{
    description::{DOCUMENT, HISTORY, LIST, Layers, OPENAPI, openapi},
    handlers::{history, list, patch, read, remove, replace},
    page::{file, page},
    problem::Refusal,
    request::{CONTENT_LIMIT, JSON, sender},
    source::{look_up, look_up_list, state_of},
    wire::{TRY, try_out},
};
pub use crate::{
    proxy::Proxy,
    server::{Patience, serve},
    store::Store,
};

/// Returns the whole application, over this store.
pub fn app(store: Store) -> Router {
    app_behind(Proxy::None, store)
}

/// Returns the whole application, over this store and behind this proxy.
pub fn app_behind(proxy: Proxy, store: Store) -> Router {
    let documents = documents(proxy, store);
    let try_out = Router::new().route(TRY, post(try_out)).with_state(documents.clone());
    let app = try_out.merge(documents).method_not_allowed_fallback(method_not_allowed).layer(limit());
    // Outermost: it says which answers close the connection.
    app.layer(CloseUnreadLayer::new())
}

/// Every route but `/try`, which sends its requests to these.
fn documents(proxy: Proxy, store: Store) -> Router {
    // A first PUT needs no condition. A write to an existing document does.
    let locks = {
        let store = store.clone();
        move |resource: &Uri, _: &Parts| state_of(store.clone(), resource)
    };
    let preconditions = PreconditionLayer::new(validators_from_fn_with_state(store.clone(), look_up))
        .require(Requirement::on_writes().existing_only())
        .write_ids(WriteIds::new(sender))
        .webdav(locks)
        .compare_tags(proxy.comparison());
    let list_preconditions =
        PreconditionLayer::new(validators_from_fn_with_state(store.clone(), look_up_list))
            .compare_tags(proxy.comparison());
    let (page, page_description) = page(proxy);
    let description = openapi(Layers {
        page: page_description,
        list: list_preconditions.describe(),
        document: preconditions.describe(),
    });
    // On the MethodRouter and not around the Router: an answer of 404 or 405 stays so under any condition.
    let document = get(read).put(replace).patch(patch).delete(remove);
    let document =
        document.route_layer(proxy.compression()).route_layer(preconditions).route_layer(proxy.codings());
    let (description, _) = file(proxy, JSON, description.into());
    let list = get(list)
        .route_layer(proxy.compression())
        .route_layer(list_preconditions)
        .route_layer(proxy.codings());
    Router::new()
        .merge(page)
        .route(OPENAPI, description)
        .route(LIST, list)
        .route(DOCUMENT, document)
        .route(HISTORY, get(history).route_layer(proxy.compression()))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(limit())
        // For `/try`, which shows how the layer decided.
        .layer(Extension(proxy.comparison()))
        .with_state(store)
}

fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(CONTENT_LIMIT)
}

async fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this path")
}

async fn method_not_allowed() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path does not support the method; Allow lists those that it does",
    )
}
