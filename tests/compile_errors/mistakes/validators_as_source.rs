use tower_precondition::{PreconditionLayer, Validators};

fn main() {
    PreconditionLayer::new(Validators::new());
}
