use std::{fmt, sync::Arc};

use http::{Method, request::Parts};

use super::{Condition, ConditionalFields, Evaluation, MalformedField, Outcome, TagList};

/// A form of a condition that can meet a [`Requirement`].
///
/// ```
/// use tower_precondition::RequiredCondition;
///
/// assert_eq!(RequiredCondition::IfNoneMatchAny.to_string(), "If-None-Match: *");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequiredCondition {
    /// If-Match with a list of entity tags.
    IfMatchTags,
    /// `If-Match: *`: any state, as long as the resource exists.
    IfMatchAny,
    /// If-None-Match with a list of entity tags.
    IfNoneMatchTags,
    /// `If-None-Match: *`: only if nothing exists.
    IfNoneMatchAny,
    /// If-Unmodified-Since with a valid date. Two writes within one second can both pass it.
    IfUnmodifiedSince,
}

impl RequiredCondition {
    const ALL: [Self; 5] = [
        Self::IfMatchTags,
        Self::IfMatchAny,
        Self::IfNoneMatchTags,
        Self::IfNoneMatchAny,
        Self::IfUnmodifiedSince,
    ];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for RequiredCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IfMatchTags => "If-Match",
            Self::IfMatchAny => "If-Match: *",
            Self::IfNoneMatchTags => "If-None-Match",
            Self::IfNoneMatchAny => "If-None-Match: *",
            Self::IfUnmodifiedSince => "If-Unmodified-Since",
        })
    }
}

/// Says which conditions a request must carry; a request without one gets 428 (RFC 6585 §3).
///
/// Ignored conditions do not satisfy the requirement: an invalid date, or any date on a resource
/// without a modification date.
///
/// If the layer has a source of locks (feature `webdav`), a WebDAV `If` that holds and names a token or a tag without
/// `Not` meets every requirement.
///
/// # Example
///
/// ```
/// use http::Method;
/// use tower_precondition::{RequiredCondition, Requirement};
///
/// // PUT, PATCH and DELETE must name the version they replace, if there is one.
/// let usual = Requirement::on_writes().existing_only();
/// assert!(usual.applies_to(&Method::PUT));
/// assert!(!usual.applies_to(&Method::POST));
///
/// // Stricter: a tag, not `*`, and on POST as well.
/// let strict = Requirement::on_writes()
///     .for_methods([Method::PUT, Method::PATCH, Method::DELETE, Method::POST])
///     .except(RequiredCondition::IfMatchAny);
/// assert!(strict.applies_to(&Method::POST));
/// assert!(!strict.accepts(RequiredCondition::IfMatchAny));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Requirement {
    methods: Methods,
    accepted: u8,
    existing_only: bool,
}

#[derive(Clone, Debug)]
enum Methods {
    None,
    Writes,
    Listed(Arc<[Method]>),
}

impl Requirement {
    /// Not a form that a user accepts: a WebDAV If that holds and names a state meets every requirement.
    const WEBDAV_IF: u8 = 1 << 7;

    const USUAL: u8 = RequiredCondition::IfMatchTags.bit()
        | RequiredCondition::IfMatchAny.bit()
        | RequiredCondition::IfNoneMatchAny.bit()
        | Self::WEBDAV_IF;

    /// Requires nothing.
    ///
    /// To build a requirement from it, name methods with [`for_methods`](Self::for_methods) and forms
    /// with [`also`](Self::also). No request meets a requirement that names methods but no form.
    ///
    /// ```
    /// # use tower_precondition::Requirement;
    /// assert!(!Requirement::none().applies_to(&http::Method::PUT));
    /// ```
    pub const fn none() -> Self {
        Self { methods: Methods::None, accepted: Self::WEBDAV_IF, existing_only: false }
    }

    /// Requires If-Match or `If-None-Match: *` on PUT, PATCH and DELETE.
    ///
    /// ```
    /// # use tower_precondition::{RequiredCondition, Requirement};
    /// let requirement = Requirement::on_writes();
    /// assert!(requirement.applies_to(&http::Method::PATCH));
    /// assert!(requirement.accepts(RequiredCondition::IfMatchAny));
    /// assert!(!requirement.accepts(RequiredCondition::IfUnmodifiedSince));
    /// ```
    pub const fn on_writes() -> Self {
        Self { methods: Methods::Writes, accepted: Self::USUAL, existing_only: false }
    }

    /// Replaces the methods that must carry a condition.
    pub fn for_methods(self, methods: impl IntoIterator<Item = Method>) -> Self {
        Self { methods: Methods::Listed(methods.into_iter().collect()), ..self }
    }

    /// Accepts one more form of a condition.
    ///
    /// ```
    /// # use tower_precondition::{RequiredCondition, Requirement};
    /// let requirement = Requirement::on_writes().also(RequiredCondition::IfUnmodifiedSince);
    /// assert!(requirement.accepts(RequiredCondition::IfUnmodifiedSince));
    /// ```
    pub fn also(self, condition: RequiredCondition) -> Self {
        Self { accepted: self.accepted | condition.bit(), ..self }
    }

    /// Stops accepting this form of a condition.
    ///
    /// If no form is left, no request meets the requirement.
    ///
    /// ```
    /// # use tower_precondition::{RequiredCondition, Requirement};
    /// let requirement = Requirement::on_writes().except(RequiredCondition::IfMatchAny);
    /// assert!(requirement.accepts(RequiredCondition::IfMatchTags));
    /// assert!(!requirement.accepts(RequiredCondition::IfMatchAny));
    /// ```
    pub fn except(self, condition: RequiredCondition) -> Self {
        Self { accepted: self.accepted & !condition.bit(), ..self }
    }

    /// Requires a condition only if the resource exists, so that a first PUT needs none.
    ///
    /// The 428 then comes after the look-up. Two first PUTs can race; whether one of them is lost depends
    /// on the handler's write.
    pub fn existing_only(self) -> Self {
        Self { existing_only: true, ..self }
    }

    /// Returns whether a request with this method must carry a condition.
    #[must_use]
    // Saves 12 instructions of a GET, with `may_apply_to`.
    #[inline]
    pub fn applies_to(&self, method: &Method) -> bool {
        match &self.methods {
            Methods::None => false,
            Methods::Writes => matches!(*method, Method::PUT | Method::PATCH | Method::DELETE),
            Methods::Listed(methods) => methods.contains(method),
        }
    }

    /// Returns whether this form of a condition meets the requirement.
    #[must_use]
    pub fn accepts(&self, condition: RequiredCondition) -> bool {
        self.accepted & condition.bit() != 0
    }

    /// Returns whether it applies only to existing resources.
    #[must_use]
    pub fn asks_only_of_existing(&self) -> bool {
        self.existing_only
    }

    /// Iterates over the accepted forms. A 428 lists them.
    ///
    /// ```
    /// # use tower_precondition::Requirement;
    /// let forms: Vec<_> = Requirement::on_writes().accepted().map(|form| form.to_string()).collect();
    /// assert_eq!(forms, ["If-Match", "If-Match: *", "If-None-Match: *"]);
    /// ```
    pub fn accepted(&self) -> impl Iterator<Item = RequiredCondition> {
        RequiredCondition::ALL.into_iter().filter(|condition| self.accepts(*condition))
    }

    /// Iterates over the forms that an error text names. It leaves out `If-Match: *` if any If-Match is accepted.
    pub(crate) fn accepted_in_short(&self) -> impl Iterator<Item = RequiredCondition> {
        let any = |tags, star| self.accepts(tags).then_some(star);
        let if_match = any(RequiredCondition::IfMatchTags, RequiredCondition::IfMatchAny);
        let if_none_match = any(RequiredCondition::IfNoneMatchTags, RequiredCondition::IfNoneMatchAny);
        self.accepted().filter(move |form| Some(*form) != if_match && Some(*form) != if_none_match)
    }

    /// Returns whether one of the carried forms is accepted.
    pub(crate) fn is_met_by(&self, carried: Carried) -> bool {
        self.accepted & carried.0 != 0
    }
}

/// The forms of [`RequiredCondition`] that a request carries and that are not ignored, one bit each.
///
/// The layer reads it once, before the look-up, if the request is a write or has a requirement. It is all that
/// anything but the evaluation needs to know of the conditional lists, so nothing else reads them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried(u8);

impl Carried {
    pub(crate) const NONE: Self = Self(0);

    /// Reads If-Match and If-None-Match to their ends.
    ///
    /// # Errors
    ///
    /// If one of them is malformed.
    // Saves 59 instructions of a 412, with the next three.
    #[inline]
    pub(crate) fn read(fields: &ConditionalFields<'_>) -> Result<Self, MalformedField> {
        Ok(Self(Self::if_match(fields)? | Self::if_none_match(fields)?))
    }

    /// Reads the same, and leaves out a list that is malformed.
    pub(crate) fn read_lenient(fields: &ConditionalFields<'_>) -> Self {
        Self(Self::if_match(fields).unwrap_or(0) | Self::if_none_match(fields).unwrap_or(0))
    }

    #[inline]
    fn if_match(fields: &ConditionalFields<'_>) -> Result<u8, MalformedField> {
        form(fields.if_match(), RequiredCondition::IfMatchAny, RequiredCondition::IfMatchTags)
    }

    #[inline]
    fn if_none_match(fields: &ConditionalFields<'_>) -> Result<u8, MalformedField> {
        form(fields.if_none_match(), RequiredCondition::IfNoneMatchAny, RequiredCondition::IfNoneMatchTags)
    }

    /// Reads If-Match alone, and keeps it only if it lists tags.
    pub(crate) fn tags_of_if_match(fields: &ConditionalFields<'_>) -> Self {
        Self(Self::if_match(fields).unwrap_or(0) & RequiredCondition::IfMatchTags.bit())
    }

    /// Adds If-Unmodified-Since, if it counts. Apart from the lists, because few requests need its date read.
    pub(crate) fn with_date(self, fields: &ConditionalFields<'_>) -> Self {
        // §13.1.4: beside If-Match the date is ignored, and an invalid one always is.
        let counts =
            !fields.contains(Condition::IfMatch) && matches!(fields.if_unmodified_since(), Some(Ok(_)));
        match counts {
            true => Self(self.0 | RequiredCondition::IfUnmodifiedSince.bit()),
            false => self,
        }
    }

    /// Adds a WebDAV If that holds and names a state.
    #[cfg(feature = "webdav")]
    pub(crate) fn with_if(self) -> Self {
        Self(self.0 | Requirement::WEBDAV_IF)
    }

    /// Drops If-Unmodified-Since if the evaluation ignored it.
    pub(crate) fn evaluated(self, evaluation: &Evaluation) -> Self {
        match evaluation.outcome(Condition::IfUnmodifiedSince) {
            Outcome::True | Outcome::False => self,
            Outcome::NotPresent | Outcome::Ignored(_) => {
                Self(self.0 & !RequiredCondition::IfUnmodifiedSince.bit())
            }
        }
    }

    /// Returns whether the request carries any of the forms. WebDAV's If is none: it was evaluated already.
    pub(crate) fn is_any(self) -> bool {
        self.0 & !Requirement::WEBDAV_IF != 0
    }

    /// Returns whether a condition needs the current entity tag.
    pub(crate) fn needs_etag(self) -> bool {
        self.0 & (RequiredCondition::IfMatchTags.bit() | RequiredCondition::IfNoneMatchTags.bit()) != 0
    }

    /// Returns whether a condition needs the current modification date.
    pub(crate) fn needs_last_modified(self) -> bool {
        self.0 & RequiredCondition::IfUnmodifiedSince.bit() != 0
    }
}

#[inline]
fn form(
    list: Option<TagList<'_>>,
    any: RequiredCondition,
    tags: RequiredCondition,
) -> Result<u8, MalformedField> {
    match list {
        None => Ok(0),
        Some(list) => Ok(if list.is_any()? { any.bit() } else { tags.bit() }),
    }
}

/// Chooses the [`Requirement`] of each request.
///
/// A `Requirement` is one for all requests. A closure over the request's head chooses one by path,
/// header or anything else in the head.
///
/// ```
/// use http::request::Parts;
/// use tower_precondition::{EntityTag, PreconditionLayer, Requirement};
///
/// let source = |_: &Parts| async { EntityTag::from_version(1) };
/// let layer = PreconditionLayer::new(source).require(|head: &Parts| {
///     match head.uri.path().starts_with("/drafts/") {
///         true => Requirement::none(),
///         false => Requirement::on_writes(),
///     }
/// });
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let service = layer.layer(handler);
/// # let put = |path: &str| Request::put(path).body(String::new()).unwrap();
/// assert_eq!(service.clone().oneshot(put("/drafts/1")).await.unwrap().status(), 200);
/// assert_eq!(service.oneshot(put("/letters/1")).await.unwrap().status(), 428);
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what a request must carry",
    label = "neither a `Requirement` nor a closure that gives one",
    note = "a closure must write its argument's type: `|head: &http::request::Parts| Requirement::on_writes()`"
)]
pub trait RequirementPolicy {
    /// Returns the requirement for one request.
    ///
    /// ```
    /// # use tower_precondition::{Requirement, precondition::RequirementPolicy};
    /// let head = http::Request::put("/").body(()).unwrap().into_parts().0;
    /// assert!(Requirement::on_writes().requirement(&head).applies_to(&head.method));
    /// ```
    fn requirement(&self, head: &Parts) -> Requirement;

    /// Returns whether any request with this method may have to carry a condition.
    ///
    /// If it returns `false`, the layer does not call [`requirement`](Self::requirement) for the method.
    ///
    /// ```
    /// # use http::Method;
    /// # use tower_precondition::{Requirement, precondition::RequirementPolicy};
    /// assert!(!Requirement::on_writes().may_apply_to(&Method::GET));
    /// ```
    fn may_apply_to(&self, method: &Method) -> bool {
        let _ = method;
        true
    }
}

impl RequirementPolicy for Requirement {
    fn requirement(&self, _head: &Parts) -> Requirement {
        self.clone()
    }

    #[inline]
    fn may_apply_to(&self, method: &Method) -> bool {
        self.applies_to(method)
    }
}

impl<F> RequirementPolicy for F
where
    F: Fn(&Parts) -> Requirement,
{
    fn requirement(&self, head: &Parts) -> Requirement {
        self(head)
    }
}
