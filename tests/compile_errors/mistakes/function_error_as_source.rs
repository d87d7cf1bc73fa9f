use axum::extract::Path;
use tower_precondition::{PreconditionLayer, Validators};

struct DbError;

async fn lookup(_: Path<u64>) -> Result<Option<Validators>, DbError> {
    Err(DbError)
}

fn main() {
    PreconditionLayer::new(lookup);
}
