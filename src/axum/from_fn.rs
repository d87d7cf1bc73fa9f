use std::{convert::Infallible, fmt, future::Future, marker::PhantomData, pin::Pin};

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::{
    precondition::MethodKind,
    representation::Representation,
    source::{IntoValidatorSource, Seal, ValidatorSource},
};

/// Makes a [`ValidatorSource`](crate::ValidatorSource) of an async function over Axum's extractors.
///
/// The function takes up to sixteen extractors of the request's head. It returns anything that is
/// `Into<Representation>`, such as `Option<Validators>`, or a `Result` of it whose error is `IntoResponse`. Use
/// [`validators_from_fn_with_state`] if an extractor needs a state.
///
/// [`PreconditionLayer::new`](crate::PreconditionLayer::new) takes such a function as it is. Say this function's name if
/// the compiler shall say what is wrong with it.
///
/// | if | on GET, HEAD and QUERY | on other methods |
/// |---|---|---|
/// | the function returns an error | the layer answers with it | the layer answers with it |
/// | an extractor rejects the request | the handler gets the request unchanged | the layer answers with the extractor's response |
///
/// A route made with `axum::routing::any` has no `route_layer`; give it the layer with `layer`.
///
/// # Example
///
/// ```
/// use axum::{Router, extract::Path, http::StatusCode, routing::get};
/// use tower_precondition::{EntityTag, PreconditionLayer, Validators, validators_from_fn};
///
/// async fn lookup(Path(id): Path<u64>) -> Result<Option<Validators>, StatusCode> {
///     match id {
///         0 => Err(StatusCode::FORBIDDEN),
///         1..10 => Ok(Some(EntityTag::from_version(id).into())),
///         _ => Ok(None),
///     }
/// }
///
/// let documents = get(|| async { "text" })
///     .route_layer(PreconditionLayer::new(validators_from_fn(lookup)));
/// let app: Router = Router::new().route("/documents/{id}", documents);
/// # let _ = app;
/// ```
pub fn validators_from_fn<F, T>(f: F) -> FromFn<F, (), T>
where
    F: RepresentationFn<(), T>,
{
    validators_from_fn_with_state((), f)
}

/// Makes a [`ValidatorSource`](crate::ValidatorSource) of an async function over Axum's extractors, with a state.
///
/// See [`validators_from_fn`] for what the function may take and return.
///
/// # Example
///
/// ```
/// use axum::{Router, extract::{Path, State}, routing::get};
/// use tower_precondition::{EntityTag, PreconditionLayer, Validators, validators_from_fn_with_state};
///
/// #[derive(Clone)]
/// struct Versions(std::sync::Arc<[u64]>);
///
/// async fn lookup(State(versions): State<Versions>, Path(id): Path<usize>) -> Option<Validators> {
///     versions.0.get(id).map(|version| EntityTag::from_version(*version).into())
/// }
///
/// let state = Versions([3, 1, 4].into());
/// let documents = get(|| async { "text" })
///     .route_layer(PreconditionLayer::new(validators_from_fn_with_state(state.clone(), lookup)));
/// let app: Router = Router::new().route("/documents/{id}", documents).with_state(state);
/// # let _ = app;
/// ```
pub fn validators_from_fn_with_state<F, S, T>(state: S, f: F) -> FromFn<F, S, T>
where
    F: RepresentationFn<S, T>,
{
    FromFn { f, state, extractors: PhantomData }
}

/// The source that [`validators_from_fn`] and [`validators_from_fn_with_state`] make.
///
/// Each look-up copies the request's head and boxes its future.
#[must_use]
pub struct FromFn<F, S, T> {
    f: F,
    state: S,
    extractors: PhantomData<fn() -> T>,
}

impl<F: Clone, S: Clone, T> Clone for FromFn<F, S, T> {
    fn clone(&self) -> Self {
        Self { f: self.f.clone(), state: self.state.clone(), extractors: PhantomData }
    }
}

impl<F, S, T> fmt::Debug for FromFn<F, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").field("f", &std::any::type_name::<F>()).finish_non_exhaustive()
    }
}

/// The future of a [`FromFn`]. It cannot fail: errors become responses.
type LookupFuture = Pin<Box<dyn Future<Output = Result<Representation, Infallible>> + Send>>;

impl<F, S, T> ValidatorSource for FromFn<F, S, T>
where
    F: RepresentationFn<S, T>,
    S: Clone,
{
    type Error = Infallible;
    type Future = LookupFuture;

    fn validators(&self, head: &Parts) -> Self::Future {
        self.f.clone().look_up(head.clone(), self.state.clone(), Seal)
    }
}

/// The kind of an async function over the extractors `T`, which need no state.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct OverExtractors<T>(PhantomData<fn() -> T>);

impl<F, T> IntoValidatorSource<OverExtractors<T>> for F
where
    F: RepresentationFn<(), T>,
{
    type Source = FromFn<F, (), T>;

    fn into_validator_source(self, _: Seal) -> Self::Source {
        validators_from_fn(self)
    }
}

/// An async function over extractors that [`validators_from_fn`] takes.
///
/// Implemented for functions of up to sixteen arguments. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a look-up over extractors",
    label = "not an async function that `validators_from_fn` can take",
    note = "every argument must implement `FromRequestParts` for the state that was given; \
            one that reads the body, such as `Json` or `String`, does not",
    note = "it must return `impl Into<Representation>`, such as `Option<Validators>`, \
            or a `Result` of that whose error is `IntoResponse`",
    note = "for `State<..>` use `validators_from_fn_with_state`; at most sixteen arguments; the future must be `Send`"
)]
pub trait RepresentationFn<S, T>: Clone {
    #[doc(hidden)]
    fn look_up(self, head: Parts, state: S, seal: Seal) -> LookupFuture;
}

/// The output of a function that [`validators_from_fn`] takes.
///
/// Implemented for everything that is `Into<Representation>`, and for a `Result` of it whose error is
/// `IntoResponse`. Sealed.
#[diagnostic::on_unimplemented(
    message = "a look-up over extractors cannot return `{Self}`",
    label = "not `Into<Representation>`, nor a `Result` of it whose error is `IntoResponse`"
)]
pub trait IntoRepresentationOrResponse {
    #[doc(hidden)]
    fn into_representation(self, seal: Seal) -> Representation;
}

#[diagnostic::do_not_recommend]
impl<R: Into<Representation>> IntoRepresentationOrResponse for R {
    fn into_representation(self, _: Seal) -> Representation {
        self.into()
    }
}

impl<R: Into<Representation>, E: IntoResponse> IntoRepresentationOrResponse for Result<R, E> {
    fn into_representation(self, _: Seal) -> Representation {
        match self {
            Ok(found) => found.into(),
            Err(error) => Representation::refused(error.into_response()),
        }
    }
}

macro_rules! representation_fn {
    ($($extractor:ident)*) => {
        impl<F, Fut, S, $($extractor,)*> RepresentationFn<S, ($($extractor,)*)> for F
        where
            F: FnOnce($($extractor,)*) -> Fut + Clone + Send + 'static,
            Fut: Future<Output: IntoRepresentationOrResponse> + Send,
            S: Send + Sync + 'static,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            #[allow(non_snake_case, unused_mut, unused_variables)]
            fn look_up(self, mut head: Parts, state: S, _: Seal) -> LookupFuture {
                Box::pin(async move {
                    let kind = MethodKind::of(&head.method);
                    $(
                        let $extractor = match $extractor::from_request_parts(&mut head, &state).await {
                            Ok(extracted) => extracted,
                            Err(refusal) => return Ok(refused(kind, refusal.into_response())),
                        };
                    )*
                    Ok(self($($extractor,)*).await.into_representation(Seal))
                })
            }
        }
    };
}

/// Lets the handler reject a read itself, and stops a write that the extractor rejected.
fn refused(kind: MethodKind, refusal: Response) -> Representation {
    match kind {
        MethodKind::Selects => Representation::failed_before_handler(refusal.status()),
        MethodKind::Changes | MethodKind::Neither => Representation::refused(refusal),
    }
}

representation_fn!();
representation_fn!(T1);
representation_fn!(T1 T2);
representation_fn!(T1 T2 T3);
representation_fn!(T1 T2 T3 T4);
representation_fn!(T1 T2 T3 T4 T5);
representation_fn!(T1 T2 T3 T4 T5 T6);
representation_fn!(T1 T2 T3 T4 T5 T6 T7);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15);
representation_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16);
