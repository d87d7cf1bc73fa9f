//! The client's half: read, change and write a resource without losing an update.
//!
//! [`Client::change`] takes a target and a function from what is there to what shall be there. It reads the
//! resource, asks the function, and sends the write with the condition that the function's answer is based on:
//! `If-Match` with the entity tag of what the function saw, or `If-None-Match: *` if nothing was there. If the
//! server answers 412, it reads again and asks again.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tower_precondition::client::{Change, Client, Target};
//! # use std::{convert::Infallible, sync::{Arc, Mutex}};
//! # let counter = Arc::new(Mutex::new(7_u64));
//! # let server = tower::service_fn({ let counter = counter.clone(); move |request: Request<Full<Bytes>>| { let counter = counter.clone(); async move {
//! #     let mut counter = counter.lock().unwrap();
//! #     let tag = format!("\"{}\"", *counter);
//! #     let response = match request.headers().get("if-match") {
//! #         None => Response::builder().header("etag", tag).body(Full::<Bytes>::from(counter.to_string())),
//! #         Some(seen) => { assert_eq!(seen, &tag); *counter += 1; Response::builder().status(204).body(Full::<Bytes>::default()) }
//! #     };
//! #     Ok::<_, Infallible>(response.unwrap())
//! # } } });
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! // `server` is a hyper-util client, a router, or a closure around reqwest.
//! let client = Client::new(server);
//! let target: Target = "http://localhost/counter".parse()?;
//! let changed = client.change(&target, |seen| {
//!     let count: u64 = std::str::from_utf8(seen.content().ok_or("no counter")?)?.parse()?;
//!     Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Change::replace((count + 1).to_string()))
//! });
//! assert_eq!(changed.await?.tried().writes(), 1);
//! # assert_eq!(*counter.lock().unwrap(), 8);
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! For an editor that shows a person both sides, the steps exist one by one: [`Client::read`],
//! [`Client::save`], [`Client::request`], and the [`Conflict`] of a 412.
//!
//! - **It never writes blindly.** A request that may change state carries a condition, or it is not sent. If what
//!   was read has no entity tag, or a weak one, that is an [`Error`]. [`accept_weak_tags`](Client::accept_weak_tags)
//!   and [`accept_dates`](Client::accept_dates) are for servers that you know to compare weakly or by date.
//! - **It forgets a tag** after a 412, after a success without a tag, and after any other answer. [`Seen`] is not
//!   `Clone`, and a save takes it, so a dead tag cannot be sent again.
//! - **One intent has one id.** Every write carries an `Idempotency-Key` and, with content, a `Content-Digest`
//!   (RFC 9530, sha-256). If the answer is lost, the client sends the same request again: same id, same tag, same
//!   content. A server that keeps a record of recent writes then answers the success that was lost.
//! - **It does not guess.** If the answer was lost and the second one is not a success, the write may have been
//!   made. That is [`Error::OutcomeUnknown`].
//! - **It has bounds.** [`attempts`](Client::with_attempts), a [time for each
//!   answer](Client::with_answer_timeout), a jittered backoff, and a [deadline](Client::with_deadline) if you set
//!   one.
//! - **It caches nothing**, follows no redirect, and spawns no task.
//!
//! [`guide::client`](crate::guide::client) has complete programs.

mod backoff;
mod change;
mod condition;
mod conflict;
mod error;
mod exchange;
mod outcome;
mod problem;
mod request;
mod seen;
mod service;
mod settings;
mod target;
mod tried;

pub use change::Change;
pub use conflict::Conflict;
pub use error::Error;
pub use outcome::{Made, Outcome};
pub use seen::Seen;
pub use service::Client;
pub use target::Target;
pub use tried::Tried;
