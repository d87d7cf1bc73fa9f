//! What a source found, and what it hands on with it.

mod absent_response;
mod attachments;
mod extension_value;
mod guard;
#[cfg(feature = "webdav")]
mod if_verdict;
mod made_write;
mod malformed;
mod owned;
mod unevaluated;

pub use absent_response::AbsentResponse;
pub use extension_value::ExtensionValue;
pub use guard::Guard;
pub use made_write::MadeWrite;
pub use owned::Owned;
pub use unevaluated::UnevaluatedWrites;

pub(crate) use attachments::{Attachments, FromSource};
#[cfg(feature = "serialize-writes")]
pub(crate) use guard::Line;
pub(crate) use guard::{HeldGuards, Turn};
#[cfg(feature = "webdav")]
pub(crate) use if_verdict::IfVerdict;
pub(crate) use malformed::{MalformedValidator, MalformedValidators};
pub(crate) use unevaluated::Missing;

use std::{borrow::Cow, fmt, mem};

use bytes::Bytes;
#[cfg(feature = "axum")]
use http::StatusCode;
use http::{HeaderMap, HeaderValue, Response};
use http_body::Body;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};

use crate::{
    error::BoxError,
    precondition::Carried,
    validator::{EntityTag, Validators},
};

/// The result of a look-up: what exists at the target of a request.
///
/// | made by | means | the layer then |
/// |---|---|---|
/// | [`current`](Self::current) | it exists, with these validators | evaluates the request |
/// | [`absent`](Self::absent) | nothing exists | evaluates the request |
/// | [`defer_to_handler`](Self::defer_to_handler) | the source does not know | forwards the request unchanged |
/// | [`refused`](Self::refused) | the request must not continue | answers with this response |
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

/// The variants of a [`Representation`], private so that more can join.
pub(crate) enum Found {
    Current(Current),
    /// It exists, and a validator that it has cannot be read. Boxed: rare, and keeps this type small to move.
    Malformed(Box<(Current, MalformedValidators)>),
    Absent(AbsentResponse),
    /// A current state or none, and the record of this very request. Boxed: rare, and keeps this type small to move.
    Made(Box<(State, MadeWrite)>),
    Deferred,
    /// The handler's response will tell.
    InResponse,
    /// Nothing tells the state, so no condition of a write can be evaluated.
    Unknown(Missing, UnevaluatedWrites),
    /// One of the others with attachments. Boxed: rarely set, and keeps this type small to move.
    With(Box<(Found, Attachments)>),
    Refused(Box<Response<RefusedBody>>),
    /// What else was found, and what came of WebDAV's `If`.
    #[cfg(feature = "webdav")]
    Judged(Box<(Representation, IfVerdict)>),
}

/// The body of a refusal. Boxed, because every source has its own type.
pub(crate) type RefusedBody = UnsyncBoxBody<Bytes, BoxError>;

/// A current representation, and what a 412 tells about it beyond the validators.
pub(crate) struct Current {
    pub(crate) validators: Validators,
    /// Boxed: rarely set, and keeps this type small to move.
    pub(crate) details: Option<Box<Details>>,
}

/// What a request is evaluated against.
pub(crate) struct State {
    pub(crate) current: Option<Current>,
    /// The response if a write needs something to exist.
    pub(crate) absent: AbsentResponse,
}

#[derive(Default)]
pub(crate) struct Details {
    pub(crate) location: Option<HeaderValue>,
    pub(crate) members: Vec<(Cow<'static, str>, ExtensionValue)>,
}

impl Representation {
    /// Says that a representation exists, with these validators.
    ///
    /// Empty validators are fine: `If-Match: *` asks only whether it exists.
    pub fn current(validators: Validators) -> Self {
        Self::of(Found::Current(Current { validators, details: None }))
    }

    /// Says that nothing exists at the target.
    pub fn absent() -> Self {
        Self::of(Found::Absent(AbsentResponse::ByMethod))
    }

    /// Chooses the response to a write whose condition is false because nothing exists.
    ///
    /// It has an effect on [`absent`](Self::absent) only.
    ///
    /// ```
    /// # use http::{Method, Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # use tower_precondition::{AbsentResponse, PreconditionLayer, Representation};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let layer = PreconditionLayer::new(|head: &Parts| {
    ///     let response = match head.method {
    ///         // A PATCH here never creates, and a second DELETE is a success.
    ///         Method::PATCH => AbsentResponse::NotFound,
    ///         Method::DELETE => AbsentResponse::NoContent,
    ///         _ => AbsentResponse::ByMethod,
    ///     };
    ///     async move { Representation::absent().with_absent_response(response) }
    /// });
    /// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// # let service = layer.layer(handler);
    /// for (method, status) in [("PATCH", 404), ("DELETE", 204), ("PUT", 412)] {
    ///     let request = Request::builder().method(method).header("if-match", "\"1\"").body(String::new());
    ///     assert_eq!(service.clone().oneshot(request.unwrap()).await.unwrap().status(), status);
    /// }
    /// # });
    /// ```
    pub fn with_absent_response(mut self, response: AbsentResponse) -> Self {
        match self.found_mut() {
            Found::Absent(chosen) => *chosen = response,
            Found::Made(made) => made.0.absent = response,
            _ => {}
        }
        self
    }

    /// Leaves the request to the handler, which must evaluate it.
    ///
    /// The layer forwards the request unchanged, with its conditional fields. Use it if the source cannot
    /// know the state, such as for a QUERY whose tag depends on the content. The handler can use
    /// [`Preconditions`](crate::Preconditions).
    pub fn defer_to_handler() -> Self {
        Self::of(Found::Deferred)
    }

    /// Leaves the request to the handler after a look-up that failed with this status.
    #[cfg(feature = "axum")]
    pub(crate) fn failed_before_handler(status: StatusCode) -> Self {
        let attachments = Attachments::of_failure(status);
        Self::of(Found::With(Box::new((Found::Deferred, attachments))))
    }

    /// Answers the request with this response.
    ///
    /// Use it for what comes before preconditions (RFC 9110 §13.2.1), such as a missing permission. The layer
    /// sends the response as it is.
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

    /// Reads what exists from a response that describes it.
    fn described_by(headers: &HeaderMap) -> Self {
        let validators = Validators::from_headers(headers);
        let is_complete = validators.etag().is_some() && validators.last_modified().is_some();
        let current = Current { validators, details: None };
        let malformed = match is_complete {
            true => MalformedValidators::NONE,
            false => MalformedValidators::of(headers),
        };
        Self::of(match malformed.is_none() {
            true => Found::Current(current),
            false => Found::Malformed(Box::new((current, malformed))),
        })
    }

    /// Reads what exists from a response, if it has the validators that these conditions need.
    pub(crate) fn comparable(headers: &HeaderMap, carried: Carried) -> Result<Self, Missing> {
        let found = Self::described_by(headers);
        let (validators, malformed) = match &found.0 {
            Found::Current(current) => (&current.validators, MalformedValidators::NONE),
            Found::Malformed(malformed) => (&malformed.0.validators, malformed.1),
            _ => return Ok(found),
        };
        match Missing::in_validators(carried, validators, malformed) {
            Some(missing) => Err(missing),
            None => Ok(found),
        }
    }

    /// The layer evaluates the handler's response.
    pub(crate) const fn in_response() -> Self {
        Self::of(Found::InResponse)
    }

    /// A write cannot be evaluated; a read goes to the handler unchanged.
    pub(crate) const fn unknown(missing: Missing, writes: UnevaluatedWrites) -> Self {
        Self::of(Found::Unknown(missing, writes))
    }

    const fn of(found: Found) -> Self {
        Self(found)
    }

    /// Returns what was found, without its attachments.
    fn found(&self) -> &Found {
        match &self.0 {
            Found::With(with) => &with.0,
            found => found,
        }
    }

    fn found_mut(&mut self) -> &mut Found {
        match &mut self.0 {
            Found::With(with) => &mut with.0,
            found => found,
        }
    }

    fn current_mut(&mut self) -> Option<&mut Current> {
        match self.found_mut() {
            Found::Current(current) => Some(current),
            Found::Made(made) => made.0.current.as_mut(),
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

    /// Splits the attachments off.
    pub(crate) fn into_parts(self) -> (Found, Option<Box<Attachments>>) {
        match self.0 {
            Found::With(with) => (with.0, Some(Box::new(with.1))),
            found => (found, None),
        }
    }

    /// Sets the location of the current representation, which a 412 carries in Location.
    ///
    /// Use it if the request's target is not where the resource lives, such as for a POST with
    /// `If-None-Match: *`. Has an effect on [`current`](Self::current) only.
    pub fn with_location(mut self, location: HeaderValue) -> Self {
        if let Some(current) = self.current_mut() {
            current.details.get_or_insert_default().location = Some(location);
        }
        self
    }

    /// Adds an extension member to the problem details of a 412 (RFC 9457 §3.2).
    ///
    /// Use it to tell the client more about the conflict, such as who changed the resource last. A later
    /// value for the same name replaces an earlier one; a name that the layer writes itself, such as
    /// `status`, is dropped. Has an effect on [`current`](Self::current) only.
    ///
    /// ```
    /// # use tower_precondition::{EntityTag, Representation};
    /// let found = Representation::from(EntityTag::from_version(2))
    ///     .with_extension_member("changed_by", "Ada")
    ///     .with_extension_member("changes", 14);
    /// # let _ = found;
    /// ```
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

    /// Says that this very request was already made here, so that the layer answers its success.
    ///
    /// Use it if your store has a record of the request's `WriteIdentity` (feature `write-ids`) for this resource. Use
    /// it as well if the conditions of the request would hold now: the layer never performs the write again.
    ///
    /// The layer answers 201 or 204, as the record says, if every If-Match and If-None-Match of the request was true
    /// of the state that the write was made from, by the layer's own
    /// [comparison](crate::PreconditionLayer::compare_tags). Otherwise the record has no effect. Has an effect on
    /// [`current`](Self::current) and [`absent`](Self::absent) only, and only for writes.
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use tower_precondition::{EntityTag, MadeWrite, PreconditionLayer, Representation};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// // Version 3 is current, and this request once replaced version 1 by version 2.
    /// let layer = PreconditionLayer::new(|_: &Parts| async {
    ///     let state = |version| Some(EntityTag::from_version(version).into());
    ///     Representation::from(EntityTag::from_version(3))
    ///         .with_made_write(MadeWrite::new(state(1), state(2)))
    /// });
    /// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// # let service = layer.layer(handler);
    /// for (tag, status) in [("\"1\"", 204), ("\"2\"", 412)] {
    ///     let put = Request::put("/").header("if-match", tag).body(String::new()).unwrap();
    ///     assert_eq!(service.clone().oneshot(put).await.unwrap().status(), status);
    /// }
    /// # });
    /// ```
    pub fn with_made_write(mut self, made: MadeWrite) -> Self {
        let found = self.found_mut();
        *found = match mem::replace(found, Found::Deferred) {
            Found::Current(current) => Found::Made(Box::new((State::current(current), made))),
            Found::Absent(absent) => Found::Made(Box::new((State::absent(absent), made))),
            Found::Made(known) => Found::Made(Box::new((known.0, made))),
            other => other,
        };
        self
    }

    /// Attaches a value to the request, such as the row that the source loaded.
    ///
    /// The handler then need not load it again. It finds the value in the request's extensions, or with
    /// feature `axum` with the extractor `Attached<T>`. A second value of the same type replaces the first. A
    /// layer further in removes the value, unless it forwards the request without asking its own source.
    ///
    /// A request may reach the handler without it. The layer does not ask the source for OPTIONS, TRACE and
    /// CONNECT, or for an unconditional GET if it emits nothing. A failed look-up attaches nothing.
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
    /// let handler = service_fn(|request: Request<String>| async move {
    ///     let Row(text) = request.extensions().get().cloned().expect("the source attached it");
    ///     Ok::<_, std::convert::Infallible>(Response::new(text.to_owned()))
    /// });
    /// let response = layer.layer(handler).oneshot(Request::new(String::new())).await.unwrap();
    /// # use http_body_util::BodyExt;
    /// assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "text");
    /// # });
    /// ```
    pub fn with_attached<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        self.attach(|attachments| {
            attachments.attach(value);
        })
    }

    /// Passes a value that cannot be cloned to the handler, such as a transaction.
    ///
    /// The handler takes it once, as [`Owned<T>`](Owned). If nothing takes it, it is dropped with the request.
    pub fn with_owned<T: Send + 'static>(self, value: T) -> Self {
        self.attach(|attachments| attachments.own(value))
    }

    /// Makes the layer hold a guard, such as a lock, while the handler runs.
    ///
    /// The layer releases it when the handler's future ends: by a response, an error, a panic or
    /// cancellation. If the layer answers itself, it releases the guard at once. Several guards are released
    /// in reverse order. A response body that streams after that is not covered.
    ///
    /// Take the lock before you read the state. Otherwise the state can change in between. See [`Guard`] for
    /// an example, and for work that outlives the handler's future.
    pub fn with_guard<G: Send + 'static>(self, guard: G) -> Self {
        self.attach(|attachments| attachments.guard(guard))
    }

    /// Returns the validators, if a representation exists.
    #[must_use]
    pub fn validators(&self) -> Option<&Validators> {
        match self.found() {
            Found::Current(current) => Some(&current.validators),
            Found::Made(made) => made.0.current.as_ref().map(|current| &current.validators),
            _ => None,
        }
    }

    /// Returns whether nothing exists.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self.found() {
            Found::Absent(_) => true,
            Found::Made(made) => made.0.current.is_none(),
            _ => false,
        }
    }
}

impl State {
    pub(crate) const fn current(current: Current) -> Self {
        Self { current: Some(current), absent: AbsentResponse::ByMethod }
    }

    pub(crate) const fn absent(absent: AbsentResponse) -> Self {
        Self { current: None, absent }
    }

    /// Takes the state from a handler, with the record of the request. A deferral or a refusal tells none.
    pub(crate) fn of(representation: Representation) -> Result<(Self, Option<MadeWrite>), &'static str> {
        match representation.into_parts().0 {
            Found::Current(current) => Ok((Self::current(current), None)),
            Found::Absent(response) => Ok((Self::absent(response), None)),
            Found::Made(made) => Ok((made.0, Some(made.1))),
            _ => Err("the handler did not say what currently exists"),
        }
    }
}

// `#[inline]` on these three saves 130 instructions of a 304.
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
            Found::Malformed(malformed) => {
                f.debug_tuple("Malformed").field(&malformed.0.validators).field(&malformed.1).finish()
            }
            Found::Absent(_) => f.write_str("Absent"),
            Found::Made(made) => {
                let current = made.0.current.as_ref().map(|current| &current.validators);
                f.debug_tuple("Made").field(&current).field(&made.1).finish()
            }
            Found::Deferred => f.write_str("Deferred"),
            Found::InResponse => f.write_str("InResponse"),
            Found::Unknown(missing, _) => f.debug_tuple("Unknown").field(missing).finish(),
            Found::Refused(response) => f.debug_tuple("Refused").field(&response.status()).finish(),
            Found::With(_) => f.write_str("With"),
            #[cfg(feature = "webdav")]
            Found::Judged(judged) => f.debug_tuple("Judged").field(&judged.0).field(&judged.1).finish(),
        }
    }
}
