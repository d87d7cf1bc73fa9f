//! The meaning of a coded tag in a request.
//!
//! | field | `"v~gzip"` |
//! |---|---|
//! | If-Match, If-None-Match | means `"v"`: the condition is about the state, not the coding |
//! | If-None-Match, if a 304 is possible and Accept-Encoding refuses gzip | is skipped |
//! | If-Range | is false: ranges are of the plain content |
//!
//! On GET, HEAD and QUERY the layer removes Range if the condition that protects it cannot tell codings apart:
//! If-Range or If-Match with anything but one strong plain tag, and If-Unmodified-Since without the two.
//!
//! The tag is skipped because a 304 with `"v~gzip"` makes a cache serve the gzip response that it stored, even
//! to a client that cannot read gzip.
//!
//! A malformed field stays unchanged as a whole, and so does `*`.

use http::{
    HeaderMap, HeaderValue, Request,
    header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE},
};

use super::{
    accepted::AcceptedCodings,
    replace_line,
    tag::{CodedTag, decode, is_uncoded},
};
use crate::{
    header_map::{all_lines, has_field, remove_field},
    precondition::{Condition, FieldLines, Members, MethodKind, RequestFields, TagList},
    validator::{EntityTag, KeepLastModified, TagRef, parse},
};

/// Rewrites the tags of a request to plain ones, and returns what its 304 depends on.
///
/// `None` means that a 304 carries the tag of the service inside. If the tag is still to be chosen, the request
/// is marked, so that an inner 304 has Last-Modified too.
pub(super) fn decode_request<B>(request: &mut Request<B>) -> Option<SentTags> {
    if !RequestFields::of(request.headers()).has_condition() {
        return None;
    }
    let kind = MethodKind::of(request.method());
    let sent = decode_headers(request.headers_mut(), kind);
    if sent.as_ref().is_some_and(|sent| sent.number != 1) {
        KeepLastModified::put_on(request.extensions_mut());
    }
    sent
}

/// Does the same for the header map. For one strong plain tag it changes and allocates nothing.
fn decode_headers(headers: &mut HeaderMap, kind: MethodKind) -> Option<SentTags> {
    if kind == MethodKind::Selects && has_field(headers, RANGE) && !range_is_of_plain_content(headers) {
        remove_field(headers, RANGE);
        remove_field(headers, IF_RANGE);
    }
    decode_if_range(headers);
    let if_match = Tags::listed(headers, Condition::IfMatch).is_some_and(|tags| tags.coded);
    let if_none_match = Tags::listed(headers, Condition::IfNoneMatch);
    let coded = if_none_match.is_some_and(|tags| tags.coded);
    let accepted = (kind == MethodKind::Selects && depends_on_sent(headers, if_none_match))
        .then(|| AcceptedCodings::of(headers));
    let mut lines = Vec::new();
    if if_match || coded || (accepted.is_some() && if_none_match.is_some()) {
        for (name, line) in headers.iter_mut() {
            if if_match && *name == IF_MATCH {
                decode_line(line);
            } else if if_none_match.is_some() && *name == IF_NONE_MATCH {
                if let Some(accepted) = &accepted {
                    drop_refused(line, accepted);
                    lines.push(line.clone());
                }
                decode_line(line);
            }
        }
    }
    let number = if_none_match.map_or(0, |tags| tags.number);
    accepted.map(|accepted| SentTags { lines, number, accepts_none: accepted.admit_none() })
}

/// Returns whether the conditions that protect Range let it through for the plain content alone, of one version.
///
/// Ranges are of the plain content. A date, `*`, a coded tag and a list also hold for a client that has a part of
/// something else. A Range that no condition protects stays.
fn range_is_of_plain_content(headers: &HeaderMap) -> bool {
    let if_range = has_field(headers, IF_RANGE).then(|| {
        let line = FieldLines::of(headers, Condition::IfRange).single();
        line.and_then(|line| parse(line.as_bytes().trim_ascii()).ok())
            .is_some_and(|tag| !tag.weak && is_uncoded(tag))
    });
    let if_match = has_field(headers, IF_MATCH).then(|| {
        Tags::listed(headers, Condition::IfMatch).is_some_and(|tags| tags.number == 1 && tags.uncoded)
    });
    match (if_range, if_match) {
        (None, None) => !has_field(headers, IF_UNMODIFIED_SINCE),
        (if_range, if_match) => if_range.unwrap_or(true) && if_match.unwrap_or(true),
    }
}

/// Returns whether the tag of a 304 depends on what the client sent: on any condition but one strong plain tag.
fn depends_on_sent(headers: &HeaderMap, if_none_match: Option<Tags>) -> bool {
    match if_none_match {
        Some(tags) => tags.number != 1 || tags.coded || !tags.uncoded,
        None => has_field(headers, IF_NONE_MATCH) || has_field(headers, IF_MODIFIED_SINCE),
    }
}

/// The tags of a well-formed list.
#[derive(Clone, Copy)]
struct Tags {
    number: usize,
    /// One of them looks coded.
    coded: bool,
    /// All are strong, and a response without a coding can carry them.
    uncoded: bool,
}

impl Tags {
    /// Returns `None` if the field is absent, malformed or `*`.
    fn listed(headers: &HeaderMap, condition: Condition) -> Option<Self> {
        let mut tags = Self { number: 0, coded: false, uncoded: true };
        let list = match FieldLines::of(headers, condition) {
            FieldLines::None => return None,
            lines => TagList::new(condition, lines),
        };
        let members = list.read(&mut |tag| {
            tags.number += 1;
            tags.coded = tags.coded || CodedTag::of(tag).is_some();
            tags.uncoded = tags.uncoded && !tag.weak && is_uncoded(tag);
        });
        members.is_ok_and(|members| members == Members::Tags).then_some(tags)
    }
}

fn decode_line(line: &mut HeaderValue) {
    rewrite_line(line, |tag| Some(decode(tag)));
}

/// Drops the tags whose coding Accept-Encoding refuses. A list without tags matches nothing.
fn drop_refused(line: &mut HeaderValue, accepted: &AcceptedCodings) {
    rewrite_line(line, |tag| CodedTag::of(tag).is_none_or(|coded| accepted.admit(&coded)).then_some(tag));
}

/// Replaces or drops tags in one line of a well-formed list.
pub(super) fn rewrite_line(
    line: &mut HeaderValue,
    becomes: impl for<'a> Fn(TagRef<'a>) -> Option<TagRef<'a>>,
) {
    let mut changed = false;
    let mut text = Vec::with_capacity(line.len());
    read_line(line, |tag| {
        let written = becomes(tag);
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

pub(super) fn read_line<'a>(line: &'a HeaderValue, mut each: impl FnMut(TagRef<'a>)) {
    // The field is well-formed: `Tags::listed` read it to its end.
    let _ = TagList::new(Condition::IfNoneMatch, FieldLines::One(line)).read(&mut each);
}

/// If-Range names exact bytes, and ranges are of the plain content, so a coded tag never matches.
///
/// On a read its Range is gone already. On a write it stays, marked as weak, because a weak tag never matches in
/// If-Range (RFC 9110 §13.1.5). Removing it would leave a Range without a condition. Leaving it could match a
/// handler's tag that looks coded.
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

/// What a client sent that the tag of its 304 depends on.
#[derive(Debug)]
pub(super) struct SentTags {
    /// The lines of If-None-Match as sent, without the tags that a 304 must not carry.
    lines: Vec<HeaderValue>,
    /// How many tags the client sent.
    number: usize,
    /// Accept-Encoding refuses every coding.
    accepts_none: bool,
}

/// The tag of a 304.
#[derive(Debug)]
pub(super) enum TagOf304 {
    /// The one that the client sent for the current representation.
    Sent(EntityTag),
    /// That of the response without a coding.
    Uncoded,
    /// Not known: the service does not say which coding its 200 would have.
    Unknown,
}

impl SentTags {
    /// Keeps the lines of If-None-Match as sent, for a 304 whose tag depends on them.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let number = Tags::listed(headers, Condition::IfNoneMatch).map_or(0, |tags| tags.number);
        let lines = match number {
            0 => Vec::new(),
            _ => all_lines(headers, IF_NONE_MATCH).into_iter().cloned().collect(),
        };
        Self { lines, number, accepts_none: AcceptedCodings::of(headers).admit_none() }
    }

    /// Returns how many tags the client sent.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn accepts_none(&self) -> bool {
        self.accepts_none
    }

    /// Chooses the tag of a 304 for the service's tag.
    ///
    /// If exactly one tag that the client sent means `current`, it is that tag, because a cache updates the
    /// response that it stored under it (RFC 9111 §4.3.4). Otherwise it is the tag of the 200, if that can have
    /// no coding.
    pub(super) fn choose(&self, current: &EntityTag) -> TagOf304 {
        match self.only_one(current, decode) {
            Some(sent) => TagOf304::Sent(sent),
            _ if current.is_weak() || self.accepts_none => TagOf304::Uncoded,
            _ => TagOf304::Unknown,
        }
    }

    /// Returns the tag that the client sent, if exactly one means `current`.
    pub(super) fn only_one(
        &self,
        current: &EntityTag,
        meant: impl for<'a> Fn(TagRef<'a>) -> TagRef<'a>,
    ) -> Option<EntityTag> {
        let tag = current.as_tag_ref();
        let mut first: Option<TagRef<'_>> = None;
        let mut several = false;
        for line in &self.lines {
            read_line(line, |sent| {
                if meant(sent).weak_eq(tag) {
                    let known = *first.get_or_insert(sent);
                    several = several || known.weak != sent.weak || known.opaque != sent.opaque;
                }
            });
        }
        match first {
            Some(sent) if !several => Some(sent.to_tag()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
