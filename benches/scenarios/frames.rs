//! The body that services of both kinds answer with.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// How much of a body is made at a time, as a file is read.
const FRAME: usize = 16 * 1024;

/// A body of so many octets. It makes each frame when it is asked for, so that it can be seen how many are
/// held at a time, and what nobody asks for costs nothing.
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
