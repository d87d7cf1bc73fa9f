use std::{error, fmt};

use super::condition::Condition;
use crate::validator::{Expected, Found};

/// The error for a malformed If-Match or If-None-Match.
///
/// Names the field, the line, the byte, what was expected there and what was found.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tower_precondition::{Condition, ConditionalFields};
///
/// let mut headers = HeaderMap::new();
/// headers.append(header::IF_MATCH, HeaderValue::from_static("\"a\""));
/// headers.append(header::IF_MATCH, HeaderValue::from_static("\"b\", c"));
///
/// let error = ConditionalFields::from_headers(&headers).check(&Method::PUT).unwrap_err();
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
    /// Returns the condition whose field is malformed.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.condition
    }

    /// Returns the line of the field, counted from 0 in the order of the request.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the byte offset in that line, counted from 0.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns what the parser expected there, in words.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.expected.as_str()
    }

    /// Returns the byte found there, or `None` at the end of the line.
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
