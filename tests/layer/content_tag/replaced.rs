//! `replace_validators()`: nothing that the service says about its validators reaches the client.

use std::{convert::Infallible, future::ready};

use http::{HeaderMap, Request, Response};
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::EntityTagLayer;

use super::{answer, response};
use crate::support::{
    LATER, MODIFIED, at_once,
    bodies::{Script, data},
    request,
};

const OWN: [(&str, &str); 3] = [("etag", "\"1\""), ("last-modified", MODIFIED), ("cache-control", "private")];

fn text() -> Script {
    Script::known([data("text")])
}

/// The tag of `text` without fields.
fn tag_of_text() -> String {
    super::tag_of(&[("cache-control", "private")], text())
}

#[test]
fn a_response_has_the_tag_of_its_content_or_none() {
    for (method, status, own, tagged) in [
        ("GET", 200, &OWN[..], true),
        ("QUERY", 200, &OWN, true),
        ("GET", 200, &[("etag", "\"1\""), ("etag", "\"2\""), OWN[1], OWN[2]], true),
        ("GET", 200, &[("etag", "malformed"), OWN[2]], true),
        ("GET", 200, &OWN[2..], true),
        ("HEAD", 200, &OWN, false),
        ("GET", 206, &OWN, false),
        ("GET", 304, &OWN, false),
        ("GET", 404, &OWN, false),
        ("PUT", 200, &OWN, false),
        ("OPTIONS", 200, &OWN, false),
    ] {
        let layer = EntityTagLayer::new().replace_validators();
        let replaced = answer(layer, method, response(status, own, text()));
        assert_eq!(replaced.tag(), tagged.then(tag_of_text).as_deref(), "{method} {status}");
        assert!(!replaced.head.headers.contains_key("last-modified"), "{method} {status}");
        assert_eq!(replaced.head.headers["cache-control"], "private");
    }
}

#[test]
fn content_beyond_the_limit_has_no_validators() {
    let layer = EntityTagLayer::new().limit(3).replace_validators();
    let replaced = answer(layer, "GET", response(200, &OWN, text()));
    assert_eq!(replaced.tag(), None);
    assert!(!replaced.head.headers.contains_key("last-modified"));
}

#[test]
fn the_service_validators_stay_by_default() {
    let kept = answer(EntityTagLayer::new(), "GET", response(200, &OWN, text()));
    assert_eq!(kept.head.headers, *response(200, &OWN, text()).headers());
}

/// The fields of the request as the service sees them.
fn seen(method: &str, fields: &[(&str, &str)]) -> HeaderMap {
    let handler = service_fn(|request: Request<String>| {
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(request.headers().clone());
        ready(Ok::<_, Infallible>(response))
    });
    let service = EntityTagLayer::new().replace_validators().layer(handler);
    let Ok(mut response) = at_once(service.oneshot(request(method, fields)));
    response.extensions_mut().remove().expect("the handler ran")
}

/// `METHOD [fields] => [fields that the service sees]`, with the Range that is always sent.
macro_rules! seen {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*] => [$($left:literal),*];)*) => {$(
        #[test]
        fn $name() {
            let seen = seen($method, &[("range", "bytes=0-1"), ("accept", "a/b"), $(($field, $value)),*]);
            let mut names: Vec<_> = seen.keys().map(|name| name.as_str()).collect();
            names.sort_unstable();
            assert_eq!(names, [$($left),*]);
        }
    )*};
}

seen! {
    a_range_without_a_condition_stays: "GET" [] => ["accept", "range"];
    the_service_evaluates_no_if_none_match: "GET" ["if-none-match": "*"] => ["accept", "range"];
    the_service_evaluates_no_date: "HEAD" ["if-modified-since": LATER] => ["accept", "range"];
    decision_23_if_match_takes_range_along: "GET" ["if-match": "\"1\""] => ["accept"];
    decision_23_a_date_takes_range_along: "QUERY" ["if-unmodified-since": LATER] => ["accept"];
    decision_23_if_range_takes_range_along: "GET" ["if-range": "\"1\"", "if-none-match": "\"1\""] => ["accept"];
    a_write_keeps_its_conditions: "PUT" ["if-match": "\"1\"", "if-range": "\"1\""] => ["accept", "if-match", "if-range", "range"];
}
