use axum::extract::Path;
use tower_precondition::{Validators, validators_from_fn};

struct NotFound;

async fn lookup(_: Path<u64>) -> Result<Validators, NotFound> {
    Err(NotFound)
}

fn main() {
    validators_from_fn(lookup);
}
