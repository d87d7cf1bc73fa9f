//! Decisions made into responses.

mod accept;
mod body;
mod emit;
pub(crate) mod events;
mod from_handler;
mod problem;
mod respond;
mod responder;

pub use body::ResponseBody;
pub use emit::Emit;
pub(crate) use from_handler::{from_handler, in_place_of, render_late};
pub use problem::ProblemDetails;
pub(crate) use respond::{emit, insert_last_modified, is_of_inner_layer, not_modified, refuse, reject};
pub use responder::RejectionResponder;
