//! WebDAV's `If` (RFC 4918 §10.4), without a service.

mod examples;
mod grammar;
mod named_resource;
mod properties;
mod sentences;

use http::{HeaderMap, HeaderValue};
use tower_precondition::{EntityTag, ResourceState, webdav::IfField};

/// The lock tokens of the RFC's examples.
const TOKEN: &str = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2";
const OTHER: &str = "urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092";

fn headers(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append("if", HeaderValue::from_str(line).unwrap());
    }
    headers
}

fn state(tokens: &[&'static str], tag: Option<&str>) -> ResourceState {
    let tag: Option<EntityTag> = tag.map(|tag| tag.parse().unwrap());
    let state = match tag {
        Some(tag) => ResourceState::from(tag),
        None => ResourceState::new(),
    };
    state.with_lock_tokens(tokens.iter().copied())
}

/// Evaluates a field about one resource, or about `resources` by their tags.
fn holds(field: &str, target: &ResourceState, resources: &[(&str, ResourceState)]) -> bool {
    let headers = headers(&[field]);
    let field = IfField::from_headers(&headers).unwrap().unwrap();
    let state_of = |list: &tower_precondition::webdav::IfList<'_>| match list.resource() {
        None => Some(target),
        Some(tag) => resources.iter().find(|(name, _)| *name == tag).map(|(_, state)| state),
    };
    field.evaluate(state_of).is_ok()
}
