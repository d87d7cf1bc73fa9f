//! axum-conditional-requests: dates on reads.

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_conditional_requests::{IfModifiedSince, MaybeUnmodified};
use chrono::{TimeZone, Utc};

pub fn app() -> Router {
    Router::new().route("/{id}", get(read))
}

async fn read(Path(id): Path<String>, since: Option<IfModifiedSince>) -> Response {
    if id != "note" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let modified = Utc.with_ymd_and_hms(1994, 11, 6, 8, 49, 37).unwrap();
    MaybeUnmodified::from_header(since, modified, "version 1").into_response()
}
