//! Tower middleware for HTTP conditional requests ([RFC 9110 §13], [RFC 6585 §3]).
//!
//! Two people edit one document, and the second save destroys the first. A client asks for what it already
//! holds, and gets all of it again. HTTP solves both with validators and preconditions.
//!
//! [`PreconditionLayer`] wraps any Tower service. It asks a [`ValidatorSource`] what exists, and answers before
//! the service runs: **304** if the client already holds the representation, **412** if the write is based on
//! an old version, **428** if the write names no version, **400** if the entity tag is malformed. It never reads
//! a refused upload.
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, extract::{Path, State}, routing::get};
//! use tower_precondition::{
//!     EntityTag, PreconditionLayer, Requirement, Validators, validators_from_fn_with_state,
//! };
//!
//! // The look-up: an async function over extractors.
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
//! `Db` is your store. [`guide`] has complete programs: a first one, and recipes for databases, lists, authentication,
//! files and more. The handlers stay as they are, and clients get:
//!
//! | request | answer |
//! |---|---|
//! | `GET` | 200 with `ETag: "7"` |
//! | `GET`, `If-None-Match: "7"` | 304; the handler is not called |
//! | `PUT`, `If-Match: "7"` | the handler is called |
//! | `PUT`, `If-Match: "6"` | 412 with `ETag: "7"`; the upload is not read |
//! | `PUT`, `If-None-Match: *` | 412: it already exists |
//! | `PUT` | 428: a condition is required |
//! | `PUT`, `If-Match: 7` | 400: an entity tag needs quotes |
//!
//! Without Axum, a closure over the request's head is a source; see [`ValidatorSource`]. A service that was not
//! written for this crate needs no source:
//!
//! | layer | learns the state from | a 304 spares | conditional writes |
//! |---|---|---|---|
//! | [`new(source)`](PreconditionLayer::new) | a look-up | the handler | evaluated before they run |
//! | [`probing()`](PreconditionLayer::probing) | a HEAD to the service | the GET, for a HEAD | refused, left to the handler, or evaluated by a HEAD if you [say so](PreconditionLayer::probe_writes) |
//! | [`from_response()`](PreconditionLayer::from_response) | the response's ETag and Last-Modified | the body | refused, or left to the handler |
//!
//! # Atomic writes
//!
//! A check before a write is a race. The handler must compare the version again when it writes
//! (compare-and-set). Its [`Verdict`] says which version was evaluated, and makes the layer's own 412 for a
//! write that [lost the race](Verdict::reject). If your store has no compare-and-set, the look-up can
//! [hold a lock](Representation::with_guard), or the layer can queue writes to the same resource.
//! [`guide::lost_updates`] says what each of them promises.
//!
//! With a compare-and-set, a write that a client sends again after its answer was lost looks like a conflict. If
//! your store keeps a [record](MadeWrite) of recent writes, the layer answers the success that the client missed.
//!
//! # The order of answers
//!
//! If several answers are possible, the layer gives the first of this list.
//!
//! - **A. 400**: If-Match or If-None-Match is malformed, on a method that may change state. So is WebDAV's `If`, on
//!   every method that it applies to, if the layer has a source of locks.
//! - **B. 428**: the [`Requirement`] is not met, as far as the request's head tells.
//! - **C. The look-up.** A refusal is the answer. A deferral forwards the request unchanged. A failure is
//!   **503** for a method that may change state, and with If-Match or If-Unmodified-Since; other reads continue
//!   without their conditions and Range, because a full 200 is always correct. A write that waits too long for its
//!   turn, if writes are serialized, is **503** too. Then a false WebDAV `If` is **412**. Then a write that the source
//!   [knows to be made already](Representation::with_made_write) is its success, **201** or **204**.
//! - **D. 404**: a DELETE whose condition is false because nothing exists. A source can
//!   [choose](Representation::with_absent_response) another response.
//! - **E. 428**: the resource exists and [`existing_only`](Requirement::existing_only) asks for a condition, or
//!   the only accepted condition was ignored.
//! - **F. 412** or **304**, by RFC 9110 §13.2.2; [`evaluate`] has the table.
//!
#![doc = include_str!("../docs/decision.svg")]
//!
//! # The rules
//!
//! - **Methods.** GET, HEAD and QUERY select a representation. The layer never evaluates CONNECT, OPTIONS and
//!   TRACE. Every other method, known or not, may change state.
//! - **WebDAV.** Without a source of locks the layer does not look at `If`. With one, feature `webdav`, it judges the
//!   field: see the module `webdav`, which also says what of WebDAV is left to others.
//! - **Upgrades.** The layer does not evaluate a WebSocket handshake, nor a request for a protocol that you
//!   [name](PreconditionLayer::upgrades_to). It asks the source all the same, for what it attaches. A server
//!   ignores any other upgrade, so the request is evaluated as the plain GET that it also is.
//! - **Existence is not "has a tag".** `*` asks only whether a representation exists.
//! - **404 wins.** If nothing exists, GET, HEAD and QUERY go to the handler, which answers 404. A source can
//!   [choose](Representation::with_absent_response) 404, 410 or 204 for a write whose condition is false because of that.
//! - **Malformed fields fail closed.** On GET, HEAD and QUERY a malformed tag list matches nothing, and still
//!   overrides its date. Malformed dates are ignored, and meet no requirement.
//! - **What the handler sees.** GET, HEAD and QUERY lose the conditional fields that were evaluated, and lose
//!   Range if If-Range is false. HEAD, OPTIONS and TRACE lose Range, which is not defined for them. Writes keep
//!   all these fields, because some APIs define Range on them, and get a [`Verdict`]. An inner layer
//!   removes what an outer layer left for the handler, unless it forwards the request without asking its source.
//! - **A 200, 203, 204 or 206 to GET or HEAD** gets each of the source's validators and fields that it lacks.
//!   The handler's own fields stay. If the handler's ETag or Last-Modified is not the source's, it gets no further
//!   validator. Vary is a list, so its members are added. A 206 gets Last-Modified only if there is no ETag. A
//!   Last-Modified in the future becomes now.
//! - **Cache-Control.** If the layer adds Last-Modified and nothing says how long the response is fresh, it adds
//!   `no-cache`, because a cache would guess (RFC 9111 §4.2.2). It adds `private` too if the request carries Cookie
//!   or Authorization, but not beside `public`.
//! - **A 304** carries ETag, or else Last-Modified, and Cache-Control, Content-Location, Expires and Vary of the
//!   [`Validators`]. It has no content and no `Content-Length`. It does not carry the Cache-Control that the layer
//!   adds to the 200, although RFC 9110 §15.4.5 asks for it: it would replace what a cache stored, such as the
//!   `max-age` that another layer set.
//! - **A 304 or 4xx in the place of another response** carries nothing of that response's content: no digest, no
//!   Content-Disposition, no Content-Security-Policy with its nonce. CORS, Set-Cookie and unknown fields stay.
//! - **A 412** carries the current validators, Location if the source names it, and the condition that failed.
//!   Every 4xx and 5xx of the layer carries `Cache-Control: no-store`, and its [`Rejection`] in the extensions.
//! - **An answer that leaves content unread** says `Connection: close` over HTTP/1.x. [`CloseUnreadLayer`] says it for
//!   other services, and `lingering_close` lets the answer arrive: see [`guide::refused_uploads`].
//! - **If-Match compares strongly**, unless [`compare_tags`](PreconditionLayer::compare_tags) names another mode by
//!   its cause. If it holds only by a mode, Range is dropped.
//! - **Errors** of the service pass unchanged, and the layer adds none.
//!
//! # The limits
//!
//! - Without a compare-and-set or a guard, two racing writes can both be made, and one is lost.
//! - The layer's place among others matters: see [`guide::layer_order`].
//! - A 304 of a source does not carry a Cache-Control or Vary that only the handler knows. Put them into the
//!   [`Validators`].
//! - A tag must tell apart everything that one URL can answer with: user, language, media type and coding. See
//!   [`EntityTag::from_version`].
//! - Protocols with weak tags, and proxies that change tags when they compress, need a [`TagComparison`]:
//!   [`guide::entity_tags`] has an entry for each, and for tags of lists, UUIDs and timestamps.
//! - Around a compression layer, one strong tag would name several sequences of bytes. [`ContentCodingLayer`]
//!   tells them apart.
//! - The layer serves no ranges, caches nothing and authenticates nobody.
//! - QUERY gets no validators, because a source does not see its content. If the tag does not cover the content,
//!   the source must [defer](Representation::defer_to_handler) on QUERY.
//!
//! # The types
//!
//! | type | is |
//! |---|---|
//! | [`EntityTag`], [`HttpDate`] | the two kinds of validator |
//! | [`TagComparison`] | how If-Match compares tags: for FHIR, OData and SCIM, and behind proxies that change tags |
//! | [`FileTag`] | the tag of a file's metadata |
//! | [`Validators`] | the description of a current representation |
//! | [`Representation`] | the result of a look-up: current, absent, deferred or refused |
//! | [`ConditionalFields`] | the conditional fields of one request |
//! | [`evaluate`], [`Evaluation`] | the table of RFC 9110 §13.2.2, and its result |
//! | [`Requirement`] | the conditions that a request must carry |
//! | [`Verdict`] | the evaluation, for a handler that writes |
//! | [`Preconditions`] | the same check, for a handler that loads the representation itself |
//! | [`MadeWrite`] | the record of a write that was already made |
//! | [`Guard`] | the lock that is held while the handler runs |
//! | [`Rejection`] | the reason for a 4xx or 5xx |
//! | `LockSource`, `ResourceState`, `SubmittedTokens` (feature `webdav`) | the locks that cover a resource, and the tokens that a request submits |
//!
//! The modules [`precondition`] and `webdav`, and the validators, know neither Tower nor futures: call them from a handler or
//! another framework.
//!
//! # Features
//!
//! No feature is on by default, and none changes what another does.
//!
//! | feature | adds |
//! |---|---|
//! | `axum` | `validators_from_fn`, `validators_from_fn_with_state`, `Validators` as a part of a response, and extractors |
//! | `axum-serve` | `LingeringListener`, with which `axum::serve` closes connections so that the last answer arrives |
//! | `client` | the module `client`, which reads, changes and writes resources without losing an update; needs tokio |
//! | `content-tag` | `EntityTagLayer`, which tags the 200s of any service with a hash of their content; tags hashed from parts and values; `TagKey` |
//! | `lingering-close` | `lingering_close`: connections that are closed so that the last answer arrives; over HTTP/2, answers that wait for short uploads; needs tokio |
//! | `serialize-writes` | `SerializedWrites`, which queues writes to the same resource; needs tokio |
//! | `testing` | the module `testing`: a `Verdict` for a unit test, and the standard exchanges, played against a router |
//! | `utoipa` | the module `openapi`, which describes the layer's conditions and answers in an OpenAPI document of utoipa 5 |
//! | `webdav` | `PreconditionLayer::webdav`, which judges WebDAV's `If` field by a source of locks |
//! | `write-ids` | `WriteIds`, by which a repeated write is told of the success that its lost answer had |
//! | `tracing` | an event for each rejection, each failed look-up, each handler's validator that is not the source's, each malformed validator of a wrapped service, each extractor that finds nothing, and each tag that is added outside of the layer that needed it |
//!
//! [RFC 9110 §13]: https://www.rfc-editor.org/rfc/rfc9110#section-13
//! [RFC 6585 §3]: https://www.rfc-editor.org/rfc/rfc6585#section-3
#![cfg_attr(docsrs, feature(doc_cfg))]

mod decision;
mod error;
mod header_map;
mod layer;
mod lists;
mod representation;
mod response;
mod validator;

#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "client")]
pub mod client;
pub mod close_unread;
pub mod coding;
#[cfg(feature = "content-tag")]
pub mod content_tag;
#[cfg(feature = "lingering-close")]
pub mod lingering_close;
#[cfg(feature = "utoipa")]
pub mod openapi;
pub mod precondition;
pub mod source;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "webdav")]
pub mod webdav;

#[cfg(any(doc, doctest))]
pub mod guide;

/// The program of README.md compiles.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(feature = "axum")]
pub use axum::{Attached, validators_from_fn, validators_from_fn_with_state};
pub use close_unread::CloseUnreadLayer;
pub use coding::ContentCodingLayer;
#[cfg(feature = "content-tag")]
pub use content_tag::EntityTagLayer;
pub use decision::{Expose, Preconditions, Rejection, RejectionKind, Verdict};
#[cfg(feature = "write-ids")]
pub use decision::{WriteIdentity, WriteIds};
pub use error::BoxError;
#[cfg(feature = "serialize-writes")]
pub use layer::SerializedWrites;
pub use layer::{Precondition, PreconditionLayer, ResponseFuture};
pub use precondition::{
    Condition, ConditionalFields, Decision, Evaluation, RequiredCondition, Requirement, TagComparison,
    evaluate,
};
pub use representation::{
    AbsentResponse, ExtensionValue, Guard, MadeWrite, Owned, Representation, UnevaluatedWrites,
};
#[cfg(feature = "lingering-close")]
pub use response::RefusedUploads;
pub use response::{Emit, ProblemDetails, RejectionResponder, ResponseBody};
#[cfg(feature = "webdav")]
pub use source::LockSource;
pub use source::ValidatorSource;
pub use validator::{EntityTag, FileTag, HttpDate, InvalidEntityTag, InvalidHttpDate, TagNumber, Validators};
#[cfg(feature = "content-tag")]
pub use validator::{InvalidTagValue, TagKey};
#[cfg(feature = "webdav")]
pub use webdav::{ResourceState, SubmittedTokens};
