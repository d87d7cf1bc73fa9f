use axum::http::request::Parts;
use tower_precondition::SerializedWrites;

fn main() {
    SerializedWrites::by(|head: &Parts| head.uri.path());
}
