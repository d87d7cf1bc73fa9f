use http::{Method, Version, header, request::Parts};

use crate::lists::list_members;

/// Whether a method may change state: every method, known or not, but GET, HEAD, QUERY,
/// CONNECT, OPTIONS and TRACE.
///
/// On such a method a malformed If-Match or If-None-Match is to be answered 400, which
/// [`ConditionalFields::check`] finds.
///
/// ```
/// use http::Method;
/// use tower_precondition::may_change_state;
///
/// assert!(may_change_state(&Method::POST));
/// assert!(!may_change_state(&Method::HEAD));
/// ```
#[must_use]
pub fn may_change_state(method: &Method) -> bool {
    MethodKind::of(method) == MethodKind::Changes
}

/// Range is defined for GET (§14.2) and QUERY (RFC 10008) alone.
pub(crate) fn takes_range(method: &Method) -> bool {
    *method == Method::GET || is_query(method)
}

/// RFC 10008. Compared as text, since older releases of `http` have no constant for it.
fn is_query(method: &Method) -> bool {
    method.as_str() == "QUERY"
}

/// What a method does with the selected representation (§13.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodKind {
    /// GET, HEAD and QUERY select it.
    Selects,
    /// CONNECT, OPTIONS and TRACE do neither.
    Neither,
    /// Every other method, known or not, may change it.
    Changes,
}

impl MethodKind {
    #[inline]
    pub(crate) fn of(method: &Method) -> Self {
        match *method {
            Method::GET | Method::HEAD => Self::Selects,
            Method::CONNECT | Method::OPTIONS | Method::TRACE => Self::Neither,
            _ if is_query(method) => Self::Selects,
            _ => Self::Changes,
        }
    }
}

/// Whether a request asks for another protocol, and so not for a representation (RFC 9110 §7.8).
///
/// `h2c` does not count: whoever answers it over HTTP/1.1 answers a plain request.
pub(crate) fn is_upgrade(head: &Parts) -> bool {
    head.version == Version::HTTP_11
        && list_members(&head.headers, header::CONNECTION)
            .any(|option| option.eq_ignore_ascii_case(b"upgrade"))
        && list_members(&head.headers, header::UPGRADE).any(|protocol| !protocol.eq_ignore_ascii_case(b"h2c"))
}
