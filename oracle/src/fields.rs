use crate::{Tag, calendar::parse_date};

/// If-Match or If-None-Match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagField {
    /// The request does not carry the field.
    Absent,
    /// `*`.
    Any,
    /// A list of tags, which may be empty.
    List(Vec<Tag>),
    /// Neither of the two.
    Malformed,
}

impl TagField {
    /// Joins the lines as §5.3 says and splits the result byte by byte.
    pub fn read(lines: &[Vec<u8>]) -> Self {
        if lines.is_empty() {
            return Self::Absent;
        }
        let joined = lines.join(b", ".as_slice());

        // A comma inside quotes does not end a member (rule 48). Nothing escapes a quote.
        let mut members: Vec<Vec<u8>> = vec![Vec::new()];
        let mut in_quotes = false;
        for &byte in &joined {
            if byte == b',' && !in_quotes {
                members.push(Vec::new());
                continue;
            }
            if byte == b'"' {
                in_quotes = !in_quotes;
            }
            members.last_mut().expect("there is always a last member").push(byte);
        }
        let members: Vec<Vec<u8>> = members.iter().map(|member| trim(member)).collect();

        // `*` is the other alternative of the grammar, so it must be the whole field (rules 19 and 24).
        if members == [b"*".to_vec()] {
            return Self::Any;
        }
        let mut tags = Vec::new();
        for member in members {
            // Empty members do not count (rule 52).
            if member.is_empty() {
                continue;
            }
            match Tag::parse(&member) {
                Some(tag) => tags.push(tag),
                None => return Self::Malformed,
            }
        }
        Self::List(tags)
    }
}

/// Removes the white space around a value or a member: `OWS = *( SP / HTAB )` (§5.6.3).
fn trim(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    while matches!(text.last(), Some(b' ' | b'\t')) {
        text.pop();
    }
    while matches!(text.first(), Some(b' ' | b'\t')) {
        text.remove(0);
    }
    text
}

/// If-Modified-Since or If-Unmodified-Since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateField {
    /// The request does not carry the field.
    Absent,
    /// More than one line, whatever they say.
    SeveralLines,
    /// One line that is not an HTTP-date.
    Invalid,
    /// A date, in seconds since 1970.
    At(i64),
}

impl DateField {
    /// Reads the field; `now` decides the century of a two-digit year.
    pub fn read(lines: &[Vec<u8>], now: i64) -> Self {
        match lines {
            [] => Self::Absent,
            [line] => parse_date(&trim(line), now).map_or(Self::Invalid, Self::At),
            _ => Self::SeveralLines,
        }
    }
}

/// If-Range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeField {
    /// The request does not carry the field.
    Absent,
    /// An entity tag.
    Tag(Tag),
    /// A date, in seconds since 1970.
    At(i64),
    /// Neither, or several lines (rule 43).
    Unusable,
}

impl RangeField {
    /// Reads the field; `now` decides the century of a two-digit year.
    pub fn read(lines: &[Vec<u8>], now: i64) -> Self {
        let line = match lines {
            [] => return Self::Absent,
            [line] => trim(line),
            _ => return Self::Unusable,
        };
        // A quote among the first three characters means a tag (rule 42).
        if line.iter().take(3).any(|&byte| byte == b'"') {
            Tag::parse(&line).map_or(Self::Unusable, Self::Tag)
        } else {
            parse_date(&line, now).map_or(Self::Unusable, Self::At)
        }
    }
}

/// The conditional fields of one request.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// If-Match.
    pub if_match: &'a TagField,
    /// If-Unmodified-Since.
    pub if_unmodified_since: &'a DateField,
    /// If-None-Match.
    pub if_none_match: &'a TagField,
    /// If-Modified-Since.
    pub if_modified_since: &'a DateField,
    /// If-Range.
    pub if_range: &'a RangeField,
    /// Whether the request carries Range.
    pub range: bool,
}

impl Fields<'_> {
    /// Returns which fields the request carries, in the order of §13.2.2.
    pub fn present(&self) -> [bool; 5] {
        [
            *self.if_match != TagField::Absent,
            *self.if_unmodified_since != DateField::Absent,
            *self.if_none_match != TagField::Absent,
            *self.if_modified_since != DateField::Absent,
            *self.if_range != RangeField::Absent,
        ]
    }
}
