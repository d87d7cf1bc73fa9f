//! The conditional fields of a request, read by the oracle of RFC 9110.

use precondition_oracle as rfc;
use rfc::{Current, DateField, Fields, RangeField, TagField, Verdict};

use crate::differential::asked::Asked;

/// The names of the conditional fields, in the order of §13.2.2.
pub(in crate::differential) const CONDITIONS: [&str; 5] =
    ["if-match", "if-unmodified-since", "if-none-match", "if-modified-since", "if-range"];

/// The conditional fields as the oracle reads them.
pub(in crate::differential) struct Read {
    pub(super) if_match: TagField,
    pub(super) if_none_match: TagField,
    if_modified_since: DateField,
    if_unmodified_since: DateField,
    if_range: RangeField,
    range: bool,
}

impl Read {
    pub(in crate::differential) fn of(asked: &Asked, now: i64) -> Self {
        let lines =
            |name| asked.all(name).into_iter().map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>();
        Self {
            if_match: TagField::read(&lines("if-match")),
            if_none_match: TagField::read(&lines("if-none-match")),
            if_modified_since: DateField::read(&lines("if-modified-since"), now),
            if_unmodified_since: DateField::read(&lines("if-unmodified-since"), now),
            if_range: RangeField::read(&lines("if-range"), now),
            range: asked.has("range"),
        }
    }

    pub(super) fn malformed(&self) -> Option<&'static str> {
        match (&self.if_match, &self.if_none_match) {
            (TagField::Malformed, _) => Some("If-Match"),
            (_, TagField::Malformed) => Some("If-None-Match"),
            _ => None,
        }
    }

    pub(super) fn verdict(&self, method: &str, current: Option<&Current>) -> Verdict {
        let fields = Fields {
            if_match: &self.if_match,
            if_unmodified_since: &self.if_unmodified_since,
            if_none_match: &self.if_none_match,
            if_modified_since: &self.if_modified_since,
            if_range: &self.if_range,
            range: self.range,
        };
        rfc::evaluate(method, fields, current)
    }

    pub(super) fn if_match_lists_tags(&self) -> bool {
        matches!(self.if_match, TagField::List(_))
    }

    /// Whether a condition needs a validator that the representation lacks.
    pub(super) fn needs_more(&self, current: &Current, reads: bool) -> bool {
        let names_tags = |field: &TagField| matches!(field, TagField::List(tags) if !tags.is_empty());
        let is_date = |field: &DateField| matches!(field, DateField::At(_));
        // A malformed list on a read counts as tags that match nothing.
        let is_malformed = reads && self.if_match == TagField::Malformed;
        let needs_tag = is_malformed || names_tags(&self.if_match) || names_tags(&self.if_none_match);
        let needs_date = self.if_match == TagField::Absent && is_date(&self.if_unmodified_since)
            || reads && self.if_none_match == TagField::Absent && is_date(&self.if_modified_since);
        needs_tag && current.tag.is_none() || needs_date && current.modified.is_none()
    }
}

/// Whether the request carries a condition other than If-Range that the server must not ignore.
pub(in crate::differential) fn is_conditional(asked: &Asked, now: i64) -> bool {
    let read = Read::of(asked, now);
    let is_date = |field: &DateField| matches!(field, DateField::At(_));
    read.if_match != TagField::Absent
        || read.if_none_match != TagField::Absent
        || is_date(&read.if_unmodified_since)
        || asked.reads() && is_date(&read.if_modified_since)
}

/// Whether the request carries conditions of which the server must ignore every one.
pub(in crate::differential) fn is_all_ignored(asked: &Asked, now: i64) -> bool {
    CONDITIONS[..4].iter().any(|name| asked.has(name)) && !is_conditional(asked, now)
}
