use axum::http::request::Parts;
use tower_precondition::{PreconditionLayer, Validators};

struct DbError;

fn main() {
    PreconditionLayer::new(|_: &Parts| async { Err::<Validators, _>(DbError) });
}
