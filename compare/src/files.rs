//! `ServeDir` of tower-http over a folder with the file `note`, alone and inside this crate's layer.

use std::path::PathBuf;

use axum::{Router, routing::get_service};
use tower::Layer;
use tower_http::services::ServeDir;
use tower_precondition::PreconditionLayer;

pub fn app(folder: PathBuf) -> Router {
    Router::new().fallback_service(ServeDir::new(folder))
}

/// As docs/MIGRATING.md shows it.
pub fn inside(folder: PathBuf) -> Router {
    let files = PreconditionLayer::probing().layer(ServeDir::new(folder));
    Router::new().fallback_service(get_service(files))
}
