//! The Tower middleware: [`PreconditionLayer`], its service and its future.
//!
//! | file | does |
//! |---|---|
//! | `layer.rs`, `config.rs` | the layer and its settings |
//! | `service.rs` | `call`: the fast path, and the start of the look-up |
//! | `need.rs` | which requests need the layer |
//! | `checked_head.rs` | what the layer knows of a request while the look-up runs |
//! | `order_of_answers.rs` | the order of answers, from A to F |
//! | `on_response.rs`, `evaluate_response.rs` | what happens to the handler's response |
//! | `future.rs` | awaits the look-up and the inner service |
//! | `before_writes.rs` | what writes need before the look-up |
//! | `settings.rs` | what the description of a route needs to know of the layer |
//! | `write_queue.rs`, `serialized_writes.rs` | writes to one resource, one at a time |

mod before_writes;
mod checked_head;
mod config;
mod evaluate_response;
mod future;
#[expect(clippy::module_inception, reason = "every middleware here has its layer in `layer.rs`")]
mod layer;
mod need;
mod on_response;
mod order_of_answers;
#[cfg(feature = "serialize-writes")]
mod serialized_writes;
mod service;
#[cfg(feature = "utoipa")]
mod settings;
mod write_queue;

pub use future::ResponseFuture;
pub use layer::PreconditionLayer;
#[cfg(feature = "serialize-writes")]
pub use serialized_writes::SerializedWrites;
pub use service::Precondition;
