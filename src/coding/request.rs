//! The meaning of a coded tag in a request.
//!
//! | field | `"v~gzip"` |
//! |---|---|
//! | If-Match, If-None-Match | means `"v"`: the condition is about the state, not the coding |
//! | If-None-Match, if a 304 is possible and Accept-Encoding refuses gzip | is skipped |
//! | If-Range | is false: ranges are of the plain content |
//!
//! The tag is skipped because a 304 with `"v~gzip"` makes a cache serve the gzip response that it stored, even
//! to a client that cannot read gzip.
//!
//! A malformed field stays unchanged as a whole, and so does `*`.

use http::{
    HeaderMap, HeaderValue, Request,
    header::{IF_MATCH, IF_NONE_MATCH, IF_RANGE},
};

use super::{
    accepted::AcceptedCodings,
    replace_line,
    tag::{CodedTag, decode, is_uncoded},
};
use crate::{
    precondition::{Condition, FieldLines, MethodKind, RequestFields, TagList},
    validator::{EntityTag, TagRef, parse},
};

/// Rewrites the tags of a request to plain ones, and returns the sent tags if a 304 may need them.
pub(super) fn decode_request<B>(request: &mut Request<B>) -> Option<SentTags> {
    if !RequestFields::of(request.headers()).has_condition() {
        return None;
    }
    let kind = MethodKind::of(request.method());
    decode_headers(request.headers_mut(), kind)
}

/// Does the same for the header map. If no tag looks coded, it changes and allocates nothing.
fn decode_headers(headers: &mut HeaderMap, kind: MethodKind) -> Option<SentTags> {
    decode_if_range(headers);
    let if_match = looks_coded(headers, Condition::IfMatch);
    let if_none_match = looks_coded(headers, Condition::IfNoneMatch);
    if !if_match && !if_none_match {
        return None;
    }
    let may_be_304 = if_none_match && kind == MethodKind::Selects;
    let accepted = may_be_304.then(|| AcceptedCodings::of(headers));
    let mut sent = Vec::new();
    for (name, line) in headers.iter_mut() {
        if if_match && *name == IF_MATCH {
            decode_line(line);
        } else if if_none_match && *name == IF_NONE_MATCH {
            if let Some(accepted) = &accepted {
                drop_refused(line, accepted);
                sent.push(line.clone());
            }
            decode_line(line);
        }
    }
    may_be_304.then_some(SentTags(sent))
}

/// Returns whether the field is well-formed and one of its tags looks coded.
fn looks_coded(headers: &HeaderMap, condition: Condition) -> bool {
    let mut coded = false;
    let list = TagList::new(condition, FieldLines::of(headers, condition));
    list.read(|tag| coded = coded || CodedTag::of(tag).is_some()).is_ok() && coded
}

fn decode_line(line: &mut HeaderValue) {
    rewrite_line(line, |_, coded| Some(coded.decoded));
}

/// Drops the tags whose coding Accept-Encoding refuses. A list without tags matches nothing.
fn drop_refused(line: &mut HeaderValue, accepted: &AcceptedCodings) {
    rewrite_line(line, |tag, coded| accepted.admit(&coded).then_some(tag));
}

/// Replaces or drops the tags that look coded, in one line of a well-formed list.
fn rewrite_line(
    line: &mut HeaderValue,
    becomes: impl for<'a> Fn(TagRef<'a>, CodedTag<'a>) -> Option<TagRef<'a>>,
) {
    let mut changed = false;
    let mut text = Vec::with_capacity(line.len());
    read_line(line, |tag| {
        let written = match CodedTag::of(tag) {
            None => Some(tag),
            Some(coded) => becomes(tag, coded),
        };
        changed = changed || written.is_none_or(|written| written.opaque.len() != tag.opaque.len());
        if let Some(written) = written {
            if !text.is_empty() {
                text.extend_from_slice(b", ");
            }
            written.write_to(&mut text);
        }
    });
    if changed {
        replace_line(line, HeaderValue::try_from(text).expect("tags of a field value make another"));
    }
}

fn read_line<'a>(line: &'a HeaderValue, each: impl FnMut(TagRef<'a>)) {
    // The field is well-formed: `looks_coded` read it to its end.
    let _ = TagList::new(Condition::IfNoneMatch, FieldLines::One(line)).read(each);
}

/// If-Range names exact bytes, and ranges are of the plain content, so a coded tag never matches.
///
/// It is marked as weak, because a weak tag never matches in If-Range (RFC 9110 §13.1.5). Removing it would
/// leave a Range without a condition. Leaving it could match a handler's tag that looks coded.
fn decode_if_range(headers: &mut HeaderMap) {
    let Some(line) = FieldLines::of(headers, Condition::IfRange).single() else { return };
    let Ok(tag) = parse(line.as_bytes().trim_ascii()) else { return };
    if CodedTag::of(tag).is_none() {
        return;
    }
    let meant = if is_uncoded(tag) { decode(tag) } else { TagRef { weak: true, ..tag } }.to_tag();
    if let Some(line) = headers.get_mut(IF_RANGE) {
        replace_line(line, meant.into());
    }
}

/// The lines of If-None-Match as the client sent them, without the tags that a 304 must not carry.
#[derive(Debug)]
pub(super) struct SentTags(Vec<HeaderValue>);

impl SentTags {
    /// Returns the tag that the client sent for `current`. Its 304 must carry that tag, because a cache updates
    /// the response that it stored under it (RFC 9111 §4.3.4).
    ///
    /// If there are several, it is the plain one, or else the first. `None` means that the 304 has another
    /// reason.
    pub(super) fn naming(&self, current: &EntityTag) -> Option<EntityTag> {
        let current = current.as_tag_ref();
        let mut first = None;
        let mut uncoded = None;
        for line in &self.0 {
            read_line(line, |tag| {
                if decode(tag).weak_eq(current) {
                    first = first.or(Some(tag));
                    uncoded =
                        uncoded.or(Some(tag).filter(|tag| tag.weak == current.weak && is_uncoded(*tag)));
                }
            });
        }
        uncoded.or(first).map(TagRef::to_tag)
    }
}

#[cfg(test)]
mod tests;
