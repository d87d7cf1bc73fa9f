//! The application with a middleware that evaluates two conditions by the crate `headers`.

use axum::{
    Router,
    extract::{Path, Request},
    http::{Method, StatusCode},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use headers::{ETag, HeaderMapExt, IfMatch, IfNoneMatch};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/notes/{id}", get(read).put(write).route_layer(from_fn(conditional)));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    axum::serve(listener, app).await
}

async fn conditional(Path(id): Path<u64>, request: Request, next: Next) -> Response {
    let Ok(tag) = format!("\"{id}\"").parse::<ETag>() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let if_match = request.headers().typed_get::<IfMatch>();
    let if_none_match = request.headers().typed_get::<IfNoneMatch>();
    let mut response = if if_match.is_some_and(|field| !field.precondition_passes(&tag)) {
        StatusCode::PRECONDITION_FAILED.into_response()
    } else if if_none_match.is_some_and(|field| !field.precondition_passes(&tag)) {
        match reads {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => StatusCode::PRECONDITION_FAILED.into_response(),
        }
    } else {
        next.run(request).await
    };
    if reads {
        response.headers_mut().typed_insert(tag);
    }
    response
}

async fn read(Path(id): Path<u64>) -> String {
    id.to_string()
}

async fn write(Path(id): Path<u64>, text: String) -> String {
    format!("{id}: {text}")
}
