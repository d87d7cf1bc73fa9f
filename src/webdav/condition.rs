use std::{borrow::Cow, fmt};

use crate::validator::{EntityTag, parse};

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
