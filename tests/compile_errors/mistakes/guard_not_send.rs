use std::rc::Rc;

use tower_precondition::Representation;

fn main() {
    Representation::absent().with_guard(Rc::new(1));
}
