use std::{
    future::{Future, pending},
    io,
    time::Duration,
};

use tokio::{net::TcpListener, sync::oneshot, time};

use crate::{Proxy, app_behind, store::Store};

/// How long open requests may take after the program is told to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Serves until `stop` completes, then finishes open requests and closes the store.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    proxy: Proxy,
    store: Store,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let stop = async move {
        stop.await;
        // The receiver below is gone if the server has failed meanwhile.
        let _ = stopping.send(());
    };
    let server = axum::serve(listener, app_behind(proxy, store.clone())).with_graceful_shutdown(stop);
    let overdue = async {
        match stopped.await {
            Ok(()) => time::sleep(DRAIN_LIMIT).await,
            Err(_) => pending().await,
        }
    };
    let served = tokio::select! {
        served = server => served,
        () = overdue => {
            tracing::warn!("requests were still open after {DRAIN_LIMIT:?}: the program drops them");
            Ok(())
        }
    };
    if time::timeout(DRAIN_LIMIT, store.close()).await.is_err() {
        tracing::warn!("the store did not close within {DRAIN_LIMIT:?}");
    }
    served
}
