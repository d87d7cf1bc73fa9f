//! WebDAV's `If` field ([RFC 4918 §10.4]): lists of lock tokens and entity tags, about several resources.
//!
//! This is a pure core beside [`precondition`](crate::precondition): it knows neither Tower nor futures, and
//! allocates nothing while it reads and evaluates.
//!
//! | to | use |
//! |---|---|
//! | read the field, or refuse it with 400 | [`IfField::from_headers`] |
//! | see its lists and their conditions | [`IfField::lists`], [`IfList::conditions`] |
//! | tell which resource a list is about | [`NamedResource::of`] |
//! | describe the state of a resource | [`ResourceState`] |
//! | evaluate the field, or refuse it with 412 | [`IfField::evaluate`] |
//! | tell in a handler whether a lock's token was submitted, or answer 423 | [`SubmittedTokens`] |
//!
//! [`PreconditionLayer::webdav`](crate::PreconditionLayer::webdav) does all of it, with a
//! [`LockSource`](crate::LockSource).
//!
//! ```
//! use http::HeaderValue;
//! use tower_precondition::{EntityTag, ResourceState, webdav::IfField};
//!
//! let value = HeaderValue::from_static("(<urn:uuid:1> [\"a\"]) (Not <DAV:no-lock>)");
//! let field = IfField::parse(&value)?;
//!
//! let locked = ResourceState::from(EntityTag::from_static("\"a\"")).with_lock_token("urn:uuid:1");
//! assert!(field.evaluate(|_| Some(&locked)).unwrap().names_state());
//! # Ok::<(), tower_precondition::webdav::MalformedIf>(())
//! ```
//!
//! # The five situations of a 412
//!
//! | a 412 because of | example | tells |
//! |---|---|---|
//! | If-Match | `If-Match: "1"` on a resource at `"2"` | the representation is not the named one |
//! | If-Unmodified-Since | a date before the modification | it was modified since |
//! | If-None-Match | `If-None-Match: *` on what exists, on a write | it exists, or is the named one |
//! | If-Range | `If-Match: "1"` and `If-Range: "1"` on a resource at `"2"` | never by itself: a false If-Range only drops Range, and the 412 is If-Match's |
//! | If | `If: (<urn:uuid:1>)` on a resource without that lock | no list holds |
//!
//! ```
//! use http::{Request, Response, request::Parts};
//! # use tower::{Layer, ServiceExt, service_fn};
//! use tower_precondition::{EntityTag, HttpDate, PreconditionLayer, ResourceState, Validators};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let modified: HttpDate = "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap();
//! let current = move |_: &Parts| async move {
//!     Validators::from(EntityTag::from_version(2)).with_last_modified(modified)
//! };
//! let locks = |_: &http::Uri, _: &Parts| async { ResourceState::new().with_lock_token("urn:uuid:2") };
//! let layer = PreconditionLayer::new(current).webdav(locks);
//! let handler = service_fn(|_: Request<String>| async {
//!     Ok::<_, std::convert::Infallible>(Response::new(String::new()))
//! });
//! let service = layer.layer(handler);
//!
//! for (method, fields) in [
//!     ("PUT", &[("if-match", "\"1\"")][..]),
//!     ("PUT", &[("if-unmodified-since", "Sat, 05 Nov 1994 08:49:37 GMT")]),
//!     ("PUT", &[("if-none-match", "*")]),
//!     ("GET", &[("if-match", "\"1\""), ("range", "bytes=0-9"), ("if-range", "\"1\"")]),
//!     ("PUT", &[("if", "(<urn:uuid:1>)")]),
//! ] {
//!     let request = Request::builder().method(method);
//!     let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
//!     let response = service.clone().oneshot(request.body(String::new()).unwrap()).await.unwrap();
//!     assert_eq!(response.status(), 412, "{fields:?}");
//! }
//! # });
//! ```
//!
//! # What is left to others
//!
//! The layer evaluates the field, and nothing else of WebDAV:
//!
//! - **Locks.** The application makes, keeps, refreshes and expires them: LOCK, UNLOCK, `Timeout` and
//!   `Lock-Token` are its own, and so are a lock's scope and depth. A [`LockSource`](crate::LockSource) tells the
//!   layer which locks cover a resource.
//! - **423 (Locked).** A write to a locked resource without its token carries no false condition. The handler
//!   answers 423, by [`SubmittedTokens`]. It must also check that the token is the user's own (§6.4).
//! - **The race.** A lock can end, and a named resource can change, between the judgement and the write. Check the
//!   locks again, and [compare and set](crate::guide::lost_updates), in the transaction of the write.
//! - **Methods, properties and bodies.** PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, `Depth`, `Overwrite`,
//!   `Destination`, XML and 207 are the application's.
//! - **Authorization** comes before every condition (§8): put it outside the layer, or refuse in the look-up. A
//!   lock source answers [`ResourceState::unmapped`] for what the sender may not read.
//! - **428.** The usual policy names PUT, PATCH and DELETE. No method of WebDAV must carry a condition unless a
//!   [`Requirement`](crate::Requirement) names it.
//! - **Content codings.** [`ContentCodingLayer`](crate::ContentCodingLayer) does not translate the tags of `If`.
//!   WebDAV servers send files uncoded.
//!
//! [RFC 4918 §10.4]: https://www.rfc-editor.org/rfc/rfc4918#section-10.4

mod condition;
mod evaluate;
mod if_field;
mod malformed;
mod named_resource;
mod reader;
mod submitted;
mod uri;

pub use condition::IfCondition;
pub use evaluate::{FailedCondition, HeldLists, ResourceState};
pub use if_field::{IfField, IfList};
pub use malformed::MalformedIf;
pub use named_resource::NamedResource;
pub use submitted::SubmittedTokens;

pub(crate) use if_field::IF;
