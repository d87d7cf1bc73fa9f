use tower_precondition::{PreconditionLayer, Validators};

async fn lookup(_: String) -> Option<Validators> {
    None
}

fn main() {
    PreconditionLayer::new(lookup);
}
