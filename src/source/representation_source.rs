use std::future::Future;

use http::request::Parts;

use super::ValidatorSource;
use crate::{error::BoxError, precondition::Carried, representation::Representation};

/// A [`ValidatorSource`], or a way to learn the state from the service `S` itself.
///
/// Implemented for every `ValidatorSource` and for [`Probing`](super::Probing). Sealed: implement
/// `ValidatorSource` instead.
pub trait RepresentationSource<S, B> {
    #[doc(hidden)]
    type Error: Into<BoxError>;
    #[doc(hidden)]
    type Future: Future<Output = Result<Representation, Self::Error>>;
    /// Whether the look-up calls the service, which the layer then makes ready again.
    #[doc(hidden)]
    const CALLS_SERVICE: bool;

    /// Starts the look-up. The service is ready.
    #[doc(hidden)]
    fn look_up(&self, head: &Parts, asked: Asked, service: &mut S) -> Self::Future;
}

/// What a source that calls the service needs to know of the request.
///
/// No other crate can name it, which seals [`RepresentationSource`].
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Whether the answer depends on the state.
    pub(crate) depends_on_state: bool,
    /// The conditions that cannot be evaluated without their validator.
    pub(crate) carried: Carried,
}

impl Asked {
    pub(crate) const NOTHING: Self = Self { depends_on_state: false, carried: Carried::NONE };
}

/// An argument that no other crate can name, so that no other crate can implement the method that takes it.
#[derive(Clone, Copy, Debug)]
pub struct Seal;

impl<V: ValidatorSource, S, B> RepresentationSource<S, B> for V {
    type Error = V::Error;
    type Future = V::Future;
    const CALLS_SERVICE: bool = false;

    fn look_up(&self, head: &Parts, _: Asked, _: &mut S) -> Self::Future {
        self.validators(head)
    }
}
