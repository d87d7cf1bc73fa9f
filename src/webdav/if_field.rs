use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    IfCondition, MalformedIf,
    reader::{Reader, Step},
};

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
