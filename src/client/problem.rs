//! Problem details (RFC 9457), as other servers may write them too.

use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::{Map, Value};

/// Reads an object from content whose media type is JSON. Anything else has no members.
pub(super) fn members(headers: &HeaderMap, content: &Bytes) -> Map<String, Value> {
    let media_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let essence = media_type.split(|octet| *octet == b';').next().unwrap_or_default().trim_ascii();
    let is_json = essence.to_ascii_lowercase().ends_with(b"json");
    is_json.then(|| serde_json::from_slice(content).ok()).flatten().unwrap_or_default()
}

/// Returns the members of `required` in the problem details of a 428.
pub(super) fn required(headers: &HeaderMap, content: &Bytes) -> Vec<String> {
    let members = members(headers, content);
    let list = members.get("required").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|form| form.as_str().map(str::to_owned)).collect()
}
