use http::{HeaderMap, HeaderValue};

use crate::{
    Condition, EntityTag, InvalidEntityTag, MalformedField,
    entity_tag::{TagRef, scan},
    malformed::Expected,
};

/// What If-Match or If-None-Match of one request says: `*`, or a list of entity tags.
///
/// A view over every line of the field; several lines are one list. Nothing is
/// read before it is asked for, and nothing is allocated but by
/// [`to_tags`](Self::to_tags). Whatever is asked, the whole field is read: a
/// field that is malformed anywhere is malformed as a whole.
///
/// # ABNF
///
/// ```text
/// If-Match      = "*" / [ ( "," / entity-tag ) *( OWS "," [ OWS entity-tag ] ) ]
/// If-None-Match = "*" / [ ( "," / entity-tag ) *( OWS "," [ OWS entity-tag ] ) ]
/// ```
///
/// Empty members are passed over, however many (RFC 9110 §5.6.1.2), and a list of
/// nothing else matches nothing. `*` beside anything, on the same line or on
/// another, is malformed.
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
/// use tower_precondition::{EntityTag, Preconditions};
///
/// let mut headers = HeaderMap::new();
/// headers.append(header::IF_MATCH, HeaderValue::from_static("\"a,b\", ,"));
/// headers.append(header::IF_MATCH, HeaderValue::from_static("W/\"c\""));
///
/// let list = Preconditions::from_headers(&headers).if_match().unwrap();
/// assert!(!list.is_any()?);
/// assert!(list.strong_match(&EntityTag::from_static("\"a,b\""))?);
/// assert!(!list.strong_match(&EntityTag::from_static("\"c\""))?);
/// assert_eq!(list.to_tags()?.len(), 2);
/// # Ok::<(), tower_precondition::MalformedField>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TagList<'a> {
    condition: Condition,
    lines: FieldLines<'a>,
}

impl<'a> TagList<'a> {
    pub(crate) fn new(condition: Condition, lines: FieldLines<'a>) -> Self {
        Self { condition, lines }
    }

    /// Whether the field is `*`, which stands for any current representation.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn is_any(&self) -> Result<bool, MalformedField> {
        self.read(|_| {}).map(|members| members == Members::Any)
    }

    /// Whether a tag of the list equals `tag` by strong comparison. `*` is no tag.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn strong_match(&self, tag: &EntityTag) -> Result<bool, MalformedField> {
        self.any_tag(|listed| listed.strong_eq(tag.as_tag_ref()))
    }

    /// Whether a tag of the list equals `tag` by weak comparison. `*` is no tag.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn weak_match(&self, tag: &EntityTag) -> Result<bool, MalformedField> {
        self.any_tag(|listed| listed.weak_eq(tag.as_tag_ref()))
    }

    fn any_tag(&self, matches: impl Fn(TagRef<'_>) -> bool) -> Result<bool, MalformedField> {
        let mut found = false;
        self.read(|listed| found = found || matches(listed))?;
        Ok(found)
    }

    /// Copies the tags out of the list, in their order. `*` gives none.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn to_tags(&self) -> Result<Vec<EntityTag>, MalformedField> {
        let mut tags = Vec::new();
        self.read(|listed| tags.push(listed.to_tag()))?;
        Ok(tags)
    }

    /// Reads the field to its end and shows each of its tags.
    pub(crate) fn read(&self, mut each: impl FnMut(TagRef<'a>)) -> Result<Members, MalformedField> {
        if self.lines.single().is_some_and(|line| line.as_bytes().trim_ascii() == b"*") {
            return Ok(Members::Any);
        }
        for (number, line) in self.lines.iter(self.condition).enumerate() {
            self.read_line(number, line.as_bytes(), &mut each)?;
        }
        Ok(Members::Tags)
    }

    fn read_line(
        &self,
        number: usize,
        line: &'a [u8],
        each: &mut impl FnMut(TagRef<'a>),
    ) -> Result<(), MalformedField> {
        let mut at = 0;
        let mut separated = true;
        while let Some(&octet) = line.get(at) {
            match octet {
                b' ' | b'\t' => at += 1,
                b',' => {
                    separated = true;
                    at += 1;
                }
                b'"' | b'W' if separated => {
                    let tag = scan(line, at).map_err(|error| self.malformed_tag(number, error))?;
                    each(tag.of(line));
                    separated = false;
                    at = tag.end;
                }
                _ => {
                    let expected = match octet {
                        b'*' => Expected::StarAlone,
                        _ if separated => Expected::EntityTag,
                        _ => Expected::Comma,
                    };
                    let found = Some(octet);
                    return Err(MalformedField {
                        condition: self.condition,
                        line: number,
                        offset: at,
                        expected,
                        found,
                    });
                }
            }
        }
        Ok(())
    }

    fn malformed_tag(&self, line: usize, error: InvalidEntityTag) -> MalformedField {
        MalformedField {
            condition: self.condition,
            line,
            offset: error.offset(),
            expected: error.expected(),
            found: error.found(),
        }
    }
}

/// What a field was found to consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Members {
    /// `*`, alone.
    Any,
    /// Entity tags, or none at all: a list without members matches nothing.
    Tags,
}

/// All lines of one field of a request, of which there is at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldLines<'a> {
    first: &'a HeaderValue,
    /// Where the other lines are, if there are any.
    more_in: Option<&'a HeaderMap>,
}

impl<'a> FieldLines<'a> {
    pub(crate) fn one(line: &'a HeaderValue) -> Self {
        Self { first: line, more_in: None }
    }

    pub(crate) fn and_more_in(self, headers: &'a HeaderMap) -> Self {
        Self { more_in: Some(headers), ..self }
    }

    /// The line, if it is the only one.
    pub(crate) fn single(self) -> Option<&'a HeaderValue> {
        match self.more_in {
            None => Some(self.first),
            Some(_) => None,
        }
    }

    pub(crate) fn iter(self, condition: Condition) -> impl Iterator<Item = &'a HeaderValue> {
        let more = self.more_in.map(|headers| headers.get_all(condition.field()).into_iter().skip(1));
        std::iter::once(self.first).chain(more.into_iter().flatten())
    }
}
