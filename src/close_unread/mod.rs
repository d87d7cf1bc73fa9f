//! Says `Connection: close` when an answer leaves content unread ([RFC 9112 §9.6]).
//!
//! [`CloseUnreadLayer`] is a layer of its own, and the outermost. It knows nothing of preconditions.
//!
//! [RFC 9112 §9.6]: https://www.rfc-editor.org/rfc/rfc9112#section-9.6

mod body;
mod future;
mod layer;
mod service;

pub use body::WatchedBody;
pub use future::CloseUnreadFuture;
pub use layer::CloseUnreadLayer;
pub use service::CloseUnread;
