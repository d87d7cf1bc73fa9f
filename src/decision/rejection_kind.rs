use http::{Method, StatusCode};

use crate::representation::AbsentResponse;

/// The kind of a [`Rejection`](super::Rejection), which decides its status.
///
/// ```
/// use http::StatusCode;
/// use tower_precondition::RejectionKind;
///
/// assert_eq!(RejectionKind::PreconditionRequired.status(), StatusCode::PRECONDITION_REQUIRED);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// 400: If-Match or If-None-Match is malformed, on a method that may change state.
    MalformedField,
    /// 400: WebDAV's `If` names more resources than the layer looks up.
    #[cfg(feature = "webdav")]
    TooManyResources,
    /// 428: the request does not meet the [`Requirement`](crate::Requirement).
    PreconditionRequired,
    /// 404: the condition of a DELETE, or of another write if the source
    /// [chooses](crate::Representation::with_absent_response) so, is false because nothing exists.
    NotFound,
    /// 410: the condition is false because nothing exists, and the source says that it is gone for good.
    Gone,
    /// 204: the condition of a DELETE is false because nothing exists, and the source counts that as a success. It
    /// has no content, so the layer asks no responder.
    NothingToDelete,
    /// 201: this very request already created the resource.
    AlreadyCreated,
    /// 204: this very request already made the change. See
    /// [`with_made_write`](crate::Representation::with_made_write).
    AlreadyMade,
    /// 412: a condition is false.
    PreconditionFailed,
    /// 503: the look-up failed, or told no state, and the request must not continue without it.
    LookupFailed,
    /// 501: nothing can evaluate the precondition of this write. See
    /// [`UnevaluatedWrites`](crate::UnevaluatedWrites). Also for a read with If-Match, if its 206 has no entity tag:
    /// see [`from_response`](crate::PreconditionLayer::from_response).
    Unevaluated,
    /// 503: the write waited too long for other writes to the same resource.
    WaitedTooLong,
    /// 304: the client already holds the representation. Only
    /// [`Preconditions::check`](crate::Preconditions::check) returns it; a 304 of the layer carries no rejection.
    NotModified,
}

impl RejectionKind {
    /// Returns the status of the response, unless a responder chooses another.
    ///
    /// ```
    /// # use tower_precondition::RejectionKind;
    /// assert_eq!(RejectionKind::PreconditionFailed.status(), 412);
    /// ```
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedField => StatusCode::BAD_REQUEST,
            #[cfg(feature = "webdav")]
            Self::TooManyResources => StatusCode::BAD_REQUEST,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::AlreadyCreated => StatusCode::CREATED,
            Self::NothingToDelete | Self::AlreadyMade => StatusCode::NO_CONTENT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::LookupFailed | Self::WaitedTooLong => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unevaluated => StatusCode::NOT_IMPLEMENTED,
            Self::NotModified => StatusCode::NOT_MODIFIED,
        }
    }

    /// Returns the answer to a write that needs what does not exist. `None` means 412.
    pub(super) fn of_absent(response: AbsentResponse, method: &Method) -> Option<Self> {
        let deletes = *method == Method::DELETE;
        match response {
            AbsentResponse::NotFound => Some(Self::NotFound),
            AbsentResponse::Gone => Some(Self::Gone),
            AbsentResponse::NoContent if deletes => Some(Self::NothingToDelete),
            AbsentResponse::ByMethod | AbsentResponse::NoContent => deletes.then_some(Self::NotFound),
        }
    }
}
