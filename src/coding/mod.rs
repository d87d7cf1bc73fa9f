//! Tags of content codings (RFC 9110 §8.8.3.3).

mod accepted;
mod codings;
mod line;
mod outside_compression;
mod request;
mod tag;

pub(crate) use codings::{decode, encode};
pub use outside_compression::OutsideCompression;
pub(crate) use request::SentTags;
