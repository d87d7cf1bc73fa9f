//! Requests as hyper makes them: all parts of a head are slices of one buffer.

use axum::body::Body;
use bytes::{BufMut, Bytes, BytesMut};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{ACCEPT, CONTENT_LENGTH},
};

/// The entity tag that is current in every scenario.
pub(crate) const TAG: &str = "\"5f1d2c3b4a596877\"";
/// The token of the lock that covers the target, where one does.
pub(crate) const TOKEN: &str = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2";
/// The date of the last modification, in every scenario that has one.
pub(crate) const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
/// [`DATE`] in seconds since 1970.
pub(crate) const DATE_SECONDS: i64 = 784_111_777;

/// The headers that Chromium sends when a person enters an address.
const BROWSER: [(&str, &str); 14] = [
    ("host", "documents.example.com"),
    ("connection", "keep-alive"),
    ("sec-ch-ua", "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\""),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-ch-ua-platform", "\"Linux\""),
    ("upgrade-insecure-requests", "1"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    ),
    (
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    ),
    ("sec-fetch-site", "none"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-user", "?1"),
    ("sec-fetch-dest", "document"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9"),
];

/// GET without a condition.
pub(crate) fn get() -> Request<Body> {
    request(Method::GET, None)
}

/// GET with the current tag in If-None-Match.
pub(crate) fn get_if_none_match() -> Request<Body> {
    request(Method::GET, Some(("if-none-match", TAG)))
}

/// GET with the current date in If-Modified-Since.
pub(crate) fn get_if_modified_since() -> Request<Body> {
    request(Method::GET, Some(("if-modified-since", DATE)))
}

/// PUT with the current tag in If-Match.
pub(crate) fn put_current() -> Request<Body> {
    request(Method::PUT, Some(("if-match", TAG)))
}

/// PUT with an old tag in If-Match.
pub(crate) fn put_stale() -> Request<Body> {
    request(Method::PUT, Some(("if-match", "\"0123456789abcdef\"")))
}

/// The same, from a client that takes plain text alone.
pub(crate) fn put_stale_for_text() -> Request<Body> {
    let mut request = put_stale();
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/plain"));
    request
}

/// [`put_stale`] with 1 KiB of content, all of which has come.
pub(crate) fn put_stale_with_content() -> Request<Body> {
    let mut request = put_stale();
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("1024"));
    *request.body_mut() = Body::from(&[b'x'; 1024][..]);
    request
}

/// PUT with the current tag in If-Match, and WebDAV's If with one list of one token.
pub(crate) fn put_with_token() -> Request<Body> {
    let mut request = put_current();
    let name = HeaderName::from_static("if");
    request
        .headers_mut()
        .insert(name, HeaderValue::from_static("(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2>)"));
    request
}

/// PUT with the current tag, an id, and a digest of its content.
pub(crate) fn put_identified() -> Request<Body> {
    request(Method::PUT, [("if-match", TAG), ("idempotency-key", ID), ("content-digest", DIGEST)])
}

const ID: &str = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";
const DIGEST: &str = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";

fn request<'a>(
    method: Method,
    more: impl IntoIterator<Item = (&'a str, &'a str), IntoIter: Clone>,
) -> Request<Body> {
    let fields = BROWSER.into_iter().chain(more);
    let (uri, headers) = head("/documents/7", fields);
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    request
}

/// Parses a head that arrived in one buffer.
pub(crate) fn head<'a>(
    target: &str,
    fields: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> (Uri, HeaderMap) {
    let mut buffer = BytesMut::new();
    buffer.put_slice(target.as_bytes());
    for (name, value) in fields.clone() {
        buffer.put_slice(format!("\r\n{name}: {value}").as_bytes());
    }
    let buffer = buffer.freeze();

    let mut rest = buffer;
    let uri = Uri::from_maybe_shared(rest.split_to(target.len())).expect("the target is valid");
    let mut headers = HeaderMap::with_capacity(fields.clone().count());
    for (name, value) in fields {
        let _line_end: Bytes = rest.split_to("\r\n".len());
        let field_name = HeaderName::from_bytes(&rest.split_to(name.len())).expect("the name is valid");
        let _colon = rest.split_to(": ".len());
        let value = HeaderValue::from_maybe_shared(rest.split_to(value.len())).expect("the value is valid");
        headers.append(field_name, value);
    }
    (uri, headers)
}
