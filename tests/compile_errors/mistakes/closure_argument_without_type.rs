use tower_precondition::{PreconditionLayer, Validators};

fn main() {
    PreconditionLayer::new(|head| {
        let uri = head.uri.clone();
        async move { Validators::new() }
    });
}
