use tower_precondition::{PreconditionLayer, Validators};

fn main() {
    PreconditionLayer::new(|_| async { Validators::new() });
}
