use axum::extract::Path;
use tower_precondition::validators_from_fn;

async fn lookup(_: Path<u64>) -> String {
    String::new()
}

fn main() {
    validators_from_fn(lookup);
}
