use http::request::Parts;

use super::decide::{Decided, check_head, decide};
use super::expose::Expose;
use super::kept_request::KeptRequest;
use super::rejection::Rejection;
use crate::{
    precondition::{
        Carried, ConditionalFields, Evaluation, MethodKind, Requirement, evaluate_none, is_upgrade,
    },
    representation::{Current, Representation},
    validator::HttpDate,
};

/// The preconditions of a request, for a handler that loads the representation itself.
///
/// It gives the answers of the layer in a handler that has none, or whose source
/// [defers](Representation::defer_to_handler). Under Axum (feature `axum`) it is an extractor,
/// and the `?` does the rest; elsewhere it is made [of the request's head](Self::from_head).
///
/// The handler itself writes the validators into its answer, such as with
/// [`Validators::write_to`](crate::Validators::write_to). A handler that serves ranges asks
/// [`Evaluation::allows_range`] first, since nobody has taken Range off a request whose If-Range is false.
/// What the check cannot do is refuse a request before the handler has begun, or hold a guard.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] {
/// use axum::{Router, extract::Path, routing::get};
/// use tower_precondition::{EntityTag, Rejection, Preconditions, Validators};
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
    kind: MethodKind,
    head: KeptRequest,
    asked_at: HttpDate,
    requirement: Requirement,
}

impl Preconditions {
    /// Keeps what the check needs of a request's head.
    ///
    /// Make it before the representation is loaded: a modification date is strong enough for
    /// If-Range if it lies two seconds before (RFC 9110 §8.8.2.2).
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
        let kind = match MethodKind::of(&head.method) {
            // Who asks for another protocol asks for no representation.
            MethodKind::Selects if is_upgrade(head) => MethodKind::Neither,
            kind => kind,
        };
        let requirement = Requirement::none();
        Self { kind, head: KeptRequest::of(head), asked_at: HttpDate::now(), requirement }
    }

    /// Has the check answer 428 to a request that does not carry what this requires.
    ///
    /// ```
    /// # use http::Request;
    /// # use tower_precondition::{EntityTag, Preconditions, Requirement};
    /// let head = Request::put("/").body(()).unwrap().into_parts().0;
    /// let preconditions = Preconditions::from_head(&head).require(Requirement::on_writes());
    /// assert_eq!(preconditions.check(EntityTag::from_version(1)).unwrap_err().kind().status(), 428);
    /// ```
    #[must_use]
    pub fn require(self, requirement: Requirement) -> Self {
        Self { requirement, ..self }
    }

    /// Judges the request against what currently exists: `Validators`, an `EntityTag`, an
    /// `Option` of one of them, or a [`Representation`] with what a 412 is to tell beyond them.
    ///
    /// A check is no write: compare and set, or hold a lock from before the representation was
    /// loaded until it is written.
    ///
    /// # Errors
    ///
    /// The answer that the layer would give: 400, 428, 404 for a DELETE under a false condition of what does not
    /// exist, 412, and 304 ([`NotModified`](crate::RejectionKind::NotModified)). A representation that is
    /// deferred or refused is no state to judge against: 503.
    ///
    /// ```
    /// # use http::Request;
    /// # use tower_precondition::{EntityTag, RejectionKind, Preconditions};
    /// let head = Request::get("/").header("if-none-match", "\"1\"").body(()).unwrap().into_parts().0;
    /// let preconditions = Preconditions::from_head(&head);
    ///
    /// let rejection = preconditions.check(EntityTag::from_version(1)).unwrap_err();
    /// assert_eq!(rejection.kind(), RejectionKind::NotModified);
    /// assert!(preconditions.check(EntityTag::from_version(2)).is_ok());
    /// ```
    pub fn check(&self, current: impl Into<Representation>) -> Result<Evaluation, Rejection> {
        let head = self.head.to_parts();
        self.judge(&head, current.into()).map_err(|rejection| rejection.in_answer_to(head))
    }

    fn judge(&self, head: &Parts, current: Representation) -> Result<Evaluation, Rejection> {
        let kind = self.kind;
        let preconditions = ConditionalFields::from_headers(&head.headers);
        if kind == MethodKind::Neither {
            return Ok(evaluate_none(&preconditions));
        }
        let required = Some(&self.requirement).filter(|required| required.applies_to(&head.method));
        let required = required.map(|required| (required.clone(), Carried::by(&preconditions)));
        check_head(kind, &preconditions, required.as_ref())?;

        let mut current =
            Current::of(current).map_err(|error| Rejection::lookup_failed(error, &preconditions))?;
        if let Some(current) = &mut current {
            current.validators.settle_at(self.asked_at);
        }
        match decide(kind, &head.method, &preconditions, required.as_ref(), &mut current, Expose::Validators)
        {
            Decided::Reject(rejection) => Err(rejection),
            Decided::NotModified => Err(Rejection::not_modified(current, &preconditions)),
            Decided::Proceed(evaluation) => Ok(evaluation),
        }
    }
}
