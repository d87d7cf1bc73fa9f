use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use serde_json::{Map, Value};

use super::problem;
use crate::{
    precondition::Condition,
    representation::ExtensionValue,
    validator::{EntityTag, Validators},
};

/// A 412: another change came first. It has the server's problem details (RFC 9457), parsed.
///
/// Everything is optional, because a server need not say more than the status.
///
/// ```
/// use bytes::Bytes;
/// use http::Response;
/// use tower_precondition::{Condition, client::Conflict};
///
/// let answer = Response::builder()
///     .status(412)
///     .header("content-type", "application/problem+json")
///     .header("etag", "\"8\"")
///     .body(Bytes::from(r#"{"title":"Precondition Failed","condition":"If-Match","changed_by":"Ada"}"#))
///     .unwrap();
/// let conflict = Conflict::from_response(&answer);
/// assert_eq!(conflict.current_etag().unwrap().to_string(), "\"8\"");
/// assert_eq!(conflict.condition(), Some(Condition::IfMatch));
/// assert_eq!(conflict.member("changed_by").unwrap().to_string(), "Ada");
/// ```
#[derive(Clone, Debug)]
pub struct Conflict {
    headers: HeaderMap,
    members: Map<String, Value>,
}

impl Conflict {
    /// Reads the answer, whatever its status.
    #[must_use]
    pub fn from_response(response: &Response<Bytes>) -> Self {
        let members = problem::members(response.headers(), response.body());
        Self { headers: response.headers().clone(), members }
    }

    /// Returns the current entity tag, from ETag or the member `current_etag`.
    ///
    /// Show it or log it. Do not send it in the next If-Match: you have not seen the content that it names.
    #[must_use]
    pub fn current_etag(&self) -> Option<EntityTag> {
        let header = Validators::from_headers(&self.headers).etag().cloned();
        header.or_else(|| self.text("current_etag")?.parse().ok())
    }

    /// Returns the field that was false.
    #[must_use]
    pub fn condition(&self) -> Option<Condition> {
        let name = self.text("condition")?;
        Condition::ALL.into_iter().find(|condition| condition.as_str().eq_ignore_ascii_case(name))
    }

    /// Returns the value of the condition, as the server understood it.
    #[must_use]
    pub fn provided(&self) -> Option<&str> {
        self.text("provided")
    }

    /// Returns the summary of the kind of problem.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.text("title")
    }

    /// Returns the explanation of this occurrence.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.text("detail")
    }

    /// Returns where the current version is, if the server says so.
    #[must_use]
    pub fn location(&self) -> Option<&HeaderValue> {
        self.headers.get(header::LOCATION)
    }

    /// Returns any member that is text, an integer or a boolean.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<ExtensionValue> {
        match self.members.get(name)? {
            Value::String(text) => Some(text.as_str().into()),
            Value::Bool(boolean) => Some((*boolean).into()),
            Value::Number(number) => {
                number.as_u64().map(Into::into).or_else(|| number.as_i64().map(Into::into))
            }
            _ => None,
        }
    }

    /// Returns any member as JSON text, for members that are lists or objects.
    #[must_use]
    pub fn member_json(&self, name: &str) -> Option<String> {
        self.members.get(name).map(Value::to_string)
    }

    /// Iterates over the names of all members.
    pub fn member_names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }
}
