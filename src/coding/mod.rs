//! Entity tags that tell content codings apart ([RFC 9110 §8.8.3.3]).
//!
//! [`ContentCodingLayer`] is a layer of its own. It evaluates nothing: it rewrites the tags of a request on the
//! way in, and the tag of a response on the way out.
//!
//! [RFC 9110 §8.8.3.3]: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.3

mod accepted;
mod future;
mod layer;
mod request;
mod response;
mod service;
mod suffixed;
mod tag;

pub use future::ContentCodingFuture;
pub use layer::ContentCodingLayer;
pub use service::ContentCoding;

pub(crate) use suffixed::{MarkedResponse, take_off_suffixes};

/// Replaces the text of a header line, and keeps its mark as sensitive.
fn replace_line(line: &mut http::HeaderValue, mut text: http::HeaderValue) {
    text.set_sensitive(line.is_sensitive());
    *line = text;
}
