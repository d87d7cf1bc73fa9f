use std::{fmt, sync::Arc};

use tower_layer::Layer;

use super::config::Config;
use super::service::Precondition;
use crate::{
    coding::OutsideCompression,
    decision::Expose,
    precondition::{Requirement, RequirementPolicy},
    representation::UnevaluatedWrites,
    response::{Emit, ProblemDetails, RejectionResponder},
    source::{FromResponse, Probing, ValidatorSource},
};

/// Puts preconditions in front of a service: 304, 412, 428 and 400 before it runs.
///
/// Takes a [`ValidatorSource`], which tells what currently
/// exists. Cheap to clone, whatever the source is.
///
/// | setting | default | says |
/// |---|---|---|
/// | [`require`](Self::require) | nothing | which conditions a request must carry |
/// | [`emit`](Self::emit) | validators | what a 200 gets |
/// | [`expose`](Self::expose) | validators | what a 412 tells |
/// | [`with_rejection_response`](Self::with_rejection_response) | problem details | how a rejection looks |
/// | [`outside_compression`](Self::outside_compression) | off | that tags tell content codings apart |
/// | `serialize_writes` (feature `serialize-writes`) | off | that writes of one resource wait for each other |
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
    config: Config<V, P, R>,
}

impl<V: ValidatorSource> PreconditionLayer<V> {
    /// A layer that asks this source, requires no condition, and answers in problem details.
    ///
    /// The example of [`PreconditionLayer`] shows it.
    pub fn new(source: V) -> Self {
        Self { config: Config::new(source, Emit::default()) }
    }
}

impl<V: ValidatorSource, P, R> PreconditionLayer<V, P, R> {
    /// Chooses what a 200 to GET or HEAD gets. A layer [`from_response`](PreconditionLayer::from_response) adds nothing, whatever is chosen.
    ///
    /// The example of [`Emit`] shows it.
    pub fn emit(mut self, emit: Emit) -> Self {
        self.config.emit = emit;
        self
    }
}

impl PreconditionLayer<FromResponse> {
    /// A layer that judges by the response of the handler, for services that set ETag or Last-Modified themselves.
    ///
    /// | request | is |
    /// |---|---|
    /// | GET, HEAD and QUERY without a condition | not touched, but for the Range of a HEAD, which means nothing |
    /// | GET, HEAD and QUERY with one | performed without it, and the 200, 206 or 416 then judged: 304 with the body dropped unread, 412, or as it is |
    /// | the same with If-Range | performed without Range, since If-Range must be judged before: the whole 200 |
    /// | a write without a condition | performed |
    /// | a write with one | **not performed**: 501, unless the layer is [told](Self::unevaluated_writes) that the handler judges it |
    ///
    /// The 304 has the fields of the response in whose place it stands, but for those of its
    /// content. Other statuses pass untouched, so that a 404 or a 403 wins. The work of the handler
    /// is done each time; [`new`](PreconditionLayer::new) and [`probing`](PreconditionLayer::probing) spare it.
    ///
    /// # Example
    ///
    /// ```
    /// # use http::{Request, Response};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use tower_precondition::PreconditionLayer;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let handler = service_fn(|_: Request<()>| async {
    ///     Response::builder().header("etag", "\"1\"").body(String::from("text"))
    /// });
    /// let service = PreconditionLayer::from_response().layer(handler);
    /// let request = Request::get("/").header("if-none-match", "\"1\"").body(()).unwrap();
    /// assert_eq!(service.oneshot(request).await.unwrap().status(), 304);
    /// # });
    /// ```
    pub fn from_response() -> Self {
        Self { config: Config::new(FromResponse::default(), Emit::Nothing) }
    }
}

impl<V, P, R> PreconditionLayer<V, P, R> {
    /// Tells content codings, such as gzip, apart by their entity tags, for a layer that stands outside a compression.
    ///
    /// There, what is sent is not what the tag of the representation names, and one strong tag must not
    /// name both (RFC 9110 §8.8.3.3). Without this, clients splice ranges of one coding onto another; with a
    /// compression that weakens tags instead, they can never write again, since If-Match compares strongly.
    ///
    /// | on the way | tag | becomes |
    /// |---|---|---|
    /// | out, `Content-Encoding: gzip` | `"1"` | `"1~gzip"` |
    /// | out, without a coding | `"1"` | `"1"` |
    /// | out, a tag that ends like a coded one | `"1.0~rc1"` | `"1.0~rc1~identity"` |
    /// | in, If-Match and If-None-Match | `"1~gzip"` | `"1"` |
    /// | in, If-Range | `"1~gzip"` | nothing: ranges are of the content without a coding |
    ///
    /// Weak tags stay, since codings may share them. A 304 carries the tag that the client sent, and `Vary: accept-encoding`.
    /// The handler sees the tags of the representation. On GET, HEAD and QUERY a tag in If-None-Match does not count where
    /// Accept-Encoding refuses its coding: the client wants content that it can read. Tags that clients
    /// hold from before and that end like a coded one are taken for one.
    ///
    /// In the problem details of a 412 `provided` and `current_etag` are the tags of the representation: what is to be
    /// sent back is ETag.
    ///
    /// Settings that depend on the kind of source come before it.
    ///
    /// # Example
    ///
    /// ```
    /// use tower_precondition::{EntityTag, PreconditionLayer};
    ///
    /// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
    /// let layer = PreconditionLayer::new(source).outside_compression();
    /// # use http::{Request, Response};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// // As a compression answers.
    /// let compressed = service_fn(|_: Request<String>| async {
    ///     Response::builder().header("content-encoding", "gzip").body(String::new())
    /// });
    /// let service = layer.layer(compressed);
    /// let response = service.clone().oneshot(Request::new(String::new())).await.unwrap();
    /// assert_eq!(response.headers()["etag"], "\"1~gzip\"");
    ///
    /// let write = Request::put("/").header("if-match", "\"1~gzip\"").body(String::new()).unwrap();
    /// assert_eq!(service.oneshot(write).await.unwrap().status(), 200);
    /// # });
    /// ```
    pub fn outside_compression(self) -> PreconditionLayer<OutsideCompression<V>, P, R> {
        let Config { source, policy, responder, emit, expose, queue } = self.config;
        let source = Arc::new(OutsideCompression { source });
        PreconditionLayer { config: Config { source, policy, responder, emit, expose, queue } }
    }
}

impl<P, R> PreconditionLayer<FromResponse, P, R> {
    /// Chooses what becomes of a write with a precondition.
    ///
    /// The example of [`UnevaluatedWrites`] shows it.
    pub fn unevaluated_writes(mut self, unjudged: UnevaluatedWrites) -> Self {
        self.config.source = Arc::new(FromResponse { unjudged });
        self
    }
}

impl PreconditionLayer<Probing> {
    /// A layer that asks the wrapped service itself, by a HEAD for the same target, for services
    /// that answer HEAD with an ETag or a Last-Modified.
    ///
    /// The HEAD goes before a request that carries a precondition, or whose answer depends on whether anything
    /// exists ([`existing_only`](Requirement::existing_only)), and before no other. It has the fields of the request, but for the conditions, Range, Expect, and those of content.
    ///
    /// | the answer to the HEAD | GET, HEAD | a write |
    /// |---|---|---|
    /// | 2xx | judged by its ETag and Last-Modified | judged, unless it lacks what the precondition is compared with |
    /// | 404, 410 | goes on | judged: nothing exists |
    /// | any other, or none | goes on as it came | **not performed**: 501 or 503, unless the layer is [told](Self::unevaluated_writes) that the handler judges it |
    ///
    /// QUERY goes on as it came: what it selects depends on its content. A write needs a HEAD and
    /// itself, so that it can lose an update between them like any other look-up: the
    /// [guide](crate::guide::lost_updates) says what helps.
    ///
    /// It must stand around a service that tells methods apart. Under Axum that is the whole
    /// router, `layer.layer(router)`, or one mounted by `fallback_service` or `nest_service`; given to `MethodRouter::layer`,
    /// `route_layer` or `Router::layer`, or to `Handler::layer`, it stands around the handler of one method, which would
    /// run for the HEAD: there writes with a precondition are answered 501. So they are around a box of `tower`, which
    /// hides what is in it: box the layer with the service. It is seen by the type of the service, and so not through a box of
    /// your own, nor in a service that passes over the method: a handler in it that deletes would be run by the HEAD.
    ///
    /// The request's body must be `Default`, so that the HEAD has an empty one. For hyper's `Incoming`, box
    /// the body outside, by the `BoxBody` of `http-body-util`: `ServiceBuilder::new().map_request(|request: Request<Incoming>| request.map(BoxBody::new)).layer(..)`.
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
        Self { config: Config::new(Probing::default(), Emit::Nothing) }
    }
}

impl<P, R> PreconditionLayer<Probing, P, R> {
    /// Chooses what becomes of a write with a precondition that the HEAD does not let the layer judge.
    ///
    /// The example of [`UnevaluatedWrites`] shows it.
    pub fn unevaluated_writes(mut self, unjudged: UnevaluatedWrites) -> Self {
        self.config.source = Arc::new(Probing { unjudged });
        self
    }
}

impl<V, P, R> PreconditionLayer<V, P, R> {
    /// Answers 428 to requests that do not carry what the policy requires: a
    /// [`Requirement`], or a closure over the request's head that gives one.
    ///
    /// The example of [`PreconditionLayer`] shows it.
    pub fn require<Q: RequirementPolicy>(self, policy: Q) -> PreconditionLayer<V, Q, R> {
        let Config { source, responder, emit, expose, queue, .. } = self.config;
        let config = Config { source, policy: Arc::new(policy), responder, emit, expose, queue };
        PreconditionLayer { config }
    }

    /// Renders rejections with this responder.
    ///
    /// The example of [`RejectionResponder`] shows it.
    pub fn with_rejection_response<Q: RejectionResponder>(self, responder: Q) -> PreconditionLayer<V, P, Q> {
        let Config { source, policy, emit, expose, queue, .. } = self.config;
        let config = Config { source, policy, responder: Arc::new(responder), emit, expose, queue };
        PreconditionLayer { config }
    }

    /// Chooses what a 412 tells of the current representation.
    ///
    /// The example of [`Expose`] shows it.
    pub fn expose(mut self, expose: Expose) -> Self {
        self.config.expose = expose;
        self
    }

    /// Makes the writes of one resource one after the other within this process, whatever the source.
    ///
    /// The example of [`SerializedWrites`](crate::SerializedWrites) shows it.
    #[cfg(feature = "serialize-writes")]
    pub fn serialize_writes(mut self, writes: crate::SerializedWrites) -> Self {
        self.config.queue = Some(writes.into_queue());
        self
    }
}

impl<S, V, P, R> Layer<S> for PreconditionLayer<V, P, R> {
    type Service = Precondition<S, V, P, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Precondition::with_config(inner, self.config.clone())
    }
}

// By hand, here and elsewhere: a derive would ask `Clone` and `Debug` of what stands behind a pointer.
impl<V, P, R> Clone for PreconditionLayer<V, P, R> {
    fn clone(&self) -> Self {
        Self { config: self.config.clone() }
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
