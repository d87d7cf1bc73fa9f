//! A minimal application, to see how much the two others add to it.

use axum::{Router, extract::Path, routing::get};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/notes/{id}", get(read).put(write));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    axum::serve(listener, app).await
}

async fn read(Path(id): Path<u64>) -> String {
    id.to_string()
}

async fn write(Path(id): Path<u64>, text: String) -> String {
    format!("{id}: {text}")
}
