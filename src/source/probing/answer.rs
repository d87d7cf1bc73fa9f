use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONNECTION},
    response,
};
use http_body_util::Empty;

use super::fields::LackedFields;
use crate::{
    header_map::{remove_field, set_field},
    lists::list_members,
    precondition::{Carried, MethodKind},
    representation::{Missing, Representation},
};

/// Reads the current representation from the answer to the HEAD, or passes the answer on.
pub(super) fn found(
    answer: response::Parts,
    kind: MethodKind,
    carried: Carried,
    lacked: &LackedFields,
) -> Result<Representation, Missing> {
    let (status, is_write) = (answer.status, kind == MethodKind::Changes);
    if is_write && answers_the_write(status) {
        return Ok(pass_on(answer));
    }
    let is_absent = matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE);
    if !is_absent && !status.is_success() {
        return Err(Missing::State(status));
    }
    if lacked.select(&answer.headers) {
        return Err(Missing::SelectingField);
    }
    match is_absent {
        true => Ok(Representation::absent()),
        // A HEAD may lack a validator that is made from the content (RFC 9110 §9.3.2): it is then unknown.
        false => Representation::comparable(&answer.headers, carried),
    }
}

/// Returns whether this answer to the HEAD is of a check that comes before preconditions, and is the same for
/// every method (RFC 9110 §13.2.1).
///
/// A client follows 307 and 308 with the same method. It may follow 301 and 302 with a GET, and does so for 303.
/// 403, 405 and 406 may be for the HEAD alone.
fn answers_the_write(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::PROXY_AUTHENTICATION_REQUIRED
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

/// The fields of the answer to a HEAD that are false beside empty content, or on another connection.
const NOT_PASSED_ON: [&str; 13] = [
    // They frame, encode or hash the content that a GET would have got.
    "content-length",
    "content-encoding",
    "content-range",
    "content-digest",
    "content-md5",
    "digest",
    "repr-digest",
    "transfer-encoding",
    "trailer",
    // The connection may be another than that of the client.
    "connection",
    "keep-alive",
    "proxy-connection",
    "upgrade",
];

/// Answers the write with the answer to its HEAD, without content.
fn pass_on(mut answer: response::Parts) -> Representation {
    let headers = &mut answer.headers;
    let of_connection: Vec<_> =
        list_members(headers, CONNECTION).filter_map(|name| HeaderName::from_bytes(name).ok()).collect();
    for name in of_connection {
        remove_field(headers, name);
    }
    for name in NOT_PASSED_ON {
        headers.remove(name);
    }
    // A cache may store a 308 for the client's next request, which may be another.
    set_field(headers, CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Representation::refused(Response::from_parts(answer, Empty::<Bytes>::new()))
}
