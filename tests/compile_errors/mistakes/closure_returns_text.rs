use axum::http::request::Parts;
use tower_precondition::PreconditionLayer;

fn main() {
    PreconditionLayer::new(|_: &Parts| async { String::new() });
}
