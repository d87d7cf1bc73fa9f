use std::{fmt, sync::Arc};

use http::{Method, request::Parts};

use super::condition::Condition;
use super::conditional_fields::ConditionalFields;
use super::evaluation::{Evaluation, Outcome};

/// A form of a condition by which a request can meet a [`Requirement`].
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
    /// `If-Match: *`: whatever the state, as long as it exists.
    IfMatchAny,
    /// If-None-Match with a list of entity tags.
    IfNoneMatchTags,
    /// `If-None-Match: *`: only if nothing exists.
    IfNoneMatchAny,
    /// If-Unmodified-Since with a valid date. Two writes within one second both pass it.
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

/// Which conditions a request must carry, or be answered 428 (RFC 6585 §3).
///
/// A condition that RFC 9110 has ignored meets nothing: neither an invalid date
/// nor a valid one on a representation that has no modification date.
///
/// # Example
///
/// ```
/// use http::Method;
/// use tower_precondition::{RequiredCondition, Requirement};
///
/// // PUT, PATCH and DELETE of what exists must name the version they replace.
/// let usual = Requirement::on_writes().existing_only();
/// assert!(usual.applies_to(&Method::PUT));
/// assert!(!usual.applies_to(&Method::POST));
///
/// // A stricter one: only real tags, on POST as well.
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
    const USUAL: u8 = RequiredCondition::IfMatchTags.bit()
        | RequiredCondition::IfMatchAny.bit()
        | RequiredCondition::IfNoneMatchAny.bit();

    /// Nothing is required: no method is named, and no form.
    ///
    /// To make a requirement from nothing, name both, by [`for_methods`](Self::for_methods)
    /// and [`also`](Self::also). One that names methods and no form is met by no request.
    ///
    /// ```
    /// # use tower_precondition::Requirement;
    /// assert!(!Requirement::none().applies_to(&http::Method::PUT));
    /// ```
    pub const fn none() -> Self {
        Self { methods: Methods::None, accepted: 0, existing_only: false }
    }

    /// PUT, PATCH and DELETE must carry If-Match or `If-None-Match: *`.
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

    /// Requires it of these methods, in place of those it named before.
    ///
    /// ```
    /// # use http::Method;
    /// # use tower_precondition::Requirement;
    /// let requirement = Requirement::on_writes().for_methods([Method::DELETE]);
    /// assert!(!requirement.applies_to(&Method::PUT));
    /// ```
    pub fn for_methods(self, methods: impl IntoIterator<Item = Method>) -> Self {
        Self { methods: Methods::Listed(methods.into_iter().collect()), ..self }
    }

    /// Lets one more form of a condition meet the requirement.
    ///
    /// ```
    /// # use tower_precondition::{RequiredCondition, Requirement};
    /// let requirement = Requirement::on_writes().also(RequiredCondition::IfUnmodifiedSince);
    /// assert!(requirement.accepts(RequiredCondition::IfUnmodifiedSince));
    /// ```
    pub fn also(self, condition: RequiredCondition) -> Self {
        Self { accepted: self.accepted | condition.bit(), ..self }
    }

    /// No longer lets this form of a condition meet the requirement.
    ///
    /// Without any form left, no request meets it.
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

    /// Requires it only where the resource exists, so that a first PUT needs no precondition.
    ///
    /// The 428 then comes after the look-up. Two first PUTs may race: whether one
    /// of them is lost is up to the handler's write.
    ///
    /// ```
    /// # use tower_precondition::Requirement;
    /// assert!(Requirement::on_writes().existing_only().asks_only_of_existing());
    /// ```
    pub fn existing_only(self) -> Self {
        Self { existing_only: true, ..self }
    }

    /// Whether a request by this method must carry a condition.
    ///
    /// ```
    /// # use tower_precondition::Requirement;
    /// assert!(Requirement::on_writes().applies_to(&http::Method::DELETE));
    /// ```
    #[must_use]
    #[inline]
    pub fn applies_to(&self, method: &Method) -> bool {
        match &self.methods {
            Methods::None => false,
            Methods::Writes => matches!(*method, Method::PUT | Method::PATCH | Method::DELETE),
            Methods::Listed(methods) => methods.contains(method),
        }
    }

    /// Whether this form of a condition meets the requirement.
    ///
    /// ```
    /// # use tower_precondition::{RequiredCondition, Requirement};
    /// assert!(Requirement::on_writes().accepts(RequiredCondition::IfNoneMatchAny));
    /// ```
    #[must_use]
    pub fn accepts(&self, condition: RequiredCondition) -> bool {
        self.accepted & condition.bit() != 0
    }

    /// Whether it asks only where the resource exists.
    ///
    /// ```
    /// # use tower_precondition::Requirement;
    /// assert!(!Requirement::on_writes().asks_only_of_existing());
    /// ```
    #[must_use]
    pub fn asks_only_of_existing(&self) -> bool {
        self.existing_only
    }

    /// The forms that meet the requirement, which a 428 lists.
    ///
    /// ```
    /// # use tower_precondition::Requirement;
    /// let forms: Vec<_> = Requirement::on_writes().accepted().map(|form| form.to_string()).collect();
    /// assert_eq!(forms, ["If-Match", "If-Match: *", "If-None-Match: *"]);
    /// ```
    pub fn accepted(&self) -> impl Iterator<Item = RequiredCondition> {
        RequiredCondition::ALL.into_iter().filter(|condition| self.accepts(*condition))
    }

    /// The same for a sentence: where any If-Match will do, `*` need not be told apart.
    pub(crate) fn accepted_in_short(&self) -> impl Iterator<Item = RequiredCondition> {
        let any = |tags, star| self.accepts(tags).then_some(star);
        let if_match = any(RequiredCondition::IfMatchTags, RequiredCondition::IfMatchAny);
        let if_none_match = any(RequiredCondition::IfNoneMatchTags, RequiredCondition::IfNoneMatchAny);
        self.accepted().filter(move |form| Some(*form) != if_match && Some(*form) != if_none_match)
    }

    /// Whether one of the forms that were carried is accepted.
    pub(crate) fn is_met_by(&self, carried: Carried) -> bool {
        self.accepted & carried.0 != 0
    }
}

/// The forms of conditions that a request carries and that are not ignored, a bit each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried(u8);

impl Carried {
    /// As far as the head of the request can tell.
    pub(crate) fn by(preconditions: &ConditionalFields<'_>) -> Self {
        let if_match = preconditions.if_match().and_then(|list| list.is_any().ok());
        let if_none_match = preconditions.if_none_match().and_then(|list| list.is_any().ok());
        let mut carried = 0;
        carried |= match if_match {
            Some(true) => RequiredCondition::IfMatchAny.bit(),
            Some(false) => RequiredCondition::IfMatchTags.bit(),
            None => 0,
        };
        carried |= match if_none_match {
            Some(true) => RequiredCondition::IfNoneMatchAny.bit(),
            Some(false) => RequiredCondition::IfNoneMatchTags.bit(),
            None => 0,
        };
        // Beside If-Match it is ignored, and what is ignored meets nothing.
        if !preconditions.contains(Condition::IfMatch)
            && matches!(preconditions.if_unmodified_since(), Some(Ok(_)))
        {
            carried |= RequiredCondition::IfUnmodifiedSince.bit();
        }
        Self(carried)
    }

    /// Without a date that turned out to have nothing to be compared with.
    pub(crate) fn evaluated(self, evaluation: &Evaluation) -> Self {
        match evaluation.outcome(Condition::IfUnmodifiedSince) {
            Outcome::True | Outcome::False => self,
            Outcome::NotPresent | Outcome::Ignored(_) => {
                Self(self.0 & !RequiredCondition::IfUnmodifiedSince.bit())
            }
        }
    }
}

/// Says which conditions a request must carry: one [`Requirement`] for all, or a
/// closure over the request's head.
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
    /// The requirement for one request.
    ///
    /// ```
    /// # use tower_precondition::{Requirement, RequirementPolicy};
    /// let head = http::Request::put("/").body(()).unwrap().into_parts().0;
    /// assert!(Requirement::on_writes().requirement(&head).applies_to(&head.method));
    /// ```
    fn requirement(&self, head: &Parts) -> Requirement;

    /// Whether a request by this method may have to carry anything.
    ///
    /// `false` spares requests by the method that the policy is asked about each.
    ///
    /// ```
    /// # use http::Method;
    /// # use tower_precondition::{Requirement, RequirementPolicy};
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
