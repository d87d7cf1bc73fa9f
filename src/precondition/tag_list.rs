use super::{Condition, MalformedField, fields::FieldLines};
use crate::{
    header_map::all_lines,
    validator::{EntityTag, Expected, SyntaxError, TagRef, scan},
};

/// The value of If-Match or If-None-Match: `*`, or a list of entity tags.
///
/// A view over every line of the field; several lines are one list. Each method reads the whole
/// field, so a field that is malformed anywhere is an error from every method. Only
/// [`to_tags`](Self::to_tags) allocates.
///
/// # ABNF
///
/// ```text
/// If-Match      = "*" / [ ( "," / entity-tag ) *( OWS "," [ OWS entity-tag ] ) ]
/// If-None-Match = "*" / [ ( "," / entity-tag ) *( OWS "," [ OWS entity-tag ] ) ]
/// ```
///
/// Empty members are skipped, however many there are (RFC 9110 §5.6.1.2). A list without tags matches
/// nothing. `*` with anything beside it, on the same line or on another, is malformed.
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
/// use tower_precondition::{ConditionalFields, EntityTag};
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
/// # Ok::<(), tower_precondition::precondition::MalformedField>(())
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

    /// Returns whether the field is `*`, which names any current representation.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn is_any(&self) -> Result<bool, MalformedField> {
        self.read_inlined(|_| {}).map(|members| members == Members::Any)
    }

    /// Returns whether a listed tag equals `tag` by strong comparison. `*` is not a tag.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn strong_match(&self, tag: &EntityTag) -> Result<bool, MalformedField> {
        self.any_tag(|listed| listed.strong_eq(tag.as_tag_ref()))
    }

    /// Returns whether a listed tag equals `tag` by weak comparison. `*` is not a tag.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn weak_match(&self, tag: &EntityTag) -> Result<bool, MalformedField> {
        self.any_tag(|listed| listed.weak_eq(tag.as_tag_ref()))
    }

    fn any_tag(&self, matches: impl Fn(TagRef<'_>) -> bool) -> Result<bool, MalformedField> {
        let mut found = false;
        self.read(&mut |listed| found = found || matches(listed))?;
        Ok(found)
    }

    /// Copies the tags out of the list, in order. Returns an empty vector for `*`.
    ///
    /// # Errors
    ///
    /// If the field is malformed.
    pub fn to_tags(&self) -> Result<Vec<EntityTag>, MalformedField> {
        let mut tags = Vec::new();
        self.read(&mut |listed| tags.push(listed.to_tag()))?;
        Ok(tags)
    }

    /// Returns whether the field is exactly this tag, byte for byte.
    ///
    /// This is the usual case: a client sends back the tag that it received.
    pub(super) fn is_just(&self, tag: &EntityTag) -> bool {
        self.lines.single() == Some(tag.as_header_value())
    }

    /// Reads the field to its end and calls `each` with every tag.
    ///
    /// It is compiled once. Each copy of [`Self::read_inlined`] adds 2.5 KB to a program.
    #[inline(never)]
    pub(crate) fn read(&self, each: &mut dyn FnMut(TagRef<'a>)) -> Result<Members, MalformedField> {
        self.read_inlined(each)
    }

    /// The same for the two readers that every conditional request has.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn read_inlined(&self, mut each: impl FnMut(TagRef<'a>)) -> Result<Members, MalformedField> {
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
                for (number, line) in all_lines(headers, condition.field()).into_iter().enumerate() {
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

/// Reads one line of a list to its end and calls `each` with every tag.
// Saves 850 instructions of a list of 100 tags.
#[cfg_attr(not(debug_assertions), inline(always))]
fn read_line<'a>(line: &'a [u8], each: &mut impl FnMut(TagRef<'a>)) -> Result<(), SyntaxError> {
    let mut at = 0;
    let mut separated = true;
    // Most likely first; a `match` would compile to a jump table.
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

/// The two forms of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Members {
    /// `*`, alone.
    Any,
    /// Entity tags. A list without any matches nothing.
    Tags,
}
