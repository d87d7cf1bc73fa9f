use bytes::Bytes;
use http::HeaderValue;

use super::{EntityTag, TagKey};

/// The hash of several texts, each behind its length, so that no two lists of texts give the same input.
pub(super) struct TagHash(blake3::Hasher);

impl TagHash {
    /// The purpose is the first text, so that tags for different purposes differ.
    pub(super) fn new(key: Option<&TagKey>, purpose: &str) -> Self {
        let hasher = match key {
            None => blake3::Hasher::new(),
            Some(key) => blake3::Hasher::new_keyed(key.as_bytes()),
        };
        let mut hash = Self(hasher);
        hash.add(purpose.as_bytes());
        hash
    }

    pub(super) fn add(&mut self, text: &[u8]) {
        self.0.update(&(text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    pub(super) fn to_bytes(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }

    pub(super) fn to_tag(&self) -> EntityTag {
        EntityTag::from_hash(&self.0.finalize())
    }
}

impl EntityTag {
    /// The length of the tag of a hash: 64 digits in quotes.
    pub(crate) const LENGTH_OF_HASHED: usize = 66;

    /// Makes the strong tag of a hash: its hexadecimal digits.
    pub(crate) fn from_hash(hash: &blake3::Hash) -> Self {
        Self::from_valid(&text_of(hash))
    }

    /// The same in memory that is no longer needed.
    pub(crate) fn from_hash_in(mut memory: Vec<u8>, hash: &blake3::Hash) -> Self {
        memory.clear();
        memory.extend_from_slice(&text_of(hash));
        let value = HeaderValue::from_maybe_shared(Bytes::from(memory));
        Self(value.expect("an entity tag is a valid field value"))
    }
}

fn text_of(hash: &blake3::Hash) -> [u8; EntityTag::LENGTH_OF_HASHED] {
    let mut tag = [b'"'; EntityTag::LENGTH_OF_HASHED];
    if let Some(opaque) = tag.get_mut(1..65) {
        opaque.copy_from_slice(hash.to_hex().as_bytes());
    }
    tag
}
