use http::{
    HeaderMap, HeaderValue,
    header::{self, HeaderName},
};

use crate::{
    header_map::{remove_field, set_field},
    lists::list_members,
};

/// Removes the fields that are about the content of a response, for a 304 or 4xx in its place.
///
/// | fields | why they go |
/// |---|---|
/// | Content-Type, Content-Language, Content-Encoding, Content-Length, Content-Range | they describe content that is not sent |
/// | Content-Digest, Repr-Digest, Digest, Content-MD5 | they are digests of that content (RFC 9530 §2, §3) |
/// | Signature, Signature-Input | they sign the other response (RFC 9421) |
/// | Content-Disposition | it names a file to save that content to |
/// | Content-Security-Policy, and the one that only reports | its nonces and hashes are of the scripts in that content; a 304 would put it on the content that a cache stored before |
/// | SourceMap, X-SourceMap | they map the lines of that content |
/// | Trailer, Transfer-Encoding | they frame that content |
///
/// Every other field stays, also one that this list does not know: CORS, Set-Cookie, Link. Last-Modified goes if the
/// caller says so.
pub(super) fn remove_content_fields(headers: &mut HeaderMap, without_date: bool) {
    remove(headers, |name| is_about_content(name) || (without_date && *name == header::LAST_MODIFIED));
}

/// Removes also what describes the other response as a whole, for a 4xx in its place.
///
/// | fields | why they go |
/// |---|---|
/// | ETag, Last-Modified, Content-Location, Accept-Ranges | they describe the other representation |
/// | Cache-Control, Expires, Age | the 4xx says `no-store` |
/// | Accept-Encoding in Vary | a compression further in coded the other content |
/// | Date | the server dates the 4xx |
/// | Location, Refresh | they lead away from the 4xx |
pub(super) fn remove_fields_of_response(headers: &mut HeaderMap) {
    remove(headers, |name| {
        is_about_content(name)
            || matches!(
                *name,
                header::ACCEPT_RANGES
                    | header::AGE
                    | header::CACHE_CONTROL
                    | header::CONTENT_LOCATION
                    | header::DATE
                    | header::ETAG
                    | header::EXPIRES
                    | header::LAST_MODIFIED
                    | header::LOCATION
                    | header::REFRESH
            )
    });
    remove_from_vary(headers, header::ACCEPT_ENCODING);
}

fn remove_from_vary(headers: &mut HeaderMap, removed: HeaderName) {
    let is_removed = |member: &[u8]| member.eq_ignore_ascii_case(removed.as_str().as_bytes());
    if !list_members(headers, header::VARY).any(is_removed) {
        return;
    }
    let kept: Vec<&[u8]> = list_members(headers, header::VARY).filter(|member| !is_removed(member)).collect();
    let line = (!kept.is_empty()).then(|| HeaderValue::from_bytes(&kept.join(&b", "[..])));
    match line {
        Some(Ok(line)) => set_field(headers, header::VARY, line),
        _ => remove_field(headers, header::VARY),
    }
}

fn is_about_content(name: &HeaderName) -> bool {
    matches!(
        *name,
        header::CONTENT_DISPOSITION
            | header::CONTENT_ENCODING
            | header::CONTENT_LANGUAGE
            | header::CONTENT_LENGTH
            | header::CONTENT_RANGE
            | header::CONTENT_SECURITY_POLICY
            | header::CONTENT_SECURITY_POLICY_REPORT_ONLY
            | header::CONTENT_TYPE
            | header::TRAILER
            | header::TRANSFER_ENCODING
    ) || matches!(
        name.as_str(),
        "content-digest"
            | "content-md5"
            | "digest"
            | "repr-digest"
            | "signature"
            | "signature-input"
            | "sourcemap"
            | "x-sourcemap"
    )
}

fn remove(headers: &mut HeaderMap, which: impl Fn(&HeaderName) -> bool) {
    while let Some(name) = headers.keys().find(|name| which(name)).cloned() {
        remove_field(headers, name);
    }
}
