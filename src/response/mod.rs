//! Decisions as HTTP responses.
//!
//! | file | makes |
//! |---|---|
//! | `not_modified.rs` | the 304, with its list of fields |
//! | `rejected.rs` | the 4xx and 5xx of the layer, and a source's refusal |
//! | `problem.rs`, `accept.rs` | the body of a rejection: problem details or plain text |
//! | `members.rs`, `json.rs`, `plain_text.rs`, `content.rs` | how either is written |
//! | `responder.rs`, `any_responder.rs` | the trait for a body of your own |
//! | `from_handler.rs` | rejections that a handler returns |
//! | `emit.rs`, `last_modified.rs`, `freshness.rs` | the validators of a 200 |
//! | `content_fields.rs` | what a 304 or 4xx in the place of another response drops |
//! | `unread.rs`, `open_stream.rs` | what happens to content that the answer leaves unread |
//! | `body.rs` | the body type |
//! | `events.rs` | what `tracing` is told |

mod accept;
mod any_responder;
mod body;
mod content;
mod content_fields;
mod emit;
pub(crate) mod events;
mod freshness;
mod from_handler;
mod json;
mod last_modified;
mod members;
mod not_modified;
mod open_stream;
mod plain_text;
mod problem;
mod refused_uploads;
mod rejected;
mod responder;
mod unread;

pub use body::ResponseBody;
pub use emit::Emit;
pub use problem::ProblemDetails;
#[cfg(feature = "lingering-close")]
pub use refused_uploads::RefusedUploads;
pub use responder::RejectionResponder;

pub(crate) use any_responder::AnyResponder;
pub(crate) use body::OwnBody;
pub(crate) use emit::Emission;
pub(crate) use from_handler::{FromHandler, put_in_place_of};
pub(crate) use last_modified::insert_last_modified;
pub(crate) use not_modified::{not_modified, turn_into_not_modified};
#[cfg(feature = "utoipa")]
pub(crate) use problem::{MEMBERS, PLAIN_TEXT, PROBLEM_JSON};
#[cfg(not(feature = "lingering-close"))]
pub(crate) use refused_uploads::RefusedUploads;
pub(crate) use rejected::{is_of_inner_layer, refuse, reject};
pub(crate) use unread::{Look, Unread, say_open};

use open_stream::OpenStream;
