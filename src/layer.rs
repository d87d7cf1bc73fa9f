use std::{fmt, sync::Arc};

use tower_layer::Layer;

use crate::{
    Emit, Expose, Precondition, ProblemDetails, RejectionResponder, Requirement, RequirementPolicy,
    ValidatorSource, queue::Queue,
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

/// What a layer was told. Its parts stand behind pointers of their own, so that
/// a layer can be cloned and built upon whatever they are.
pub(crate) struct Config<V, P, R> {
    pub(crate) source: Arc<V>,
    pub(crate) policy: Arc<P>,
    pub(crate) responder: Arc<R>,
    pub(crate) emit: Emit,
    pub(crate) expose: Expose,
    /// Where writes of one resource are made one after the other.
    pub(crate) queue: Option<Arc<dyn Queue>>,
}

impl<V: ValidatorSource> PreconditionLayer<V> {
    /// A layer that asks this source, requires no condition, and answers in problem details.
    ///
    /// The example of [`PreconditionLayer`] shows it.
    pub fn new(source: V) -> Self {
        let config = Config {
            source: Arc::new(source),
            policy: Arc::new(Requirement::none()),
            responder: Arc::new(ProblemDetails),
            emit: Emit::default(),
            expose: Expose::default(),
            queue: None,
        };
        Self { config }
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

    /// Chooses what a 200 to GET or HEAD gets.
    ///
    /// The example of [`Emit`] shows it.
    pub fn emit(mut self, emit: Emit) -> Self {
        self.config.emit = emit;
        self
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

impl<V, P, R> Clone for Config<V, P, R> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            policy: Arc::clone(&self.policy),
            responder: Arc::clone(&self.responder),
            emit: self.emit,
            expose: self.expose,
            queue: self.queue.clone(),
        }
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
