use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http::request::Parts;

use super::ValidatorSource;
#[cfg(feature = "webdav")]
use crate::decision::Rejection;
use crate::{error::BoxError, precondition::Carried, representation::Representation};

/// A [`ValidatorSource`], or a way to learn the state from the service `S` itself.
///
/// Implemented for every `ValidatorSource`, for [`Probing`](super::Probing), and with feature `webdav` for
/// `WithLocks`. Sealed: implement
/// `ValidatorSource` instead.
pub trait RepresentationSource<S, B> {
    #[doc(hidden)]
    type Error: Into<BoxError>;
    #[doc(hidden)]
    type Future;
    /// Whether the look-up calls the service, which the layer then makes ready again.
    #[doc(hidden)]
    const CALLS_SERVICE: bool;
    /// Whether the look-up judges WebDAV's `If`.
    #[doc(hidden)]
    const JUDGES_IF: bool = false;

    /// Returns whether every read is evaluated against the handler's response.
    #[doc(hidden)]
    fn defers_reads(&self) -> bool {
        false
    }

    /// Checks WebDAV's `If` by the head alone, for letter A.
    #[doc(hidden)]
    #[cfg(feature = "webdav")]
    fn check_if(&self, head: &Parts) -> Result<(), Rejection> {
        let _ = head;
        Ok(())
    }

    /// Starts the look-up. The service is ready. The look-up may borrow parts of the head until it ends.
    #[doc(hidden)]
    fn look_up(&self, head: &mut Parts, asked: Asked, service: &mut S) -> Self::Future;

    /// Polls the look-up. The head is whole again once it is ready.
    #[doc(hidden)]
    fn poll_look_up(
        &self,
        future: Pin<&mut Self::Future>,
        head: &mut Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Representation, Self::Error>>;
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
    /// Whether the request carries WebDAV's `If`, and it applies.
    #[cfg(feature = "webdav")]
    pub(crate) judges_if: bool,
}

impl Asked {
    pub(crate) const NOTHING: Self = Self {
        depends_on_state: false,
        carried: Carried::NONE,
        #[cfg(feature = "webdav")]
        judges_if: false,
    };
}

/// An argument that no other crate can name, so that no other crate can implement the method that takes it.
#[derive(Clone, Copy, Debug)]
pub struct Seal;

impl<V: ValidatorSource, S, B> RepresentationSource<S, B> for V {
    type Error = V::Error;
    type Future = V::Future;
    const CALLS_SERVICE: bool = false;

    fn defers_reads(&self) -> bool {
        ValidatorSource::defers_reads(self, Seal)
    }

    fn look_up(&self, head: &mut Parts, _: Asked, _: &mut S) -> Self::Future {
        self.validators_of_lent(head, Seal)
    }

    fn poll_look_up(
        &self,
        future: Pin<&mut Self::Future>,
        head: &mut Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Representation, Self::Error>> {
        self.poll_lent(future, head, cx, Seal)
    }
}
