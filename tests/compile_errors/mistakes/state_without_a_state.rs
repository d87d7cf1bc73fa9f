use axum::extract::State;
use tower_precondition::{Validators, validators_from_fn};

async fn lookup(_: State<u64>) -> Option<Validators> {
    None
}

fn main() {
    validators_from_fn(lookup);
}
