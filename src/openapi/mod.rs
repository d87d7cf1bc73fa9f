//! Describes the layer's conditions and answers in an OpenAPI document of [utoipa] 5 (feature `utoipa`).
//!
//! [`PreconditionLayer::describe`](crate::PreconditionLayer::describe) makes a [`Description`] of a layer, and
//! [`Modify::modify`](utoipa::Modify) completes the document by it: one line for a layer.
//!
//! | in the document | stands |
//! |---|---|
//! | a header parameter | for each conditional field that can change the answer to this method; `required` if every request without it gets 428 |
//! | `Range` and `If-Range` | on a GET that has a 206 |
//! | 304 | on GET and HEAD, with the validators and the other fields that it can carry |
//! | 400 | on methods that may change state; with `webdav`, on all |
//! | 404 | on a DELETE that the layer evaluates |
//! | 412 | if a condition can fail, with the current validators, if the layer exposes them |
//! | 428 | if the [`Requirement`](crate::Requirement) can refuse this method |
//! | 501 | if the layer can meet a condition that it cannot evaluate |
//! | 503 | if a look-up can fail, or a write can wait too long for its turn |
//! | 201, 204 | on writes, if the layer reads the ids of writes; a 201 only if the operation has one |
//! | the fields of a 200, 203, 204 and 206 to GET and HEAD | if the layer adds them |
//! | the schema `PreconditionProblem` | once, for the body of each 4xx and 5xx |
//!
//! The description asks the same code that decides about requests, so the two cannot disagree.
//!
//! The description changes nothing that the document says already. A response of yours gets the header fields and
//! media types that it lacks.
//! A reference to a response stays as it is.
//!
//! Describe yourself what your source answers by its own choice: its refusals, and its own answer in place of 404 to a
//! write that needs what does not exist.
//!
//! The recipe `guide::cookbook::openapi` shows it under Axum, with `utoipa-axum` and without.
//!
//! [utoipa]: https://docs.rs/utoipa/5

mod answers;
mod description;
mod fields;
mod learns;
mod outcomes;
mod problem;

pub use description::Description;
pub use learns::DescribedSource;
