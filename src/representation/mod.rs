//! What a source found, and what it hands on with it.

mod attachments;
mod extension_member;
mod guard;
mod unevaluated;

pub use attachments::HandedOver;
pub(crate) use attachments::{Attachments, OfOneRequest};
pub use extension_member::ExtensionValue;
pub(crate) use guard::HeldGuards;
pub use guard::{Guard, GuardShare};
pub use unevaluated::UnevaluatedWrites;
pub(crate) use unevaluated::{Missing, Needed};

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use http::{HeaderValue, Response};
use http_body::Body;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};

use crate::{
    error::BoxError,
    validator::{EntityTag, Validators},
};

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
pub struct Representation(pub(crate) Found);

/// The kinds of a [`Representation`].
pub(crate) enum Found {
    Current(Current),
    Absent,
    Deferred,
    /// The response of the handler will tell.
    InResponse,
    /// Nothing tells it, so that no condition on a write can be judged.
    Unknown(Missing, UnevaluatedWrites),
    /// One of the others, and what is handed on with it. Apart, since most have nothing to hand
    /// on, and a look-up's result is moved often.
    With(Box<(Found, Attachments)>),
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
    pub(crate) members: Vec<(Cow<'static, str>, ExtensionValue)>,
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

    /// The response of the handler is to be judged.
    pub(crate) const fn in_response() -> Self {
        Self::of(Found::InResponse)
    }

    /// A write cannot be judged; a read goes to the handler as it came.
    pub(crate) const fn unknown(missing: Missing, unjudged: UnevaluatedWrites) -> Self {
        Self::of(Found::Unknown(missing, unjudged))
    }

    #[inline]
    const fn of(found: Found) -> Self {
        Self(found)
    }

    /// What was found, without what is handed on with it.
    fn found(&self) -> &Found {
        match &self.0 {
            Found::With(with) => &with.0,
            found => found,
        }
    }

    fn current_mut(&mut self) -> Option<&mut Current> {
        let found = match &mut self.0 {
            Found::With(with) => &mut with.0,
            found => found,
        };
        match found {
            Found::Current(current) => Some(current),
            _ => None,
        }
    }

    fn attach(self, attach: impl FnOnce(&mut Attachments)) -> Self {
        let mut with = match self.0 {
            Found::With(with) => with,
            found => Box::new((found, Attachments::default())),
        };
        attach(&mut with.1);
        Self::of(Found::With(with))
    }

    /// What was found, and what is handed on with it.
    #[inline(always)]
    pub(crate) fn into_parts(self) -> (Found, Option<Box<Attachments>>) {
        match self.0 {
            Found::With(with) => (with.0, Some(Box::new(with.1))),
            found => (found, None),
        }
    }

    /// Says where the current representation is; a 412 will carry it as Location.
    ///
    /// Has no effect on what is not [`current`](Self::current).
    ///
    /// The example of [`Rejection::location`](crate::Rejection::location) shows it.
    pub fn with_location(mut self, location: HeaderValue) -> Self {
        if let Some(current) = self.current_mut() {
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
    /// The example of [`Rejection::extension_members`](crate::Rejection::extension_members) shows it.
    pub fn with_extension_member(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<ExtensionValue>,
    ) -> Self {
        if let Some(current) = self.current_mut() {
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
    /// such as for OPTIONS, for a GET that asks for another protocol, or for one that neither is conditional
    /// nor [emits](crate::Emit) anything, nor where it failed and the request goes on.
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
    pub fn with_attached<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        self.attach(|attachments| {
            attachments.values.insert(value);
        })
    }

    /// Hands over to the handler what cannot be cloned, such as a transaction.
    ///
    /// The handler takes it once, from a [`HandedOver`](crate::HandedOver) in the request's extensions, or under Axum
    /// by `Taken<T>`. What nobody takes is dropped with the request.
    ///
    /// The example of [`HandedOver`](crate::HandedOver) shows it.
    pub fn with_handed_over<T: Send + 'static>(self, value: T) -> Self {
        self.attach(|attachments| attachments.hand_over(value))
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
    pub fn with_guard<G: Send + 'static>(self, guard: G) -> Self {
        self.attach(|attachments| attachments.guards.push(Box::new(guard)))
    }

    /// The validators, if a representation exists.
    ///
    /// ```
    /// # use tower_precondition::Representation;
    /// assert!(Representation::absent().validators().is_none());
    /// ```
    #[must_use]
    pub fn validators(&self) -> Option<&Validators> {
        match self.found() {
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
        matches!(self.found(), Found::Absent)
    }
}

impl Current {
    /// What a handler says of the current state; a deferral or a refusal says nothing of it.
    pub(crate) fn of(representation: Representation) -> Result<Option<Self>, &'static str> {
        match representation.into_parts().0 {
            Found::Current(current) => Ok(Some(current)),
            Found::Absent => Ok(None),
            _ => Err("the handler did not say what currently exists"),
        }
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
        match self.found() {
            Found::Current(current) => f.debug_tuple("Current").field(&current.validators).finish(),
            Found::Absent => f.write_str("Absent"),
            Found::Deferred => f.write_str("Deferred"),
            Found::InResponse => f.write_str("InResponse"),
            Found::Unknown(missing, _) => f.debug_tuple("Unknown").field(missing).finish(),
            Found::Refused(response) => f.debug_tuple("Refused").field(&response.status()).finish(),
            Found::With(_) => f.write_str("With"),
        }
    }
}
