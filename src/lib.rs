//! Tower middleware for HTTP conditional requests, by [RFC 9110 §13] and [RFC 6585 §3].
//!
//! Two people edit one document; the second to save destroys what the first wrote.
//! A client asks for what it already holds, and gets all of it again. HTTP has an
//! answer to both: validators and preconditions. [`PreconditionLayer`] wraps any
//! Tower service, asks a [`ValidatorSource`] what currently exists, and answers
//! **304** (you have it already), **412** (it has changed), **428** (say which
//! version you mean) or **400** (that is no entity tag) before the service runs.
//! A refused upload is never read.
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, extract::{Path, State}, routing::get};
//! use tower_precondition::{
//!     EntityTag, PreconditionLayer, Requirement, Validators, validators_from_fn_with_state,
//! };
//!
//! // What currently exists: an async function over extractors.
//! async fn lookup(State(db): State<Db>, Path(id): Path<u64>) -> Result<Option<Validators>, DbError> {
//!     let version: Option<u64> = db.version(id).await?;
//!     Ok(version.map(|version| EntityTag::from_version(version).into()))
//! }
//!
//! # fn app(db: Db) -> Router {
//! let preconditions = PreconditionLayer::new(validators_from_fn_with_state(db.clone(), lookup))
//!     .require(Requirement::on_writes());
//! let documents = get(read).put(write).delete(remove).route_layer(preconditions);
//! let app = Router::new().route("/documents/{id}", documents).with_state(db);
//! # app }
//! # #[derive(Clone)] struct Db;
//! # impl Db { async fn version(&self, _: u64) -> Result<Option<u64>, DbError> { Ok(Some(7)) } }
//! # type DbError = axum::http::StatusCode;
//! # async fn read() -> &'static str { "text" }
//! # async fn write() {}
//! # async fn remove() {}
//! # use tower::ServiceExt;
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! #     let get = |tag| http::Request::get("/documents/1").header("if-none-match", tag)
//! #         .body(axum::body::Body::empty()).unwrap();
//! #     assert_eq!(app(Db).oneshot(get("\"7\"")).await.unwrap().status(), 304);
//! #     let put = http::Request::put("/documents/1").body(axum::body::Body::empty()).unwrap();
//! #     assert_eq!(app(Db).oneshot(put).await.unwrap().status(), 428);
//! # });
//! # }
//! ```
//!
//! What that gives, without a line in the handlers:
//!
//! | request | answer |
//! |---|---|
//! | `GET` | 200 with `ETag: "7"` |
//! | `GET`, `If-None-Match: "7"` | 304, the handler is not called |
//! | `PUT`, `If-Match: "7"` | the handler is called |
//! | `PUT`, `If-Match: "6"` | 412, with `ETag: "7"`; the upload is not read |
//! | `PUT`, `If-None-Match: *` | 412: it exists already |
//! | `PUT` | 428: say which version you mean |
//! | `PUT`, `If-Match: 7` | 400: an entity tag has quotes |
//!
//! Without Axum a closure over the request's head is a source; see [`ValidatorSource`]. A service
//! that was not written for this needs none:
//!
//! | layer | learns what exists | 304 spares | conditional writes |
//! |---|---|---|---|
//! | [`new(source)`](PreconditionLayer::new) | from a look-up | the handler | judged before they run |
//! | [`probing()`](PreconditionLayer::probing) | by a HEAD to the service | the GET, for a HEAD | judged before they run |
//! | [`from_response()`](PreconditionLayer::from_response) | from the handler's ETag and Last-Modified | the body | refused, or left to the handler |
//!
//! # A write that is atomic
//!
//! A check before a write is a race, unless the write compares and sets. The [`Verdict`] says what to compare with, and
//! makes the answer to a write that came [late](Verdict::reject), which is the layer's own 412. A source can also [hold a
//! guard](Representation::with_guard), and hand on [what it loaded](Representation::with_attached).
//! [`guide::lost_updates`] has one table of what is promised with each of them, and with neither.
//!
//! # The order of answers
//!
//! When several answers are possible, the first of this list is given.
//!
//! 1. **400**: If-Match or If-None-Match is malformed, on a method that may change state.
//! 2. **428**: the [`Requirement`] is not met, as far as the head of the request can tell.
//! 3. **What the look-up says**, for a write after its turn, where [writes are
//!    serialised](PreconditionLayer): too long a wait is 503. A refusal is the answer. A deferral forwards the request
//!    unjudged. A failure is **503** on a method that may change state and behind If-Match or
//!    If-Unmodified-Since; otherwise a conditional request goes on without its conditions and its Range,
//!    since a full 200 is always true.
//! 4. **404**: a DELETE whose condition is false because nothing is there.
//! 5. **428**: the resource exists and [`existing_only`](Requirement::existing_only) asked, or the
//!    only conditions that could meet the requirement had to be ignored.
//! 6. **412** or **304**, by RFC 9110 §13.2.2; [`evaluate`] has the table.
//!
#![doc = include_str!("../docs/decision.svg")]
//!
//! # The rules
//!
//! - **Methods.** GET, HEAD and QUERY select a representation. CONNECT, OPTIONS and TRACE
//!   are never evaluated, nor is a GET that asks for another protocol. Every other method, known or
//!   not, may change state.
//! - **Existence is not "has a tag".** `*` is answered from existence alone.
//! - **404 wins.** Where nothing exists, GET, HEAD and QUERY go to the handler, which says so.
//! - **Malformed fails closed.** On GET, HEAD and QUERY a malformed tag list matches nothing, and
//!   still shadows its date. Malformed dates are ignored, and meet no requirement.
//! - **On the way in** GET, HEAD and QUERY lose the conditional fields that were judged, and lose
//!   Range where If-Range is false. Methods without ranges lose Range. Writes keep their
//!   conditional fields and get a [`Verdict`] in their extensions.
//! - **A 200 to GET or HEAD** gets the source's validators and fields, unless the handler set ETag
//!   or Last-Modified itself, and `Cache-Control: no-cache` where nothing says how long it is
//!   fresh. A 206 gets what combining ranges needs. A Last-Modified in the future becomes now.
//! - **A 304** carries ETag, or else Last-Modified, and Cache-Control, Content-Location, Expires
//!   and Vary of the [`Validators`], or the `no-cache` of the 200 in its place; no content and no `Content-Length`.
//! - **A 412** carries the current validators, Location if the source names it, and says which
//!   condition failed. Every 4xx and 5xx of the layer carries `Cache-Control: no-store` and its
//!   [`Rejection`] in the extensions.
//! - **Errors** of the service pass untouched, and the layer adds none.
//!
//! # The limits
//!
//! - Where a write neither compares and sets nor runs under a guard, two that race may both be made, and
//!   one is lost.
//! - The place of the layer among others matters: [`guide::layer_order`].
//! - The fields of a source's 304 are those of the source: a Cache-Control or Vary that only the handler
//!   knows is not on it. Put it into the [`Validators`].
//! - Around a compression that leaves the tags as they are, one strong tag names several sequences of octets:
//!   [`outside_compression`](PreconditionLayer::outside_compression) tells them apart.
//! - The layer serves no ranges, caches nothing, authenticates nobody.
//! - QUERY gets no validators, since a source does not see its content. A source whose tag does not
//!   cover the content must [defer](Representation::defer_to_handler) on QUERY.
//!
//! # The nouns
//!
//! | noun | is |
//! |---|---|
//! | [`EntityTag`], [`HttpDate`] | the two kinds of validator |
//! | [`Validators`] | what describes a current representation |
//! | [`Representation`] | what a source found: current, absent, deferred or refused |
//! | [`ConditionalFields`] | the conditional fields of one request |
//! | [`evaluate`], [`Evaluation`] | the table of RFC 9110 §13.2.2, and what it said |
//! | [`Requirement`] | which conditions a request must carry |
//! | [`Verdict`] | the evaluation, handed on to a handler that writes |
//! | [`Guard`] | what is held while the handler runs |
//! | [`Rejection`] | why the layer, or a handler with its [`Preconditions`], answered instead |
//!
//! The first five know neither tower nor futures: call them from a handler or another framework.
//!
//! # Features
//!
//! None is on by default, and none changes what another does.
//!
//! | feature | adds |
//! |---|---|
//! | `axum` | `validators_from_fn`, `validators_from_fn_with_state`, `Validators` in front of a body, and extractors |
//! | `content-tag` | `EntityTagLayer`, which tags the 200s of any service with a hash of their content |
//! | `serialize-writes` | `SerializedWrites`: writes of one resource wait for each other; needs tokio |
//! | `tracing` | an event for each rejection, each failed look-up, and each tag of a handler that is not the source's |
//!
//! [RFC 9110 §13]: https://www.rfc-editor.org/rfc/rfc9110#section-13
//! [RFC 6585 §3]: https://www.rfc-editor.org/rfc/rfc6585#section-3
#![cfg_attr(docsrs, feature(doc_cfg))]

mod coding;
mod decision;
mod error;
mod layer;
mod lists;
mod precondition;
mod representation;
mod response;
mod source;
mod validator;

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "content-tag")]
mod content_tag;

#[cfg(any(doc, doctest))]
pub mod guide;

#[cfg(feature = "axum")]
pub use axum::Attached;
#[cfg(feature = "axum")]
pub use axum::FromFn;
#[cfg(feature = "axum")]
pub use axum::LookupFn;
#[cfg(feature = "axum")]
pub use axum::LookupResponse;
#[cfg(feature = "axum")]
pub use axum::MissingExtension;
#[cfg(feature = "axum")]
pub use axum::Taken;
#[cfg(feature = "axum")]
pub use axum::validators_from_fn;
#[cfg(feature = "axum")]
pub use axum::validators_from_fn_with_state;
pub use coding::OutsideCompression;
#[cfg(feature = "content-tag")]
pub use content_tag::{EntityTagFuture, EntityTagLayer, EntityTagService, TaggedBody};
pub use decision::Expose;
pub use decision::Preconditions;
pub use decision::Rejection;
pub use decision::RejectionKind;
pub use decision::Verdict;
pub use error::BoxError;
pub use layer::Precondition;
pub use layer::PreconditionLayer;
pub use layer::ResponseFuture;
#[cfg(feature = "serialize-writes")]
pub use layer::SerializedWrites;
pub use precondition::Condition;
pub use precondition::ConditionalFields;
pub use precondition::Decision;
pub use precondition::Evaluation;
pub use precondition::Ignored;
pub use precondition::MalformedField;
pub use precondition::Outcome;
pub use precondition::RequiredCondition;
pub use precondition::Requirement;
pub use precondition::RequirementPolicy;
pub use precondition::TagList;
pub use precondition::evaluate;
pub use precondition::may_change_state;
pub use representation::ExtensionValue;
pub use representation::Guard;
pub use representation::GuardShare;
pub use representation::HandedOver;
pub use representation::Representation;
pub use representation::UnevaluatedWrites;
pub use response::Emit;
pub use response::ProblemDetails;
pub use response::RejectionResponder;
pub use response::ResponseBody;
pub use source::FromResponse;
pub use source::Inquiry;
pub use source::IntoLookup;
pub use source::Lookup;
pub use source::Probing;
pub use source::ValidatorSource;
pub use validator::EntityTag;
pub use validator::HttpDate;
pub use validator::InvalidEntityTag;
pub use validator::InvalidHttpDate;
pub use validator::Validators;
