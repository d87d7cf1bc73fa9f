use std::{convert::Infallible, fmt, future::Future, marker::PhantomData, pin::Pin};

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, IntoResponseParts, Response, ResponseParts},
};
use http::request::Parts;

use crate::{
    precondition::MethodKind, representation::Representation, response::insert_last_modified,
    source::ValidatorSource, validator::Validators,
};

/// Makes a [`ValidatorSource`] of an async function over Axum's extractors.
///
/// The function takes up to sixteen extractors that work on the request's head,
/// and returns anything that is `Into<Representation>`, such as
/// `Option<Validators>`, or a `Result` of it whose error is `IntoResponse`.
///
/// | the function | on GET, HEAD and QUERY | on other methods |
/// |---|---|---|
/// | returns an error | its response is the answer | its response is the answer |
/// | is not called, since an extractor refused | the handler judges | the refusal is the answer |
///
/// Use [`validators_from_fn_with_state`] for extractors that need a state. Routes made with
/// `axum::routing::any` take the layer by `layer`, since they have no `route_layer`.
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
    F: LookupFn<(), T>,
{
    validators_from_fn_with_state((), f)
}

/// Makes a [`ValidatorSource`] of an async function over Axum's extractors, with a state for `State`.
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
    F: LookupFn<S, T>,
{
    FromFn { f, state, extractors: PhantomData }
}

/// A [`ValidatorSource`] made by [`validators_from_fn`] or [`validators_from_fn_with_state`].
///
/// Each look-up copies the request's head and boxes its future.
///
/// ```
/// use tower_precondition::{EntityTag, ValidatorSource, validators_from_fn};
///
/// fn is_source(_: &impl ValidatorSource) {}
/// is_source(&validators_from_fn(|| async { EntityTag::from_version(1) }));
/// ```
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

/// The future of a [`FromFn`]; it cannot fail, since errors have become responses.
type LookupFuture = Pin<Box<dyn Future<Output = Result<Representation, Infallible>> + Send>>;

impl<F, S, T> ValidatorSource for FromFn<F, S, T>
where
    F: LookupFn<S, T>,
    S: Clone,
{
    type Error = Infallible;
    type Future = LookupFuture;

    fn validators(&self, head: &Parts) -> Self::Future {
        self.f.clone().look_up(head.clone(), self.state.clone())
    }
}

/// An async function over extractors, as [`validators_from_fn`] takes it.
///
/// Implemented for functions of up to sixteen arguments; not to be implemented elsewhere.
///
/// ```
/// use axum::extract::Path;
/// use tower_precondition::{EntityTag, LookupFn};
///
/// fn is_lookup<T>(_: impl LookupFn<(), T>) {}
/// is_lookup(|Path(version): Path<u64>| async move { EntityTag::from_version(version) });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a look-up over extractors",
    label = "not an async function that `validators_from_fn` can take",
    note = "every argument must implement `FromRequestParts` for the state that was given; \
            one that reads the body, such as `Json` or `String`, does not",
    note = "it must return `impl Into<Representation>`, such as `Option<Validators>`, \
            or a `Result` of that whose error is `IntoResponse`",
    note = "for `State<..>` use `validators_from_fn_with_state`; at most sixteen arguments; the future must be `Send`"
)]
pub trait LookupFn<S, T>: Clone {
    /// Runs the extractors and then the function.
    #[doc(hidden)]
    fn look_up(self, head: Parts, state: S) -> LookupFuture;
}

/// What a function given to [`validators_from_fn`] may return.
///
/// Implemented for everything that is `Into<Representation>`, and for a `Result`
/// of it whose error is `IntoResponse`.
///
/// ```
/// use axum::http::StatusCode;
/// use tower_precondition::{LookupResponse, Validators};
///
/// let found = Err::<Validators, _>(StatusCode::FORBIDDEN).into_found();
/// assert!(found.validators().is_none());
/// ```
#[diagnostic::on_unimplemented(
    message = "a look-up over extractors cannot return `{Self}`",
    label = "not `Into<Representation>`, nor a `Result` of it whose error is `IntoResponse`"
)]
pub trait LookupResponse {
    /// Turns the output into what the layer works with; an error becomes the answer.
    ///
    /// The example of [`LookupResponse`] shows it.
    fn into_found(self) -> Representation;
}

#[diagnostic::do_not_recommend]
impl<R: Into<Representation>> LookupResponse for R {
    fn into_found(self) -> Representation {
        self.into()
    }
}

impl<R: Into<Representation>, E: IntoResponse> LookupResponse for Result<R, E> {
    fn into_found(self) -> Representation {
        match self {
            Ok(found) => found.into(),
            Err(error) => Representation::refused(error.into_response()),
        }
    }
}

macro_rules! lookup_fn {
    ($($extractor:ident)*) => {
        impl<F, Fut, S, $($extractor,)*> LookupFn<S, ($($extractor,)*)> for F
        where
            F: FnOnce($($extractor,)*) -> Fut + Clone + Send + 'static,
            Fut: Future<Output: LookupResponse> + Send,
            S: Send + Sync + 'static,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            #[allow(non_snake_case, unused_mut, unused_variables)]
            fn look_up(self, mut head: Parts, state: S) -> LookupFuture {
                Box::pin(async move {
                    let kind = MethodKind::of(&head.method);
                    $(
                        let $extractor = match $extractor::from_request_parts(&mut head, &state).await {
                            Ok(extracted) => extracted,
                            Err(refusal) => return Ok(refused(kind, refusal.into_response())),
                        };
                    )*
                    Ok(self($($extractor,)*).await.into_found())
                })
            }
        }
    };
}

/// What an extractor refused: the handler says so to a reader, and no write goes on.
fn refused(kind: MethodKind, refusal: Response) -> Representation {
    match kind {
        MethodKind::Selects => Representation::defer_to_handler(),
        MethodKind::Changes | MethodKind::Neither => Representation::refused(refusal),
    }
}

lookup_fn!();
lookup_fn!(T1);
lookup_fn!(T1 T2);
lookup_fn!(T1 T2 T3);
lookup_fn!(T1 T2 T3 T4);
lookup_fn!(T1 T2 T3 T4 T5);
lookup_fn!(T1 T2 T3 T4 T5 T6);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15);
lookup_fn!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16);

/// In front of a body, writes what [`Validators::write_to`] writes, a date in the future as now.
impl IntoResponseParts for Validators {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        self.write_to(parts.headers_mut());
        if let Some(date) = self.last_modified() {
            insert_last_modified(parts.headers_mut(), date, None);
        }
        Ok(parts)
    }
}
