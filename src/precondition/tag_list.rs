use super::condition::Condition;
use super::field_lines::FieldLines;
use super::malformed::MalformedField;
use crate::validator::{EntityTag, Expected, SyntaxError, TagRef, scan};

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
/// use tower_precondition::{EntityTag, ConditionalFields};
///
/// let mut headers = HeaderMap::new();
/// headers.append(header::IF_MATCH, HeaderValue::from_static("\"a,b\", ,"));
/// headers.append(header::IF_MATCH, HeaderValue::from_static("W/\"c\""));
///
/// let list = ConditionalFields::from_headers(&headers).if_match().unwrap();
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
    /// The example of [`TagList`] shows it.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn is_any(&self) -> Result<bool, MalformedField> {
        self.read(|_| {}).map(|members| members == Members::Any)
    }

    /// Whether a tag of the list equals `tag` by strong comparison. `*` is no tag.
    ///
    /// The example of [`TagList`] shows it.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn strong_match(&self, tag: &EntityTag) -> Result<bool, MalformedField> {
        self.any_tag(|listed| listed.strong_eq(tag.as_tag_ref()))
    }

    /// Whether a tag of the list equals `tag` by weak comparison. `*` is no tag.
    ///
    /// The example of [`TagList`] shows it.
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
    /// The example of [`TagList`] shows it.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn to_tags(&self) -> Result<Vec<EntityTag>, MalformedField> {
        let mut tags = Vec::new();
        self.read(|listed| tags.push(listed.to_tag()))?;
        Ok(tags)
    }

    /// Whether the field is this one tag and nothing else, in the very octets: the usual
    /// case, a client that sends back what it got.
    pub(crate) fn is_just(&self, tag: &EntityTag) -> bool {
        self.lines.single() == Some(tag.as_header_value())
    }

    /// Reads the field to its end and shows each of its tags.
    #[inline]
    pub(crate) fn read(&self, mut each: impl FnMut(TagRef<'a>)) -> Result<Members, MalformedField> {
        match self.lines {
            FieldLines::None => {}
            FieldLines::One(line) => {
                let line = line.as_bytes();
                if line.first() != Some(&b'"') && line.trim_ascii() == b"*" {
                    return Ok(Members::Any);
                }
                read_line(line, &mut each).map_err(|syntax| self.malformed(0, syntax))?;
            }
            FieldLines::Several(headers, condition) => {
                for (number, line) in headers.get_all(condition.field()).into_iter().enumerate() {
                    read_line(line.as_bytes(), &mut each).map_err(|syntax| self.malformed(number, syntax))?;
                }
            }
        }
        Ok(Members::Tags)
    }

    #[cold]
    fn malformed(&self, line: usize, syntax: SyntaxError) -> MalformedField {
        let SyntaxError { offset, expected, found } = syntax;
        MalformedField { condition: self.condition, line, offset, expected, found }
    }
}

/// Reads one line of a list to its end.
#[inline(always)]
fn read_line<'a>(line: &'a [u8], each: &mut impl FnMut(TagRef<'a>)) -> Result<(), SyntaxError> {
    let mut at = 0;
    let mut separated = true;
    // Comparisons in the order of their likelihood: a `match` would become a jump through a table.
    while let Some(&octet) = line.get(at) {
        if octet == b',' {
            separated = true;
            at += 1;
        } else if octet == b' ' || octet == b'\t' {
            at += 1;
        } else if separated && octet != b'*' {
            let rest = line.get(at..).unwrap_or_default();
            let (tag, length) = match scan(rest) {
                Ok(scanned) => scanned,
                Err(error) => return Err(error.behind(at)),
            };
            each(tag);
            separated = false;
            at += length;
        } else {
            let expected = if octet == b'*' { Expected::StarAlone } else { Expected::Comma };
            return Err(SyntaxError { offset: at, expected, found: Some(octet) });
        }
    }
    Ok(())
}

/// What a field was found to consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Members {
    /// `*`, alone.
    Any,
    /// Entity tags, or none at all: a list without members matches nothing.
    Tags,
}
