use http::{
    HeaderMap, HeaderValue,
    header::{
        AUTHORIZATION, CONTENT_LENGTH, COOKIE, EXPECT, HeaderName, IF_MATCH, IF_MODIFIED_SINCE,
        IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, Keys, RANGE, TRANSFER_ENCODING, UPGRADE,
    },
};

use super::condition::Condition;

/// The request fields that matter to this crate, one bit for each that a header map has.
///
/// One pass over the names finds them all, which costs less than a look-up for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestFields(u16);

impl RequestFields {
    pub(crate) const RANGE: Self = Self(1 << 5);
    pub(crate) const UPGRADE: Self = Self(1 << 6);
    /// Expect or Transfer-Encoding: content of any length may follow.
    pub(crate) const UNSIZED_CONTENT: Self = Self(1 << 7);
    pub(crate) const CONTENT_LENGTH: Self = Self(1 << 8);
    /// Expect alone.
    pub(crate) const EXPECT: Self = Self(1 << 9);
    /// Any field that announces content.
    pub(crate) const CONTENT: Self = Self(Self::UNSIZED_CONTENT.0 | Self::CONTENT_LENGTH.0);
    /// Cookie or Authorization: the response may be one user's.
    pub(crate) const CREDENTIALS: Self = Self(1 << 10);
    /// WebDAV's If. No pass over the names finds it: a layer that judges it looks for it.
    pub(crate) const WEBDAV_IF: Self = Self(1 << 11);
    /// No field: the extensions have the identity of the write.
    pub(crate) const IDENTIFIED: Self = Self(1 << 12);
    pub(crate) const NONE: Self = Self(0);
    const CONDITIONS: Self = Self(0b1_1111);
    /// If-None-Match and If-Modified-Since.
    pub(crate) const CACHE_CONDITIONS: Self =
        Self(Self::condition(Condition::IfNoneMatch).0 | Self::condition(Condition::IfModifiedSince).0);
    /// What an evaluation looks at: the conditions and Range.
    pub(crate) const EVALUATED: Self = Self(Self::CONDITIONS.0 | Self::RANGE.0 | Self::WEBDAV_IF.0);

    // Saves 9 instructions of a request.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self::find(headers, Self::matters)
    }

    /// Finds what [`ConditionalFields`](super::ConditionalFields) reads: the conditions and Range.
    #[inline]
    pub(super) fn of_conditions(headers: &HeaderMap) -> Self {
        Self::find(headers, Self::is_condition_or_range).only(Self::EVALUATED)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn find(headers: &HeaderMap, matters: impl Fn(&HeaderName) -> bool) -> Self {
        let mut names = headers.keys();
        // Fast path: most requests carry none of these fields.
        match names.find(|name| matters(name)) {
            Some(first) => Self::among(first, names),
            None => Self::NONE,
        }
    }

    // Saves 15 instructions of a conditional request.
    #[inline]
    fn among(first: &HeaderName, rest: Keys<'_, HeaderValue>) -> Self {
        Self(rest.fold(Self::bit(first), |bits, name| bits | Self::bit(name)))
    }

    fn is_condition_or_range(name: &HeaderName) -> bool {
        matches!(*name, IF_MATCH | IF_NONE_MATCH | IF_MODIFIED_SINCE | IF_UNMODIFIED_SINCE | IF_RANGE | RANGE)
    }

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
                | COOKIE
                | AUTHORIZATION
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
            EXPECT => Self::EXPECT.0 | Self::UNSIZED_CONTENT.0,
            TRANSFER_ENCODING => Self::UNSIZED_CONTENT.0,
            CONTENT_LENGTH => Self::CONTENT_LENGTH.0,
            COOKIE | AUTHORIZATION => Self::CREDENTIALS.0,
            _ => 0,
        }
    }

    pub(crate) const fn condition(condition: Condition) -> Self {
        Self(1 << condition as u16)
    }

    pub(crate) const fn has(self, field: Self) -> bool {
        self.0 & field.0 != 0
    }

    /// Returns whether the request has no field but credentials.
    pub(crate) const fn is_plain(self) -> bool {
        self.without(Self::CREDENTIALS).0 == 0
    }

    /// Returns whether at most one condition is present.
    pub(super) const fn has_one_condition_at_most(self) -> bool {
        let conditions = self.0 & Self::CONDITIONS.0;
        // Without its lowest bit nothing is left. Counting bits takes 7 instructions more.
        conditions & conditions.wrapping_sub(1) == 0
    }

    /// Returns whether If-Modified-Since is the only condition.
    pub(crate) const fn has_date_alone(self) -> bool {
        self.0 & Self::CONDITIONS.0 == Self::condition(Condition::IfModifiedSince).0
    }

    pub(crate) const fn has_condition(self) -> bool {
        self.has(Self::CONDITIONS)
    }

    /// Returns whether anything is there that the layer evaluates.
    pub(crate) const fn has_condition_or_if(self) -> bool {
        self.has(Self(Self::CONDITIONS.0 | Self::WEBDAV_IF.0))
    }

    pub(crate) const fn and(self, field: Self) -> Self {
        Self(self.0 | field.0)
    }

    pub(crate) const fn only(self, field: Self) -> Self {
        Self(self.0 & field.0)
    }

    pub(crate) const fn without(self, field: Self) -> Self {
        Self(self.0 & !field.0)
    }
}

/// The lines of one conditional field, in the order of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FieldLines<'a> {
    None,
    One(&'a HeaderValue),
    Several(&'a HeaderMap, Condition),
}

impl<'a> FieldLines<'a> {
    // Saves 254 instructions of a list of 1,000 tags.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of(headers: &'a HeaderMap, condition: Condition) -> Self {
        let name = condition.field();
        match headers.get(&name) {
            None => Self::None,
            // No name appears twice in the whole map, so this line is the only one.
            Some(line) if headers.len() == headers.keys_len() => Self::One(line),
            Some(line) if headers.get_all(&name).into_iter().nth(1).is_none() => Self::One(line),
            Some(_) => Self::Several(headers, condition),
        }
    }

    /// The line, if it is the only one.
    pub(crate) fn single(self) -> Option<&'a HeaderValue> {
        match self {
            Self::One(line) => Some(line),
            Self::None | Self::Several(..) => None,
        }
    }
}
