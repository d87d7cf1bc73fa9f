use std::{
    convert::Infallible,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header, request::Parts};

use super::lent_head::{Habit, Kept, Left, LentHead, Lost};
use crate::{
    precondition::MethodKind,
    representation::Representation,
    response::events,
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
/// The extractors work on the request itself. The handler sees what they add to its extensions. It also sees all fields
/// and extensions that came: if an extractor takes one, the source copies each request and puts it back. If the first
/// request lost nothing and a later one does, that later one is answered 503 with `Retry-After: 0`, and so are those
/// that are looked up at the same time.
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
    FromFn { f, state, habit: Habit::default(), extractors: PhantomData }
}

/// The source that [`validators_from_fn`] and [`validators_from_fn_with_state`] make.
///
/// Each look-up boxes its future.
#[must_use]
pub struct FromFn<F, S, T> {
    f: F,
    state: S,
    habit: Habit,
    extractors: PhantomData<fn() -> T>,
}

impl<F: Clone, S: Clone, T> Clone for FromFn<F, S, T> {
    fn clone(&self) -> Self {
        let Self { f, state, habit, .. } = self;
        Self { f: f.clone(), state: state.clone(), habit: habit.clone(), extractors: PhantomData }
    }
}

impl<F, S, T> fmt::Debug for FromFn<F, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").field("f", &std::any::type_name::<F>()).finish_non_exhaustive()
    }
}

/// The look-up of a [`FromFn`]. It cannot fail: errors become responses.
#[must_use = "futures do nothing unless polled"]
pub struct LookUpOfFn {
    look_up: BoxedLookUp,
    /// Set if the extractors have the request's own head.
    kept: Option<Kept>,
}

type BoxedLookUp = Pin<Box<dyn Future<Output = (Representation, Left)> + Send>>;

impl Future for LookUpOfFn {
    type Output = Result<Representation, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.look_up.as_mut().poll(cx).map(|(found, _)| Ok(found))
    }
}

impl fmt::Debug for LookUpOfFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookUpOfFn")
    }
}

impl<F, S, T> ValidatorSource for FromFn<F, S, T>
where
    F: RepresentationFn<S, T>,
    S: Clone,
{
    type Error = Infallible;
    type Future = LookUpOfFn;

    fn validators(&self, head: &Parts) -> LookUpOfFn {
        LookUpOfFn {
            look_up: self.f.clone().look_up(LentHead::new(head.clone()), self.state.clone(), Seal),
            kept: None,
        }
    }

    fn validators_of_lent(&self, head: &mut Parts, _: Seal) -> LookUpOfFn {
        let (head, kept) = self.habit.lend(head);
        LookUpOfFn { look_up: self.f.clone().look_up(head, self.state.clone(), Seal), kept: Some(kept) }
    }

    fn poll_lent(
        &self,
        mut future: Pin<&mut LookUpOfFn>,
        head: &mut Parts,
        cx: &mut Context<'_>,
        _: Seal,
    ) -> Poll<Result<Representation, Infallible>> {
        let (found, left) = ready!(future.look_up.as_mut().poll(cx));
        let given_back = match future.kept.take() {
            Some(kept) => self.habit.give_back(left, kept, head),
            None => Ok(()),
        };
        Poll::Ready(Ok(match given_back {
            Ok(()) => found,
            Err(Lost) => lost::<F>(head),
        }))
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
    fn look_up(self, head: LentHead, state: S, seal: Seal) -> BoxedLookUp;
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
            fn look_up(self, mut head: LentHead, state: S, _: Seal) -> BoxedLookUp {
                Box::pin(async move {
                    $(
                        let $extractor = match $extractor::from_request_parts(&mut head.parts, &state).await {
                            Ok(extracted) => extracted,
                            Err(refusal) => {
                                head.see_extractor();
                                return (refused(&head.parts, refusal.into_response()), head.end(false));
                            }
                        };
                        head.see_extractor();
                    )*
                    (self($($extractor,)*).await.into_representation(Seal), head.end(true))
                })
            }
        }
    };
}

/// Refuses a request that is not whole, and says whose fault it is.
#[cold]
fn lost<F>(head: &Parts) -> Representation {
    let error = format!(
        "an extractor of `{}` took a field or an extension out of the request, and none had before; from now on \
         this source copies each request",
        std::any::type_name::<F>()
    );
    events::lookup_failed(&error.into(), head);
    let text = "the current state could not be looked up; send the request again";
    let again = [(header::CACHE_CONTROL, "no-store"), (header::RETRY_AFTER, "0")];
    Representation::refused((StatusCode::SERVICE_UNAVAILABLE, again, text).into_response())
}

/// Lets the handler reject a read itself, and stops a write that the extractor rejected.
fn refused(head: &Parts, refusal: Response) -> Representation {
    match MethodKind::of(&head.method) {
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
