use std::fmt::{self, Display, Write};

use bytes::Bytes;
use http::{HeaderValue, Response, header, request::Parts};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{RejectionResponder, accept::prefers_plain_text, content::Content};
use crate::{
    decision::Rejection, precondition::Requirement, representation::ExtensionValue, validator::Validators,
};

/// Renders rejections as problem details (RFC 9457), or as plain text if Accept prefers it.
///
/// It is the default responder.
///
/// | member | in | value |
/// |---|---|---|
/// | `title`, `status`, `detail` | all | as in RFC 9457 §3.1 |
/// | `condition` | 400, 404, 412 | the name of the field that is malformed or false |
/// | `provided` | 400, 404, 412 | the value that the client sent, cut at 256 bytes; bytes beyond ASCII as `\xNN` |
/// | `line`, `offset`, `expected` | 400 | where the field is malformed, counted from 0, and what the parser expected |
/// | `failed_lists` | 412 by WebDAV's `If` (feature `webdav`) | for each of its lists, the condition on which it fails |
/// | `required` | 428 | the accepted conditions; the client must send one |
/// | `current_etag`, `current_last_modified` | 412 | the current validators, if the layer exposes them |
/// | others | 412 | extension members that the source added |
///
/// ```
/// use tower_precondition::{EntityTag, PreconditionLayer, ProblemDetails};
///
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(2) };
/// let layer = PreconditionLayer::new(source).with_rejection_response(ProblemDetails::new());
/// # let _ = layer;
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ProblemDetails;

impl ProblemDetails {
    /// Makes the responder.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl RejectionResponder for ProblemDetails {
    type Body = Bytes;

    fn respond(&self, rejection: &Rejection, head: &Parts) -> Response<Bytes> {
        let problem = Problem(rejection);
        let (content, content_type) = match prefers_plain_text(&head.headers) {
            true => (problem.to_string().into(), "text/plain; charset=utf-8"),
            false => (problem.to_json(), "application/problem+json"),
        };
        let mut response = Response::new(content);
        *response.status_mut() = rejection.kind().status();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }
}

/// The most bytes of a field that the body repeats.
const PROVIDED_BYTES: usize = 256;

/// A rejection as problem details.
struct Problem<'a>(&'a Rejection);

impl Problem<'_> {
    /// Calls `show` with every member, in the order of the body.
    fn each_member(&self, show: &mut dyn FnMut(&str, Value<'_>)) {
        let Self(rejection) = self;
        let status = rejection.kind().status();
        show("title", Value::Known(status.canonical_reason().unwrap_or_default()));
        show("status", Value::Number(status.as_u16().into()));
        show("detail", Value::Text(rejection));
        if let Some(field) = rejection.field_name() {
            show("condition", Value::Known(field));
            let mut lines = rejection.provided();
            match (lines.next().and_then(plain), lines.next()) {
                (Some(line), None) if line.len() <= PROVIDED_BYTES => show("provided", Value::Known(line)),
                _ => show("provided", Value::Text(&Provided(rejection))),
            }
        }
        if let Some(field) = rejection.malformed_field() {
            show("line", Value::Number(field.line()));
            show("offset", Value::Number(field.offset()));
            show("expected", Value::Text(&field.expected()));
        }
        #[cfg(feature = "webdav")]
        {
            if let Some(field) = rejection.malformed_if() {
                show("line", Value::Number(field.line()));
                show("offset", Value::Number(field.offset()));
                show("expected", Value::Text(&field.expected()));
            }
            if rejection.failed_if_lists().next().is_some() {
                show("failed_lists", Value::FailedLists(rejection));
            }
        }
        if let Some(requirement) = rejection.requirement() {
            show("required", Value::Required(requirement));
        }
        if let Some(etag) = rejection.current().and_then(Validators::etag) {
            match plain(etag.as_header_value()) {
                Some(text) => show("current_etag", Value::Known(text)),
                None => show("current_etag", Value::Text(&Visible(etag.as_header_value().as_bytes()))),
            }
        }
        if let Some(date) = rejection.current().and_then(Validators::last_modified) {
            let date = date.not_in_future();
            show("current_last_modified", Value::Text(&date));
        }
        for (name, value) in rejection.extension_members() {
            if !is_reserved(name) {
                show(name, Value::Added(value));
            }
        }
    }

    fn to_json(&self) -> Bytes {
        let mut content = Content::default();
        serde_json::to_writer(&mut content, self).expect("a problem has string keys and writes to memory");
        content.into_bytes()
    }
}

/// Returns the value as text, if all of it is visible ASCII.
fn plain(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok().filter(|text| !text.contains('\t'))
}

/// Returns whether RFC 9457 or this crate defines the member, so that a source cannot set it.
fn is_reserved(name: &str) -> bool {
    const RESERVED: [&str; 14] = [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "condition",
        "provided",
        "line",
        "offset",
        "expected",
        "required",
        "current_etag",
        "current_last_modified",
        "failed_lists",
    ];
    RESERVED.contains(&name)
}

impl Serialize for Problem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut written = Ok(());
        self.each_member(&mut |name, value| {
            if written.is_ok() {
                written = map.serialize_entry(name, &value);
            }
        });
        written?;
        map.end()
    }
}

/// Plain text: the detail, then a line for each other member.
impl Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.0.kind().status(), self.0)?;
        let mut written = Ok(());
        self.each_member(&mut |name, value| {
            if written.is_ok() && !matches!(name, "title" | "status" | "detail") {
                // The name is the source's, and must not begin a line of its own.
                written = writeln!(f, "{}: {}", OnOneLine(&name), OnOneLine(&value));
            }
        });
        written
    }
}

/// The value of one member.
enum Value<'a> {
    /// Text that is there already. It saves the way through a formatter.
    Known(&'a str),
    Text(&'a dyn Display),
    Number(usize),
    Required(&'a Requirement),
    Added(&'a ExtensionValue),
    #[cfg(feature = "webdav")]
    FailedLists(&'a Rejection),
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(text) => serializer.serialize_str(text),
            Self::Text(text) => serializer.collect_str(text),
            Self::Number(number) => number.serialize(serializer),
            Self::Required(requirement) => {
                serializer.collect_seq(requirement.accepted().map(|condition| condition.to_string()))
            }
            Self::Added(value) => value.0.serialize(serializer),
            #[cfg(feature = "webdav")]
            Self::FailedLists(rejection) => serializer.collect_seq(rejection.failed_if_lists()),
        }
    }
}

impl Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) => f.write_str(text),
            Self::Text(text) => text.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Required(requirement) => {
                for (number, condition) in requirement.accepted().enumerate() {
                    let separator = if number == 0 { "" } else { "; " };
                    write!(f, "{separator}{condition}")?;
                }
                Ok(())
            }
            Self::Added(value) => value.fmt(f),
            #[cfg(feature = "webdav")]
            Self::FailedLists(rejection) => {
                for (number, failed) in rejection.failed_if_lists().enumerate() {
                    let separator = if number == 0 { "" } else { "; " };
                    write!(f, "{separator}{failed}")?;
                }
                Ok(())
            }
        }
    }
}

/// The lines of the failing field as one, cut at [`PROVIDED_BYTES`].
struct Provided<'a>(&'a Rejection);

impl Display for Provided<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = PROVIDED_BYTES;
        for (number, line) in self.0.provided().enumerate() {
            for part in [if number == 0 { "" } else { ", " }.as_bytes(), line.as_bytes()] {
                match part.split_at_checked(left) {
                    Some((kept, cut)) if !cut.is_empty() => return write!(f, "{}…", Visible(kept)),
                    _ => Visible(part).fmt(f)?,
                }
                left -= part.len();
            }
        }
        Ok(())
    }
}

/// Text without control characters, so that no value can start a line that looks like another member.
struct OnOneLine<'a>(&'a dyn Display);

impl Display for OnOneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.to_string().chars() {
            match letter.is_control() {
                true => write!(f, "{}", letter.escape_default())?,
                false => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// The bytes of a field, with those beyond printable ASCII as `\xNN`.
struct Visible<'a>(&'a [u8]);

impl Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_printable = |octet: &u8| matches!(octet, b' '..=b'~');
        for run in self.0.chunk_by(|one, next| is_printable(one) == is_printable(next)) {
            match std::str::from_utf8(run) {
                Ok(text) if run.iter().all(is_printable) => f.write_str(text)?,
                _ => run.iter().try_for_each(|octet| write!(f, "\\x{octet:02X}"))?,
            }
        }
        Ok(())
    }
}
