//! How a condition can hold although by RFC 9110 it does not.

use std::fmt;

#[cfg(doc)]
use super::TagComparison;

/// The mode by which a condition matched, although by RFC 9110 it does not.
///
/// ```
/// # use tower_precondition::precondition::Deviation;
/// assert_eq!(Deviation::WeakenedByProxy.to_string(), "a proxy may have weakened the tag");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deviation {
    /// The tags match by weak comparison. See [`TagComparison::weak_by_protocol`].
    WeakByProtocol,
    /// The weak tag names a strong one. See [`TagComparison::weakened_by_proxy`].
    WeakenedByProxy,
    /// The tag matches without its suffix. See [`TagComparison::suffixed_by_proxy`].
    SuffixedByProxy,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WeakByProtocol => "the protocol compares weakly",
            Self::WeakenedByProxy => "a proxy may have weakened the tag",
            Self::SuffixedByProxy => "a proxy appended a suffix to the tag",
        })
    }
}

/// How a list names the current representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    No,
    /// As RFC 9110 says.
    Yes,
    /// Only by a mode.
    By(Deviation),
}

impl Named {
    /// Keeps the better of two.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::No) => self,
            (Self::By(_), Self::By(_)) => self,
            _ => other,
        }
    }
}
