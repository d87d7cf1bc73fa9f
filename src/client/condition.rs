//! The condition that ties a write to what was read.

use http::{HeaderMap, HeaderValue, header};

use super::{Seen, settings::Accepted};
use crate::validator::{EntityTag, HttpDate};

/// The state that a write is based on.
#[derive(Debug)]
pub(super) enum Condition {
    /// If-Match.
    Tag(EntityTag),
    /// If-Unmodified-Since.
    Date(HttpDate),
    /// `If-None-Match: *`.
    Nothing,
}

/// The reason why what was read gives no condition.
#[derive(Debug)]
pub(super) enum NoCondition {
    NoValidator,
    WeakTag(EntityTag),
}

impl Condition {
    pub(super) fn of(seen: &Seen, accepted: Accepted) -> Result<Self, NoCondition> {
        let Some(validators) = seen.validators() else { return Ok(Self::Nothing) };
        let date = validators.last_modified().filter(|_| accepted.dates).map(Self::Date);
        match validators.etag() {
            Some(tag) if !tag.is_weak() || accepted.weak_tags => Ok(Self::Tag(tag.clone())),
            Some(tag) => date.ok_or_else(|| NoCondition::WeakTag(tag.clone())),
            None => date.ok_or(NoCondition::NoValidator),
        }
    }

    pub(super) fn write_to(&self, headers: &mut HeaderMap) {
        match self {
            Self::Tag(tag) => headers.insert(header::IF_MATCH, tag.as_header_value().clone()),
            Self::Date(date) => headers.insert(header::IF_UNMODIFIED_SINCE, date.to_header_value()),
            Self::Nothing => headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*")),
        };
    }

    /// Returns whether a read found the very state that this condition names.
    ///
    /// Compares tags weakly, because a proxy that weakened the tag did not change the state.
    pub(super) fn names(&self, seen: &Seen) -> bool {
        match (self, seen.validators()) {
            (Self::Nothing, None) => true,
            (Self::Tag(tag), Some(validators)) => validators.etag().is_some_and(|now| now.weak_eq(tag)),
            (Self::Date(date), Some(validators)) => validators.last_modified() == Some(*date),
            _ => false,
        }
    }
}
