use std::fmt;

use serde::Serialize;

use super::{
    EntityTag, InvalidTagValue,
    hash::TagHash,
    parts::{of_parts, of_unordered_parts},
    value::of_value,
};

/// A secret that makes tags tell nothing.
///
/// A tag of guessable content is an oracle: a client that sees the tag, or that learns by 304 and 412 whether a tag
/// is current, can compute the tags of its guesses. A version number tells how often something changed. With a key,
/// nobody else can compute a tag.
///
/// Its tags are as strong as those without a key. Every server of a resource needs the same key. If you change the
/// key, every tag changes: clients load their copies anew, and writes that are under way are 412 once.
///
/// # Example
///
/// ```
/// use tower_precondition::{EntityTag, TagKey};
///
/// let key = TagKey::new([7; 32]); // 32 random bytes, kept where secrets are
/// let tag = key.from_parts(["diagnosis", "none"]);
/// assert!(!tag.strong_eq(&EntityTag::from_parts(["diagnosis", "none"])));
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "content-tag")))]
#[derive(Clone)]
pub struct TagKey([u8; 32]);

impl TagKey {
    /// Takes 32 bytes that nobody can guess.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Makes the tag of several parts, in their order. See [`EntityTag::from_parts`].
    #[must_use]
    pub fn from_parts(&self, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> EntityTag {
        of_parts(Some(self), parts)
    }

    /// Makes the tag of several parts, whatever their order. See [`EntityTag::from_unordered_parts`].
    #[must_use]
    pub fn from_unordered_parts(&self, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> EntityTag {
        of_unordered_parts(Some(self), parts)
    }

    /// Makes the tag of a value. See [`EntityTag::from_value`].
    ///
    /// # Errors
    ///
    /// If the value cannot be serialized, or has an integer of more than 64 bits.
    pub fn from_value(&self, value: &(impl Serialize + ?Sized)) -> Result<EntityTag, InvalidTagValue> {
        of_value(Some(self), value)
    }

    /// Makes a tag of another one that tells nothing of it, and is as strong.
    ///
    /// ```
    /// # use tower_precondition::{EntityTag, TagKey};
    /// let key = TagKey::new([7; 32]);
    /// let tag = key.hide(&EntityTag::from_version(3));
    /// assert!(!tag.is_weak());
    /// assert!(!tag.strong_eq(&key.hide(&EntityTag::from_version(4))));
    /// ```
    #[must_use]
    pub fn hide(&self, tag: &EntityTag) -> EntityTag {
        let mut hash = TagHash::new(Some(self), "tag");
        hash.add(tag.opaque());
        match tag.is_weak() {
            true => hash.to_tag().into_weak(),
            false => hash.to_tag(),
        }
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// It does not show the secret.
impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TagKey").finish_non_exhaustive()
    }
}
