/// An entity tag (§8.8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Whether the tag starts with `W/`.
    pub weak: bool,
    /// The bytes between the quotes.
    pub opaque: Vec<u8>,
}

/// `etagc = %x21 / %x23-7E / obs-text`, and `obs-text = %x80-FF` (§8.8.3, §5.5).
pub fn is_etagc(byte: u8) -> bool {
    byte == 0x21 || (0x23..=0x7e).contains(&byte) || byte >= 0x80
}

impl Tag {
    /// Reads `entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE`, with nothing before or after it.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (weak, quoted) = match text.strip_prefix(b"W/") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let opaque = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        opaque.iter().all(|&byte| is_etagc(byte)).then(|| Self { weak, opaque: opaque.to_vec() })
    }

    /// Writes the tag as a field carries it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if self.weak {
            text.extend_from_slice(b"W/");
        }
        text.push(b'"');
        text.extend_from_slice(&self.opaque);
        text.push(b'"');
        text
    }

    /// Compares strongly: neither tag is weak, and the opaque bytes are equal (§8.8.3.2).
    pub fn strong_match(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Compares weakly: the opaque bytes are equal (§8.8.3.2).
    pub fn weak_match(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }
}
