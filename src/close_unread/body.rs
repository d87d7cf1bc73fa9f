use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// A request's body that tells [`CloseUnread`](super::CloseUnread) whether it was read to its end.
    ///
    /// It forwards the frames, the size and the end of the body within.
    #[derive(Debug, Default)]
    pub struct WatchedBody<B> {
        #[pin]
        body: B,
        // Whether the end was reached; `None` if nobody asks.
        is_read: Option<Arc<AtomicBool>>,
    }
}

/// Tells the service that passed a body on whether it was read.
#[derive(Debug)]
pub(super) struct Fate {
    is_read: Arc<AtomicBool>,
}

impl<B: Body> WatchedBody<B> {
    pub(super) fn watched(body: B) -> (Self, Fate) {
        let is_read = Arc::new(AtomicBool::new(false));
        (Self { body, is_read: Some(Arc::clone(&is_read)) }, Fate { is_read })
    }

    pub(super) fn unwatched(body: B) -> Self {
        Self { body, is_read: None }
    }
}

impl Fate {
    /// Returns whether the body was dropped before its end.
    pub(super) fn is_unread(&mut self) -> bool {
        // While the body exists, it shares the mark.
        Arc::get_mut(&mut self.is_read).is_some_and(|is_read| !*is_read.get_mut())
    }
}

impl<B: Body> Body for WatchedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        if let Some(is_read) = this.is_read {
            // Many readers do not poll again after the last data. An error is no end: more may follow it.
            if frame.is_none() || this.body.is_end_stream() {
                is_read.store(true, Ordering::Relaxed);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
