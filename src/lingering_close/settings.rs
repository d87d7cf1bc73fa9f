use std::{fmt, sync::Arc, time::Duration};

use super::{LingeringStream, places::Places};

/// Says how long a connection lingers after its last answer, and makes such connections.
///
/// | setting | default | bounds |
/// |---|---|---|
/// | [`time_at_most`](Self::time_at_most) | 30 s | the time from the last answer to the end |
/// | [`idle_at_most`](Self::idle_at_most) | 2 s | the time in which the client sends nothing |
/// | [`read_at_most`](Self::read_at_most) | 64 MiB | the bytes that are read and dropped |
/// | [`connections_at_most`](Self::connections_at_most) | 256 | the connections that linger at once |
///
/// The first bound that is met ends the connection. Clones share the bound on connections, so use one value for
/// all connections of a server.
///
/// A lingering connection holds its socket, a timer and about 300 bytes. It reads into a buffer on the stack.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tower_precondition::lingering_close::LingeringClose;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let settings = LingeringClose::new().time_at_most(Duration::from_secs(10));
///
/// // In a server, this is the accepted `TcpStream`.
/// let (server, mut client) = tokio::io::duplex(16);
/// let mut connection = settings.around(server);
/// let closing = tokio::spawn(async move { connection.shutdown().await });
///
/// // The client still sends an upload, and reads the answer afterwards.
/// client.write_all(&[0; 1000]).await.unwrap();
/// assert_eq!(client.read(&mut [0; 10]).await.unwrap(), 0);
/// drop(client);
/// closing.await.unwrap().unwrap();
/// # });
/// ```
#[derive(Clone)]
#[must_use]
pub struct LingeringClose {
    pub(super) bounds: Bounds,
    pub(super) places: Arc<Places>,
}

/// The bounds of one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) time: Duration,
    pub(super) idle: Duration,
    pub(super) bytes: u64,
}

impl LingeringClose {
    const TIME: Duration = Duration::from_secs(30);
    const IDLE: Duration = Duration::from_secs(2);
    const BYTES: u64 = 64 << 20;
    const CONNECTIONS: usize = 256;

    /// Has the default bounds.
    pub fn new() -> Self {
        Self {
            bounds: Bounds { time: Self::TIME, idle: Self::IDLE, bytes: Self::BYTES },
            places: Arc::new(Places::new(Self::CONNECTIONS)),
        }
    }

    /// Ends the connection this long after its last answer, even if the client still sends.
    ///
    /// A graceful shutdown of the server waits that long at most for lingering connections.
    pub fn time_at_most(mut self, time: Duration) -> Self {
        self.bounds.time = time;
        self
    }

    /// Ends the connection if the client sends nothing for this long.
    pub fn idle_at_most(mut self, idle: Duration) -> Self {
        self.bounds.idle = idle;
        self
    }

    /// Ends the connection after this many bytes were read and dropped.
    ///
    /// A client that reads the answer only after its whole upload loses the answer to a larger upload.
    pub fn read_at_most(mut self, bytes: u64) -> Self {
        self.bounds.bytes = bytes;
        self
    }

    /// Lets this many connections linger at once. One more ends the oldest of them.
    ///
    /// Keep it well below the number of file descriptors that the process may open.
    pub fn connections_at_most(mut self, connections: usize) -> Self {
        self.places = Arc::new(Places::new(connections));
        self
    }

    /// Makes a connection that lingers when it is shut down.
    pub fn around<IO>(&self, stream: IO) -> LingeringStream<IO> {
        LingeringStream::new(stream, self.clone())
    }
}

impl Default for LingeringClose {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LingeringClose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LingeringClose").field("bounds", &self.bounds).field("places", &self.places).finish()
    }
}
