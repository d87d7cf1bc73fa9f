use axum::extract::{Path, State};
use tower_precondition::{PreconditionLayer, Validators};

async fn lookup(_: State<u64>, _: Path<u64>) -> Option<Validators> {
    None
}

fn main() {
    PreconditionLayer::new(lookup);
}
