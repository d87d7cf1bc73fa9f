use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::request::Parts;

use super::Seal;
use crate::{error::BoxError, representation::Representation};

/// Looks up the current representation of a request's target.
///
/// The source gets the request's head and returns a future that owns what it needs. So it does not depend on
/// the body type, and a look-up needs no box. The layer asks only if an answer depends on the state. A method
/// that may change state always asks, unless the head alone is refused.
///
/// A closure over the head is a source. Write the type of its argument. Its future may return anything that
/// is `Into<Representation>`, or a `Result` of it:
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
/// With feature `axum`, `validators_from_fn` makes a source of an async function over extractors.
///
/// # The source and the handler must see the same state
///
/// Read both from one store. A source that sees a newer state puts a new tag on old content. A source that
/// sees an older state lets a client join two versions, if the service serves ranges.
///
/// # Errors
///
/// A failed look-up lets no write through: the layer answers 503. The error goes to `tracing`, never to the
/// client.
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
    /// The error of a failed look-up. It goes to `tracing`, never to the client.
    type Error: Into<BoxError>;
    /// The future of a look-up.
    type Future: Future<Output = Result<Representation, Self::Error>>;

    /// Starts the look-up for one request.
    fn validators(&self, head: &Parts) -> Self::Future;

    /// Returns whether every read is evaluated against the handler's response. Such a source is not asked about reads.
    #[doc(hidden)]
    fn defers_reads(&self, _: Seal) -> bool {
        false
    }

    /// Starts the look-up by a head that the layer lends. Only sources of this crate take something out of it.
    #[doc(hidden)]
    fn validators_of_lent(&self, head: &mut Parts, _: Seal) -> Self::Future {
        self.validators(head)
    }

    /// Polls such a look-up. It gives back what it took once it is ready.
    #[doc(hidden)]
    fn poll_lent(
        &self,
        future: Pin<&mut Self::Future>,
        _: &mut Parts,
        cx: &mut Context<'_>,
        _: Seal,
    ) -> Poll<Result<Representation, Self::Error>> {
        future.poll(cx)
    }
}
