use std::{error, fmt};

use serde::Serialize;
use serde_json::{Number, Value};

use super::{EntityTag, TagKey, hash::TagHash};

impl EntityTag {
    /// Makes the strong tag of a value that can be serialized.
    ///
    /// Use it if you have the whole representation as a value and no version. It is strong if the value has all
    /// that the response shows: then every change changes the tag.
    ///
    /// The tag stays the same across releases of this crate, across machines, and for maps whose order changes. It
    /// is BLAKE3 of the text `value` and of the value's JSON data model, in this encoding:
    ///
    /// | data | encoded as |
    /// |---|---|
    /// | null, false, true | `n`, `f`, `t` |
    /// | an integer from 0 to 2⁶⁴−1; a negative one | `u` or `i`, and 8 bytes |
    /// | another number | `d`, and the 8 bytes of its `f64` |
    /// | a text | `s`, its length, and its UTF-8 |
    /// | a list | `a`, its length, and its members |
    /// | a map or struct | `o`, its length, and its members in the order of their names: length, name, value |
    ///
    /// Lengths are 8 bytes; all numbers are little-endian. So a renamed or an added field changes the tag, and the
    /// order of a struct's fields does not. A NaN and an infinity are null, as JSON has neither.
    ///
    /// # Errors
    ///
    /// If the value cannot be serialized as JSON, or has an integer of more than 64 bits.
    ///
    /// ```
    /// # use std::collections::HashMap;
    /// # use tower_precondition::EntityTag;
    /// let rights = HashMap::from([("ada", ["read", "write"]), ("grace", ["read", "list"])]);
    /// let tag = EntityTag::from_value(&rights)?;
    /// assert!(tag.strong_eq(&EntityTag::from_value(&rights)?));
    /// # Ok::<(), tower_precondition::InvalidTagValue>(())
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "content-tag")))]
    pub fn from_value(value: &(impl Serialize + ?Sized)) -> Result<Self, InvalidTagValue> {
        of_value(None, value)
    }
}

pub(super) fn of_value(
    key: Option<&TagKey>,
    value: &(impl Serialize + ?Sized),
) -> Result<EntityTag, InvalidTagValue> {
    let value = serde_json::to_value(value).map_err(|error| InvalidTagValue(Kind::Json(error)))?;
    let mut encoded = Vec::new();
    encode(&value, &mut encoded)?;
    let mut hash = TagHash::new(key, "value");
    hash.add(&encoded);
    Ok(hash.to_tag())
}

fn encode(value: &Value, to: &mut Vec<u8>) -> Result<(), InvalidTagValue> {
    match value {
        Value::Null => to.push(b'n'),
        Value::Bool(false) => to.push(b'f'),
        Value::Bool(true) => to.push(b't'),
        Value::Number(number) => return encode_number(number, to),
        Value::String(text) => {
            to.push(b's');
            encode_text(text, to);
        }
        Value::Array(members) => {
            to.push(b'a');
            encode_length(members.len(), to);
            for member in members {
                encode(member, to)?;
            }
        }
        Value::Object(members) => {
            to.push(b'o');
            encode_length(members.len(), to);
            // By hand: with serde_json's feature `preserve_order`, which any crate may set, they are not sorted.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, member) in members {
                encode_text(name, to);
                encode(member, to)?;
            }
        }
    }
    Ok(())
}

fn encode_number(number: &Number, to: &mut Vec<u8>) -> Result<(), InvalidTagValue> {
    let (kind, bytes) = match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), ..) => (b'u', number.to_le_bytes()),
        (None, Some(number), _) => (b'i', number.to_le_bytes()),
        // With serde_json's feature `arbitrary_precision` longer integers get this far.
        (None, None, Some(float)) if number.is_f64() => (b'd', float.to_le_bytes()),
        _ => return Err(InvalidTagValue(Kind::LongInteger)),
    };
    to.push(kind);
    to.extend_from_slice(&bytes);
    Ok(())
}

fn encode_text(text: &str, to: &mut Vec<u8>) {
    encode_length(text.len(), to);
    to.extend_from_slice(text.as_bytes());
}

fn encode_length(length: usize, to: &mut Vec<u8>) {
    to.extend_from_slice(&(length as u64).to_le_bytes());
}

/// The error for a value of which [`EntityTag::from_value`] can make no tag.
#[cfg_attr(docsrs, doc(cfg(feature = "content-tag")))]
#[derive(Debug)]
pub struct InvalidTagValue(Kind);

#[derive(Debug)]
enum Kind {
    Json(serde_json::Error),
    LongInteger,
}

impl fmt::Display for InvalidTagValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Json(error) => write!(f, "expected a value that can be serialized as JSON: {error}"),
            Kind::LongInteger => f.write_str("expected integers of up to 64 bits, found a longer one"),
        }
    }
}

impl error::Error for InvalidTagValue {}
