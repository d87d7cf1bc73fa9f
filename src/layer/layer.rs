use std::{fmt, sync::Arc};

use tower_layer::Layer;

#[cfg(feature = "serialize-writes")]
use super::SerializedWrites;
use super::{Precondition, config::Config};
#[cfg(feature = "lingering-close")]
use crate::response::RefusedUploads;
use crate::{
    decision::Expose,
    precondition::{Requirement, RequirementPolicy},
    representation::UnevaluatedWrites,
    response::{Emit, ProblemDetails, RejectionResponder},
    source::{FromResponse, Probing, ValidatorSource},
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
/// | [`with_rejection_response`](Self::with_rejection_response) | problem details | how a rejection looks |
/// | `refused_uploads` (feature `lingering-close`) | 64 KiB, 0.5 s | how long a refused upload over HTTP/2 may still be sent |
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
    policy: Arc<P>,
    config: Config<V, R>,
}

impl<V> PreconditionLayer<V> {
    fn with_source(source: V, emit: Emit) -> Self {
        Self { policy: Arc::new(Requirement::none()), config: Config::new(source, emit) }
    }
}

impl<V: ValidatorSource> PreconditionLayer<V> {
    /// Makes a layer that looks the state up before the service runs.
    ///
    /// Use it in your own application. It requires no condition, and answers with problem details.
    pub fn new(source: V) -> Self {
        Self::with_source(source, Emit::default())
    }
}

impl<V: ValidatorSource, P, R> PreconditionLayer<V, P, R> {
    /// Chooses what a 200 to GET or HEAD gets.
    ///
    /// A layer made with [`from_response`](PreconditionLayer::from_response) never adds anything.
    pub fn emit(mut self, emit: Emit) -> Self {
        self.config.emit = emit;
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
    /// | GET, HEAD or QUERY with a condition | forwards it without the condition, and evaluates the 200, 206 or 416: 304 with the body dropped unread, 412, or the response as it is |
    /// | the same with If-Range | also drops Range, because If-Range must be evaluated before: the whole 200 |
    /// | a write without a condition | forwards it |
    /// | a write with a condition | answers 501, unless [told](Self::unevaluated_writes) that the handler evaluates it |
    ///
    /// A 304 keeps the fields of the response that it replaces, except those of its content. Other statuses
    /// pass unchanged, so a 404 or a 403 wins. A HEAD loses Range, which means nothing there.
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
        self.config.source = Arc::new(FromResponse { writes });
        self
    }
}

impl PreconditionLayer<Probing> {
    /// Makes a layer that asks the service itself, with a HEAD for the same target.
    ///
    /// Use it for a service that answers HEAD cheaply with ETag or Last-Modified, such as a file server, a
    /// whole router or a proxy's client.
    ///
    /// The layer sends a HEAD if the request carries a precondition, or if the answer depends on whether
    /// anything exists ([`existing_only`](Requirement::existing_only)). The HEAD has the fields of the request
    /// without the conditions, Range, Expect and the fields of content.
    ///
    /// | the response to the HEAD | GET, HEAD | a write |
    /// |---|---|---|
    /// | 2xx | evaluated by its ETag and Last-Modified | evaluated, unless it lacks the validator that the precondition needs |
    /// | 404, 410 | forwarded | evaluated: nothing exists |
    /// | any other, or none | forwarded unchanged | answered 501 or 503, unless [told](Self::unevaluated_writes) that the handler evaluates it |
    ///
    /// QUERY is forwarded unchanged: it selects by its content. Between the HEAD and the write another request
    /// can change the state, as with every look-up; see the [guide](crate::guide::lost_updates).
    ///
    /// # The service must tell methods apart
    ///
    /// With Axum, put it around the whole router, `layer.layer(router)`, or around a router that is mounted with
    /// `fallback_service` or `nest_service`. `MethodRouter::layer`, `route_layer`, `Router::layer` and
    /// `Handler::layer` put it around the handler of one method, which would run for the HEAD. The layer
    /// recognises that by the service's type and answers writes with a precondition with 501. It does the same
    /// around a box of `tower`, which hides what is inside: box the layer together with the service. It cannot
    /// see through a box of your own, or a service that ignores the method: the HEAD would run a handler that
    /// deletes.
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
    ///     assert_eq!(request.method(), Method::HEAD, "the stale write does not get here");
    ///     Response::builder().header("etag", "\"2\"").body(String::new())
    /// });
    /// let request = Request::put("/").header("if-match", "\"1\"").body(String::from("mine")).unwrap();
    /// let response = PreconditionLayer::probing().layer(service).oneshot(request).await.unwrap();
    /// assert_eq!(response.status(), 412);
    /// # });
    /// ```
    pub fn probing() -> Self {
        Self::with_source(Probing::default(), Emit::Nothing)
    }
}

impl<P, R> PreconditionLayer<Probing, P, R> {
    /// Chooses what happens to a write that the HEAD does not let the layer evaluate.
    ///
    /// The default is to refuse it.
    pub fn unevaluated_writes(mut self, writes: UnevaluatedWrites) -> Self {
        self.config.source = Arc::new(Probing { writes });
        self
    }
}

impl<V, P, R> PreconditionLayer<V, P, R> {
    /// Answers 428 to requests that do not carry a required condition (RFC 6585 §3).
    ///
    /// The policy is a [`Requirement`], or a closure over the request's head that returns one.
    pub fn require<Q: RequirementPolicy>(self, policy: Q) -> PreconditionLayer<V, Q, R> {
        PreconditionLayer { policy: Arc::new(policy), config: self.config }
    }

    /// Renders rejections with this responder instead of problem details.
    pub fn with_rejection_response<Q: RejectionResponder>(self, responder: Q) -> PreconditionLayer<V, P, Q> {
        let Config { source, emit, expose, refused_uploads, queue, .. } = self.config;
        let config = Config { source, responder: Arc::new(responder), emit, expose, refused_uploads, queue };
        PreconditionLayer { policy: self.policy, config }
    }

    /// Chooses what a 412 tells about the current representation.
    pub fn expose(mut self, expose: Expose) -> Self {
        self.config.expose = expose;
        self
    }

    /// Chooses how long a refused upload over HTTP/2 may still be sent.
    #[cfg(feature = "lingering-close")]
    pub fn refused_uploads(mut self, bounds: RefusedUploads) -> Self {
        self.config.refused_uploads = bounds;
        self
    }

    /// Runs writes to the same resource one at a time, within this process.
    #[cfg(feature = "serialize-writes")]
    pub fn serialize_writes(mut self, writes: SerializedWrites) -> Self {
        self.config.queue = Some(writes.into_queue());
        self
    }
}

impl<S, V, P, R> Layer<S> for PreconditionLayer<V, P, R> {
    type Service = Precondition<S, V, P, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Precondition::new(inner, Arc::clone(&self.policy), self.config.clone())
    }
}

// By hand: a derive would demand `Clone` and `Debug` of the source, the policy and the responder.
impl<V, P, R> Clone for PreconditionLayer<V, P, R> {
    fn clone(&self) -> Self {
        Self { policy: Arc::clone(&self.policy), config: self.config.clone() }
    }
}

impl<V, P, R> fmt::Debug for PreconditionLayer<V, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreconditionLayer")
            .field("emit", &self.config.emit)
            .field("expose", &self.config.expose)
            .finish_non_exhaustive()
    }
}
