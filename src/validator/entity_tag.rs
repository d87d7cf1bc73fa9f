mod file;
#[cfg(feature = "content-tag")]
mod hash;
#[cfg(feature = "content-tag")]
mod key;
mod number;
#[cfg(feature = "content-tag")]
mod parts;
#[cfg(feature = "content-tag")]
mod value;

pub use file::FileTag;
#[cfg(feature = "content-tag")]
pub use key::TagKey;
pub use number::TagNumber;
#[cfg(feature = "content-tag")]
pub use value::InvalidTagValue;

use std::{error, fmt, str::FromStr};

use http::HeaderValue;

use super::syntax::{Expected, Found, SyntaxError};

/// A valid entity tag, held as the header value that will be sent.
///
/// An entity tag is opaque text in double quotes that names one state of a resource. A tag with `W/` in front is
/// *weak*: it may stay the same if the content changes in a way that does not matter.
///
/// There is no `==`, because HTTP has two comparisons: [`strong_eq`](Self::strong_eq) and
/// [`weak_eq`](Self::weak_eq).
///
/// | left | right | strong | weak |
/// |---|---|---|---|
/// | `W/"1"` | `W/"1"` | no match | match |
/// | `W/"1"` | `W/"2"` | no match | no match |
/// | `W/"1"` | `"1"` | no match | match |
/// | `"1"` | `"1"` | match | match |
///
/// See [RFC 9110 §8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3).
///
/// | made of | by | strong because |
/// |---|---|---|
/// | a number, such as the version of a row | [`from_version`](Self::from_version), [`from_number`](Self::from_number) | you never use a number twice for one resource |
/// | a UUID, a hash, a timestamp | [`strong`](Self::strong), [`weak`](Self::weak) | you say so |
/// | a file's metadata | [`FileTag`] | the file was left alone for two seconds, and nobody sets times back |
/// | several parts: rows, user, language | `from_parts`, `from_unordered_parts` (feature `content-tag`) | every change changes a part |
/// | any value that can be serialized | `from_value` (feature `content-tag`) | the value has all that the response shows |
/// | another tag, to hide it | `TagKey` (feature `content-tag`) | the other one is |
/// | the content of a response | `EntityTagLayer` (feature `content-tag`) | it is a hash of every byte |
///
/// # ABNF
///
/// ```text
/// entity-tag = [ weak ] opaque-tag
/// weak       = %s"W/"
/// opaque-tag = DQUOTE *etagc DQUOTE
/// etagc      = %x21 / %x23-7E / obs-text
/// ```
///
/// # Example
///
/// ```
/// use tower_precondition::EntityTag;
///
/// const RELEASE: EntityTag = EntityTag::from_static("\"2024-06\"");
///
/// let row = EntityTag::from_version(7);
/// assert_eq!(row.to_string(), "\"7\"");
/// assert!(row.strong_eq(&"\"7\"".parse()?));
/// assert!(!row.weak_eq(&RELEASE));
/// # Ok::<(), tower_precondition::InvalidEntityTag>(())
/// ```
#[derive(Clone)]
pub struct EntityTag(HeaderValue);

impl EntityTag {
    /// Makes a tag of its full text, with quotes and `W/`. It copies nothing.
    ///
    /// # Panics
    ///
    /// If the text is not a valid entity tag of visible ASCII characters. In a `const` that is a compile error.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// const TAG: EntityTag = EntityTag::from_static("W/\"draft\"");
    /// assert!(TAG.is_weak());
    /// ```
    #[must_use]
    pub const fn from_static(tag: &'static str) -> Self {
        match parse(tag.as_bytes()) {
            Ok(_) => Self(HeaderValue::from_static(tag)),
            Err(_) => panic!("not a valid entity tag: quotes belong to it, spaces do not"),
        }
    }

    /// Makes a strong tag of the text between the quotes, such as a UUID, a hash or a timestamp.
    ///
    /// It is strong because you say so. The text must change with every change of what any client can see:
    ///
    /// - A UUID is strong if every write stores a new one.
    /// - A hash is strong if it covers the whole representation. A hash that can be forged, such as MD5 or CRC, is
    ///   weak where a client can choose the content.
    /// - A timestamp is strong if no two changes can share it: a column of microseconds, set by the database within
    ///   one row's lock, and a clock that never runs back. Otherwise count versions, or use [`weak`](Self::weak).
    ///
    /// [`opaque_str`](Self::opaque_str) gives the text back, for the compare-and-set.
    ///
    /// # Errors
    ///
    /// If the text contains a double quote, a space or a control character.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// assert_eq!(EntityTag::strong("v7")?.to_string(), "\"v7\"");
    /// assert!(EntityTag::strong("v 7").is_err());
    /// # Ok::<(), tower_precondition::InvalidEntityTag>(())
    /// ```
    pub fn strong(opaque: impl AsRef<[u8]>) -> Result<Self, InvalidEntityTag> {
        Self::quoted(b"\"", opaque.as_ref())
    }

    /// Makes a weak tag of the text between the quotes.
    ///
    /// # Errors
    ///
    /// If the text contains a double quote, a space or a control character.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// assert_eq!(EntityTag::weak("v7")?.to_string(), "W/\"v7\"");
    /// # Ok::<(), tower_precondition::InvalidEntityTag>(())
    /// ```
    pub fn weak(opaque: impl AsRef<[u8]>) -> Result<Self, InvalidEntityTag> {
        Self::quoted(b"W/\"", opaque.as_ref())
    }

    fn quoted(opening: &[u8], opaque: &[u8]) -> Result<Self, InvalidEntityTag> {
        let mut tag = Vec::with_capacity(opening.len() + opaque.len() + 1);
        tag.extend_from_slice(opening);
        tag.extend_from_slice(opaque);
        tag.push(b'"');
        parse(&tag)?;
        Ok(Self::from_valid(&tag))
    }

    /// Makes the strong tag of a version number, such as that of a database row.
    ///
    /// The number must change with every change of the representation. Never use a number twice for one
    /// resource, not even after the resource was deleted and created again.
    ///
    /// A tag must tell apart everything that one URL can answer with, for every user, language, media type and
    /// coding (RFC 9110 §8.8.1). A version of the row alone is not enough for a page that shows who reads it: if
    /// Ada's page and Grace's page are both `"7"`, a cache between them gives one the page of the other with a 304.
    /// Put what the page depends on into the tag, such as by `EntityTag::from_parts` (feature `content-tag`), and
    /// name the request header in [`with_vary`](crate::Validators::with_vary).
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// assert_eq!(EntityTag::from_version(42).to_string(), "\"42\"");
    /// ```
    #[must_use]
    pub fn from_version(version: u64) -> Self {
        // `u64::MAX` has 20 digits.
        let mut buffer = [b'"'; 22];
        let mut rest = version;
        let mut start = buffer.len() - 1;
        for digit in buffer.iter_mut().rev().skip(1) {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
            start -= 1;
            if rest == 0 {
                break;
            }
        }
        // The quote before the first digit is still there: 20 digits leave one place.
        Self::from_valid(buffer.get(start - 1..).unwrap_or_default())
    }

    /// Returns the version this tag was made from, if any. Use it for compare-and-set.
    ///
    /// It is the number of which [`from_version`](Self::from_version) makes exactly this tag.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// assert_eq!(EntityTag::from_version(42).version(), Some(42));
    /// assert_eq!(EntityTag::from_static("\"042\"").version(), None);
    /// assert_eq!(EntityTag::from_static("W/\"42\"").version(), None);
    /// ```
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        let TagRef { weak, opaque } = self.as_tag_ref();
        let number = match opaque {
            [b'0', _, ..] => None,
            // `parse` would accept a sign.
            digits if digits.iter().all(u8::is_ascii_digit) => std::str::from_utf8(digits).ok()?.parse().ok(),
            _ => None,
        };
        number.filter(|_| !weak)
    }

    fn from_valid(tag: &[u8]) -> Self {
        Self(HeaderValue::from_bytes(tag).expect("an entity tag is a valid field value"))
    }

    /// Returns whether the tag is weak.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// assert!(EntityTag::from_static("W/\"a\"").is_weak());
    /// assert!(!EntityTag::from_static("\"W/a\"").is_weak());
    /// ```
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.0.as_bytes().first() == Some(&b'W')
    }

    /// Compares strongly: equal bytes, and neither tag is weak (RFC 9110 §8.8.3.2).
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// let tag = EntityTag::from_static("\"a\"");
    /// assert!(tag.strong_eq(&tag));
    /// assert!(!tag.strong_eq(&EntityTag::from_static("W/\"a\"")));
    /// ```
    #[must_use]
    pub fn strong_eq(&self, other: &Self) -> bool {
        self.as_tag_ref().strong_eq(other.as_tag_ref())
    }

    /// Compares weakly: equal bytes between the quotes (RFC 9110 §8.8.3.2).
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// let tag = EntityTag::from_static("\"a\"");
    /// assert!(tag.weak_eq(&EntityTag::from_static("W/\"a\"")));
    /// assert!(!tag.weak_eq(&EntityTag::from_static("\"A\"")));
    /// ```
    #[must_use]
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.as_tag_ref().weak_eq(other.as_tag_ref())
    }

    /// Returns the bytes between the quotes.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// assert_eq!(EntityTag::from_static("W/\"a\"").opaque(), b"a");
    /// ```
    #[must_use]
    pub fn opaque(&self) -> &[u8] {
        self.as_tag_ref().opaque
    }

    /// Returns the text between the quotes, if it is UTF-8.
    ///
    /// Use it to bind a UUID, a hash or a timestamp in a compare-and-set.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// let tag = EntityTag::strong("2024-06-30T12:00:00.000001Z")?;
    /// assert_eq!(tag.opaque_str(), Some("2024-06-30T12:00:00.000001Z"));
    /// # Ok::<(), tower_precondition::InvalidEntityTag>(())
    /// ```
    #[must_use]
    pub fn opaque_str(&self) -> Option<&str> {
        std::str::from_utf8(self.opaque()).ok()
    }

    #[cfg(feature = "content-tag")]
    fn into_weak(self) -> Self {
        TagRef { weak: true, ..self.as_tag_ref() }.to_tag()
    }

    /// Returns the tag as a header value.
    #[must_use]
    pub fn as_header_value(&self) -> &HeaderValue {
        &self.0
    }

    pub(crate) fn as_tag_ref(&self) -> TagRef<'_> {
        let tag = self.0.as_bytes();
        let weak = self.is_weak();
        let start = if weak { 3 } else { 1 };
        TagRef { weak, opaque: tag.get(start..tag.len() - 1).unwrap_or_default() }
    }
}

/// A tag inside a header line, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TagRef<'a> {
    pub(crate) weak: bool,
    pub(crate) opaque: &'a [u8],
}

impl<'a> TagRef<'a> {
    pub(crate) fn strong_eq(self, other: TagRef<'a>) -> bool {
        !self.weak && !other.weak && self.weak_eq(other)
    }

    pub(crate) fn weak_eq(self, other: TagRef<'a>) -> bool {
        // Fast path: versions and digests usually differ in their last byte.
        self.opaque.last() == other.opaque.last() && self.opaque == other.opaque
    }

    /// Copies the tag out of its line.
    pub(crate) fn to_tag(self) -> EntityTag {
        let mut tag = Vec::with_capacity(self.opaque.len() + 4);
        self.write_to(&mut tag);
        EntityTag::from_valid(&tag)
    }

    /// Appends the tag as it is sent.
    pub(crate) fn write_to(self, text: &mut Vec<u8>) {
        text.extend_from_slice(if self.weak { b"W/\"" } else { b"\"" });
        text.extend_from_slice(self.opaque);
        text.push(b'"');
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.as_bytes().utf8_chunks() {
            f.write_str(chunk.valid())?;
            for octet in chunk.invalid() {
                write!(f, "\\x{octet:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityTag({self})")
    }
}

impl FromStr for EntityTag {
    type Err = InvalidEntityTag;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        parse(tag.as_bytes())?;
        Ok(Self::from_valid(tag.as_bytes()))
    }
}

impl TryFrom<HeaderValue> for EntityTag {
    type Error = InvalidEntityTag;

    fn try_from(value: HeaderValue) -> Result<Self, Self::Error> {
        parse_value(&value)?;
        Ok(Self(value))
    }
}

/// Shares the value's bytes instead of copying them.
impl TryFrom<&HeaderValue> for EntityTag {
    type Error = InvalidEntityTag;

    fn try_from(value: &HeaderValue) -> Result<Self, Self::Error> {
        parse_value(value)?;
        Ok(Self(value.clone()))
    }
}

/// The bytes that are sent, with the quotes. So a tag is a part of another one.
impl AsRef<[u8]> for EntityTag {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<EntityTag> for HeaderValue {
    fn from(tag: EntityTag) -> Self {
        tag.0
    }
}

/// The error for a text that is not an entity tag.
///
/// ```
/// use tower_precondition::EntityTag;
///
/// let error = "\"a".parse::<EntityTag>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "expected the closing quote of the entity tag at offset 2, found the end",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEntityTag(SyntaxError);

impl InvalidEntityTag {
    /// Returns the byte offset, counted from 0, at which the text stops being an entity tag.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }
}

impl fmt::Display for InvalidEntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SyntaxError { offset, expected, found } = self.0;
        write!(f, "expected {expected} at offset {offset}, found {}", Found(found))
    }
}

impl error::Error for InvalidEntityTag {}

/// Parses the whole text as one entity tag.
pub(crate) const fn parse(text: &[u8]) -> Result<TagRef<'_>, InvalidEntityTag> {
    match (parse_without_delete(text), delete_in(text)) {
        (Ok(_), Some(offset)) => Err(InvalidEntityTag(stopped(text, offset, Expected::ClosingQuote))),
        (parsed, _) => parsed,
    }
}

/// Parses a whole header value, which never contains a DEL.
fn parse_value(value: &HeaderValue) -> Result<TagRef<'_>, InvalidEntityTag> {
    parse_without_delete(value.as_bytes())
}

const fn parse_without_delete(text: &[u8]) -> Result<TagRef<'_>, InvalidEntityTag> {
    match scan(text) {
        Ok((tag, length)) if length == text.len() => Ok(tag),
        Ok((_, length)) => Err(InvalidEntityTag(stopped(text, length, Expected::EndOfTag))),
        Err(error) => Err(InvalidEntityTag(error)),
    }
}

/// Finds a DEL, which [`scan`] accepts: no header value contains one.
#[expect(
    clippy::indexing_slicing,
    reason = "const, where `get` is not; the index is checked against the length"
)]
const fn delete_in(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        if text[at] == 0x7F {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Parses the entity tag at the start of `text`, and returns its length with the quotes.
///
/// Every constructor and every list uses it.
// Saves 3,103 instructions of a list of 100 tags.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn scan(text: &[u8]) -> Result<(TagRef<'_>, usize), SyntaxError> {
    let (weak, inner) = match text {
        [b'"', inner @ ..] => (false, inner),
        [b'W', b'/', b'"', inner @ ..] => (true, inner),
        [b'W', b'/', ..] => return Err(stopped(text, 2, Expected::EntityTag)),
        _ => return Err(stopped(text, 0, Expected::EntityTag)),
    };
    match inner.split_at_checked(opaque_length(inner)) {
        Some((opaque, [b'"', rest @ ..])) => Ok((TagRef { weak, opaque }, text.len() - rest.len())),
        Some((_, rest)) => Err(stopped(text, text.len() - rest.len(), Expected::ClosingQuote)),
        None => Err(stopped(text, text.len(), Expected::ClosingQuote)),
    }
}

/// Counts the bytes at the start that may stand between the quotes, eight at a time.
#[expect(
    clippy::indexing_slicing,
    reason = "const, where `get` is not; the index is checked against the length"
)]
// Saves 234 instructions of a list of 100 tags.
#[cfg_attr(not(debug_assertions), inline(always))]
const fn opaque_length(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(octets) = text.split_at(length).1.first_chunk::<8>() {
        let stops = stops(u64::from_le_bytes(*octets));
        if stops != 0 {
            return length + (stops.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    while length < text.len() && is_opaque(text[length]) {
        length += 1;
    }
    length
}

/// `etagc` of RFC 9110 §8.8.3, and DEL. A backslash is no escape and a comma is no separator.
const fn is_opaque(octet: u8) -> bool {
    octet > b' ' && octet != b'"'
}

/// Applies [`is_opaque`] to eight bytes: the lowest set bit belongs to the first byte that fails.
///
/// A subtraction borrows from the next byte only if this byte fails itself. So higher bits may be wrong, but
/// the lowest is right.
const fn stops(octets: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let up_to_space = octets.wrapping_sub(ONES * b'!' as u64);
    let quote = (octets ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    (up_to_space | quote) & !octets & HIGH
}

#[cold]
#[expect(
    clippy::indexing_slicing,
    reason = "const, where `get` is not; the index is checked against the length"
)]
const fn stopped(text: &[u8], offset: usize, expected: Expected) -> SyntaxError {
    let found = if offset < text.len() { Some(text[offset]) } else { None };
    SyntaxError { offset, expected, found }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::{is_opaque, opaque_length};

    #[test]
    fn eight_octets_at_a_time_is_one_at_a_time() {
        for octet in 0..=u8::MAX {
            for other in [b'a', b'"', b' ', 0x7F, 0x80, 0xFF, 0] {
                for length in 0..20 {
                    for place in 0..length {
                        let mut text = vec![b'a'; length];
                        text[length - 1 - place / 2] = other;
                        text[place] = octet;
                        let slow = text.iter().position(|octet| !is_opaque(*octet)).unwrap_or(length);
                        assert_eq!(opaque_length(&text), slow, "{text:?}");
                    }
                }
            }
        }
    }
}
