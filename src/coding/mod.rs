//! Tags of content codings (RFC 9110 §8.8.3.3).

pub(crate) mod accepted;
pub(crate) mod codings;
pub(crate) mod line;
pub(crate) mod outside_compression;
pub(crate) mod request;
pub(crate) mod tag;
