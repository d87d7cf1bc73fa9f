use std::{
    future::{Future, pending},
    io,
    time::Duration,
};

use tokio::{net::TcpListener, sync::oneshot, time};

use crate::{app, store::Store};

/// How long requests that are under way may take when the program is told to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Serves until it is told to stop, and then until what is under way is over.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    store: Store,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let stop = async move {
        stop.await;
        // Received below, unless the server is over already.
        let _ = stopping.send(());
    };
    let server = axum::serve(listener, app(store.clone())).with_graceful_shutdown(stop);
    let overdue = async {
        match stopped.await {
            Ok(()) => time::sleep(DRAIN_LIMIT).await,
            Err(_) => pending().await,
        }
    };
    let served = tokio::select! {
        served = server => served,
        () = overdue => {
            tracing::warn!("requests are still under way after {DRAIN_LIMIT:?}: they are given up");
            Ok(())
        }
    };
    if time::timeout(DRAIN_LIMIT, store.close()).await.is_err() {
        tracing::warn!("the store was not closed in time");
    }
    served
}
