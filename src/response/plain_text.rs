use std::fmt::{self, Display, Write};

use bytes::Bytes;

use super::{content::Content, members::Members};
use crate::{decision::Rejection, representation::ExtensionValue};

/// A line of text, then a line for each member.
pub(super) struct PlainText {
    content: Content,
}

impl PlainText {
    pub(super) fn headed(rejection: &Rejection) -> Self {
        let mut lines = Self { content: Content::default() };
        let status = rejection.kind().status();
        lines.content.push(status.as_str());
        for part in [" ", status.canonical_reason().unwrap_or_default(), ": "] {
            lines.content.push(part);
        }
        match rejection.fixed_text() {
            Some(text) => lines.content.push(text),
            // It may repeat what the client sent.
            None => lines.display_on_one_line(rejection),
        }
        lines.content.push("\n");
        lines
    }

    pub(super) fn take_bytes(&mut self) -> Bytes {
        self.content.take_bytes()
    }

    /// Writes text without control characters, so that no value can start a line that looks like another member.
    fn on_one_line(&mut self, text: &str) {
        // Fast path: the compiler tests many bytes at once.
        if text.bytes().fold(true, |all, octet| all & matches!(octet, b' '..=b'~')) {
            return self.content.push(text);
        }
        for letter in text.chars() {
            match letter.is_control() {
                true => self.content.write(letter.escape_default()),
                false => self.content.push(letter.encode_utf8(&mut [0; 4])),
            }
        }
    }

    fn display_on_one_line(&mut self, text: impl Display) {
        write!(OnOneLine(self), "{text}").expect("memory takes any text");
    }

    fn line(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.on_one_line(name);
        self.content.push(": ");
        write(self);
        self.content.push("\n");
    }
}

impl Members for PlainText {
    fn known(&mut self, name: &str, text: &str) {
        self.line(name, |lines| lines.content.push(text));
    }

    fn printable(&mut self, name: &str, text: &[u8]) {
        self.line(name, |lines| lines.content.push(text));
    }

    fn display(&mut self, name: &str, text: impl Display) {
        self.line(name, |lines| lines.display_on_one_line(&text));
    }

    fn plain(&mut self, name: &str, value: impl Display) {
        self.display(name, value);
    }

    fn list(&mut self, name: &str, texts: impl Iterator<Item: Display>) {
        self.line(name, |lines| {
            for (number, text) in texts.enumerate() {
                lines.content.push(if number == 0 { "" } else { "; " });
                lines.display_on_one_line(&text);
            }
        });
    }

    fn added(&mut self, name: &str, value: &ExtensionValue) {
        self.display(name, value);
    }
}

/// Keeps on one line what a formatter writes.
struct OnOneLine<'a>(&'a mut PlainText);

impl Write for OnOneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.on_one_line(text);
        Ok(())
    }
}
