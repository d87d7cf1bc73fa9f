use http::{HeaderMap, header};

use crate::validator::EntityTag;

/// The fields that say what the octets of the content mean, in the order in which they are hashed.
const COVERED: [header::HeaderName; 2] = [header::CONTENT_TYPE, header::CONTENT_ENCODING];

/// The hash of content that arrives in pieces.
///
/// It stands behind a pointer because it takes two kilobytes, and most futures never need one.
#[derive(Default)]
pub(super) struct ContentHash(Box<blake3::Hasher>);

impl ContentHash {
    /// Adds what follows, however it is cut.
    pub(super) fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    /// The tag of this content under these fields.
    ///
    /// It is a hash of the covered fields and of the content's hash. Each field is written as the
    /// number of its lines, and each line as its length and its octets, so that it can be told
    /// where each ends: no two responses that differ in one of them have one input. The content is
    /// hashed for itself, since BLAKE3 is at its best where frames begin at multiples of 1 KiB.
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
        EntityTag::strong(hasher.finalize().to_hex().as_str()).expect("hexadecimal digits may stand in a tag")
    }
}

fn number(number: usize) -> [u8; 8] {
    (number as u64).to_le_bytes()
}
