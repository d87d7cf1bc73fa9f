use tower_precondition::{Representation, source::IntoRepresentation};

struct Mine;

impl IntoRepresentation for Mine {
    type Error = std::convert::Infallible;

    fn into_representation(self, _: tower_precondition::source::Seal) -> Result<Representation, Self::Error> {
        Ok(Representation::absent())
    }
}

fn main() {}
