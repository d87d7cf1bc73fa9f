use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::request::Parts;
use pin_project_lite::pin_project;

use super::{Seal, ValidatorSource};
use crate::{error::BoxError, representation::Representation};

impl<F, Fut> ValidatorSource for F
where
    F: Fn(&Parts) -> Fut,
    Fut: Future<Output: IntoRepresentation>,
{
    type Error = <Fut::Output as IntoRepresentation>::Error;
    type Future = RepresentationFuture<Fut>;

    fn validators(&self, head: &Parts) -> Self::Future {
        RepresentationFuture { future: self(head) }
    }
}

/// The output of the future that a look-up closure returns.
///
/// Implemented for everything that is `Into<Representation>`, and for a `Result` of it. Sealed.
#[diagnostic::on_unimplemented(
    message = "a look-up cannot give `{Self}`",
    label = "not `Into<Representation>`, nor a `Result` of it",
    note = "give a `Validators`, an `Option<Validators>` or a `Representation`, or a `Result` of one of them"
)]
pub trait IntoRepresentation {
    /// The error of a failed look-up.
    type Error: Into<BoxError>;

    #[doc(hidden)]
    fn into_representation(self, seal: Seal) -> Result<Representation, Self::Error>;
}

// The compiler then names the types that a look-up may return, not the conversion that is missing.
#[diagnostic::do_not_recommend]
impl<R: Into<Representation>> IntoRepresentation for R {
    type Error = Infallible;

    fn into_representation(self, _: Seal) -> Result<Representation, Infallible> {
        Ok(self.into())
    }
}

impl<R: Into<Representation>, E: Into<BoxError>> IntoRepresentation for Result<R, E> {
    type Error = E;

    fn into_representation(self, _: Seal) -> Result<Representation, E> {
        self.map(Into::into)
    }
}

pin_project! {
    /// The look-up of a closure that is a [`ValidatorSource`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct RepresentationFuture<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future<Output: IntoRepresentation>> Future for RepresentationFuture<F> {
    type Output = Result<Representation, <F::Output as IntoRepresentation>::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(self.project().future.poll(cx)).into_representation(Seal))
    }
}
