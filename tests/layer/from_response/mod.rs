//! `PreconditionLayer::from_response()`: the layer evaluates conditions against the handler's answer.

mod content_tag;
mod evaluated;
mod fields;
mod layers;
mod seen;
mod writes;

use http::Response;
use tower_precondition::PreconditionLayer;

use crate::support::{Answer, request, response, send_to};

/// Sends a request to a handler that answers this status with these fields.
fn exchange(method: &str, fields: &[(&str, &str)], status: u16, answered: &[(&str, &str)]) -> Answer {
    answered_with(method, fields, response(status, answered, "text"))
}

fn answered_with(method: &str, fields: &[(&str, &str)], answer: Response<String>) -> Answer {
    send_to(answer, PreconditionLayer::from_response(), request(method, fields))
}
