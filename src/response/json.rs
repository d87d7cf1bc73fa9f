use std::fmt::{self, Display, Write};

use bytes::Bytes;
use http::StatusCode;

use super::{content::Content, members::Members};
use crate::representation::ExtensionValue;

/// A JSON object (RFC 8259), written member by member.
#[derive(Default)]
pub(super) struct JsonObject {
    content: Content,
    has_members: bool,
}

impl JsonObject {
    pub(super) fn take_bytes(&mut self) -> Bytes {
        self.content.push(if self.has_members { "}" } else { "{}" });
        self.content.take_bytes()
    }

    pub(super) fn status(&mut self, name: &str, status: StatusCode) {
        self.name(name);
        self.content.push(status.as_str());
    }

    #[inline]
    fn begin(&mut self) {
        self.content.push(if self.has_members { ",\"" } else { "{\"" });
        self.has_members = true;
    }

    /// Begins a member whose name needs no escapes.
    #[inline]
    fn name(&mut self, name: &str) {
        self.begin();
        self.content.push(name);
        self.content.push("\":");
    }

    /// Writes a member whose name needs no escapes, and whose value is text.
    #[inline]
    fn text(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.begin();
        self.content.push(name);
        self.content.push("\":\"");
        write(self);
        self.content.push("\"");
    }

    fn quoted(&mut self, write: impl FnOnce(&mut Self)) {
        self.content.push("\"");
        write(self);
        self.content.push("\"");
    }

    fn escaped(&mut self, text: &[u8]) {
        let mut rest = text;
        loop {
            let (plain, behind) = rest.split_at(plain_length(rest));
            if !plain.is_empty() {
                self.content.push(plain);
            }
            let Some((special, behind)) = behind.split_first() else { return };
            self.escape(*special);
            rest = behind;
        }
    }

    fn escaped_display(&mut self, text: impl Display) {
        write!(Escaped(self), "{text}").expect("memory takes any text");
    }

    fn escape(&mut self, special: u8) {
        match special {
            b'"' => self.content.push("\\\""),
            b'\\' => self.content.push("\\\\"),
            0x08 => self.content.push("\\b"),
            b'\t' => self.content.push("\\t"),
            b'\n' => self.content.push("\\n"),
            0x0C => self.content.push("\\f"),
            b'\r' => self.content.push("\\r"),
            _ => self.content.write(format_args!("\\u{special:04x}")),
        }
    }
}

/// Returns how many bytes a JSON string can hold as they are, up to the first that it cannot.
fn plain_length(text: &[u8]) -> usize {
    let mut length = 0;
    // Eight bytes at a time.
    while let Some(octets) = text.get(length..).and_then(<[u8]>::first_chunk::<8>) {
        let special = special_of(u64::from_le_bytes(*octets));
        if special != 0 {
            return length + (special.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let rest = text.get(length..).unwrap_or_default();
    length + rest.iter().take_while(|octet| !matches!(octet, b'"' | b'\\' | ..=0x1F)).count()
}

/// Returns a number whose lowest set bit is the highest bit of the first byte that a JSON string cannot hold.
///
/// A borrow can set bits beyond that one alone.
const fn special_of(octets: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let control = octets.wrapping_sub(ONES * b' ' as u64);
    let quote = (octets ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (octets ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (control | quote | backslash) & !octets & HIGH
}

impl Members for JsonObject {
    #[inline]
    fn known(&mut self, name: &str, text: &str) {
        self.text(name, |json| json.content.push(text));
    }

    #[inline]
    fn printable(&mut self, name: &str, text: &[u8]) {
        self.text(name, |json| json.escaped(text));
    }

    fn display(&mut self, name: &str, text: impl Display) {
        self.text(name, |json| json.escaped_display(&text));
    }

    fn plain(&mut self, name: &str, value: impl Display) {
        self.name(name);
        self.content.write(value);
    }

    fn list(&mut self, name: &str, texts: impl Iterator<Item: Display>) {
        self.name(name);
        let mut opening = "[";
        for text in texts {
            self.content.push(opening);
            self.quoted(|json| json.escaped_display(&text));
            opening = ",";
        }
        self.content.push(if opening == "[" { "[]" } else { "]" });
    }

    fn added(&mut self, name: &str, value: &ExtensionValue) {
        self.begin();
        self.escaped(name.as_bytes());
        self.content.push("\":");
        match value.as_text() {
            Some(text) => self.quoted(|json| json.escaped(text.as_bytes())),
            None => self.content.write(value),
        }
    }
}

/// Escapes what a formatter writes.
struct Escaped<'a>(&'a mut JsonObject);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.escaped(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::JsonObject;
    use crate::{representation::ExtensionValue, response::members::Members};

    fn object_with(name: &str, value: impl Into<ExtensionValue>) -> String {
        let mut object = JsonObject::default();
        object.added(name, &value.into());
        String::from_utf8(object.take_bytes().into()).expect("text of text")
    }

    #[test]
    fn any_letter_at_any_place_is_written_as_serde_json_writes_it() {
        for letter in ('\0'..='\u{100}').chain(['\u{2028}', '…', '\u{10FFFF}']) {
            for length in 0..18 {
                for place in 0..=length {
                    let text = format!("{}{letter}{}", "a".repeat(place), "é".repeat(length - place));
                    let expected = serde_json::json!({ &text: text });
                    assert_eq!(object_with(&text, text.clone()), expected.to_string());
                }
            }
        }
    }

    #[test]
    fn specials_in_a_row_are_all_escaped() {
        let text = "\"\"\\\n\"a\"\u{1}\"abcdefg\"\"";
        assert_eq!(object_with(text, text), serde_json::json!({ text: text }).to_string());
    }

    #[test]
    fn numbers_and_booleans_stand_without_quotes() {
        for (value, expected) in [
            (ExtensionValue::from(i64::MIN), "{\"a\":-9223372036854775808}"),
            (ExtensionValue::from(u64::MAX), "{\"a\":18446744073709551615}"),
            (ExtensionValue::from(true), "{\"a\":true}"),
        ] {
            assert_eq!(object_with("a", value), expected);
        }
    }

    #[test]
    fn members_stand_between_commas() {
        let mut object = JsonObject::default();
        object.known("a", "b");
        object.list("c", ["d\"", "e"].into_iter());
        object.list("f", [""; 0].into_iter());
        object.display("g", format_args!("\"{}", 1));
        assert_eq!(object.take_bytes(), r#"{"a":"b","c":["d\"","e"],"f":[],"g":"\"1"}"#);
        assert_eq!(JsonObject::default().take_bytes(), "{}");
    }
}
