use axum::http::request::Parts;
use tower_precondition::{PreconditionLayer, Validators};

fn main() {
    PreconditionLayer::new(|_: &Parts| async { Validators::new() }).require(true);
}
