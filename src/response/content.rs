use std::io;

use bytes::Bytes;

/// Most problems are shorter, so that their content takes one allocation, of its own length.
const USUAL_BYTES: usize = 512;

/// Content as it is written, before its length is known.
pub(super) struct Content {
    start: [u8; USUAL_BYTES],
    length: usize,
    /// All of it, if it does not fit into `start`.
    long: Vec<u8>,
}

impl Default for Content {
    fn default() -> Self {
        Self { start: [0; USUAL_BYTES], length: 0, long: Vec::new() }
    }
}

impl Content {
    pub(super) fn into_bytes(self) -> Bytes {
        match self.long.is_empty() {
            true => Bytes::copy_from_slice(self.short()),
            false => self.long.into_boxed_slice().into(),
        }
    }
}

impl Content {
    fn short(&self) -> &[u8] {
        self.start.get(..self.length).unwrap_or_default()
    }
}

impl io::Write for Content {
    #[inline]
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let end = self.length + text.len();
        match self.start.get_mut(self.length..end) {
            Some(free) if self.long.is_empty() => {
                free.copy_from_slice(text);
                self.length = end;
            }
            _ => {
                if self.long.is_empty() {
                    self.long = self.short().to_vec();
                }
                self.long.extend_from_slice(text);
            }
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Content, USUAL_BYTES};

    #[test]
    fn content_of_any_length_is_what_was_written() {
        for pieces in
            [&[][..], &[0], &[1], &[511, 1], &[512, 0, 0], &[511, 2], &[512, 1, 1], &[600], &[0, 513, 0, 9]]
        {
            let mut content = Content::default();
            let mut expected = Vec::new();
            for (octet, length) in (b'a'..).zip(pieces) {
                let piece = vec![octet; *length];
                content.write_all(&piece).expect("memory");
                expected.extend_from_slice(&piece);
            }
            assert_eq!(content.into_bytes(), expected, "{pieces:?} of {USUAL_BYTES}");
        }
    }
}
