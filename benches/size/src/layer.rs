//! The application with the layer and a look-up over extractors.

use axum::{Router, extract::Path, routing::get};
use tower_precondition::{EntityTag, PreconditionLayer};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let layer = PreconditionLayer::new(look_up);
    let app = Router::new().route("/notes/{id}", get(read).put(write).route_layer(layer));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    axum::serve(listener, app).await
}

async fn look_up(Path(id): Path<u64>) -> EntityTag {
    EntityTag::from_version(id)
}

async fn read(Path(id): Path<u64>) -> String {
    id.to_string()
}

async fn write(Path(id): Path<u64>, text: String) -> String {
    format!("{id}: {text}")
}
