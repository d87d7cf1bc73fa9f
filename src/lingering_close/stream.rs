use std::{
    fmt,
    future::Future,
    io::{self, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::{LingeringClose, places::Place, settings::Bounds};

pin_project! {
    /// A connection that lingers when it is shut down. [`LingeringClose::around`] makes it.
    ///
    /// `poll_shutdown` ends the sending half at once. It completes when the peer has closed too, or when a bound
    /// of [`LingeringClose`] is met. If the peer closed first, it does not linger. Everything else passes through.
    ///
    /// Put it around the TCP stream: the reset that it prevents is TCP's. It needs tokio's timer.
    pub struct LingeringStream<IO> {
        #[pin]
        stream: IO,
        settings: LingeringClose,
        peer_has_closed: bool,
        state: State,
    }
}

enum State {
    Open,
    Lingering(Linger),
    Closed,
}

impl<IO> LingeringStream<IO> {
    pub(super) fn new(stream: IO, settings: LingeringClose) -> Self {
        Self { stream, settings, peer_has_closed: false, state: State::Open }
    }

    /// Returns the stream within.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        &self.stream
    }

    /// Returns the stream within, to change it.
    pub fn get_mut(&mut self) -> &mut IO {
        &mut self.stream
    }

    /// Unwraps the stream, which then closes as it always did.
    #[must_use]
    pub fn into_inner(self) -> IO {
        self.stream
    }
}

impl<IO: AsyncRead> AsyncRead for LingeringStream<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.project();
        let (room, before) = (buffer.remaining(), buffer.filled().len());
        ready!(this.stream.poll_read(cx, buffer))?;
        *this.peer_has_closed |= room > 0 && buffer.filled().len() == before;
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + AsyncWrite> AsyncWrite for LingeringStream<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.project().stream.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().stream.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut this = self.project();
        loop {
            *this.state = match this.state {
                State::Open => {
                    ready!(this.stream.as_mut().poll_shutdown(cx))?;
                    match this.peer_has_closed {
                        true => State::Closed,
                        false => State::Lingering(Linger::begin(this.settings)),
                    }
                }
                State::Lingering(linger) => {
                    ready!(linger.poll_end(this.stream.as_mut(), cx));
                    State::Closed
                }
                State::Closed => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<IO: fmt::Debug> fmt::Debug for LingeringStream<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LingeringStream").field("stream", &self.stream).finish_non_exhaustive()
    }
}

/// Reads and drops what the peer still sends.
struct Linger {
    place: Place,
    bounds: Bounds,
    bytes_left: u64,
    end: Instant,
    timer: Pin<Box<Sleep>>,
}

/// How much is read at a time, into a buffer on the stack.
const CHUNK: usize = 8 << 10;

impl Linger {
    fn begin(settings: &LingeringClose) -> Self {
        let LingeringClose { bounds, places } = settings.clone();
        let now = Instant::now();
        Self {
            place: places.take(),
            bounds,
            bytes_left: bounds.bytes,
            end: now + bounds.time,
            timer: Box::pin(sleep_until(now + bounds.idle.min(bounds.time))),
        }
    }

    fn poll_end(&mut self, mut stream: Pin<&mut impl AsyncRead>, cx: &mut Context<'_>) -> Poll<()> {
        // The timer comes first, so that a peer who always sends cannot outlast it.
        if self.place.poll_lost(cx).is_ready() || self.timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let mut chunk = [MaybeUninit::uninit(); CHUNK];
        let mut is_idle = true;
        loop {
            let mut buffer = ReadBuf::uninit(&mut chunk);
            let Poll::Ready(read) = stream.as_mut().poll_read(cx, &mut buffer) else { break };
            let read_bytes = buffer.filled().len() as u64;
            self.bytes_left = self.bytes_left.saturating_sub(read_bytes);
            if read.is_err() || read_bytes == 0 || self.bytes_left == 0 {
                return Poll::Ready(());
            }
            is_idle = false;
        }
        match is_idle {
            true => Poll::Pending,
            false => {
                let idle_end = Instant::now() + self.bounds.idle;
                self.timer.as_mut().reset(idle_end.min(self.end));
                self.timer.as_mut().poll(cx)
            }
        }
    }
}
