//! Closes connections in stages, so that the last answer arrives ([RFC 9112 §9.6]).
//!
//! A server that refuses an upload answers while the client still sends. If it then closes the socket, the
//! operating system resets the connection, and the reset can overtake the answer: the client sees a broken pipe,
//! and a proxy a bad gateway, in place of the 412. A lingering close first ends the sending half. Then it reads
//! and drops what arrives, until the client closes too or a bound is met. nginx and Apache close like that.
//!
//! A [`LingeringStream`] is such a connection, around any stream of bytes. Put it around the TCP stream, inside
//! TLS. With `axum::serve`, the `LingeringListener` (feature `axum-serve`) is one line.
//!
//! The stream does not know HTTP, so it cannot tell a client to stop. [`CloseUnreadLayer`] does: it adds
//! `Connection: close` to a 3xx to 5xx answer that leaves content unread.
//!
//! [RFC 9112 §9.6]: https://www.rfc-editor.org/rfc/rfc9112#section-9.6
//! [`CloseUnreadLayer`]: crate::CloseUnreadLayer

#[cfg(feature = "axum-serve")]
mod listener;
mod places;
mod settings;
mod stream;

#[cfg(feature = "axum-serve")]
pub use listener::LingeringListener;
pub use settings::LingeringClose;
pub use stream::LingeringStream;
