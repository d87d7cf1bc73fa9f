use http::request::Parts;

#[cfg(feature = "write-ids")]
use super::WriteIdentity;
use super::{Decided, Expose, KeptRequest, Rejection};
use crate::{
    precondition::{Carried, Evaluation, Requirement, TagComparison},
    representation::{Representation, State},
    validator::{TagNumber, Validators},
};

/// The layer's evaluation of a write, with the state that it was made against.
///
/// Use it to finish the job with a compare-and-set: update only if the version is still
/// [the one evaluated](Self::current), or insert only if nothing existed. If that fails, return
/// [`reject`](Self::reject).
///
/// The layer puts it into the extensions of every write that it evaluated, unconditional writes included. It
/// is missing on GET, HEAD and QUERY, and if the layer did not learn the state: if the source deferred to the
/// handler, with [`from_response`](crate::PreconditionLayer::from_response), and with
/// [`probing`](crate::PreconditionLayer::probing) for a write that was not evaluated by a HEAD. With feature
/// `axum` it is an extractor, and so is `Option<Verdict>`.
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
/// let handler = service_fn(|request: Request<String>| async move {
///     let verdict = request.extensions().get::<Verdict>().expect("the layer is applied");
///     assert!(verdict.evaluation().is_unconditional());
///     assert_eq!(verdict.current().unwrap().etag().unwrap().to_string(), "\"2\"");
///     Ok::<_, Infallible>(Response::new(String::new()))
/// });
/// layer.layer(handler).oneshot(Request::put("/").body(String::new()).unwrap()).await.unwrap();
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Verdict {
    evaluation: Evaluation,
    current: Option<Validators>,
    request: KeptRequest,
}

impl Verdict {
    pub(crate) fn new(
        evaluation: Evaluation,
        current: Option<Validators>,
        head: &Parts,
        requirement: Option<Requirement>,
        carried: Carried,
        comparison: &TagComparison,
        identified: bool,
    ) -> Self {
        let request = KeptRequest::new(head, requirement, carried, comparison, identified);
        Self { evaluation, current, request }
    }

    /// Returns the identity to store with the write, if the request has an id.
    ///
    /// Store it in the transaction of the write, under a unique constraint. If the constraint refuses it, an earlier
    /// attempt of this very write was made: nothing must be written, and [`reject`](Self::reject) makes the answer.
    #[cfg(feature = "write-ids")]
    #[must_use]
    pub fn write_identity(&self) -> Option<&WriteIdentity> {
        self.request.identity()
    }

    /// Returns the outcome of each condition.
    #[must_use]
    pub fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }

    /// Returns the validators that the request was evaluated against, or `None` if nothing existed.
    #[must_use]
    pub fn current(&self) -> Option<&Validators> {
        self.current.as_ref()
    }

    /// Returns the number in the tag that the request was evaluated against, to compare and set with.
    ///
    /// It is the number of which [`EntityTag::from_number`](crate::EntityTag::from_number) makes exactly this tag.
    /// `None` if nothing existed, and if the tag is not made from a number of this type: then insert, and do not
    /// overwrite.
    ///
    /// ```
    /// # use tower_precondition::Verdict;
    /// # fn statement(verdict: &Verdict) -> &'static str {
    /// match verdict.current_number::<i64>() {
    ///     Some(_version) => "UPDATE document SET text = $1, version = version + 1 WHERE version = $2",
    ///     None => "INSERT INTO document .. ON CONFLICT DO NOTHING",
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn current_number<N: TagNumber>(&self) -> Option<N> {
        self.current()?.etag()?.number()
    }

    /// Makes the rejection that the layer would give now.
    ///
    /// Call it if the compare-and-set fails: another request changed the resource after the layer looked it
    /// up. `current` is the state now. The request is evaluated again against it, and the first that applies
    /// is the answer:
    ///
    /// - 503 if `current` is deferred or refused, because that tells no state;
    /// - 201 or 204 if `current` [says](Representation::with_made_write) that this very request made the change
    ///   already, such as an earlier attempt whose answer was lost;
    /// - 404 for a DELETE if nothing exists any more, or the response that
    ///   [`with_absent_response`](Representation::with_absent_response) chooses;
    /// - 428 if a condition is required now: the resource exists and
    ///   [`existing_only`](Requirement::existing_only) asks for one, or the only accepted condition is ignored;
    /// - 412 if a condition is false;
    /// - 412 without a condition otherwise, such as for an unconditional write, because the write was not made.
    ///
    /// Return it from the handler: with Axum as it is, elsewhere with
    /// [`to_response`](Rejection::to_response). The layer renders it with its own responder.
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
    /// let handler = service_fn(|request: Request<String>| async move {
    ///     let verdict = request.extensions().get::<Verdict>().expect("the layer is applied");
    ///     // `UPDATE .. WHERE version = 1` changed no row: the row has version 2 now.
    ///     let rejection = verdict.reject(EntityTag::from_version(2));
    ///     Ok::<_, Infallible>(rejection.to_response().map(Full::new))
    /// });
    /// let request = Request::put("/").header("if-match", "\"1\"").body(String::new()).unwrap();
    /// let response = layer.layer(handler).oneshot(request).await.unwrap();
    /// assert_eq!(response.status(), 412);
    /// assert_eq!(response.headers()["etag"], "\"2\"");
    /// # });
    /// ```
    #[must_use = "return the rejection to the client"]
    pub fn reject(&self, current: impl Into<Representation>) -> Rejection {
        let head = self.request.to_head();
        let case = self.request.case(&head);
        let rejection = match State::of(current.into()) {
            Err(error) => Rejection::lookup_failed(error, &case.fields),
            Ok((mut state, made)) => {
                let comparison = self.request.comparison();
                match made.and_then(|made| case.already_made(made, &state, comparison)) {
                    Some(success) => success,
                    None => match case.decide(&mut state, Expose::Validators, comparison) {
                        Decided::Reject(rejection) => rejection,
                        Decided::NotModified(_) | Decided::Proceed(_) => {
                            Rejection::overtaken(&head.method, state, &case.fields)
                        }
                    },
                }
            }
        };
        rejection.in_answer_to(head)
    }
}
