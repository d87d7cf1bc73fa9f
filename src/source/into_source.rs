use super::{Seal, ValidatorSource};

/// Something that [`PreconditionLayer::new`](crate::PreconditionLayer::new) takes.
///
/// Implemented for every [`ValidatorSource`] and, with feature `axum`, for an async function over extractors that
/// need no state. The compiler infers `Kind`. Sealed: implement `ValidatorSource` instead.
// With two kinds of implementation, the compiler explains a mistake by these notes, and not by one of the kinds.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot look validators up",
    label = "not a look-up",
    note = "a function over Axum's extractors is a look-up with feature `axum`; if it takes `State<..>`, write \
            `validators_from_fn_with_state(state, lookup)`; `validators_from_fn(lookup)` tells more of what is wrong \
            with it",
    note = "a closure must be `|head: &http::request::Parts| async {{ .. }}`, with its argument's type",
    note = "either must give `impl Into<Representation>`, such as `Option<Validators>` or `EntityTag`, or a `Result` of \
            that, whose error is `IntoResponse` for a function over extractors, and `Into<BoxError>` for a closure",
    note = "a type of your own implements `ValidatorSource`"
)]
pub trait IntoValidatorSource<Kind> {
    /// The source that it becomes.
    type Source: ValidatorSource;

    #[doc(hidden)]
    fn into_validator_source(self, seal: Seal) -> Self::Source;
}

/// The kind of what is a [`ValidatorSource`] already.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct AsItIs;

impl<V: ValidatorSource> IntoValidatorSource<AsItIs> for V {
    type Source = V;

    fn into_validator_source(self, _: Seal) -> V {
        self
    }
}
