use http::request::Parts;

use super::{Decided, Expose, KeptRequest, Rejection};
use crate::{
    precondition::{
        Carried, Evaluation, MethodKind, Requirement, TagComparison, UpgradeProtocols, evaluate_none,
    },
    representation::{Representation, State},
    validator::{HttpDate, SuffixesTakenOff},
};

/// Checks the preconditions of a request in a handler that loads the representation itself.
///
/// Use it in a handler without the layer, or if the layer's source
/// [defers](Representation::defer_to_handler) to the handler. [`check`](Self::check) gives the same answers
/// as the layer. With feature `axum` it is an extractor, and `?` returns the answer. Elsewhere, make it
/// [from the request's head](Self::from_head).
///
/// What the layer does and the handler must do itself:
///
/// - Write the validators into the response, such as with
///   [`Validators::write_to`](crate::Validators::write_to).
/// - Serve a range only if [`Evaluation::allows_range`] says so.
///
/// The check cannot refuse a request before the handler starts, and it holds no guard. It does not know the
/// protocols that a layer [`upgrades_to`](crate::PreconditionLayer::upgrades_to): it evaluates every GET but a
/// WebSocket handshake.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] {
/// use axum::{Router, extract::Path, routing::get};
/// use tower_precondition::{EntityTag, Preconditions, Rejection, Validators};
///
/// async fn read(
///     Path(id): Path<u64>,
///     preconditions: Preconditions,
/// ) -> Result<(Validators, &'static str), Rejection> {
///     let current = Validators::from(EntityTag::from_version(id));
///     preconditions.check(current.clone())?;
///     Ok((current, "text"))
/// }
///
/// let app: Router = Router::new().route("/documents/{id}", get(read));
/// # use tower::ServiceExt;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let request = http::Request::get("/documents/7").header("if-none-match", "\"7\"");
/// let response = app.oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
/// assert_eq!(response.status(), 304);
/// # });
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Preconditions {
    request: KeptRequest,
    /// The request is a WebSocket handshake, so `check` ignores all conditions.
    is_upgrade: bool,
    /// A layer outside took the suffixes of a proxy off.
    suffixes_taken_off: bool,
    asked_at: HttpDate,
}

impl Preconditions {
    /// Copies what the check needs from a request's head.
    ///
    /// Call it before you load the representation. A modification date counts as strong, for If-Range, if it
    /// lies at least two seconds before this call (RFC 9110 §8.8.2.2). See
    /// [`Validators::settled_at`](crate::Validators::settled_at) for what that does not cover.
    ///
    /// ```
    /// use http::Request;
    /// use tower_precondition::{EntityTag, Preconditions};
    ///
    /// let head = Request::put("/").header("if-match", "\"1\"").body(()).unwrap().into_parts().0;
    /// let preconditions = Preconditions::from_head(&head);
    /// assert!(preconditions.check(EntityTag::from_version(1)).is_ok());
    /// assert_eq!(preconditions.check(EntityTag::from_version(2)).unwrap_err().kind().status(), 412);
    /// ```
    #[must_use]
    pub fn from_head(head: &Parts) -> Self {
        Self {
            request: KeptRequest::new(head, None, Carried::NONE, &TagComparison::new(), false),
            is_upgrade: MethodKind::of(&head.method) == MethodKind::Selects
                && UpgradeProtocols::NONE.asks(head),
            suffixes_taken_off: SuffixesTakenOff::is_on(&head.extensions),
            asked_at: HttpDate::now(),
        }
    }

    /// Makes [`check`](Self::check) answer 428 to a request that does not meet this requirement.
    ///
    /// ```
    /// # use http::Request;
    /// # use tower_precondition::{EntityTag, Preconditions, Requirement};
    /// let head = Request::put("/").body(()).unwrap().into_parts().0;
    /// let preconditions = Preconditions::from_head(&head).require(Requirement::on_writes());
    /// assert_eq!(preconditions.check(EntityTag::from_version(1)).unwrap_err().kind().status(), 428);
    /// ```
    #[must_use]
    pub fn require(mut self, requirement: Requirement) -> Self {
        self.request.requirement = Some(requirement);
        self
    }

    /// Chooses how [`check`](Self::check) compares entity tags. The default is strong comparison in If-Match.
    ///
    /// If it takes a proxy's suffixes off, send each tag by [`TagComparison::to_send`]. Inside a layer that takes
    /// them off itself, it has nothing left to do.
    ///
    /// ```
    /// # use http::Request;
    /// # use tower_precondition::{EntityTag, Preconditions, TagComparison, precondition::Deviation};
    /// let head = Request::put("/").header("if-match", "W/\"1\"").body(()).unwrap().into_parts().0;
    /// let preconditions =
    ///     Preconditions::from_head(&head).compare_tags(TagComparison::new().weakened_by_proxy());
    /// let evaluation = preconditions.check(EntityTag::from_version(1)).unwrap();
    /// assert_eq!(evaluation.deviation(), Some(Deviation::WeakenedByProxy));
    /// ```
    #[must_use]
    pub fn compare_tags(mut self, comparison: TagComparison) -> Self {
        self.request.set_comparison(match self.suffixes_taken_off {
            true => comparison.without_suffixes(),
            false => comparison,
        });
        self
    }

    /// Evaluates the request against the current state.
    ///
    /// Pass `Validators`, an `EntityTag`, an `Option` of one of them, or a [`Representation`] to tell more in a
    /// 412.
    ///
    /// A check before a write is a race. Compare and set, or hold a lock from before you load the representation
    /// until you have written it.
    ///
    /// # Errors
    ///
    /// The answer that the layer would give:
    ///
    /// - 400, 428 or 412;
    /// - 201 or 204 if `current` [says](Representation::with_made_write) that this very request made the change
    ///   already;
    /// - 404 for a DELETE whose condition is false because nothing exists, or the response that
    ///   [`with_absent_response`](Representation::with_absent_response) chooses;
    /// - 304 as [`NotModified`](crate::RejectionKind::NotModified);
    /// - 503 if the representation is deferred or refused, because that tells no state.
    ///
    /// ```
    /// # use http::Request;
    /// # use tower_precondition::{EntityTag, Preconditions, RejectionKind};
    /// let head = Request::get("/").header("if-none-match", "\"1\"").body(()).unwrap().into_parts().0;
    /// let preconditions = Preconditions::from_head(&head);
    ///
    /// let rejection = preconditions.check(EntityTag::from_version(1)).unwrap_err();
    /// assert_eq!(rejection.kind(), RejectionKind::NotModified);
    /// assert!(preconditions.check(EntityTag::from_version(2)).is_ok());
    /// ```
    pub fn check(&self, current: impl Into<Representation>) -> Result<Evaluation, Rejection> {
        let head = self.request.to_head();
        self.decide(&head, current.into()).map_err(|rejection| rejection.in_answer_to(head))
    }

    fn decide(&self, head: &Parts, current: Representation) -> Result<Evaluation, Rejection> {
        let mut case = self.request.case(head);
        if self.is_upgrade || MethodKind::of(&head.method) == MethodKind::Neither {
            return Ok(evaluate_none(&case.fields));
        }
        case.carried = case.check_head()?;

        let (mut state, made) =
            State::of(current).map_err(|error| Rejection::lookup_failed(error, &case.fields))?;
        let comparison = self.request.comparison();
        if let Some(success) = made.and_then(|made| case.already_made(made, &state, comparison)) {
            return Err(success);
        }
        if let Some(current) = &mut state.current {
            current.validators.settle_at(self.asked_at);
        }
        match case.decide(&mut state, Expose::Validators, comparison) {
            Decided::Reject(rejection) => Err(rejection),
            Decided::NotModified(_) => Err(Rejection::not_modified(state.current, &case.fields)),
            Decided::Proceed(evaluation) => Ok(evaluation),
        }
    }
}
