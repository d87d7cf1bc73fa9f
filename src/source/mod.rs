//! Where the layer learns what exists.

mod from_response;
mod lookup;
mod probing;

pub use from_response::FromResponse;
pub use lookup::Inquiry;
pub(crate) use lookup::sealed::Sealed;
pub use probing::Probing;

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::request::Parts;
use pin_project_lite::pin_project;

use crate::{error::BoxError, representation::Representation};

/// Looks the current representation of a request's target up.
///
/// It is given the head of the request and returns a future that owns what it
/// needs, so that it is free of the request's body type and costs no box. It is
/// asked only when an answer depends on it, and on a method that may change state
/// unless the head alone is refused.
///
/// A closure over the head is a source. Its argument's type must be written, and
/// its future may give anything that is `Into<Representation>`, or a `Result` of it:
///
/// ```
/// use http::request::Parts;
/// use tower_precondition::{EntityTag, PreconditionLayer, Validators};
///
/// let source = |head: &Parts| {
///     let known = head.uri.path() == "/report";
///     async move { known.then(|| Validators::from(EntityTag::from_version(3))) }
/// };
/// let layer = PreconditionLayer::new(source);
/// # let _ = layer;
/// ```
///
/// A source and its handler must see one state: read both from one store. A source that
/// sees a newer one puts the tag of new content on old; where ranges are served, one that
/// sees an older lets a client join two versions. A failure lets no write through; the
/// layer answers it with 503.
///
/// # Example
///
/// ```
/// use std::{collections::HashMap, future::{Ready, ready}, convert::Infallible};
/// use http::request::Parts;
/// use tower_precondition::{EntityTag, Representation, ValidatorSource, Validators};
///
/// struct Versions(HashMap<String, u64>);
///
/// impl ValidatorSource for Versions {
///     type Error = Infallible;
///     type Future = Ready<Result<Representation, Infallible>>;
///
///     fn validators(&self, head: &Parts) -> Self::Future {
///         ready(Ok(match self.0.get(head.uri.path()) {
///             Some(version) => Validators::from(EntityTag::from_version(*version)).into(),
///             None => Representation::absent(),
///         }))
///     }
/// }
/// let head = http::Request::new(()).into_parts().0;
/// let found = Versions(HashMap::new()).validators(&head).into_inner().unwrap();
/// assert!(found.is_absent());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot look validators up",
    label = "not a `ValidatorSource`",
    note = "a closure must write its argument's type, `|head: &http::request::Parts|`, and return a future \
            of `impl Into<Representation>` or of a `Result` of that whose error is `Into<BoxError>`",
    note = "a function over Axum's extractors becomes a source through `validators_from_fn` or \
            `validators_from_fn_with_state` (feature `axum`)"
)]
pub trait ValidatorSource {
    /// What a failed look-up gives; it goes to `tracing`, never to the client.
    type Error: Into<BoxError>;
    /// The look-up.
    type Future: Future<Output = Result<Representation, Self::Error>>;

    /// Looks up what the request's target currently is.
    ///
    /// The example of [`ValidatorSource`] shows it.
    fn validators(&self, head: &Parts) -> Self::Future;
}

impl<F, Fut> ValidatorSource for F
where
    F: Fn(&Parts) -> Fut,
    Fut: Future<Output: IntoLookup>,
{
    type Error = <Fut::Output as IntoLookup>::Error;
    type Future = Lookup<Fut>;

    fn validators(&self, head: &Parts) -> Self::Future {
        Lookup { future: self(head) }
    }
}

/// What the future of a closure used as a [`ValidatorSource`] may give.
///
/// Implemented for everything that is `Into<Representation>`, and for a `Result` of it.
///
/// ```
/// use tower_precondition::{EntityTag, IntoLookup, Validators};
///
/// let found = Validators::from(EntityTag::from_version(1)).into_lookup().unwrap();
/// assert!(found.validators().is_some());
///
/// let failed = Err::<Validators, _>("the store is away").into_lookup();
/// assert!(failed.is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "a look-up cannot give `{Self}`",
    label = "not `Into<Representation>`, nor a `Result` of it",
    note = "give a `Validators`, an `Option<Validators>` or a `Representation`, or a `Result` of one of them"
)]
pub trait IntoLookup {
    /// What a failed look-up gives.
    type Error: Into<BoxError>;

    /// Turns the output into what the layer works with.
    ///
    /// # Errors
    ///
    /// If the output is an error.
    ///
    /// The example of [`IntoLookup`] shows it.
    fn into_lookup(self) -> Result<Representation, Self::Error>;
}

// So that the compiler names what a look-up may give, and not the conversion that is missing.
#[diagnostic::do_not_recommend]
impl<R: Into<Representation>> IntoLookup for R {
    type Error = Infallible;

    fn into_lookup(self) -> Result<Representation, Infallible> {
        Ok(self.into())
    }
}

impl<R: Into<Representation>, E: Into<BoxError>> IntoLookup for Result<R, E> {
    type Error = E;

    fn into_lookup(self) -> Result<Representation, E> {
        self.map(Into::into)
    }
}

pin_project! {
    /// The look-up of a closure used as a [`ValidatorSource`].
    ///
    /// The example of [`ValidatorSource`] makes one.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Lookup<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future<Output: IntoLookup>> Future for Lookup<F> {
    type Output = Result<Representation, <F::Output as IntoLookup>::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(self.project().future.poll(cx)).into_lookup())
    }
}
