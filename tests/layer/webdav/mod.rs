//! The layer with a source of locks, which judges WebDAV's `If` (RFC 4918 §10.4).

mod asked;
mod matrix;
mod methods;
mod order;
mod rejections;
mod requirement;
mod submitted;
mod ways;

use std::future::{Ready, ready};

use http::{Request, Uri, request::Parts};
use tower_precondition::{BoxError, EntityTag, ResourceState};

/// The token of the lock on `/locked`, and on everything below it.
const TOKEN: &str = "urn:uuid:1";

/// Knows `/locked`, `/locked/file` and `/free`, each with the tag `"1"`.
fn locks(resource: &Uri, _: &Parts) -> Ready<ResourceState> {
    let state = match resource.path() {
        "/locked" | "/locked/file" | "/free" => ResourceState::from(EntityTag::from_static("\"1\"")),
        _ => ResourceState::unmapped(),
    };
    let covered = resource.path().starts_with("/locked");
    ready(state.with_lock_tokens(covered.then_some(TOKEN)))
}

fn locks_fail(_: &Uri, _: &Parts) -> Ready<Result<ResourceState, BoxError>> {
    ready(Err("the lock store is away".into()))
}

fn locks_never_asked(resource: &Uri, _: &Parts) -> Ready<ResourceState> {
    panic!("the source was asked for the locks of {resource}")
}

fn request(method: &str, uri: &str, fields: &[(&str, &str)]) -> Request<String> {
    let request = Request::builder().method(method).uri(uri).header("host", "example.com");
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(String::new()).expect("a request")
}
