use http::{
    HeaderMap, HeaderValue,
    header::{
        CONTENT_LENGTH, EXPECT, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
        IF_UNMODIFIED_SINCE, Keys, RANGE, TRANSFER_ENCODING, UPGRADE,
    },
};

use super::condition::Condition;

/// Which of the request fields that matter here a header map has, a bit each.
///
/// Found in one pass over the names, which costs less than asking for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestFields(u16);

impl RequestFields {
    pub(crate) const RANGE: Self = Self(1 << 5);
    pub(crate) const UPGRADE: Self = Self(1 << 6);
    /// Expect or Transfer-Encoding: content that may be of any length.
    pub(crate) const UNSIZED_CONTENT: Self = Self(1 << 7);
    pub(crate) const CONTENT_LENGTH: Self = Self(1 << 8);
    pub(crate) const NONE: Self = Self(0);
    const CONDITIONS: Self = Self(0b1_1111);

    #[inline(always)]
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut names = headers.keys();
        // Most requests have none of them, and that is cheaper to see than which.
        match names.find(|name| Self::matters(name)) {
            Some(first) => Self::among(first, names),
            None => Self::NONE,
        }
    }

    #[inline]
    fn among(first: &HeaderName, rest: Keys<'_, HeaderValue>) -> Self {
        Self(rest.fold(Self::bit(first), |bits, name| bits | Self::bit(name)))
    }

    #[inline(always)]
    fn matters(name: &HeaderName) -> bool {
        matches!(
            *name,
            IF_MATCH
                | IF_NONE_MATCH
                | IF_MODIFIED_SINCE
                | IF_UNMODIFIED_SINCE
                | IF_RANGE
                | RANGE
                | UPGRADE
                | EXPECT
                | TRANSFER_ENCODING
                | CONTENT_LENGTH
        )
    }

    fn bit(name: &HeaderName) -> u16 {
        match *name {
            IF_MATCH => Self::condition(Condition::IfMatch).0,
            IF_NONE_MATCH => Self::condition(Condition::IfNoneMatch).0,
            IF_MODIFIED_SINCE => Self::condition(Condition::IfModifiedSince).0,
            IF_UNMODIFIED_SINCE => Self::condition(Condition::IfUnmodifiedSince).0,
            IF_RANGE => Self::condition(Condition::IfRange).0,
            RANGE => Self::RANGE.0,
            UPGRADE => Self::UPGRADE.0,
            EXPECT | TRANSFER_ENCODING => Self::UNSIZED_CONTENT.0,
            CONTENT_LENGTH => Self::CONTENT_LENGTH.0,
            _ => 0,
        }
    }

    pub(crate) const fn condition(condition: Condition) -> Self {
        Self(1 << condition as u16)
    }

    pub(crate) const fn has(self, field: Self) -> bool {
        self.0 & field.0 != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it has at most one of the conditions.
    pub(crate) const fn has_one_condition_at_most(self) -> bool {
        (self.0 & Self::CONDITIONS.0).count_ones() <= 1
    }

    pub(crate) const fn has_condition(self) -> bool {
        self.has(Self::CONDITIONS)
    }

    pub(crate) const fn without(self, field: Self) -> Self {
        Self(self.0 & !field.0)
    }
}
