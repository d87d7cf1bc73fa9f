use std::future::Future;

use http::request::Parts;

use super::ValidatorSource;
use crate::{error::BoxError, representation::Representation};

/// How the layer learns what currently exists: from a [`ValidatorSource`], or by asking the service itself.
///
/// It is implemented for every source and for [`Probing`](crate::Probing), and not to be implemented elsewhere:
/// implement `ValidatorSource`.
///
/// ```
/// use tower_precondition::{EntityTag, Inquiry, Probing};
///
/// fn is_inquiry<S>(_: &impl Inquiry<S, String>, _: S) {}
/// is_inquiry(&|_: &http::request::Parts| async { EntityTag::from_version(1) }, "any service");
/// ```
pub trait Inquiry<S, B>: sealed::Sealed<S, B> {
    /// What a failed look-up gives.
    #[doc(hidden)]
    type Error: Into<BoxError>;
    /// The look-up.
    #[doc(hidden)]
    type Future: Future<Output = Result<Representation, Self::Error>>;
    /// Whether the look-up calls the service, which then has to be made ready again.
    #[doc(hidden)]
    const CALLS_SERVICE: bool;

    /// Whether entity tags leave with the name of the content coding.
    #[doc(hidden)]
    const NAMES_CODINGS: bool = false;

    /// Begins the look-up. The service is ready.
    #[doc(hidden)]
    fn inquire(&self, head: &Parts, depends_on_state: bool, service: &mut S) -> Self::Future;
}

pub(crate) mod sealed {
    pub trait Sealed<S, B> {}
}

impl<V: ValidatorSource, S, B> sealed::Sealed<S, B> for V {}

impl<V: ValidatorSource, S, B> Inquiry<S, B> for V {
    type Error = V::Error;
    type Future = V::Future;
    const CALLS_SERVICE: bool = false;

    #[inline(always)]
    fn inquire(&self, head: &Parts, _: bool, _: &mut S) -> Self::Future {
        self.validators(head)
    }
}
