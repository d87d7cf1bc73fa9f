use std::fmt;

use serde::{Serialize, Serializer};

/// The value of a member that a source adds to a problem: text, a whole number or a truth value.
///
/// ```
/// use tower_precondition::ExtensionValue;
///
/// assert_eq!(ExtensionValue::from("Ada").to_string(), "Ada");
/// assert_eq!(ExtensionValue::from(u64::MAX).to_string(), "18446744073709551615");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionValue(pub(crate) Value);

/// Apart from [`ExtensionValue`], so that how it is written stays out of the public API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Count(u64),
    Truth(bool),
}

impl From<String> for ExtensionValue {
    fn from(text: String) -> Self {
        Self(Value::Text(text))
    }
}

impl From<&str> for ExtensionValue {
    fn from(text: &str) -> Self {
        Self(Value::Text(text.to_owned()))
    }
}

macro_rules! from_numbers {
    ($($number:ty => $kind:ident;)*) => {$(
        impl From<$number> for ExtensionValue {
            fn from(number: $number) -> Self {
                Self(Value::$kind(number.into()))
            }
        }
    )*};
}

from_numbers! {
    i32 => Number;
    i64 => Number;
    u32 => Count;
    u64 => Count;
}

impl From<bool> for ExtensionValue {
    fn from(truth: bool) -> Self {
        Self(Value::Truth(truth))
    }
}

impl fmt::Display for ExtensionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Text(text) => f.write_str(text),
            Value::Number(number) => number.fmt(f),
            Value::Count(number) => number.fmt(f),
            Value::Truth(truth) => truth.fmt(f),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Count(number) => serializer.serialize_u64(*number),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
        }
    }
}
