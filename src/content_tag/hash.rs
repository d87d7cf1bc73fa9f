use http::{HeaderMap, header};

use crate::validator::EntityTag;

/// The fields that say what the content means, in the order of hashing.
const COVERED: [header::HeaderName; 2] = [header::CONTENT_TYPE, header::CONTENT_ENCODING];

/// The hash of content that arrives in frames.
///
/// Boxed: it takes two kilobytes, and most futures never need one.
#[derive(Default)]
pub(super) struct ContentHash(Box<blake3::Hasher>);

impl ContentHash {
    /// Adds the next bytes. How they are split does not matter.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the tag of this content with these fields.
    ///
    /// It hashes the covered fields and the hash of the content. The number of lines and the length of each
    /// line go in first, so that different responses never give the same input. The content has a hash of its
    /// own, because BLAKE3 is fastest if frames start at multiples of 1 KiB.
    pub(super) fn entity_tag(&self, headers: &HeaderMap) -> EntityTag {
        let mut hasher = blake3::Hasher::new();
        for name in &COVERED {
            let lines = headers.get_all(name);
            hasher.update(&number(lines.iter().count()));
            for line in lines {
                hasher.update(&number(line.len()));
                hasher.update(line.as_bytes());
            }
        }
        hasher.update(self.0.finalize().as_bytes());
        EntityTag::from_hash(&hasher.finalize())
    }
}

fn number(number: usize) -> [u8; 8] {
    (number as u64).to_le_bytes()
}
