//! A second reading of If-Match and If-None-Match (RFC 9110 §13.1.1, §8.8.3): slow, short, and
//! written without a look at the library's.

use http::HeaderValue;
use tower_precondition::EntityTag;

/// What a field says; malformed ones have no such value.
pub(crate) enum Tags {
    Any,
    Listed(Vec<Tag>),
}

/// An entity tag: whether it is weak, and what stands between its quotes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tag {
    weak: bool,
    opaque: Vec<u8>,
}

impl Tag {
    pub(crate) fn of(tag: &EntityTag) -> Self {
        Self::parse(tag.as_header_value().as_bytes()).expect("an EntityTag is an entity tag")
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (weak, quoted) = text.strip_prefix(b"W/").map_or((false, text), |quoted| (true, quoted));
        let opaque = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let valid = opaque.iter().all(|octet| matches!(octet, 0x21 | 0x23..=0x7E | 0x80..=0xFF));
        valid.then(|| Self { weak, opaque: opaque.to_vec() })
    }

    pub(crate) fn strong_eq(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    pub(crate) fn weak_eq(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }
}

/// The lines of one field, each of them a list on its own; `None` where one is malformed.
pub(crate) fn read(lines: &[HeaderValue]) -> Option<Tags> {
    if let [line] = lines
        && trim(line.as_bytes()) == b"*"
    {
        return Some(Tags::Any);
    }
    let members = lines.iter().flat_map(|line| members(line.as_bytes()));
    members.map(|member| Tag::parse(&member)).collect::<Option<_>>().map(Tags::Listed)
}

/// Splits at the commas that stand outside of quotes, and passes over what is empty.
fn members(line: &[u8]) -> Vec<Vec<u8>> {
    let mut quoted = false;
    let members = line.split(|octet| {
        quoted ^= *octet == b'"';
        *octet == b',' && !quoted
    });
    members.map(trim).filter(|member| !member.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Optional whitespace is spaces and tabs (§5.6.3).
pub(crate) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}
