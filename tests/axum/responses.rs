//! Validators and entity tags as the whole or a part of a response.

use axum::{
    body::Body,
    http::{Response, StatusCode},
    response::IntoResponse,
};
use tower_precondition::{EntityTag, Validators};

use crate::support::{MODIFIED, at_once, current};

/// Status, ETag, Last-Modified and content.
fn told(response: impl IntoResponse) -> (u16, Option<String>, Option<String>, String) {
    let response: Response<Body> = response.into_response();
    let field = |name| response.headers().get(name).map(|value| value.to_str().expect("ASCII").to_owned());
    let (etag, modified) = (field("etag"), field("last-modified"));
    let status = response.status().as_u16();
    let content = at_once(axum::body::to_bytes(response.into_body(), usize::MAX)).expect("content");
    (status, etag, modified, String::from_utf8(content.into()).expect("text"))
}

macro_rules! answers {
    ($($name:ident: $response:expr => $status:literal, $etag:expr, $modified:expr, $content:literal;)*) => {$(
        #[test]
        fn $name() {
            let etag: Option<&str> = $etag;
            let modified: Option<&str> = $modified;
            let expected = ($status, etag.map(str::to_owned), modified.map(str::to_owned), $content.to_owned());
            assert_eq!(told($response), expected);
        }
    )*};
}

fn tag() -> EntityTag {
    EntityTag::from_version(2)
}

answers! {
    a_tag_alone: tag() => 200, Some("\"2\""), None, "";
    a_tag_behind_a_status: (StatusCode::NO_CONTENT, tag()) => 204, Some("\"2\""), None, "";
    a_tag_before_a_body: (tag(), "text") => 200, Some("\"2\""), None, "text";
    a_tag_between_status_and_body: (StatusCode::CREATED, tag(), "text") => 201, Some("\"2\""), None, "text";
    no_tag: (StatusCode::NO_CONTENT, None::<EntityTag>, ()) => 204, None, None, "";
    validators_alone: current() => 200, Some("\"1\""), Some(MODIFIED), "";
    validators_behind_a_status: (StatusCode::NO_CONTENT, current()) => 204, Some("\"1\""), Some(MODIFIED), "";
    validators_before_a_body: (current(), "text") => 200, Some("\"1\""), Some(MODIFIED), "text";
    no_validators: Validators::new() => 200, None, None, "";
}
