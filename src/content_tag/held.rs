use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// What one poll of a body gave, and the size that the body told of before.
///
/// Whoever is handed a body that was read ahead sees one after the other, as if the body itself
/// were polled. Before each the body said that it was not at its end, or it was not polled.
pub(super) struct Held<E> {
    pub(super) size_hint: SizeHint,
    pub(super) polled: Option<Result<Frame<Bytes>, E>>,
}
