use tower_precondition::{Validators, validators_from_fn};

async fn lookup(_: String) -> Option<Validators> {
    None
}

fn main() {
    validators_from_fn(lookup);
}
