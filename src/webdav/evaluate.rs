use std::{borrow::Cow, fmt};

use super::{IfCondition, IfField, IfList};
use crate::validator::{EntityTag, Validators};

/// A token that no lock has, by definition (§10.4.8).
const NO_LOCK: &str = "DAV:no-lock";

/// The state of one resource: the tokens of the locks that cover it, and its validators.
///
/// A lock covers a resource if it is the resource's own, or a lock of depth infinity on a collection above it
/// (§7.4). An unmapped URL can be covered too.
///
/// ```
/// use tower_precondition::{EntityTag, ResourceState};
///
/// let file = ResourceState::from(EntityTag::from_version(1)).with_lock_token("urn:uuid:1");
/// assert!(file.has_lock_token("urn:uuid:1"));
/// assert!(!ResourceState::unmapped().has_lock_token("urn:uuid:1"));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ResourceState {
    tokens: Vec<Cow<'static, str>>,
    validators: Option<Validators>,
}

impl ResourceState {
    /// Makes the state of a resource without validators, such as a collection.
    pub fn new() -> Self {
        Self { tokens: Vec::new(), validators: Some(Validators::new()) }
    }

    /// Makes the state of a URL that names nothing, or nothing that the sender may read.
    pub fn unmapped() -> Self {
        Self::default()
    }

    /// Adds the token of a lock that covers the resource.
    pub fn with_lock_token(mut self, token: impl Into<Cow<'static, str>>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// Adds the tokens of the locks that cover the resource.
    pub fn with_lock_tokens<T: Into<Cow<'static, str>>>(
        mut self,
        tokens: impl IntoIterator<Item = T>,
    ) -> Self {
        self.tokens.extend(tokens.into_iter().map(Into::into));
        self
    }

    /// Replaces the validators. `None` means that the URL names nothing.
    pub(crate) fn with_validators(mut self, validators: Option<Validators>) -> Self {
        self.validators = validators;
        self
    }

    /// Returns whether a lock with this token covers the resource, by exact comparison.
    #[must_use]
    pub fn has_lock_token(&self, token: &str) -> bool {
        token != NO_LOCK && self.tokens.iter().any(|known| known == token)
    }

    /// Returns the validators, or `None` if the URL names nothing.
    #[must_use]
    pub fn validators(&self) -> Option<&Validators> {
        self.validators.as_ref()
    }

    /// §10.4.4. Tags are compared weakly: the RFC leaves the choice, and its own example has a weak tag.
    fn has(&self, condition: &IfCondition<'_>) -> bool {
        match condition.token {
            Some(token) => self.has_lock_token(token),
            None => {
                let current = self.validators.as_ref().and_then(Validators::etag);
                current.is_some_and(|current| condition.names_tag(current))
            }
        }
    }
}

impl From<Validators> for ResourceState {
    fn from(validators: Validators) -> Self {
        Self::unmapped().with_validators(Some(validators))
    }
}

impl From<Option<Validators>> for ResourceState {
    fn from(validators: Option<Validators>) -> Self {
        Self::unmapped().with_validators(validators)
    }
}

impl From<EntityTag> for ResourceState {
    fn from(etag: EntityTag) -> Self {
        Validators::from(etag).into()
    }
}

impl From<Option<EntityTag>> for ResourceState {
    fn from(etag: Option<EntityTag>) -> Self {
        etag.map(Validators::from).into()
    }
}

impl<'a> IfField<'a> {
    /// Evaluates the field (§10.4.3): it is true if all conditions of one list hold.
    ///
    /// Entity tags are compared weakly. RFC 4918 leaves the choice between the two comparisons (§10.4.4), and strong
    /// comparison would never let the RFC's own example with a weak tag hold. A lock's token is compared exactly.
    ///
    /// `state_of` returns the state of the resource that a list is about, or `None` for a URL that names nothing:
    /// such a URL has no state, so `Not` of anything holds there (§10.4.4). It is called once for each list.
    ///
    /// # Errors
    ///
    /// If no list holds: the first condition of the first list that does not hold. The answer is 412.
    ///
    /// ```
    /// use http::HeaderValue;
    /// use tower_precondition::{ResourceState, webdav::IfField};
    ///
    /// let value = HeaderValue::from_static("(<urn:uuid:1>) (Not <urn:uuid:2>)");
    /// let field = IfField::parse(&value)?;
    /// let locked = ResourceState::new().with_lock_token("urn:uuid:2");
    /// let failed = field.evaluate(|_| Some(&locked)).unwrap_err();
    /// assert_eq!(failed.to_string(), "<urn:uuid:1>");
    /// assert!(!field.evaluate(|_| None).unwrap().names_state());
    /// # Ok::<(), tower_precondition::webdav::MalformedIf>(())
    /// ```
    pub fn evaluate<'s>(
        &self,
        state_of: impl FnMut(&IfList<'a>) -> Option<&'s ResourceState>,
    ) -> Result<HeldLists, FailedCondition<'a>> {
        let mut held = None;
        let mut first = None;
        self.evaluate_each(state_of, |result| match result {
            Ok(names_state) => {
                held =
                    Some(HeldLists { names_state: names_state || held.is_some_and(HeldLists::names_state) });
            }
            Err(failed) => first = first.or(Some(failed)),
        });
        match (held, first) {
            (Some(held), _) => Ok(held),
            (None, Some(failed)) => Err(failed),
            // A well-formed field has a list.
            (None, None) => Ok(HeldLists { names_state: false }),
        }
    }

    /// Evaluates every list, and passes each result on: whether the list names a state, or what fails in it.
    pub(crate) fn evaluate_each<'s>(
        &self,
        mut state_of: impl FnMut(&IfList<'a>) -> Option<&'s ResourceState>,
        mut each: impl FnMut(Result<bool, FailedCondition<'a>>),
    ) {
        for (number, list) in self.lists().enumerate() {
            let state = state_of(&list);
            let holds = |condition: &IfCondition<'_>| {
                state.is_some_and(|state| state.has(condition)) != condition.negated
            };
            let mut names_state = false;
            let failed = list.conditions().find(|condition| {
                names_state |= !condition.negated;
                !holds(condition)
            });
            each(match failed {
                None => Ok(names_state),
                Some(condition) => {
                    Err(FailedCondition { list: number, resource: list.resource(), condition })
                }
            });
        }
    }
}

/// The lists of a true field that hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLists {
    names_state: bool,
}

impl HeldLists {
    /// Returns whether a list that holds names a token or a tag without `Not`.
    ///
    /// Only such a field counts as a condition for a [`Requirement`](crate::Requirement): `(Not <DAV:no-lock>)`
    /// holds for every state.
    #[must_use]
    pub fn names_state(self) -> bool {
        self.names_state
    }
}

/// The condition on which a list fails.
#[derive(Clone, Copy, Debug)]
pub struct FailedCondition<'a> {
    list: usize,
    resource: Option<&'a str>,
    condition: IfCondition<'a>,
}

impl<'a> FailedCondition<'a> {
    /// Returns the number of the list, counted from 0.
    #[must_use]
    pub fn list(&self) -> usize {
        self.list
    }

    /// Returns the resource tag that the list stands under, or `None` if it is about the request's target.
    #[must_use]
    pub fn resource(&self) -> Option<&'a str> {
        self.resource
    }

    /// Returns the condition.
    #[must_use]
    pub fn condition(&self) -> IfCondition<'a> {
        self.condition
    }
}

/// The condition, behind the resource tag if there is one.
impl fmt::Display for FailedCondition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.resource {
            Some(resource) => write!(f, "<{resource}> {}", self.condition),
            None => self.condition.fmt(f),
        }
    }
}
