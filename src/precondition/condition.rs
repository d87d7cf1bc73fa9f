use std::fmt;

use http::header::{self, HeaderName};

/// One of the five conditional request fields of RFC 9110 §13.1.
///
/// Exhaustive on purpose: the specification is closed.
///
/// ```
/// use tower_precondition::Condition;
///
/// assert_eq!(Condition::IfNoneMatch.to_string(), "If-None-Match");
/// assert_eq!(Condition::IfNoneMatch.field(), http::header::IF_NONE_MATCH);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// `If-Match` (RFC 9110 §13.1.1).
    IfMatch,
    /// `If-None-Match` (RFC 9110 §13.1.2).
    IfNoneMatch,
    /// `If-Modified-Since` (RFC 9110 §13.1.3).
    IfModifiedSince,
    /// `If-Unmodified-Since` (RFC 9110 §13.1.4).
    IfUnmodifiedSince,
    /// `If-Range` (RFC 9110 §13.1.5).
    IfRange,
}

impl Condition {
    /// Every condition, in the order in which RFC 9110 §13.2.2 evaluates them.
    pub const ALL: [Self; 5] =
        [Self::IfMatch, Self::IfUnmodifiedSince, Self::IfNoneMatch, Self::IfModifiedSince, Self::IfRange];

    /// Returns the name of the field that carries the condition.
    #[must_use]
    pub const fn field(self) -> HeaderName {
        match self {
            Self::IfMatch => header::IF_MATCH,
            Self::IfNoneMatch => header::IF_NONE_MATCH,
            Self::IfModifiedSince => header::IF_MODIFIED_SINCE,
            Self::IfUnmodifiedSince => header::IF_UNMODIFIED_SINCE,
            Self::IfRange => header::IF_RANGE,
        }
    }

    /// Returns the field's name as RFC 9110 spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IfMatch => "If-Match",
            Self::IfNoneMatch => "If-None-Match",
            Self::IfModifiedSince => "If-Modified-Since",
            Self::IfUnmodifiedSince => "If-Unmodified-Since",
            Self::IfRange => "If-Range",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
