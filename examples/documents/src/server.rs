//! Serves connections: bounded waits for clients, a lingering close, and an end in order.

use std::{future::pending, pin::pin, sync::Arc, time::Duration};

use axum::{Extension, Router, serve::Listener};
use http::Request;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    time,
};
use tower::ServiceExt;
use tower_precondition::lingering_close::{LingeringListener, LingeringStream};

use crate::{Proxy, app_behind, store::Store};

/// How long open requests may take after the program is told to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// How long the program waits for a client.
///
/// Without these bounds, clients that send half a request could hold all file descriptors of the process.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, and so between two requests of a connection.
    pub head: Duration,
    /// For the content of a request.
    pub content: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), content: Duration::from_secs(30) }
    }
}

/// Serves until `stop` completes, then finishes open requests and closes the store.
pub async fn serve(
    listener: TcpListener,
    proxy: Proxy,
    store: Store,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let app = app_behind(proxy, store.clone()).layer(Extension(patience));
    let mut listener = LingeringListener::new(listener);
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            // It waits and tries again if the process is out of file descriptors.
            (stream, _) = listener.accept() => {
                tokio::spawn(serve_connection(stream, app.clone(), patience, &connections));
            }
            () = &mut stop => break,
        }
    }
    drop(listener);
    if time::timeout(DRAIN_LIMIT, connections.shutdown()).await.is_err() {
        tracing::warn!("requests were still open after {DRAIN_LIMIT:?}: the program drops them");
    }
    if time::timeout(DRAIN_LIMIT, store.close()).await.is_err() {
        tracing::warn!("the store did not close within {DRAIN_LIMIT:?}");
    }
}

/// Serves one connection, over HTTP/1.1 or HTTP/2.
fn serve_connection(
    stream: LingeringStream<TcpStream>,
    app: Router,
    patience: Patience,
    connections: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    let begun = Arc::new(Notify::new());
    let first = Arc::clone(&begun);
    let app = app.map_request(move |request: Request<Incoming>| {
        begun.notify_one();
        request
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.head);
    // Over HTTP/2 a client that is gone does not answer a ping.
    let mut http2 = builder.http2();
    http2.timer(TokioTimer::new()).keep_alive_interval(patience.head).keep_alive_timeout(patience.head);
    let service = TowerToHyperService::new(app);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let connection = connections.watch(connection);
    async move {
        // hyper's own time-out begins once it knows the version.
        let silent = async {
            if time::timeout(patience.head, first.notified()).await.is_ok() {
                pending().await
            }
        };
        tokio::select! {
            served = connection => if let Err(error) = served {
                tracing::debug!("serving a connection: {error}");
            },
            () = silent => tracing::debug!("a connection without a request"),
        }
    }
}
