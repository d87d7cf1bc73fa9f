//! Bodies for tests: one that panics when it is polled, one that plays a script, and one that a test
//! feeds. A [`Moment`] records everything that a server sees of a body.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    marker::PhantomPinned,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::{Notify, mpsc};

/// Panics when it is polled. Use it for a request body that only the handler may read, or for the body of a
/// response that a 304 or 412 replaces.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    dropped: Option<Arc<AtomicBool>>,
}

impl Unread {
    /// Sets this when it is dropped.
    pub(crate) fn that_tells(dropped: &Arc<AtomicBool>) -> Self {
        Self { dropped: Some(Arc::clone(dropped)) }
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        if let Some(dropped) = &self.dropped {
            dropped.store(true, Ordering::Relaxed);
        }
    }
}

impl Body for Unread {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("the content was polled")
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(1 << 20)
    }
}

/// The result of one poll of the body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Data(Bytes),
    Trailers(HeaderMap),
    Error(&'static str),
    Pause,
}

pub(crate) fn data(text: &'static str) -> Step {
    Step::Data(Bytes::from_static(text.as_bytes()))
}

pub(crate) fn trailers(name: &'static str, value: &'static str) -> Step {
    let value = http::HeaderValue::from_static(value);
    Step::Trailers(HeaderMap::from_iter([(http::HeaderName::from_static(name), value)]))
}

/// The body's size hint.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    Exact,
    AtLeast,
    /// No less than the first and no more than the second, whatever the steps are.
    Between(u64, u64),
    Unknown,
}

/// Whether `is_end_stream` announces the end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Foretold,
    Unknown,
}

pin_project! {
    /// Plays its steps. It panics if it is polled after its end, and is not `Unpin`.
    #[derive(Clone, Debug)]
    pub(crate) struct Script {
        pub(crate) steps: VecDeque<Step>,
        pub(crate) length: Length,
        end: End,
        is_over: bool,
        polled: Arc<AtomicUsize>,
        #[pin]
        pinned: PhantomPinned,
    }
}

impl Script {
    pub(crate) fn new(length: Length, end: End, steps: impl IntoIterator<Item = Step>) -> Self {
        let steps = steps.into_iter().collect();
        Self { steps, length, end, is_over: false, polled: Arc::default(), pinned: PhantomPinned }
    }

    /// Announces its length and its end, as a body in memory does.
    pub(crate) fn known(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::new(Length::Exact, End::Foretold, steps)
    }

    /// Announces nothing, as a stream does.
    pub(crate) fn unknown(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::new(Length::Unknown, End::Unknown, steps)
    }

    /// Counts in here how often it is polled.
    pub(crate) fn counted_in(mut self, polled: &Arc<AtomicUsize>) -> Self {
        self.polled = Arc::clone(polled);
        self
    }

    pub(crate) fn bytes(&self) -> u64 {
        let length = |step: &Step| match step {
            Step::Data(data) => data.len() as u64,
            _ => 0,
        };
        self.steps.iter().map(length).sum()
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let this = self.project();
        this.polled.fetch_add(1, Ordering::SeqCst);
        assert!(!*this.is_over, "polled after its end");
        match this.steps.pop_front() {
            Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(data)))),
            Some(Step::Trailers(trailers)) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Some(Step::Error(error)) => Poll::Ready(Some(Err(error))),
            Some(Step::Pause) => Poll::Pending,
            None => {
                *this.is_over = true;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && matches!(self.end, End::Foretold)
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        match self.length {
            Length::Exact => hint.set_exact(self.bytes()),
            Length::AtLeast => hint.set_lower(self.bytes()),
            Length::Between(lower, upper) => {
                hint.set_lower(lower);
                hint.set_upper(upper);
            }
            Length::Unknown => {}
        }
        hint
    }
}

/// Yields the frames of its sender, and ends when the sender is dropped.
pub(crate) struct Channel {
    frames: mpsc::UnboundedReceiver<Result<Frame<Bytes>, io::Error>>,
    length: Option<u64>,
    /// Notified of each pause.
    pub(crate) pauses: Arc<Notify>,
}

pub(crate) type Sender = mpsc::UnboundedSender<Result<Frame<Bytes>, io::Error>>;

impl Body for Channel {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let polled = self.frames.poll_recv(cx);
        if let (Some(length), Poll::Ready(Some(Ok(frame)))) = (&mut self.length, &polled) {
            *length -= frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        if polled.is_pending() {
            self.pauses.notify_one();
        }
        polled
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

pub(crate) fn channel(length: Option<u64>) -> (Sender, Channel) {
    let (sender, frames) = mpsc::unbounded_channel();
    (sender, Channel { frames, length, pauses: Arc::default() })
}

/// A body's hints at one moment, and the result of the next poll.
#[derive(Debug, PartialEq)]
pub(crate) struct Moment {
    size: (u64, Option<u64>),
    is_end: bool,
    pub(crate) given: Option<Step>,
}

/// Records everything that a server sees of a body, except the pauses.
pub(crate) fn all_of(body: impl Body<Data = Bytes, Error = &'static str>) -> Vec<Moment> {
    let mut body = pin!(body);
    let mut moments = Vec::new();
    loop {
        let hint = body.size_hint();
        let (size, is_end) = ((hint.lower(), hint.upper()), body.is_end_stream());
        let polled = match is_end {
            true => None,
            // A server reads the hints again after a pause.
            false => match body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
                Poll::Pending => continue,
                Poll::Ready(polled) => polled,
            },
        };
        let given = polled.map(|polled| match polled.map(Frame::into_data) {
            Ok(Ok(data)) => Step::Data(data),
            Ok(Err(frame)) => Step::Trailers(frame.into_trailers().expect("there are two kinds of frames")),
            Err(error) => Step::Error(error),
        });
        let is_over = given.is_none();
        moments.push(Moment { size, is_end, given });
        if is_over {
            return moments;
        }
    }
}
