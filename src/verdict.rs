use crate::{Evaluation, Validators};

/// What the layer decided about a request that may change state, handed on to the handler.
///
/// It stands in the extensions of every such request that the layer judged, also
/// when the request was unconditional. With it a handler can finish the job: write
/// only if the version is still the one that the verdict was made against, or
/// insert only if there was nothing.
///
/// It is not there on GET, HEAD and QUERY, and not where the source deferred to
/// the handler.
///
/// # Example
///
/// ```
/// # use http::{Request, Response, request::Parts};
/// # use tower::{ServiceExt, service_fn, Layer};
/// # use std::convert::Infallible;
/// use tower_precondition::{EntityTag, PreconditionLayer, Verdict};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(2) });
/// let handler = service_fn(|request: Request<()>| async move {
///     let verdict = request.extensions().get::<Verdict>().expect("the layer is applied");
///     assert!(verdict.evaluation().is_unconditional());
///     assert_eq!(verdict.current().unwrap().etag().unwrap().to_string(), "\"2\"");
///     Ok::<_, Infallible>(Response::new(String::new()))
/// });
/// layer.layer(handler).oneshot(Request::put("/").body(()).unwrap()).await.unwrap();
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Verdict {
    evaluation: Evaluation,
    current: Option<Validators>,
}

impl Verdict {
    pub(crate) fn new(evaluation: Evaluation, current: Option<Validators>) -> Self {
        Self { evaluation, current }
    }

    /// What became of each condition.
    ///
    /// The example of [`Verdict`] shows it.
    #[must_use]
    pub fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }

    /// The validators that it was made against; `None` where nothing existed.
    ///
    /// The example of [`Verdict`] shows it.
    #[must_use]
    pub fn current(&self) -> Option<&Validators> {
        self.current.as_ref()
    }
}
