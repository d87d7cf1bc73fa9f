use http::{HeaderMap, header};

use crate::validator::EntityTag;

/// The fields that say what the content means, in the order of hashing.
const COVERED: [header::HeaderName; 2] = [header::CONTENT_TYPE, header::CONTENT_ENCODING];

/// The hash of content that arrives in frames.
///
/// It begins with the second frame: most content comes in one, which is then hashed at its end, without memory.
#[derive(Default)]
pub(super) struct ContentHash {
    /// Boxed: it takes two kilobytes.
    begun: Option<Box<blake3::Hasher>>,
}

impl ContentHash {
    /// Adds the next bytes. `first` returns the bytes that came before them, if any did; it is called until it does.
    pub(super) fn update<'a>(&mut self, first: impl FnOnce() -> Option<&'a [u8]>, next: &[u8]) {
        match &mut self.begun {
            Some(hasher) => drop(hasher.update(next)),
            None => {
                if let Some(first) = first() {
                    self.begun.insert(Box::default()).update(first).update(next);
                }
            }
        }
    }

    /// Returns the tag of this content with these fields. `first` returns the content if it came in one frame.
    ///
    /// It hashes the covered fields and the hash of the content. The number of lines and the length of each
    /// line go in first, so that different responses never give the same input. The content has a hash of its
    /// own, because BLAKE3 is fastest if frames start at multiples of 1 KiB.
    pub(super) fn entity_tag<'a>(
        &self,
        first: impl FnOnce() -> Option<&'a [u8]>,
        headers: &HeaderMap,
    ) -> EntityTag {
        let content = match &self.begun {
            Some(hasher) => hasher.finalize(),
            None => blake3::hash(first().unwrap_or_default()),
        };
        // The input takes the memory that the tag will take: usual fields fit.
        let mut input = Vec::with_capacity(EntityTag::LENGTH_OF_HASHED);
        for name in &COVERED {
            let lines = headers.get_all(name);
            push_number(&mut input, lines.iter().count());
            for line in lines {
                push_number(&mut input, line.len());
                input.extend_from_slice(line.as_bytes());
            }
        }
        input.extend_from_slice(content.as_bytes());
        let hash = blake3::hash(&input);
        EntityTag::from_hash_in(input, &hash)
    }
}

/// Adds a number in LEB128: seven bits in each byte, the lowest first, and the highest bit if a byte follows.
fn push_number(input: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        input.push(number as u8 | 0x80);
        number >>= 7;
    }
    input.push(number as u8);
}
