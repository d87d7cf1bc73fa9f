use std::{
    borrow::Cow,
    convert::Infallible,
    error::Error,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderValue, Response, request::Parts};
use http_body::Body;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use pin_project_lite::pin_project;

use crate::{EntityTag, HandedOver, MemberValue, Validators, attachments::Attachments};

/// An error of any kind, as tower has it.
///
/// ```
/// let error: tower_precondition::BoxError = "the store is away".into();
/// assert_eq!(error.to_string(), "the store is away");
/// ```
pub type BoxError = Box<dyn Error + Send + Sync>;

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

/// What a source found at the target of a request.
///
/// | made by | means | the layer then |
/// |---|---|---|
/// | [`current`](Self::current) | it exists, so described | judges the request |
/// | [`absent`](Self::absent) | it does not exist | judges the request |
/// | [`defer_to_handler`](Self::defer_to_handler) | the source cannot say | forwards it unjudged |
/// | [`refused`](Self::refused) | the request is not to go on | answers with this |
///
/// # Example
///
/// ```
/// use tower_precondition::{EntityTag, Representation, Validators};
///
/// let found: Representation = Some(Validators::from(EntityTag::from_version(1))).into();
/// assert!(found.validators().is_some());
///
/// let nothing: Representation = None::<Validators>.into();
/// assert!(nothing.is_absent());
/// ```
#[must_use]
pub struct Representation {
    pub(crate) found: Found,
    /// Apart, since most have none, and a look-up's result is moved often.
    pub(crate) attachments: Option<Box<Attachments>>,
}

/// The four kinds of a [`Representation`].
pub(crate) enum Found {
    Current(Current),
    Absent,
    Deferred,
    Refused(Box<Response<RefusedBody>>),
}

/// The body of a source's own answer: any, since every source has its own.
pub(crate) type RefusedBody = UnsyncBoxBody<Bytes, BoxError>;

/// A current representation, and what a 412 is to tell of it beyond its validators.
pub(crate) struct Current {
    pub(crate) validators: Validators,
    /// Apart, since most have none, and a look-up's result is moved often.
    pub(crate) details: Option<Box<Details>>,
}

#[derive(Default)]
pub(crate) struct Details {
    pub(crate) location: Option<HeaderValue>,
    pub(crate) members: Vec<(Cow<'static, str>, MemberValue)>,
}

impl Representation {
    /// A representation exists and is described by these validators.
    ///
    /// ```
    /// # use tower_precondition::{Representation, Validators};
    /// assert!(Representation::current(Validators::new()).validators().is_some());
    /// ```
    #[inline]
    pub fn current(validators: Validators) -> Self {
        Self::of(Found::Current(Current { validators, details: None }))
    }

    /// Nothing exists at the target.
    ///
    /// ```
    /// # use tower_precondition::Representation;
    /// assert!(Representation::absent().is_absent());
    /// ```
    pub fn absent() -> Self {
        Self::of(Found::Absent)
    }

    /// The source cannot judge this request: it goes to the handler as it came,
    /// with its conditional fields, and it is the handler that must judge it.
    ///
    /// ```
    /// # use tower_precondition::Representation;
    /// assert!(!Representation::defer_to_handler().is_absent());
    /// ```
    pub fn defer_to_handler() -> Self {
        Self::of(Found::Deferred)
    }

    /// The request is answered with this response, as it is.
    ///
    /// ```
    /// # use http::{Response, StatusCode};
    /// # use tower_precondition::Representation;
    /// let mut response = Response::new(String::from("sign in first"));
    /// *response.status_mut() = StatusCode::UNAUTHORIZED;
    /// assert!(Representation::refused(response).validators().is_none());
    /// ```
    pub fn refused<B>(response: Response<B>) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self::of(Found::Refused(Box::new(response.map(|body| body.map_err(Into::into).boxed_unsync()))))
    }

    #[inline]
    const fn of(found: Found) -> Self {
        Self { found, attachments: None }
    }

    /// Says where the current representation is; a 412 will carry it as Location.
    ///
    /// Has no effect on what is not [`current`](Self::current).
    ///
    /// The example of [`Rejection::location`](crate::Rejection::location) shows it.
    pub fn with_location(mut self, location: HeaderValue) -> Self {
        if let Found::Current(current) = &mut self.found {
            current.details.get_or_insert_default().location = Some(location);
        }
        self
    }

    /// Adds a member to the problem details of a 412, such as who changed it last.
    ///
    /// One of the same name takes its place. A member that the layer writes itself, such as
    /// `status`, is not replaced.
    /// Has no effect on what is not [`current`](Self::current).
    ///
    /// The example of [`Rejection::members`](crate::Rejection::members) shows it.
    pub fn with_member(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<MemberValue>) -> Self {
        if let Found::Current(current) = &mut self.found {
            let name = name.into();
            let members = &mut current.details.get_or_insert_default().members;
            members.retain(|(known, _)| *known != name);
            members.push((name, value.into()));
        }
        self
    }

    /// Attaches a value to the request, such as the row that was loaded, so that the
    /// handler need not look it up again.
    ///
    /// It goes into the extensions of every request that goes on to the handler, of whatever
    /// method; one of the same type takes its place. Under Axum the handler gets it by
    /// `Attached<T>`, elsewhere from the extensions. It is not there where the source was not asked,
    /// such as for OPTIONS, or for a GET that neither is conditional nor [emits](crate::Emit)
    /// anything, nor where it failed and the request goes on.
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # use tower_precondition::{EntityTag, PreconditionLayer, Representation};
    /// #[derive(Clone)]
    /// struct Row(&'static str);
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let layer = PreconditionLayer::new(|_: &Parts| async {
    ///     Representation::from(EntityTag::from_version(1)).with_attached(Row("text"))
    /// });
    /// let handler = service_fn(|request: Request<()>| async move {
    ///     let Row(text) = request.extensions().get().cloned().expect("the source attached it");
    ///     Ok::<_, std::convert::Infallible>(Response::new(text.to_owned()))
    /// });
    /// let response = layer.layer(handler).oneshot(Request::new(())).await.unwrap();
    /// # use http_body_util::BodyExt;
    /// assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "text");
    /// # });
    /// ```
    pub fn with_attached<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.attachments.get_or_insert_default().values.insert(value);
        self
    }

    /// Hands over to the handler what cannot be cloned, such as a transaction.
    ///
    /// The handler takes it once, from a [`HandedOver`] in the request's extensions, or under Axum
    /// by `Taken<T>`. What nobody takes is dropped with the request.
    ///
    /// The example of [`HandedOver`] shows it.
    pub fn with_handed_over<T: Send + 'static>(self, value: T) -> Self {
        self.with_attached(HandedOver::new(value))
    }

    /// Has the layer hold a guard, such as a lock on the resource, while the request is handled.
    ///
    /// It is released when the handler's future ends, be it by an answer, an error, a panic or
    /// cancellation, or at once where the layer answers itself. Take the lock before the state is
    /// read, or what was read may have changed before the lock was there. A body that streams
    /// after the answer's head is sent is not covered.
    ///
    /// Several guards are released in the reverse order. The example of [`Guard`](crate::Guard)
    /// shows it.
    pub fn with_guard<G: Send + 'static>(mut self, guard: G) -> Self {
        self.attachments.get_or_insert_default().guards.push(Box::new(guard));
        self
    }

    /// The validators, if a representation exists.
    ///
    /// ```
    /// # use tower_precondition::Representation;
    /// assert!(Representation::absent().validators().is_none());
    /// ```
    #[must_use]
    pub fn validators(&self) -> Option<&Validators> {
        match &self.found {
            Found::Current(current) => Some(&current.validators),
            _ => None,
        }
    }

    /// Whether nothing exists.
    ///
    /// ```
    /// # use tower_precondition::Representation;
    /// assert!(Representation::absent().is_absent());
    /// ```
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self.found, Found::Absent)
    }
}

impl From<Validators> for Representation {
    #[inline]
    fn from(validators: Validators) -> Self {
        Self::current(validators)
    }
}

impl From<Option<Validators>> for Representation {
    #[inline]
    fn from(validators: Option<Validators>) -> Self {
        validators.map_or_else(Self::absent, Self::current)
    }
}

impl From<EntityTag> for Representation {
    #[inline]
    fn from(etag: EntityTag) -> Self {
        Self::current(etag.into())
    }
}

impl From<Option<EntityTag>> for Representation {
    fn from(etag: Option<EntityTag>) -> Self {
        etag.map(Validators::from).into()
    }
}

impl fmt::Debug for Representation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Found::Current(current) => f.debug_tuple("Current").field(&current.validators).finish(),
            Found::Absent => f.write_str("Absent"),
            Found::Deferred => f.write_str("Deferred"),
            Found::Refused(response) => f.debug_tuple("Refused").field(&response.status()).finish(),
        }
    }
}
