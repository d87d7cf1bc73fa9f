use std::{fmt, sync::Arc};

use http::HeaderName;
use tower_layer::Layer;

#[cfg(feature = "serialize-writes")]
use super::SerializedWrites;
use super::{Precondition, config::Config};
#[cfg(feature = "write-ids")]
use crate::decision::WriteIds;
#[cfg(feature = "lingering-close")]
use crate::response::RefusedUploads;
#[cfg(feature = "webdav")]
use crate::source::{LockSource, WithLocks};
use crate::{
    decision::Expose,
    precondition::{Requirement, RequirementPolicy, TagComparison},
    representation::UnevaluatedWrites,
    response::{Emit, ProblemDetails, RejectionResponder},
    source::{FromResponse, IntoValidatorSource, Probing, Seal, ValidatorSource},
};

/// Evaluates preconditions before a service runs.
///
/// If they fail, it answers 304, 400, 412 or 428 instead of the service.
///
/// | make it with | learns the state from |
/// |---|---|
/// | [`new`](PreconditionLayer::new) | a [`ValidatorSource`](crate::ValidatorSource) |
/// | [`from_response`](PreconditionLayer::from_response) | the response's own ETag and Last-Modified |
/// | [`probing`](PreconditionLayer::probing) | a HEAD to the service |
///
/// | setting | default | says |
/// |---|---|---|
/// | [`require`](Self::require) | nothing | which conditions a request must carry |
/// | [`emit`](Self::emit) | validators | what a 200 gets |
/// | [`expose`](Self::expose) | validators | what a 412 tells |
/// | [`compare_tags`](Self::compare_tags) | strongly | how If-Match compares tags: FHIR, OData, SCIM, proxies |
/// | [`with_rejection_response`](Self::with_rejection_response) | problem details | how a rejection looks |
/// | [`upgrades_to`](Self::upgrades_to) | WebSocket alone | which upgrades are not evaluated |
/// | `refused_uploads` (feature `lingering-close`) | 64 KiB, 0.5 s | how long a refused upload over HTTP/2 may still be sent |
/// | `webdav` (feature `webdav`) | off | whether WebDAV's `If` is judged, and by which locks |
/// | `write_ids` (feature `write-ids`) | off | how a repeated write is known to be the same |
/// | `serialize_writes` (feature `serialize-writes`) | off | whether writes to one resource wait for each other |
///
/// It is cheap to clone, whatever the source is.
///
/// # Example
///
/// ```
/// # use http::{Request, Response, header, request::Parts};
/// # use std::convert::Infallible;
/// # use tower::{ServiceExt, service_fn, Layer};
/// use tower_precondition::{EntityTag, PreconditionLayer, Requirement};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(2) })
///     .require(Requirement::on_writes());
/// let handler = service_fn(|_| async { Ok::<_, Infallible>(Response::new(String::from("text"))) });
/// let service = layer.layer(handler);
///
/// let get = Request::get("/").body(String::new()).unwrap();
/// let response = service.clone().oneshot(get).await.unwrap();
/// assert_eq!(response.headers()[header::ETAG], "\"2\"");
///
/// let put = Request::put("/").body(String::new()).unwrap();
/// assert_eq!(service.oneshot(put).await.unwrap().status(), 428);
/// # });
/// ```
#[must_use]
pub struct PreconditionLayer<V, P = Requirement, R = ProblemDetails> {
    pub(super) policy: Arc<P>,
    /// Shared, because Axum applies a layer anew to each request if the router was given no state.
    pub(super) config: Arc<Config<V, R>>,
}

impl<V> PreconditionLayer<V> {
    fn with_source(source: V, emit: Emit) -> Self {
        Self { policy: Arc::new(Requirement::none()), config: Arc::new(Config::new(source, emit)) }
    }
}

impl<V: ValidatorSource> PreconditionLayer<V> {
    /// Makes a layer that looks the state up before the service runs.
    ///
    /// Use it in your own application. It requires no condition, and answers with problem details.
    ///
    /// The source is a closure over the request's head, with feature `axum` also an async function over extractors,
    /// or a type of yours. A function that takes `State` goes through `validators_from_fn_with_state`.
    pub fn new<Kind>(source: impl IntoValidatorSource<Kind, Source = V>) -> Self {
        Self::with_source(source.into_validator_source(Seal), Emit::default())
    }
}

impl<V: ValidatorSource, P, R> PreconditionLayer<V, P, R> {
    /// Chooses what a 200 to GET or HEAD gets.
    ///
    /// A layer made with [`from_response`](PreconditionLayer::from_response) never adds anything.
    pub fn emit(mut self, emit: Emit) -> Self {
        self.config_mut().emit = emit;
        self
    }
}

impl PreconditionLayer<FromResponse> {
    /// Makes a layer that evaluates preconditions against the handler's response.
    ///
    /// Use it for a service that sets ETag or Last-Modified itself, if reads matter and you have no look-up.
    /// The handler does its work each time; [`new`](PreconditionLayer::new) and
    /// [`probing`](PreconditionLayer::probing) spare it.
    ///
    /// | request | the layer |
    /// |---|---|
    /// | GET, HEAD or QUERY without a condition | forwards it |
    /// | GET, HEAD or QUERY with a condition | forwards it without the condition, and evaluates the response: 304 with the body dropped unread, 412, or the response as it is |
    /// | the same with If-Range | also drops Range, because If-Range must be evaluated before: the whole 200 |
    /// | the same with If-Unmodified-Since and without If-Match | also drops Range, because a 206 may lack the date to compare with |
    /// | HEAD with Range | drops Range, which means nothing there |
    /// | a write without a condition | forwards it |
    /// | a write with a condition | answers 501, unless [told](Self::unevaluated_writes) that the handler evaluates it |
    ///
    /// A 304 or 4xx keeps the fields of the response that it replaces, such as CORS and Set-Cookie, except those about
    /// its content: Content-Type, Content-Language, Content-Encoding, Content-Length, Content-Range, Content-Digest,
    /// Repr-Digest, Digest, Content-MD5, Content-Disposition, Content-Security-Policy and its form that only reports,
    /// Signature, Signature-Input, SourceMap, Trailer and Transfer-Encoding.
    ///
    /// # What a response tells
    ///
    /// A 200, 203 or 204 tells everything: if it has no ETag, the representation has none. Any other 2xx and a 416
    /// tell that a representation exists, and may lack a validator that the whole response has. A missing one is
    /// then unknown, which is not the same as different. Other statuses pass, so a 404 or a 403 wins.
    ///
    /// | condition | the response lacks | 200, 203, 204 | 206 | other 2xx, 416 |
    /// |---|---|---|---|---|
    /// | If-Match with tags | ETag | 412 | 501: the part may be of another version | passes |
    /// | If-None-Match with tags | ETag | passes | passes | passes |
    /// | If-Unmodified-Since, If-Modified-Since | Last-Modified | passes | passes | passes |
    /// | `*` | nothing: it asks for existence | evaluated | evaluated | evaluated |
    ///
    /// A service that tags its 206 keeps its ranges, except under If-Range. If it does not tag them, put
    /// `EntityTagLayer` (feature `content-tag`) inside, also if the service tags its 200: every read then gets the
    /// answer of RFC 9110. The cost is that a request with a condition gets the whole instead of a range, and that
    /// a HEAD with a condition makes the content. The service is never called twice.
    ///
    /// # Example
    ///
    /// ```
    /// # use http::{Request, Response};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use tower_precondition::PreconditionLayer;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let handler = service_fn(|_: Request<String>| async {
    ///     Response::builder().header("etag", "\"1\"").body(String::from("text"))
    /// });
    /// let service = PreconditionLayer::from_response().layer(handler);
    /// let request = Request::get("/").header("if-none-match", "\"1\"").body(String::new()).unwrap();
    /// assert_eq!(service.oneshot(request).await.unwrap().status(), 304);
    /// # });
    /// ```
    pub fn from_response() -> Self {
        Self::with_source(FromResponse::default(), Emit::Nothing)
    }
}

impl<P, R> PreconditionLayer<FromResponse, P, R> {
    /// Chooses what happens to a write with a precondition. The default is to refuse it.
    pub fn unevaluated_writes(mut self, writes: UnevaluatedWrites) -> Self {
        self.config_mut().source = Arc::new(FromResponse { writes });
        self
    }
}

impl PreconditionLayer<Probing> {
    /// Makes a layer that asks the service itself, with a HEAD for the same target.
    ///
    /// Use it for a service that answers HEAD cheaply with ETag or Last-Modified, such as a file server, a
    /// whole router or a proxy's client.
    ///
    /// It evaluates GET and HEAD. It answers 501 to writes with a precondition, until you
    /// [promise](Self::probe_writes) that a HEAD performs nothing, or [say](Self::unevaluated_writes) that the
    /// handler evaluates them. Under [`existing_only`](Requirement::existing_only) it answers 501 to a write without
    /// the required condition too, because the answer depends on whether anything exists. It forwards QUERY
    /// unchanged, because QUERY selects by its content.
    ///
    /// The layer sends a HEAD if the request carries a precondition, or if the answer depends on whether
    /// anything exists ([`existing_only`](Requirement::existing_only)). Between the HEAD and the write another
    /// request can change the state, as with every look-up; see the [guide](crate::guide::lost_updates).
    ///
    /// # The answer to the HEAD
    ///
    /// "A write" is one with a precondition, or under `existing_only`, after [`probe_writes`](Self::probe_writes).
    ///
    /// | HEAD is answered | GET, HEAD | a write |
    /// |---|---|---|
    /// | 2xx | evaluated by its ETag and Last-Modified | evaluated, unless it lacks the validator that the precondition needs |
    /// | 2xx without ETag, under If-Match with tags | forwarded unchanged | unevaluated: a HEAD may lack a tag that is made from the content |
    /// | 404, 410 | forwarded | evaluated: nothing exists |
    /// | 2xx, 404 or 410 whose Vary is `*`, or names a field of the request that the HEAD lacks | forwarded unchanged | unevaluated: the answer may describe another representation |
    /// | 401, 407 | forwarded unchanged | **passed on**: the client signs in and tries again |
    /// | 429, 503 | forwarded unchanged | **passed on**: the client tries again later |
    /// | 307, 308 | forwarded unchanged | **passed on**: the client sends the write to Location |
    /// | 301, 302, 303 | forwarded unchanged | unevaluated: the client would send a GET to Location, and take its 200 for success |
    /// | 403 | forwarded unchanged | unevaluated: a client that may not read may still be allowed to write |
    /// | 405 | forwarded unchanged | unevaluated: the method of the write may still be allowed |
    /// | 406 | forwarded unchanged | unevaluated: Accept is about the answer to a read |
    /// | another 3xx or 4xx | forwarded unchanged | unevaluated: it tells no state |
    /// | another 5xx, or an error | forwarded unchanged | unevaluated: it tells no state |
    ///
    /// - **Forwarded unchanged**: the service sees the conditions, and gives its own answer. The layer removes Range
    ///   if If-Match, If-Unmodified-Since or If-Range stands beside it. Perhaps nothing evaluates that condition, and
    ///   a whole representation is always a correct answer.
    /// - **Passed on**: a check that comes before preconditions made this answer (RFC 9110 §13.2.1), so nothing
    ///   is performed. The client gets its status and fields without content, with `Cache-Control: no-store`.
    ///   The layer removes the fields that frame, encode or hash the content, and those about the connection.
    /// - **Unevaluated**: 501 that says why, or 503 if a retry may help (408, 425, 5xx except 501 and 505, an
    ///   error); or the write is [forwarded](UnevaluatedWrites::Forward).
    ///
    /// An ETag or Last-Modified that is malformed or repeated counts as missing. The text of the 501 and, with
    /// feature `tracing`, a warning say what is wrong with it.
    ///
    /// # The fields of the HEAD
    ///
    /// The HEAD carries every field of the request that may select the state or authorize the request, and the
    /// request's extensions. It does not carry these, nor those that [`probe_without`](Self::probe_without) names:
    ///
    /// | fields | because |
    /// |---|---|
    /// | If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Range; WebDAV's If and CalDAV's If-Schedule-Tag-Match | the layer evaluates the conditions, and the HEAD must not be answered by one |
    /// | Range | the HEAD is about the whole representation |
    /// | Expect | no content follows |
    /// | Upgrade, HTTP2-Settings | a change of protocol is an action |
    /// | Destination, Overwrite, Depth, Lock-Token, Timeout | they are parameters of WebDAV's actions |
    /// | Idempotency-Key | the service could take the HEAD for the action |
    /// | `Content-*`, Transfer-Encoding, Trailer, Digest, Repr-Digest | the HEAD has no content |
    ///
    /// A request that overrides its method is not probed, because a service may override the method of the HEAD
    /// too: one with X-HTTP-Method-Override, X-HTTP-Method or X-Method-Override, or with `_method` in its query.
    /// Such a GET or HEAD is forwarded unchanged, and such a write is unevaluated. Put a layer that overrides
    /// methods outside, so that this layer sees the method that is meant.
    ///
    /// # What a HEAD sets off
    ///
    /// Under Axum a HEAD runs the handler of GET, with its effects: it counts a view, or uses up a link that
    /// works once, and the GET then finds it gone. For such handlers use
    /// [`from_response`](PreconditionLayer::from_response), which calls the service once.
    ///
    /// # The body must be `Default`
    ///
    /// The HEAD has an empty body. For hyper's `Incoming`, box the body outside, with the `BoxBody` of
    /// `http-body-util`: `ServiceBuilder::new().map_request(|request: Request<Incoming>|
    /// request.map(BoxBody::new)).layer(..)`.
    ///
    /// # Example
    ///
    /// ```
    /// # use http::{Method, Request, Response};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use tower_precondition::PreconditionLayer;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let service = service_fn(|request: Request<String>| async move {
    ///     assert_eq!(request.method(), Method::HEAD, "the GET does not get here");
    ///     Response::builder().header("etag", "\"2\"").body(String::new())
    /// });
    /// let request = Request::get("/").header("if-none-match", "\"2\"").body(String::new()).unwrap();
    /// let response = PreconditionLayer::probing().layer(service).oneshot(request).await.unwrap();
    /// assert_eq!(response.status(), 304);
    /// # });
    /// ```
    pub fn probing() -> Self {
        Self::with_source(Probing::default(), Emit::Nothing)
    }
}

impl<P, R> PreconditionLayer<Probing, P, R> {
    /// Evaluates writes by a HEAD too. By this you promise that a HEAD performs nothing.
    ///
    /// The promise has two parts:
    ///
    /// 1. The service tells methods apart: it never runs the handler of another method for a HEAD.
    /// 2. Its HEAD has no effect that matters.
    ///
    /// A whole router, `layer.layer(router)`, a file server and the client of a proxy keep the promise. Each of
    /// these breaks it, and a write whose precondition is false could then be made by its HEAD:
    ///
    /// - The layer stands around the handler of one method. Axum's `MethodRouter::layer` and `route_layer`,
    ///   `Router::layer` and `route_layer`, and `Handler::layer` put it there, and so does a middleware of
    ///   `axum::middleware::from_fn` that puts it around `Next`. A HEAD would run the handler of DELETE.
    /// - A layer inside replaces the method, by a field that [`probing`](PreconditionLayer::probing) does not list.
    ///   Name that field in [`probe_without`](Self::probe_without), or put that layer outside.
    /// - The service ignores the method, as a `service_fn` or an endpoint for remote procedure calls may.
    ///
    /// Do not use it if credentials cover the method or work once, as with Digest authentication, signatures of
    /// requests and DPoP: the HEAD would be answered 401, and so would every write. Check them in a layer outside.
    ///
    /// ```
    /// # use http::{Method, Request, Response};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use tower_precondition::PreconditionLayer;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let service = service_fn(|request: Request<String>| async move {
    ///     assert_eq!(request.method(), Method::HEAD, "the stale write does not get here");
    ///     Response::builder().header("etag", "\"2\"").body(String::new())
    /// });
    /// let stale = || Request::put("/").header("if-match", "\"1\"").body(String::from("mine")).unwrap();
    /// let layer = PreconditionLayer::probing().probe_writes();
    /// assert_eq!(layer.layer(service).oneshot(stale()).await.unwrap().status(), 412);
    /// // Without the promise no HEAD is sent.
    /// let layer = PreconditionLayer::probing();
    /// assert_eq!(layer.layer(service).oneshot(stale()).await.unwrap().status(), 501);
    /// # });
    /// ```
    pub fn probe_writes(mut self) -> Self {
        Arc::make_mut(&mut self.config_mut().source).probes_writes = true;
        self
    }

    /// Names more fields that the HEAD does not carry.
    ///
    /// Use it for a field of your application that names an action. The HEAD never carries the fields that
    /// [`probing`](PreconditionLayer::probing) lists. Do not name a field that selects the state, such as a
    /// tenant's: the HEAD would tell the state of another tenant.
    ///
    /// ```
    /// # use http::{Method, Request, Response};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use http::HeaderName;
    /// use tower_precondition::PreconditionLayer;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let command = HeaderName::from_static("x-command");
    /// let layer = PreconditionLayer::probing().probe_writes().probe_without([command]);
    /// let service = service_fn(|request: Request<String>| async move {
    ///     let is_head = request.method() == Method::HEAD;
    ///     assert_ne!(is_head, request.headers().contains_key("x-command"));
    ///     Response::builder().header("etag", "\"2\"").body(String::new())
    /// });
    /// let post = Request::post("/").header("x-command", "publish").header("if-match", "\"2\"");
    /// let response = layer.layer(service).oneshot(post.body(String::new()).unwrap()).await.unwrap();
    /// assert_eq!(response.status(), 200);
    /// # });
    /// ```
    pub fn probe_without(mut self, fields: impl IntoIterator<Item = HeaderName>) -> Self {
        Arc::make_mut(&mut self.config_mut().source).without.extend(fields);
        self
    }

    /// Chooses what happens to a write that no HEAD lets the layer evaluate.
    ///
    /// The default is to refuse it. An answer to the HEAD that is passed on is passed on with either setting.
    pub fn unevaluated_writes(mut self, writes: UnevaluatedWrites) -> Self {
        Arc::make_mut(&mut self.config_mut().source).writes = writes;
        self
    }
}

impl<V, P, R> PreconditionLayer<V, P, R> {
    fn config_mut(&mut self) -> &mut Config<V, R> {
        Arc::make_mut(&mut self.config)
    }

    /// Answers 428 to requests that do not carry a required condition (RFC 6585 §3).
    ///
    /// The policy is a [`Requirement`], or a closure over the request's head that returns one.
    pub fn require<Q: RequirementPolicy>(self, policy: Q) -> PreconditionLayer<V, Q, R> {
        PreconditionLayer { policy: Arc::new(policy), config: self.config }
    }

    /// Renders rejections with this responder instead of problem details.
    pub fn with_rejection_response<Q: RejectionResponder>(self, responder: Q) -> PreconditionLayer<V, P, Q> {
        let config = Arc::unwrap_or_clone(self.config).with(|source, _| (source, Arc::new(responder)));
        PreconditionLayer { policy: self.policy, config: Arc::new(config) }
    }

    /// Chooses what a 412 tells about the current representation.
    pub fn expose(mut self, expose: Expose) -> Self {
        self.config_mut().expose = expose;
        self
    }

    /// Chooses how entity tags compare. The default is strong comparison in If-Match, by RFC 9110.
    ///
    /// Use it for a protocol with weak tags, and behind a proxy that changes tags. The
    /// [guide](crate::guide::entity_tags) has an entry for each. The [`Verdict`](crate::Verdict) of a write says if
    /// If-Match held only by a [mode](crate::Evaluation::deviation).
    ///
    /// If it [takes suffixes off](TagComparison::suffixed_by_proxy), the layer also
    ///
    /// - marks each ETag that leaves and ends like one with a suffix, a handler's included;
    /// - sends with a 304 the tag that the client sent, because Apache passes it on unchanged. If the client sent
    ///   several tags of the current state, `*` or a date, the 304 has no tag if the proxy may have compressed the
    ///   200, but Last-Modified if there is one;
    /// - rewrites If-Match, If-None-Match and If-Range where it leaves them to the handler, to the tags without
    ///   suffix and mark.
    ///
    /// If several layers on a request's way take suffixes off, the outermost does it.
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use tower_precondition::{EntityTag, PreconditionLayer, TagComparison};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let behind_apache = TagComparison::new().suffixed_by_proxy(["-gzip"]);
    /// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) })
    ///     .compare_tags(behind_apache);
    /// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// let put = Request::put("/").header("if-match", "\"1-gzip\"").body(String::new()).unwrap();
    /// assert_eq!(layer.layer(handler).oneshot(put).await.unwrap().status(), 200);
    /// # });
    /// ```
    pub fn compare_tags(mut self, comparison: TagComparison) -> Self {
        self.config_mut().comparison = comparison;
        self
    }

    /// Names the protocols, other than WebSocket, that the inner service upgrades to (RFC 9110 §7.8).
    ///
    /// A GET that asks for one of them over HTTP/1.1 is forwarded with its conditions, and nothing is evaluated.
    /// The source is asked all the same, for what it attaches. A WebSocket handshake is forwarded likewise.
    /// Any other upgrade is ignored, and the request is evaluated as the plain GET that it also is. Further calls
    /// add names.
    ///
    /// ```
    /// # use tower_precondition::{EntityTag, PreconditionLayer};
    /// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
    /// let layer = PreconditionLayer::new(source).upgrades_to(["irc", "x-live-edit"]);
    /// ```
    pub fn upgrades_to(mut self, protocols: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.config_mut().upgrades.extend(protocols.into_iter().map(Into::into));
        self
    }

    /// Chooses how long a refused upload over HTTP/2 may still be sent.
    #[cfg(feature = "lingering-close")]
    pub fn refused_uploads(mut self, bounds: RefusedUploads) -> Self {
        self.config_mut().refused_uploads = bounds;
        self
    }

    /// Runs writes to the same resource one at a time, within this process.
    #[cfg(feature = "serialize-writes")]
    pub fn serialize_writes(mut self, writes: SerializedWrites) -> Self {
        self.config_mut().writes_mut().queue = Some(writes.into_queue());
        self
    }

    /// Reads the ids of writes, so that a repeated write is told of the success that its lost answer had.
    ///
    /// It needs a store that records the [`WriteIdentity`](crate::WriteIdentity) of each write, and a source that
    /// hands the record on. See [`WriteIds`] for an example.
    #[cfg(feature = "write-ids")]
    pub fn write_ids(mut self, ids: WriteIds) -> Self {
        self.config_mut().writes_mut().ids = Some(ids);
        self
    }
}

#[cfg(feature = "webdav")]
impl<V, P, R> PreconditionLayer<V, P, R> {
    /// Judges WebDAV's `If` (RFC 4918 §10.4), with this source of locks.
    ///
    /// Without it the layer does not look at the field. The source is asked only if the request carries it.
    ///
    /// - A malformed field, or one with several lines, is **400** before the look-up (letter A).
    /// - A field whose lists all fail is **412** after the look-up, before every other condition: before a 304, before
    ///   the 404 of a GET, and before the success of a write that [was already
    ///   made](crate::Representation::with_made_write). The problem details tell on what each list fails.
    /// - A field that holds changes nothing else: If-Match and the others must hold as well.
    /// - CONNECT, OPTIONS and TRACE, and handshakes of other protocols, ignore it.
    /// - The look-up's refusal comes first. If the look-up [defers](crate::Representation::defer_to_handler), the
    ///   handler judges the other conditions, and the layer still judges `If`.
    /// - If a look-up fails, the answer is 503.
    /// - A field that holds meets a [`Requirement`] if a list that holds names a token or a tag without `Not`.
    /// - The handler gets every token of the field as [`SubmittedTokens`](crate::SubmittedTokens). A write keeps the
    ///   field; a read loses it.
    /// - The [`Verdict`](crate::Verdict) tells of the other five conditions alone: a write with `If` and nothing else
    ///   [is unconditional](crate::precondition::Evaluation::is_unconditional) by it.
    /// - The layer must see the path that the client sees. Under Axum, put it outside `Router::nest`, which shortens
    ///   the path.
    ///
    /// Call it last: it changes the layer's type. [`webdav`](crate::webdav) says what of WebDAV is left to others.
    ///
    /// ```
    /// use http::{Request, Response, Uri, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use tower_precondition::{EntityTag, PreconditionLayer, ResourceState};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let current = |_: &Parts| async { EntityTag::from_version(2) };
    /// let locks = |_: &Uri, _: &Parts| async { ResourceState::new().with_lock_token("urn:uuid:1") };
    /// let layer = PreconditionLayer::new(current).webdav(locks);
    /// # let handler = service_fn(|_: Request<String>| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// let service = layer.layer(handler);
    /// for (field, status) in [
    ///     ("(<urn:uuid:1> [\"2\"])", 200),
    ///     ("(<urn:uuid:1> [\"1\"])", 412),
    ///     ("(<urn:uuid:9>) (Not <DAV:no-lock>)", 200),
    ///     ("(<urn:uuid:1)", 400),
    /// ] {
    ///     let put = Request::put("/").header("if", field).body(String::new()).unwrap();
    ///     assert_eq!(service.clone().oneshot(put).await.unwrap().status(), status, "{field}");
    /// }
    /// # });
    /// ```
    pub fn webdav<L: LockSource>(self, locks: L) -> PreconditionLayer<WithLocks<V, L>, P, R> {
        let config = Arc::unwrap_or_clone(self.config)
            .with(|source, responder| (Arc::new(WithLocks::new(source, locks)), responder));
        PreconditionLayer { policy: self.policy, config: Arc::new(config) }
    }
}

#[cfg(feature = "webdav")]
impl<V, L, P, R> PreconditionLayer<WithLocks<V, L>, P, R> {
    /// Sets how many resources one `If` may name. More are answered 400. The default is 16.
    pub fn look_up_at_most(mut self, resources: usize) -> Self {
        Arc::make_mut(&mut self.config_mut().source).at_most(resources);
        self
    }
}

impl<S, V, P, R> Layer<S> for PreconditionLayer<V, P, R> {
    type Service = Precondition<S, V, P, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Precondition::new(inner, Arc::clone(&self.policy), self.config.applied())
    }
}

// By hand: a derive would demand `Clone` and `Debug` of the source, the policy and the responder.
impl<V, P, R> Clone for PreconditionLayer<V, P, R> {
    fn clone(&self) -> Self {
        Self { policy: Arc::clone(&self.policy), config: Arc::clone(&self.config) }
    }
}

impl<V, P, R> fmt::Debug for PreconditionLayer<V, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreconditionLayer")
            .field("emit", &self.config.emit)
            .field("expose", &self.config.expose)
            .field("comparison", &self.config.comparison)
            .finish_non_exhaustive()
    }
}
