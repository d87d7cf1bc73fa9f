use std::fmt;

/// Where a text is malformed, what the parser expected there, and what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) expected: Expected,
    pub(crate) found: Option<u8>,
}

impl SyntaxError {
    /// Adds `bytes` to the offset, for a text that starts inside another.
    pub(crate) fn behind(self, bytes: usize) -> Self {
        Self { offset: self.offset + bytes, ..self }
    }
}

/// What the parser expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    EntityTag,
    ClosingQuote,
    EndOfTag,
    Comma,
    StarAlone,
}

impl Expected {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::EntityTag => "an entity tag in double quotes",
            Self::ClosingQuote => "the closing quote of the entity tag",
            Self::EndOfTag => "the end of the entity tag",
            Self::Comma => "a comma or the end of the list",
            Self::StarAlone => "`*` alone or a list without it",
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The byte at which the parser stopped, or the end of its input.
pub(crate) struct Found(pub(crate) Option<u8>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("the end"),
            Some(b' ') => f.write_str("a space"),
            Some(octet) if octet.is_ascii_graphic() => write!(f, "`{}`", octet as char),
            Some(octet) => write!(f, "octet 0x{octet:02X}"),
        }
    }
}
