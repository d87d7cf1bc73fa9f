use std::{error, fmt};

use crate::validator::Found;

/// The error for a malformed `If`.
///
/// Names the byte, what was expected there and what was found.
///
/// ```
/// use http::HeaderValue;
/// use tower_precondition::webdav::IfField;
///
/// let value = HeaderValue::from_static("(<urn:uuid:1> Not)");
/// let error = IfField::parse(&value).unwrap_err();
/// assert_eq!((error.offset(), error.found()), (17, Some(b')')));
/// assert_eq!(
///     error.to_string(),
///     "If: expected a state token in `<>` or an entity tag in `[]` at offset 17, found `)`",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedIf {
    line: usize,
    offset: usize,
    expected: Expected,
    found: Option<u8>,
}

/// What the reader expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// At the start.
    ListOrTag,
    /// Behind a resource tag.
    List,
    /// Behind an untagged list.
    ListOrEnd,
    /// Behind a tagged list.
    ListTagOrEnd,
    /// At the start of a list.
    Condition,
    /// Further on in a list.
    ConditionOrEnd,
    /// Behind `Not`.
    StateOrTag,
    /// In a state token.
    AbsoluteUri,
    /// In a resource tag.
    Resource,
    /// In a URI behind `%`.
    HexDigit,
    ClosingAngle,
    EntityTag,
    ClosingQuote,
    ClosingBracket,
    /// The field has one line.
    OneLine,
}

impl Expected {
    fn as_str(self) -> &'static str {
        match self {
            Self::ListOrTag => "a list in `()` or a resource in `<>`",
            Self::List => "a list in `()`",
            Self::ListOrEnd => "a list in `()` or the end, since the lists before have no resource tag",
            Self::ListTagOrEnd => "a list in `()`, a resource in `<>` or the end",
            Self::Condition => "`Not`, a state token in `<>` or an entity tag in `[]`",
            Self::ConditionOrEnd => "`Not`, a state token in `<>`, an entity tag in `[]` or `)`",
            Self::StateOrTag => "a state token in `<>` or an entity tag in `[]`",
            Self::AbsoluteUri => "an absolute URI",
            Self::Resource => "an absolute URI or an absolute path",
            Self::HexDigit => "a hexadecimal digit",
            Self::ClosingAngle => "a character of a URI or `>`",
            Self::EntityTag => "an entity tag in double quotes",
            Self::ClosingQuote => "the closing quote of the entity tag",
            Self::ClosingBracket => "`]`",
            Self::OneLine => "one line of the field",
        }
    }
}

impl MalformedIf {
    #[cold]
    pub(super) fn new(text: &[u8], offset: usize, expected: Expected) -> Self {
        Self { line: 0, offset, expected, found: text.get(offset).copied() }
    }

    /// §10.4.2: the field is not a list, so a second line has no meaning.
    #[cold]
    pub(super) fn second_line(line: &[u8]) -> Self {
        Self { line: 1, offset: 0, expected: Expected::OneLine, found: line.first().copied() }
    }

    /// Returns the line of the field, counted from 0. A second line is always the error.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the byte offset in that line, counted from 0.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns what the reader expected there, in words.
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

impl fmt::Display for MalformedIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("If")?;
        if self.line > 0 {
            write!(f, ", line {}", self.line + 1)?;
        }
        write!(f, ": expected {} at offset {}, found {}", self.expected(), self.offset, Found(self.found))
    }
}

impl error::Error for MalformedIf {}
