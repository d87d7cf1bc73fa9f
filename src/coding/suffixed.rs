//! The tags of a proxy that appends a suffix when it compresses, such as Apache.
//!
//! It works like a layer of its own: on the way in it takes the suffixes off, and on the way out it marks the tags
//! that end like one with a suffix. [`Suffixes`] has the table.

use http::{
    HeaderMap, StatusCode,
    header::{ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE},
    request::Parts,
};

use super::{
    replace_line,
    request::{SentTags, rewrite_line},
};
use crate::{
    header_map::{all_lines, has_field, remove_field, set_field},
    precondition::{Condition, FieldLines, Members, MethodKind, Suffixes, TagList},
    validator::{EntityTag, KeepLastModified, SuffixesTakenOff, TagRef, Validators, parse},
};

/// Marks the tag of the response to one request.
#[derive(Debug)]
pub(crate) struct MarkedResponse {
    suffixes: Suffixes,
    /// Set if the response may be a 304.
    sent: Option<SentTags>,
}

impl MarkedResponse {
    /// Notes what the client sent, and tells layers further in. Returns `None` if a layer outside does it.
    pub(crate) fn to(request: &mut Parts, suffixes: &Suffixes) -> Option<Self> {
        if SuffixesTakenOff::is_on(&request.extensions) {
            return None;
        }
        SuffixesTakenOff::put_on(&mut request.extensions);
        let headers = &request.headers;
        let may_be_304 = MethodKind::of(&request.method) == MethodKind::Selects
            && (has_field(headers, IF_NONE_MATCH) || has_field(headers, IF_MODIFIED_SINCE));
        let sent = may_be_304.then(|| SentTags::of(headers));
        if sent.as_ref().is_some_and(|sent| sent.number() != 1) {
            KeepLastModified::put_on(&mut request.extensions);
        }
        Some(Self { suffixes: suffixes.clone(), sent })
    }

    /// Marks the tag of the response, or chooses that of a 304.
    pub(crate) fn mark(&self, status: StatusCode, headers: &mut HeaderMap) {
        let is_304 = status == StatusCode::NOT_MODIFIED;
        let sent = self.sent.as_ref().filter(|_| is_304);
        match sent.zip(Validators::from_headers(headers).etag()) {
            None => mark_etag(headers, &self.suffixes),
            Some((sent, current)) => match sent.only_one(current, |tag| self.suffixes.meant(tag)) {
                // A cache updates the response that it stored under this tag (RFC 9111 §4.3.4).
                Some(tag) => {
                    set_field(headers, ETAG, tag.into());
                    remove_field(headers, LAST_MODIFIED);
                }
                // The proxy cannot compress the 200.
                None if sent.accepts_none() => {
                    mark_etag(headers, &self.suffixes);
                    remove_field(headers, LAST_MODIFIED);
                }
                // Nothing tells whether the proxy would have compressed the 200.
                None => remove_field(headers, ETAG),
            },
        }
    }
}

/// Marks the tag of a response. An invalid ETag stays, and so do several lines: no client can use them.
fn mark_etag(headers: &mut HeaderMap, suffixes: &Suffixes) {
    let mut lines = all_lines(headers, ETAG).into_iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return };
    let Ok(tag) = parse(line.as_bytes().trim_ascii()) else { return };
    let Some(marked) = suffixes.to_send(tag) else { return };
    if let Some(line) = headers.get_mut(ETAG) {
        replace_line(line, marked.into());
    }
}

/// Rewrites the conditions that are left for a service further in, to the tags that the service knows.
///
/// A client that holds what the proxy compressed must not get a part of the plain content. So on GET, HEAD and
/// QUERY, Range goes if a tag with a suffix protects it.
pub(crate) fn take_off_suffixes(headers: &mut HeaderMap, kind: MethodKind, suffixes: &Suffixes) {
    let [if_match, if_none_match] = [Condition::IfMatch, Condition::IfNoneMatch].map(|condition| {
        let list = TagList::new(condition, FieldLines::of(headers, condition));
        let mut changed = Changed::default();
        let read = list.read(&mut |tag| changed.note(tag, suffixes));
        // A malformed field stays as it is.
        if read == Ok(Members::Tags) { changed } else { Changed::default() }
    });
    let if_range = FieldLines::of(headers, Condition::IfRange)
        .single()
        .and_then(|line| parse(line.as_bytes().trim_ascii()).ok())
        .and_then(|tag| meant_by_if_range(tag, suffixes));
    let protects_a_part = if_match.suffixed || if_range.as_ref().is_some_and(EntityTag::is_weak);
    if kind == MethodKind::Selects && protects_a_part && has_field(headers, RANGE) {
        remove_field(headers, RANGE);
        remove_field(headers, IF_RANGE);
    } else if let (Some(meant), Some(line)) = (if_range, headers.get_mut(IF_RANGE)) {
        replace_line(line, meant.into());
    }
    if if_match.any || if_none_match.any {
        for (name, line) in headers.iter_mut() {
            if (*name == IF_MATCH && if_match.any) || (*name == IF_NONE_MATCH && if_none_match.any) {
                rewrite_line(line, |tag| Some(suffixes.meant(tag)));
            }
        }
    }
}

/// Whether tags of a list mean others.
#[derive(Clone, Copy, Default)]
struct Changed {
    any: bool,
    /// One has a suffix.
    suffixed: bool,
}

impl Changed {
    fn note(&mut self, tag: TagRef<'_>, suffixes: &Suffixes) {
        self.any = self.any || suffixes.meant(tag).opaque != tag.opaque;
        self.suffixed = self.suffixed || suffixes.taken_off(tag.opaque).is_some();
    }
}

/// Returns the tag that If-Range means, if it is another. A tag with a suffix names no plain content, so it becomes
/// weak: a weak tag never matches in If-Range (RFC 9110 §13.1.5).
fn meant_by_if_range(tag: TagRef<'_>, suffixes: &Suffixes) -> Option<EntityTag> {
    match suffixes.taken_off(tag.opaque) {
        Some(_) => Some(TagRef { weak: true, ..tag }.to_tag()),
        None => {
            let meant = suffixes.meant(tag);
            (meant.opaque != tag.opaque).then(|| meant.to_tag())
        }
    }
}
