use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use super::{OwnBody, RefusedUploads};
use crate::error::BoxError;

/// An answer whose stream stays open for the rest of the request's content.
pub(crate) struct OpenStream {
    answer: OwnBody,
    /// `None` once it is over.
    rest: Option<Rest>,
}

impl OpenStream {
    pub(super) fn new(
        answer: OwnBody,
        content: impl Body + Send + 'static,
        bounds: RefusedUploads,
    ) -> Box<Self> {
        Box::new(Self { answer, rest: Some(Rest::new(Box::pin(content), bounds)) })
    }

    /// First the answer, then nothing until the rest is over.
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = match self.answer.is_end_stream() {
            true => None,
            false => ready!(self.answer.poll_frame(cx)),
        };
        if let (None, Some(rest)) = (&frame, &mut self.rest) {
            ready!(rest.poll_over(cx));
            self.rest = None;
        }
        Poll::Ready(frame)
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.answer.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.answer.size_hint()
    }

    pub(super) fn answer(&self) -> &OwnBody {
        &self.answer
    }
}

/// What the client still sends, read and dropped within bounds.
struct Rest {
    content: Pin<Box<dyn Content + Send>>,
    bounds: RefusedUploads,
    bytes: u64,
    #[cfg(feature = "lingering-close")]
    clock: Option<clock::Clock>,
}

/// A request's body, whatever its type.
trait Content {
    /// Returns the length of the next data, and `None` at the end.
    fn poll_drop(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u64>>;
}

impl<B: Body> Content for B {
    fn poll_drop(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u64>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        let frame = ready!(self.poll_frame(cx));
        Poll::Ready(frame.and_then(Result::ok).map(|frame| frame.data_ref().map_or(0, Buf::remaining) as u64))
    }
}

impl Rest {
    fn new(content: Pin<Box<dyn Content + Send>>, bounds: RefusedUploads) -> Self {
        Self {
            content,
            bounds,
            bytes: 0,
            #[cfg(feature = "lingering-close")]
            clock: None,
        }
    }

    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut read_more = false;
        while self.bytes < self.bounds.bytes {
            match self.content.as_mut().poll_drop(cx) {
                Poll::Ready(Some(bytes)) => self.bytes = self.bytes.saturating_add(bytes),
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => break,
            }
            read_more = true;
        }
        self.poll_time(read_more, cx)
    }

    #[cfg(feature = "lingering-close")]
    fn poll_time(&mut self, read_more: bool, cx: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.get_or_insert_with(|| clock::Clock::start(self.bounds));
        if read_more {
            clock.restart();
        }
        clock.poll_over(cx)
    }

    /// Without a timer nothing may be waited for: a silent client would hold the stream for ever.
    #[cfg(not(feature = "lingering-close"))]
    fn poll_time(&mut self, _: bool, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

#[cfg(feature = "lingering-close")]
mod clock {
    use std::{
        future::Future,
        pin::Pin,
        task::{Context, Poll},
        time::Duration,
    };

    use tokio::time::{Instant, Sleep, sleep_until};

    use super::RefusedUploads;

    /// The idle time, within the whole time.
    pub(super) struct Clock {
        idle: Duration,
        end: Instant,
        timer: Pin<Box<Sleep>>,
    }

    impl Clock {
        pub(super) fn start(bounds: RefusedUploads) -> Self {
            let RefusedUploads { idle, time, .. } = bounds;
            let now = Instant::now();
            Self { idle, end: now + time, timer: Box::pin(sleep_until(now + idle.min(time))) }
        }

        pub(super) fn restart(&mut self) {
            self.timer.as_mut().reset((Instant::now() + self.idle).min(self.end));
        }

        pub(super) fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
            self.timer.as_mut().poll(cx)
        }
    }
}
