use std::fmt;

/// The value of an extension member of problem details: text, an integer or a boolean (RFC 9457 §3.2).
///
/// ```
/// use tower_precondition::ExtensionValue;
///
/// assert_eq!(ExtensionValue::from("Ada").to_string(), "Ada");
/// assert_eq!(ExtensionValue::from(u64::MAX).to_string(), "18446744073709551615");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionValue(Value);

/// Private, so that the public type promises no variants.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    Signed(i64),
    Unsigned(u64),
    Boolean(bool),
}

impl ExtensionValue {
    /// Returns the text, if it is neither an integer nor a boolean.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Value::Text(text) => Some(text),
            Value::Signed(_) | Value::Unsigned(_) | Value::Boolean(_) => None,
        }
    }
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
    i32 => Signed;
    i64 => Signed;
    u32 => Unsigned;
    u64 => Unsigned;
}

impl From<bool> for ExtensionValue {
    fn from(boolean: bool) -> Self {
        Self(Value::Boolean(boolean))
    }
}

impl fmt::Display for ExtensionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Text(text) => f.write_str(text),
            Value::Signed(number) => number.fmt(f),
            Value::Unsigned(number) => number.fmt(f),
            Value::Boolean(boolean) => boolean.fmt(f),
        }
    }
}
