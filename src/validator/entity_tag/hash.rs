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
    /// Makes the strong tag of a hash: its 64 hexadecimal digits.
    pub(crate) fn from_hash(hash: &blake3::Hash) -> Self {
        let mut tag = [b'"'; 66];
        if let Some(opaque) = tag.get_mut(1..65) {
            opaque.copy_from_slice(hash.to_hex().as_bytes());
        }
        Self::from_valid(&tag)
    }
}
