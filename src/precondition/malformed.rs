use std::{error, fmt};

use super::condition::Condition;
use crate::validator::{Expected, Found};

/// Why a conditional field of a request cannot be read.
///
/// Says which field, in which of its lines, at which octet, what was expected
/// there and what was found.
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
/// use tower_precondition::{Condition, ConditionalFields};
///
/// let mut headers = HeaderMap::new();
/// headers.append(header::IF_MATCH, HeaderValue::from_static("\"a\""));
/// headers.append(header::IF_MATCH, HeaderValue::from_static("\"b\", c"));
///
/// let error = ConditionalFields::from_headers(&headers).check().unwrap_err();
/// assert_eq!(error.condition(), Condition::IfMatch);
/// assert_eq!((error.line(), error.offset()), (1, 5));
/// assert_eq!(
///     error.to_string(),
///     "If-Match, line 2: expected an entity tag in double quotes at offset 5, found `c`",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedField {
    pub(crate) condition: Condition,
    pub(crate) line: usize,
    pub(crate) offset: usize,
    pub(crate) expected: Expected,
    pub(crate) found: Option<u8>,
}

impl MalformedField {
    /// The condition whose field is malformed.
    ///
    /// The example of [`MalformedField`] shows it.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.condition
    }

    /// The line of the field, counted from 0 in the order of the request.
    ///
    /// The example of [`MalformedField`] shows it.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The octet of that line, counted from 0.
    ///
    /// The example of [`MalformedField`] shows it.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What the field should have had there, in words.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("\"a"))]);
    /// let error = ConditionalFields::from_headers(&headers).check().unwrap_err();
    /// assert_eq!(error.expected(), "the closing quote of the entity tag");
    /// ```
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.expected.as_str()
    }

    /// The octet that was found there; `None` is the end of the line.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("a"))]);
    /// let error = ConditionalFields::from_headers(&headers).check().unwrap_err();
    /// assert_eq!(error.found(), Some(b'a'));
    /// ```
    #[must_use]
    pub fn found(&self) -> Option<u8> {
        self.found
    }
}

impl fmt::Display for MalformedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.condition)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line + 1)?;
        }
        let Self { expected, offset, found, .. } = self;
        write!(f, ": expected {expected} at offset {offset}, found {}", Found(*found))
    }
}

impl error::Error for MalformedField {}
