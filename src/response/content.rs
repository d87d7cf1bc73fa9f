use std::{fmt, mem};

use bytes::Bytes;

/// Most problems are shorter, so that their content takes one allocation, of its own length.
const USUAL_BYTES: usize = 512;

/// Content as it is written, before its length is known.
pub(super) struct Content {
    start: [u8; USUAL_BYTES],
    /// The bytes in `start`, or [`SPILLED`](Self::SPILLED).
    length: usize,
    /// All of it, if it did not fit into `start`.
    long: Vec<u8>,
}

impl Default for Content {
    fn default() -> Self {
        Self { start: [0; USUAL_BYTES], length: 0, long: Vec::new() }
    }
}

impl Content {
    /// No range of `start` begins here.
    const SPILLED: usize = USUAL_BYTES + 1;

    #[inline]
    pub(super) fn push(&mut self, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        let end = self.length + text.len();
        match self.start.get_mut(self.length..end) {
            Some(free) => {
                free.copy_from_slice(text);
                self.length = end;
            }
            None => self.push_long(text),
        }
    }

    #[cold]
    fn push_long(&mut self, text: &[u8]) {
        if let Some(short) = self.start.get(..self.length) {
            self.long = short.to_vec();
            self.length = Self::SPILLED;
        }
        self.long.extend_from_slice(text);
    }

    /// Takes what was written. By reference, because a move would copy the buffer.
    pub(super) fn take_bytes(&mut self) -> Bytes {
        match self.start.get(..self.length) {
            Some(short) => Bytes::copy_from_slice(short),
            None => mem::take(&mut self.long).into_boxed_slice().into(),
        }
    }

    /// Writes text that is not there yet.
    pub(super) fn write(&mut self, text: impl fmt::Display) {
        fmt::Write::write_fmt(self, format_args!("{text}")).expect("memory takes any text");
    }
}

impl fmt::Write for Content {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, USUAL_BYTES};

    #[test]
    fn content_of_any_length_is_what_was_written() {
        for pieces in
            [&[][..], &[0], &[1], &[511, 1], &[512, 0, 0], &[511, 2], &[512, 1, 1], &[600], &[0, 513, 0, 9]]
        {
            let mut content = Content::default();
            let mut expected = String::new();
            for (letter, length) in ('a'..).zip(pieces) {
                let piece = letter.to_string().repeat(*length);
                content.push(&piece);
                expected.push_str(&piece);
            }
            assert_eq!(content.take_bytes(), expected, "{pieces:?} of {USUAL_BYTES}");
        }
    }
}
