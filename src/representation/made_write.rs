use http::HeaderValue;

use crate::{precondition::TagComparison, validator::Validators};

/// The record of a write that was already made: from which state, what it made, and how it was answered.
///
/// A source hands it on with [`Representation::with_made_write`](crate::Representation::with_made_write), if its
/// store has recorded this very request. Keep such a record in the same transaction as the write.
///
/// ```
/// use http::HeaderValue;
/// use tower_precondition::{EntityTag, MadeWrite};
///
/// let version = |version| Some(EntityTag::from_version(version).into());
/// // A PUT that replaced version 1 by version 2, and was answered 204 with `ETag: "2"`.
/// let replaced = MadeWrite::new(version(1), version(2)).answered_with_validators();
/// // A PUT that created the resource.
/// let created = MadeWrite::new(None, version(1))
///     .answered_created()
///     .answered_with_location(HeaderValue::from_static("/documents/plan"));
/// // A DELETE.
/// let deleted = MadeWrite::new(version(2), None);
/// # let _ = (replaced, created, deleted);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct MadeWrite {
    pub(crate) from: Option<Validators>,
    pub(crate) made: Option<Validators>,
    pub(crate) created: bool,
    pub(crate) location: Option<HeaderValue>,
    pub(crate) with_validators: bool,
}

impl MadeWrite {
    /// Records a write that was answered 204 without validators.
    ///
    /// `from` is the state that the write replaced, and `made` is the state after it. `None` means that nothing
    /// existed, such as after a DELETE.
    pub fn new(from: Option<Validators>, made: Option<Validators>) -> Self {
        Self { from, made, created: false, location: None, with_validators: false }
    }

    /// Says that the answer was a 201.
    pub fn answered_created(mut self) -> Self {
        self.created = true;
        self
    }

    /// Says that the answer carried this Location.
    pub fn answered_with_location(mut self, location: HeaderValue) -> Self {
        self.location = Some(location);
        self
    }

    /// Says that the answer carried the validators of what the write made.
    ///
    /// Do not call it if the store did not keep the content as it was sent (RFC 9110 §9.3.4). The repeated answer
    /// carries them only while that state is current: a client that saw a newer tag would overwrite what it has
    /// not seen.
    pub fn answered_with_validators(mut self) -> Self {
        self.with_validators = true;
        self
    }

    /// Takes the validators that the repeated answer may carry.
    pub(crate) fn take_validators(
        &mut self,
        current: Option<&Validators>,
        comparison: &TagComparison,
    ) -> Option<Validators> {
        let made = self.made.take().filter(|_| self.with_validators)?;
        let is_current = match (made.etag(), current.and_then(Validators::etag)) {
            (Some(made), Some(current)) => comparison.is_same_state(made, current),
            // Two states can share a date.
            _ => false,
        };
        is_current.then_some(made)
    }
}
