//! The evaluation of RFC 9110 §13 and its parsers: no Tower, no sockets, no waiting.

// A test stops at the first surprise. Each index comes from a table or a generator beside it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod comparison;
mod http_date;
mod product;
mod properties;
mod questions;
mod rooms;
mod rules;
mod rules_are_tested;
mod tags_of_anything;
mod versions;
mod webdav;
