use std::io;

use axum::serve::Listener;

use super::{LingeringClose, LingeringStream};

/// A listener for `axum::serve`, whose connections linger when they are closed.
///
/// ```no_run
/// use axum::Router;
/// use tokio::net::TcpListener;
/// use tower_precondition::lingering_close::LingeringListener;
///
/// # async fn serve(app: Router) -> std::io::Result<()> {
/// let listener = TcpListener::bind("127.0.0.1:3000").await?;
/// axum::serve(LingeringListener::new(listener), app).await
/// # }
/// ```
///
/// Axum gives `ConnectInfo<SocketAddr>` only for its own listeners. With this one, use a type of your own, which
/// implements `Connected<IncomingStream<'_, LingeringListener<TcpListener>>>` by the stream's `remote_addr()`.
#[derive(Debug)]
pub struct LingeringListener<L> {
    listener: L,
    settings: LingeringClose,
}

impl<L> LingeringListener<L> {
    /// Has the default bounds.
    pub fn new(listener: L) -> Self {
        Self::with(listener, LingeringClose::new())
    }

    /// Has these bounds.
    pub fn with(listener: L, settings: LingeringClose) -> Self {
        Self { listener, settings }
    }

    /// Returns the listener within.
    #[must_use]
    pub fn get_ref(&self) -> &L {
        &self.listener
    }

    /// Unwraps the listener.
    #[must_use]
    pub fn into_inner(self) -> L {
        self.listener
    }
}

impl<L: Listener> Listener for LingeringListener<L> {
    type Io = LingeringStream<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = self.listener.accept().await;
        (self.settings.around(stream), address)
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }
}
