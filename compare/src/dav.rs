//! dav-server over its file system in memory, with the file `note`.

use axum::{Router, body::Body, extract::Request};
use dav_server::{DavHandler, memfs::MemFs};
use tower::service_fn;

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
