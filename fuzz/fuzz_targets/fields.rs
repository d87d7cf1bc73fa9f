//! Headers and validators in the types of the oracle.

use std::time::SystemTime;

use http::{HeaderMap, header, header::HeaderName};
use precondition_oracle::{Current, DateField, Fields, RangeField, Tag, TagField, Verdict, evaluate};
use tower_precondition::{EntityTag, HttpDate};

/// The conditional fields of a request.
pub(crate) struct Asked {
    pub(crate) if_match: TagField,
    pub(crate) if_none_match: TagField,
    pub(crate) if_modified_since: DateField,
    pub(crate) if_unmodified_since: DateField,
    pub(crate) if_range: RangeField,
    pub(crate) range: bool,
}

impl Asked {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let now = now().unix_seconds();
        Self {
            if_match: TagField::read(&lines(headers, header::IF_MATCH)),
            if_none_match: TagField::read(&lines(headers, header::IF_NONE_MATCH)),
            if_modified_since: DateField::read(&lines(headers, header::IF_MODIFIED_SINCE), now),
            if_unmodified_since: DateField::read(&lines(headers, header::IF_UNMODIFIED_SINCE), now),
            if_range: RangeField::read(&lines(headers, header::IF_RANGE), now),
            range: headers.contains_key(header::RANGE),
        }
    }

    pub(crate) fn evaluate(&self, method: &str, current: Option<&Current>) -> Verdict {
        let fields = Fields {
            if_match: &self.if_match,
            if_unmodified_since: &self.if_unmodified_since,
            if_none_match: &self.if_none_match,
            if_modified_since: &self.if_modified_since,
            if_range: &self.if_range,
            range: self.range,
        };
        evaluate(method, fields, current)
    }

    /// Returns whether If-Match or If-None-Match is malformed.
    pub(crate) fn is_malformed(&self) -> bool {
        self.if_match == TagField::Malformed || self.if_none_match == TagField::Malformed
    }

    /// Returns whether If-Unmodified-Since is a date that If-Match does not override.
    pub(crate) fn has_unmodified_since(&self) -> bool {
        self.if_match == TagField::Absent && matches!(self.if_unmodified_since, DateField::At(_))
    }
}

pub(crate) fn tag_of(tag: &EntityTag) -> Tag {
    Tag::parse(tag.as_header_value().as_bytes()).expect("an EntityTag is an entity tag")
}

pub(crate) fn lines(headers: &HeaderMap, name: HeaderName) -> Vec<Vec<u8>> {
    headers.get_all(name).iter().map(|line| line.as_bytes().to_vec()).collect()
}

pub(crate) fn now() -> HttpDate {
    HttpDate::try_from(SystemTime::now()).expect("the clock is before year 9999")
}
