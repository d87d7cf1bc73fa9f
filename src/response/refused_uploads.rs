#[cfg(feature = "lingering-close")]
use std::time::Duration;

/// Says how long a refused upload over HTTP/2 may still be sent.
///
/// The layer sends the whole answer at once. Then it keeps the stream open for what the client still sends, and
/// drops it. So a short upload ends by itself, and clients that take a reset for a failure, such as curl 7.88, show
/// their 412. If a bound is met, the stream ends, and the server resets it with `NO_ERROR`.
///
/// | setting | default | if it is met |
/// |---|---|---|
/// | [`read_at_most`](Self::read_at_most) | 64 KiB | the layer reads no more, and waits for the idle time |
/// | [`idle_at_most`](Self::idle_at_most) | 0.5 s | the stream ends |
/// | [`time_at_most`](Self::time_at_most) | 5 s | the stream ends |
///
/// It needs tokio's timer. With `Expect: 100-continue` the stream ends with the answer. Over HTTP/1.x the connection
/// does this; see [`lingering_close`](crate::lingering_close).
///
/// ```
/// # #[cfg(feature = "lingering-close")] {
/// use std::time::Duration;
/// use tower_precondition::{EntityTag, PreconditionLayer, RefusedUploads};
///
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
/// let layer = PreconditionLayer::new(source)
///     .refused_uploads(RefusedUploads::new().idle_at_most(Duration::from_millis(200)));
/// # let _ = layer;
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
#[cfg_attr(not(feature = "lingering-close"), expect(unreachable_pub, reason = "public with the feature"))]
pub struct RefusedUploads {
    pub(super) bytes: u64,
    #[cfg(feature = "lingering-close")]
    pub(super) idle: Duration,
    #[cfg(feature = "lingering-close")]
    pub(super) time: Duration,
}

impl RefusedUploads {
    pub(crate) const DEFAULT: Self = Self {
        bytes: 64 << 10,
        #[cfg(feature = "lingering-close")]
        idle: Duration::from_millis(500),
        #[cfg(feature = "lingering-close")]
        time: Duration::from_secs(5),
    };
}

#[cfg(feature = "lingering-close")]
impl RefusedUploads {
    /// Has the default bounds.
    pub const fn new() -> Self {
        Self::DEFAULT
    }

    /// Reads and drops this many bytes of an upload. Zero reads nothing.
    pub const fn read_at_most(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    /// Ends the stream if nothing was read for this long.
    pub const fn idle_at_most(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    /// Ends the stream this long after the answer, even if the client still sends.
    pub const fn time_at_most(self, time: Duration) -> Self {
        Self { time, ..self }
    }
}

#[cfg(feature = "lingering-close")]
impl Default for RefusedUploads {
    fn default() -> Self {
        Self::DEFAULT
    }
}
