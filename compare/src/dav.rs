//! dav-server over its file system in memory, with the file `note`, alone and inside this crate's layer.

use axum::{Router, body::Body, extract::Request};
use dav_server::{DavHandler, memfs::MemFs};
use tower::{Layer, service_fn};
use tower_precondition::PreconditionLayer;

pub async fn app() -> Router {
    let dav = DavHandler::builder().filesystem(MemFs::new()).build_handler();
    let put = Request::put("/note").body(Body::from("version 1")).unwrap();
    assert!(dav.handle(put).await.status().is_success());
    let service = service_fn(move |request: Request| {
        let dav = dav.clone();
        async move { Ok::<_, std::convert::Infallible>(dav.handle(request).await.map(Body::new)) }
    });
    Router::new().fallback_service(service)
}

/// As docs/MIGRATING.md shows it.
pub async fn inside() -> Router {
    let layer = PreconditionLayer::probing().probe_writes();
    Router::new().fallback_service(layer.layer(app().await))
}
