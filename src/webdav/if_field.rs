use std::{borrow::Cow, fmt};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    MalformedIf,
    reader::{Reader, Step},
};
use crate::validator::{EntityTag, parse};

/// The name of the field.
pub(crate) const IF: HeaderName = HeaderName::from_static("if");

/// A well-formed `If` field.
///
/// A view over the field's line. Iterating over it reads the line again and allocates nothing.
///
/// # ABNF
///
/// ```text
/// If           = 1*( List ) / 1*( Resource-Tag 1*( List ) )
/// Resource-Tag = "<" ( absolute-URI / path-absolute [ "?" query ] ) ">"
/// List         = "(" 1*( Condition ) ")"
/// Condition    = [ "Not" ] ( "<" absolute-URI ">" / "[" entity-tag "]" )
/// ```
///
/// Spaces and tabs may stand anywhere but inside the angle and square brackets. `Not` has no case. An entity tag is
/// one of RFC 2616, so a space may stand in it; such a tag matches nothing.
///
/// # Example
///
/// ```
/// use http::HeaderValue;
/// use tower_precondition::webdav::IfField;
///
/// let value = HeaderValue::from_static("</a> (<urn:uuid:1> [\"x\"]) </b> (Not [\"y\"])");
/// let field = IfField::parse(&value)?;
/// let lists: Vec<_> = field.lists().collect();
/// assert_eq!(lists[0].resource(), Some("/a"));
/// assert_eq!(lists[0].conditions().count(), 2);
/// assert!(lists[1].conditions().all(|condition| condition.is_negated()));
/// assert!(field.tokens().eq(["urn:uuid:1"]));
/// # Ok::<(), tower_precondition::webdav::MalformedIf>(())
/// ```
#[derive(Clone, Copy)]
pub struct IfField<'a> {
    text: &'a [u8],
}

impl<'a> IfField<'a> {
    /// Reads the field from a request's header map. Returns `None` if the request does not carry it.
    ///
    /// # Errors
    ///
    /// If the field is malformed, or has several lines.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue};
    /// # use tower_precondition::webdav::IfField;
    /// let mut headers = HeaderMap::new();
    /// assert!(IfField::from_headers(&headers).is_none());
    /// headers.append("if", HeaderValue::from_static("(<urn:uuid:1>)"));
    /// assert!(IfField::from_headers(&headers).unwrap().is_ok());
    /// headers.append("if", HeaderValue::from_static("(<urn:uuid:2>)"));
    /// assert!(IfField::from_headers(&headers).unwrap().is_err());
    /// ```
    #[must_use]
    pub fn from_headers(headers: &'a HeaderMap) -> Option<Result<Self, MalformedIf>> {
        let mut lines = headers.get_all(IF).into_iter();
        let line = lines.next()?;
        Some(match lines.next() {
            None => Self::parse(line),
            Some(second) => Err(MalformedIf::second_line(second.as_bytes())),
        })
    }

    /// Reads the field from its only line.
    ///
    /// # Errors
    ///
    /// If the line is malformed.
    pub fn parse(line: &'a HeaderValue) -> Result<Self, MalformedIf> {
        let text = line.as_bytes();
        let mut reader = Reader::new(text);
        while reader.step()?.is_some() {}
        Ok(Self { text })
    }

    /// Takes a line that was read before.
    pub(crate) fn well_formed(line: &'a HeaderValue) -> Self {
        Self { text: line.as_bytes() }
    }

    /// Iterates over the lists, in order.
    pub fn lists(&self) -> impl Iterator<Item = IfList<'a>> + use<'a> {
        let mut reader = Reader::new(self.text);
        let mut resource = None;
        std::iter::from_fn(move || {
            loop {
                match reader.step().ok().flatten()? {
                    Step::Resource(named) => resource = Some(named),
                    Step::ListStart => return Some(IfList { resource, reader }),
                    // The conditions of the list that was returned before.
                    Step::Condition(_) | Step::ListEnd => {}
                }
            }
        })
    }

    /// Iterates over the state tokens of all lists, in order: every token counts as submitted (§10.4.1).
    pub fn tokens(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut reader = Reader::new(self.text);
        let steps = std::iter::from_fn(move || reader.step().ok().flatten());
        steps.filter_map(|step| match step {
            Step::Condition(condition) => condition.token,
            _ => None,
        })
    }
}

impl fmt::Debug for IfField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IfField({self})")
    }
}

/// The field in its shortest usual form: one space between lists and between conditions.
impl fmt::Display for IfField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reader = Reader::new(self.text);
        let mut separator = "";
        while let Some(step) = reader.step().ok().flatten() {
            match step {
                Step::Resource(resource) => write!(f, "{separator}<{resource}>")?,
                Step::ListStart => write!(f, "{separator}(")?,
                Step::Condition(condition) => write!(f, "{separator}{condition}")?,
                Step::ListEnd => f.write_str(")")?,
            }
            separator = if matches!(step, Step::ListStart) { "" } else { " " };
        }
        Ok(())
    }
}

/// One list of the field. It holds if all its conditions do.
#[derive(Clone, Copy, Debug)]
pub struct IfList<'a> {
    resource: Option<&'a str>,
    /// Stands behind the `(`.
    reader: Reader<'a>,
}

impl<'a> IfList<'a> {
    /// Returns the resource tag that the list stands under, or `None` if it is about the request's target.
    #[must_use]
    pub fn resource(&self) -> Option<&'a str> {
        self.resource
    }

    /// Iterates over the conditions, in order. There is at least one.
    pub fn conditions(&self) -> impl Iterator<Item = IfCondition<'a>> + use<'a> {
        let mut reader = self.reader;
        std::iter::from_fn(move || match reader.step() {
            Ok(Some(Step::Condition(condition))) => Some(condition),
            _ => None,
        })
    }
}

/// One condition: a state token or an entity tag, which the resource must have, or must not have after `Not`.
#[derive(Clone, Copy)]
pub struct IfCondition<'a> {
    pub(super) negated: bool,
    /// Either a token or a tag is there.
    pub(super) token: Option<&'a str>,
    pub(super) tag: Option<&'a [u8]>,
    pub(super) text: &'a [u8],
    pub(super) offset: usize,
}

impl<'a> IfCondition<'a> {
    /// Returns whether `Not` stands in front.
    #[must_use]
    pub fn is_negated(&self) -> bool {
        self.negated
    }

    /// Returns the state token, without its angle brackets.
    #[must_use]
    pub fn token(&self) -> Option<&'a str> {
        self.token
    }

    /// Returns the entity tag as it was sent, without its square brackets.
    #[must_use]
    pub fn entity_tag(&self) -> Option<&'a [u8]> {
        self.tag
    }

    /// Returns the byte offset in the line, counted from 0.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns whether the entity tag is this one, by weak comparison.
    pub(super) fn names_tag(&self, current: &EntityTag) -> bool {
        // A tag with a space in it is none of RFC 9110, and current tags are all of RFC 9110.
        let named = self.tag.and_then(|tag| parse(tag).ok());
        named.is_some_and(|named| named.weak_eq(current.as_tag_ref()))
    }
}

/// The condition as one would write it. Octets that are not UTF-8 are replaced.
impl fmt::Display for IfCondition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("Not ")?;
        }
        match (self.token, self.tag) {
            (Some(token), _) => write!(f, "<{token}>"),
            (None, tag) => write!(f, "[{}]", lossy(tag.unwrap_or_default())),
        }
    }
}

impl fmt::Debug for IfCondition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IfCondition({})", lossy(self.text))
    }
}

fn lossy(text: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(text)
}
