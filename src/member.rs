use std::fmt;

use serde::{Serialize, Serializer};

/// The value of a member that a source adds to a problem: text, a whole number or a truth value.
///
/// ```
/// use tower_precondition::MemberValue;
///
/// assert_eq!(MemberValue::from("Ada").to_string(), "Ada");
/// assert_eq!(MemberValue::from(7).to_string(), "7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberValue(Value);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    Number(i64),
    Truth(bool),
}

impl From<String> for MemberValue {
    fn from(text: String) -> Self {
        Self(Value::Text(text))
    }
}

impl From<&str> for MemberValue {
    fn from(text: &str) -> Self {
        Self(Value::Text(text.to_owned()))
    }
}

impl From<i64> for MemberValue {
    fn from(number: i64) -> Self {
        Self(Value::Number(number))
    }
}

impl From<bool> for MemberValue {
    fn from(truth: bool) -> Self {
        Self(Value::Truth(truth))
    }
}

impl fmt::Display for MemberValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Text(text) => f.write_str(text),
            Value::Number(number) => number.fmt(f),
            Value::Truth(truth) => truth.fmt(f),
        }
    }
}

impl Serialize for MemberValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(number) => serializer.serialize_i64(*number),
            Value::Truth(truth) => serializer.serialize_bool(*truth),
        }
    }
}
