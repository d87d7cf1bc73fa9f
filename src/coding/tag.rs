//! The strong tag of a response with a content coding (RFC 9110 §8.8.3.3). It is made from the plain tag and
//! the coding, so that a request with it can be read back.
//!
//! | the handler's response | is sent as |
//! |---|---|
//! | `"v"` | `"v"` |
//! | `"v"`, `Content-Encoding: gzip` | `"v~gzip"` |
//! | `"v"`, `Content-Encoding: GZIP, br` | `"v~gzip+br"` |
//! | `W/"v"`, with or without a coding | `W/"v"` |
//! | `"v~gzip"` | `"v~gzip~identity"` |
//! | `"v~gzip"`, `Content-Encoding: gzip` | `"v~gzip~gzip"` |
//!
//! A tag *looks coded* if it ends in `~` and a suffix. A handler's tag that looks coded always gets a suffix.
//! So every tag that is sent and looks coded has a suffix that was added here. Decoding takes the last suffix
//! off, and never mistakes a handler's tag for a coded one.
//!
//! Codings may share a weak tag, so it gets no coding.

use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, ETAG},
};

use super::replace_line;
use crate::{
    header_map::all_lines,
    lists::list_members,
    validator::{EntityTag, TagRef, parse},
};

const MARK: u8 = b'~';
const JOINT: u8 = b'+';
const ESCAPE: u8 = b'%';
/// RFC 9110 §12.5.3 reserves this name for no coding.
pub(super) const UNCODED: &[u8] = b"identity";

/// Returns the tag to send with these response fields, or `None` if `tag` stays.
#[cfg(test)]
pub(super) fn encode(tag: &EntityTag, response: &HeaderMap) -> Option<EntityTag> {
    encode_tag(tag.as_tag_ref(), response)
}

/// Rewrites the ETag of a response by its Content-Encoding.
///
/// An invalid ETag stays, and so do several lines: no client can use them. Call it once, and not on a 304
/// that carries the client's tag.
pub(super) fn encode_etag(headers: &mut HeaderMap) {
    let mut lines = all_lines(headers, ETAG).into_iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return };
    let Ok(tag) = parse(line.as_bytes().trim_ascii()) else { return };
    let Some(encoded) = encode_tag(tag, headers) else { return };
    if let Some(line) = headers.get_mut(ETAG) {
        replace_line(line, encoded.into());
    }
}

fn encode_tag(tag: TagRef<'_>, response: &HeaderMap) -> Option<EntityTag> {
    let codings = list_members(response, CONTENT_ENCODING);
    let mut codings = codings.filter(|coding| !tag.weak && !coding.eq_ignore_ascii_case(UNCODED)).peekable();
    if codings.peek().is_none() && CodedTag::of(tag).is_none() {
        return None;
    }
    let mut opaque = Vec::with_capacity(tag.opaque.len() + 1 + UNCODED.len());
    opaque.extend_from_slice(tag.opaque);
    opaque.push(MARK);
    match codings.next() {
        None => opaque.extend_from_slice(UNCODED),
        Some(first) => {
            push_coding(&mut opaque, first);
            for coding in codings {
                opaque.push(JOINT);
                push_coding(&mut opaque, coding);
            }
        }
    }
    Some(TagRef { weak: tag.weak, opaque: &opaque }.to_tag())
}

/// Writes a coding into a suffix. Different codings differ there, and none contains a mark or a joint.
pub(super) fn push_coding(suffix: &mut Vec<u8>, coding: &[u8]) {
    let coding: &[u8] = match coding {
        // RFC 9110 §8.4.1.1 and §8.4.1.3: aliases.
        name if name.eq_ignore_ascii_case(b"x-compress") => b"compress",
        name if name.eq_ignore_ascii_case(b"x-gzip") => b"gzip",
        name => name,
    };
    for octet in coding.iter().map(u8::to_ascii_lowercase) {
        match octet {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => suffix.push(octet),
            _ => suffix.extend_from_slice(format!("{}{octet:02x}", ESCAPE as char).as_bytes()),
        }
    }
}

/// Returns the plain tag that a client's tag means.
pub(super) fn decode(tag: TagRef<'_>) -> TagRef<'_> {
    CodedTag::of(tag).map_or(tag, |coded| coded.decoded)
}

/// Returns whether a response without a coding can carry the tag.
pub(super) fn is_uncoded(tag: TagRef<'_>) -> bool {
    CodedTag::of(tag).is_none_or(|coded| coded.suffix == UNCODED && CodedTag::of(coded.decoded).is_some())
}

/// A tag that looks coded, split into the plain tag and the suffix.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodedTag<'a> {
    pub(super) decoded: TagRef<'a>,
    suffix: &'a [u8],
}

impl<'a> CodedTag<'a> {
    pub(super) fn of(tag: TagRef<'a>) -> Option<Self> {
        // A suffix contains no mark, so it starts after the last one.
        let mut parts = tag.opaque.rsplitn(2, |octet| *octet == MARK);
        let (suffix, opaque) = (parts.next()?, parts.next()?);
        let looks_coded = !suffix.is_empty() && suffix.iter().all(|octet| stands_in_suffix(*octet));
        looks_coded.then_some(Self { decoded: TagRef { weak: tag.weak, opaque }, suffix })
    }

    /// Iterates over the codings, as [`push_coding`] writes them.
    pub(super) fn codings(&self) -> impl Iterator<Item = &'a [u8]> {
        self.suffix.split(|octet| *octet == JOINT).filter(|coding| *coding != UNCODED)
    }
}

/// Returns whether [`encode_tag`] can write the byte into a suffix.
fn stands_in_suffix(octet: u8) -> bool {
    matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | JOINT | ESCAPE)
}

#[cfg(test)]
mod tests;
