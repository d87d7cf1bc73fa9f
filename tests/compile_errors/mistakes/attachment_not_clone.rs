use tower_precondition::Representation;

struct Row;

fn main() {
    Representation::absent().with_attached(Row);
}
