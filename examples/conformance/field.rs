//! The shared syntax of the two request fields: percent-encoded JSON, and strings of bytes.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode;
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error};

/// Reads a field of percent-encoded JSON. Returns `None` if the request does not carry it.
pub(crate) fn read<T: DeserializeOwned>(headers: &HeaderMap, name: &str) -> Option<Result<T, Unreadable>> {
    let line = headers.get(name)?;
    let json: Vec<u8> = percent_decode(line.as_bytes()).collect();
    Some(serde_json::from_slice(&json).map_err(Unreadable::new))
}

/// The reason why a field cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable(String);

impl Unreadable {
    pub(crate) fn new(why: impl ToString) -> Self {
        Self(why.to_string())
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A field value. Its bytes are the code points of a JSON string.
#[derive(Debug)]
pub(crate) struct OctetValue(pub(crate) HeaderValue);

impl<'de> Deserialize<'de> for OctetValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let octets = text.chars().map(u8::try_from).collect::<Result<Vec<u8>, _>>();
        let octets = octets.map_err(|_| D::Error::custom("expected code points from 0 to 255"))?;
        HeaderValue::from_bytes(&octets).map(Self).map_err(D::Error::custom)
    }
}

/// The name of a field, in any case.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub(crate) HeaderName);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}
