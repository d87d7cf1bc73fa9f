use std::fmt;

use http::{
    HeaderMap, HeaderValue,
    header::{ETAG, HeaderName, LAST_MODIFIED},
};

use crate::{
    header_map::all_lines,
    validator::{HttpDate, InvalidEntityTag, InvalidHttpDate, parse},
};

/// A validator of a response that cannot be read, so the layer treats it as missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MalformedValidator {
    EntityTag(InvalidEntityTag),
    SeveralEntityTags,
    Date(InvalidHttpDate),
}

impl MalformedValidator {
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::EntityTag(_) | Self::SeveralEntityTags => "ETag",
            Self::Date(_) => "Last-Modified",
        }
    }
}

impl fmt::Display for MalformedValidator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntityTag(error) => error.fmt(f),
            Self::SeveralEntityTags => {
                f.write_str("expected one line with one entity tag, found several lines")
            }
            Self::Date(error) => error.fmt(f),
        }
    }
}

/// What is wrong with the validators of one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MalformedValidators {
    pub(crate) etag: Option<MalformedValidator>,
    pub(crate) last_modified: Option<MalformedValidator>,
}

impl MalformedValidators {
    pub(crate) const NONE: Self = Self { etag: None, last_modified: None };

    /// Finds what is wrong in the fields of a response. It allocates nothing.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { etag: malformed_etag(headers), last_modified: malformed_date(headers) }
    }

    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = MalformedValidator> {
        self.etag.into_iter().chain(self.last_modified)
    }
}

fn malformed_etag(headers: &HeaderMap) -> Option<MalformedValidator> {
    match lines(headers, ETAG) {
        Lines::None => None,
        Lines::One(line) => parse(line.as_bytes()).err().map(MalformedValidator::EntityTag),
        Lines::Several => Some(MalformedValidator::SeveralEntityTags),
    }
}

fn malformed_date(headers: &HeaderMap) -> Option<MalformedValidator> {
    let error = match lines(headers, LAST_MODIFIED) {
        Lines::None => return None,
        // A value beyond ASCII is no date either.
        Lines::One(line) => line.to_str().unwrap_or_default().parse::<HttpDate>().err()?,
        Lines::Several => InvalidHttpDate::SEVERAL_LINES,
    };
    Some(MalformedValidator::Date(error))
}

enum Lines<'a> {
    None,
    One(&'a HeaderValue),
    Several,
}

fn lines(headers: &HeaderMap, name: HeaderName) -> Lines<'_> {
    let mut lines = all_lines(headers, name).into_iter();
    match (lines.next(), lines.next()) {
        (None, _) => Lines::None,
        (Some(line), None) => Lines::One(line),
        (Some(_), Some(_)) => Lines::Several,
    }
}
