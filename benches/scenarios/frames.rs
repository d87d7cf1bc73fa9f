//! The body of the services that make their content as it is read.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The length of a frame, as of a file that is read in pieces.
const FRAME: usize = 16 * 1024;

/// A body of this many bytes. It allocates each frame when it is polled, so that the bench sees how many
/// frames are held at once. Frames that are not polled cost nothing.
pub(crate) struct Frames {
    pub(crate) left: usize,
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.left.min(FRAME);
        self.left -= length;
        Poll::Ready((length > 0).then(|| Ok(Frame::data(vec![b'x'; length].into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left as u64)
    }
}
