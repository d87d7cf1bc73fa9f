use axum::http::request::Parts;
use tower_precondition::SerializedWrites;

fn main() {
    SerializedWrites::by(|_: &Parts| 1.5_f64);
}
