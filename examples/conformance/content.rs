use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The content of a handler's answer: text, or as many bytes as `X-State` asks for.
///
/// It makes the bytes as the server sends them, so that any length fits into memory.
#[derive(Debug)]
pub(crate) enum Content {
    Text(Option<Bytes>),
    Octets(u64),
}

impl Content {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.as_ref().map_or(0, |text| text.len() as u64),
            Self::Octets(left) => *left,
        }
    }

    fn next(&mut self) -> Option<Bytes> {
        const CHUNK: &[u8] = &[b'.'; 16 * 1024];
        match self {
            Self::Text(text) => text.take(),
            Self::Octets(0) => None,
            Self::Octets(left) => {
                let chunk = usize::try_from(*left).ok().and_then(|left| CHUNK.get(..left)).unwrap_or(CHUNK);
                *left -= chunk.len() as u64;
                Some(Bytes::from_static(chunk))
            }
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.next().map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len())
    }
}
