use std::fmt::{self, Display};

use bytes::Bytes;
use http::{HeaderValue, Response, header, request::Parts};

use super::{
    RejectionResponder, accept::prefers_plain_text, json::JsonObject, members::Members, plain_text::PlainText,
};
use crate::{decision::Rejection, header_map::set_field, validator::Validators};

pub(crate) const PROBLEM_JSON: &str = "application/problem+json";
pub(crate) const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

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
        let (content, content_type) = match prefers_plain_text(&head.headers) {
            true => (plain_text(rejection), const { HeaderValue::from_static(PLAIN_TEXT) }),
            false => (json(rejection), const { HeaderValue::from_static(PROBLEM_JSON) }),
        };
        let mut response = Response::new(content);
        *response.status_mut() = rejection.kind().status();
        set_field(response.headers_mut(), header::CONTENT_TYPE, content_type);
        response
    }
}

fn json(rejection: &Rejection) -> Bytes {
    let status = rejection.kind().status();
    let mut object = JsonObject::default();
    object.known("title", status.canonical_reason().unwrap_or_default());
    object.status("status", status);
    match rejection.fixed_text() {
        Some(text) => object.known("detail", text),
        None => object.display("detail", rejection),
    }
    show_members(rejection, &mut object);
    object.take_bytes()
}

/// The detail, then a line for each other member.
fn plain_text(rejection: &Rejection) -> Bytes {
    let mut lines = PlainText::headed(rejection);
    show_members(rejection, &mut lines);
    lines.take_bytes()
}

/// The most bytes of a field that the body repeats.
const PROVIDED_BYTES: usize = 256;

/// Shows every member after the detail, in the order of the body.
fn show_members(rejection: &Rejection, members: &mut impl Members) {
    if let Some(field) = rejection.field_name() {
        members.known("condition", field);
        let mut lines = rejection.provided();
        match (lines.next().and_then(plain), lines.next()) {
            (Some(line), None) if line.len() <= PROVIDED_BYTES => members.printable("provided", line),
            _ => members.display("provided", Provided(rejection)),
        }
    }
    if let Some(field) = rejection.malformed_field() {
        members.plain("line", field.line());
        members.plain("offset", field.offset());
        members.known("expected", field.expected());
    }
    #[cfg(feature = "webdav")]
    {
        if let Some(field) = rejection.malformed_if() {
            members.plain("line", field.line());
            members.plain("offset", field.offset());
            members.display("expected", field.expected());
        }
        if rejection.failed_if_lists().next().is_some() {
            members.list("failed_lists", rejection.failed_if_lists());
        }
    }
    if let Some(requirement) = rejection.requirement() {
        members.list("required", requirement.accepted());
    }
    if let Some(etag) = rejection.current().and_then(Validators::etag) {
        match plain(etag.as_header_value()) {
            Some(text) => members.printable("current_etag", text),
            None => members.display("current_etag", Visible(etag.as_header_value().as_bytes())),
        }
    }
    if let Some(date) = rejection.current().and_then(Validators::last_modified) {
        members.display("current_last_modified", date.not_in_future());
    }
    for (name, value) in rejection.extension_members() {
        if !is_reserved(name) {
            members.added(name, value);
        }
    }
}

/// Returns the bytes of the value, if all of them are printable ASCII.
fn plain(value: &HeaderValue) -> Option<&[u8]> {
    // A fold, and not `all`: the compiler then tests many bytes at once.
    let printable = value.as_bytes().iter().fold(true, |all, octet| all & is_printable(octet));
    printable.then_some(value.as_bytes())
}

fn is_printable(octet: &u8) -> bool {
    matches!(octet, b' '..=b'~')
}

/// The members that RFC 9457 or this crate defines.
pub(crate) const MEMBERS: [&str; 14] = [
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

/// Returns whether a source cannot set the member.
fn is_reserved(name: &str) -> bool {
    MEMBERS.contains(&name)
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

/// The bytes of a field, with those beyond printable ASCII as `\xNN`.
struct Visible<'a>(&'a [u8]);

impl Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for run in self.0.chunk_by(|one, next| is_printable(one) == is_printable(next)) {
            match std::str::from_utf8(run) {
                Ok(text) if run.iter().all(is_printable) => f.write_str(text)?,
                _ => run.iter().try_for_each(|octet| write!(f, "\\x{octet:02X}"))?,
            }
        }
        Ok(())
    }
}
