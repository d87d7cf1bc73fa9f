use http::request::Parts;

use super::decide::{Decided, decide};
use super::expose::Expose;
use super::kept_request::KeptRequest;
use super::rejection::Rejection;
use crate::{
    precondition::{Carried, ConditionalFields, Evaluation, MethodKind, Requirement},
    representation::{Current, Representation},
    validator::Validators,
};

/// What the layer decided about a request that may change state, handed on to the handler.
///
/// It stands in the extensions of every such request that the layer judged, also
/// when the request was unconditional. With it a handler can finish the job: write
/// only if the version is still the one that the verdict was made against, or
/// insert only if there was nothing; and where that fails, [answer](Self::late) as the
/// layer would have.
///
/// It is not there on GET, HEAD and QUERY, and not where the source deferred to
/// the handler. Under Axum (feature `axum`) it is an extractor, and `Option<Verdict>` is one too.
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
    head: KeptRequest,
    requirement: Option<Requirement>,
}

impl Verdict {
    pub(crate) fn new(
        evaluation: Evaluation,
        current: Option<Validators>,
        head: &Parts,
        requirement: Option<Requirement>,
    ) -> Self {
        Self { evaluation, current, head: KeptRequest::of(head), requirement }
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

    /// The answer to a write that came late: between the verdict and the write, someone else
    /// made this of the resource.
    ///
    /// The request is judged anew against it, so that the answer is the one that it would get
    /// if it came now, by status, body and the layer's fields: 412, for a DELETE of what is gone 404, or 428
    /// where [`existing_only`](Requirement::existing_only) asks. Where nothing says no to the
    /// request any more, such as for an unconditional one, it is a 412 without a condition,
    /// since the write was not made.
    ///
    /// Return it from the handler, under Axum as it is, elsewhere by
    /// [`to_response`](Rejection::to_response). The layer renders it by its own responder.
    ///
    /// A representation that is deferred or refused is no state to compare with: 503.
    ///
    /// # Example
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{ServiceExt, service_fn, Layer};
    /// # use std::convert::Infallible;
    /// use http_body_util::Full;
    /// use tower_precondition::{EntityTag, PreconditionLayer, Verdict};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) });
    /// let handler = service_fn(|request: Request<()>| async move {
    ///     let verdict = request.extensions().get::<Verdict>().expect("the layer is applied");
    ///     // `UPDATE .. WHERE version = 1` changed no row, and the row has version 2 now.
    ///     let rejection = verdict.reject(EntityTag::from_version(2));
    ///     Ok::<_, Infallible>(rejection.to_response().map(Full::new))
    /// });
    /// let request = Request::put("/").header("if-match", "\"1\"").body(()).unwrap();
    /// let response = layer.layer(handler).oneshot(request).await.unwrap();
    /// assert_eq!(response.status(), 412);
    /// assert_eq!(response.headers()["etag"], "\"2\"");
    /// # });
    /// ```
    #[must_use = "a late write is refused by returning this to the client"]
    pub fn reject(&self, current: impl Into<Representation>) -> Rejection {
        let head = self.head.to_parts();
        let preconditions = ConditionalFields::from_headers(&head.headers);
        let required = self.requirement.clone().map(|required| (required, Carried::by(&preconditions)));
        let rejection = match Current::of(current.into()) {
            Err(error) => Rejection::lookup_failed(error, &preconditions),
            Ok(mut current) => {
                let kind = MethodKind::of(&head.method);
                match decide(
                    kind,
                    &head.method,
                    &preconditions,
                    required.as_ref(),
                    &mut current,
                    Expose::Validators,
                ) {
                    Decided::Reject(rejection) => rejection,
                    Decided::NotModified | Decided::Proceed(_) => {
                        Rejection::overtaken(&head.method, current, &preconditions)
                    }
                }
            }
        };
        rejection.in_answer_to(head)
    }
}
