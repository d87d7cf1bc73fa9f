//! A service and a source that a request tells, by `x-state`, in which state to be.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, request::Parts};
use tower::Service;
use tower_precondition::{BoxError, Representation, ResourceState, Validators};

use crate::support::{MODIFIED, current, date, response};

/// The states. `part` is one of reads alone: it has no tag.
pub(super) const STATES: [&str; 5] = ["current", "dated", "absent", "broken", "part"];

fn state(headers: &HeaderMap) -> &str {
    headers["x-state"].to_str().expect("a state")
}

/// Everything that a source can say of a representation.
fn validators(headers: &HeaderMap) -> Validators {
    let validators = match state(headers) {
        "current" => current(),
        _ => Validators::new().with_last_modified(date(MODIFIED)),
    };
    let text = HeaderValue::from_static;
    validators
        .with_cache_control(text("no-cache"))
        .with_content_location(text("/documents/7.json"))
        .with_expires(text("Sun, 06 Nov 2044 08:49:37 GMT"))
        .with_vary(text("accept"))
}

/// A source that cannot fail.
pub(super) fn finds(head: &Parts) -> Ready<Representation> {
    ready(match state(&head.headers) {
        "absent" => Representation::absent(),
        _ => Representation::current(validators(&head.headers))
            .with_extension_member("changed_by", "Ada")
            .with_location(HeaderValue::from_static("/documents/7")),
    })
}

/// A source that fails if the state is `broken`.
pub(super) fn may_fail(head: &Parts) -> Ready<Result<Representation, BoxError>> {
    match state(&head.headers) {
        "broken" => ready(Err("the store is away".into())),
        _ => ready(Ok(finds(head).into_inner())),
    }
}

/// Knows no lock, and the tag `"1"`.
pub(super) fn locks(_: &Uri, head: &Parts) -> Ready<Result<ResourceState, BoxError>> {
    match state(&head.headers) {
        "broken" => ready(Err("the store of locks is away".into())),
        _ => ready(Ok(current().into())),
    }
}

/// The service behind the layer. It ignores every condition.
#[derive(Clone, Debug)]
pub(super) struct Site;

impl Service<Request<String>> for Site {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let status = match state(request.headers()) {
            "absent" => 404,
            "broken" => 500,
            "part" if request.method() == Method::GET => 206,
            _ => 200,
        };
        let mut response = response(status, &[], "text");
        if status == 200 {
            validators(request.headers()).write_to(response.headers_mut());
        }
        ready(Ok(response))
    }
}
