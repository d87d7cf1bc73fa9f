use axum::extract::Path;
use tower_precondition::{Validators, validators_from_fn};

fn lookup(_: Path<u64>) -> Option<Validators> {
    None
}

fn main() {
    validators_from_fn(lookup);
}
