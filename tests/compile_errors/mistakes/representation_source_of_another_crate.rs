use tower_precondition::{Representation, source::RepresentationSource};

struct Mine;

impl RepresentationSource<(), ()> for Mine {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Representation, Self::Error>>;
    const CALLS_SERVICE: bool = false;

    fn look_up(
        &self,
        _: &axum::http::request::Parts,
        _: tower_precondition::source::Asked,
        _: &mut (),
    ) -> Self::Future {
        std::future::ready(Ok(Representation::absent()))
    }
}

fn main() {}
