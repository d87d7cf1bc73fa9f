//! `ServeDir` of tower-http over a folder with the file `note`.

use std::path::PathBuf;

use axum::Router;
use tower_http::services::ServeDir;

pub fn app(folder: PathBuf) -> Router {
    Router::new().fallback_service(ServeDir::new(folder))
}
