//! With `EntityTagLayer` inside, a request to any handler can get a 304.

use std::convert::Infallible;

use http::{Request, Response, header};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::{EntityTagLayer, PreconditionLayer};

use crate::support::{at_once, request};

/// A handler without tags: it answers 404 for one target, and the path for all others.
async fn handler(request: Request<String>) -> Result<Response<String>, Infallible> {
    let status = if request.uri().path() == "/missing" { 404 } else { 200 };
    let content = format!("{} {}", request.uri().path(), request.headers().contains_key("range"));
    Ok(Response::builder()
        .status(status)
        .header("content-type", "text/plain")
        .body(content)
        .expect("a response"))
}

fn exchange(method: &str, target: &str, fields: &[(&str, &str)]) -> (http::response::Parts, String) {
    let service = PreconditionLayer::from_response().layer(EntityTagLayer::new().layer(service_fn(handler)));
    let mut request = request(method, fields);
    *request.uri_mut() = target.parse().expect("a target");
    let Ok(response) = at_once(service.oneshot(request));
    let (head, body) = response.into_parts();
    let body = at_once(body.collect()).expect("content without errors").to_bytes();
    (head, String::from_utf8(body.into()).expect("text"))
}

#[test]
fn any_handler_gets_304() {
    let (head, content) = exchange("GET", "/a", &[]);
    assert_eq!(content, "/a false");
    let tag = head.headers[header::ETAG].to_str().expect("visible ASCII").to_owned();
    for (method, target, field, value, status) in [
        ("GET", "/a", "if-none-match", &*tag, 304),
        ("QUERY", "/a", "if-none-match", &tag, 304),
        ("GET", "/a", "if-none-match", &format!("\"0\", W/{tag}"), 304),
        ("GET", "/b", "if-none-match", &tag, 200),
        ("GET", "/a", "if-none-match", "*", 304),
        ("GET", "/a", "if-match", &tag, 200),
        ("GET", "/b", "if-match", &tag, 412),
        ("GET", "/missing", "if-none-match", &tag, 404),
        ("GET", "/missing", "if-match", "*", 404),
        ("PUT", "/a", "if-match", &tag, 501),
    ] {
        let (head, content) = exchange(method, target, &[(field, value)]);
        assert_eq!(head.status, status, "{method} {target} {field}: {value}");
        assert_eq!(content.starts_with('/'), [200, 404].contains(&status));
        if status == 304 {
            assert_eq!(head.headers[header::ETAG], tag);
            assert!(!head.headers.contains_key(header::CONTENT_TYPE));
        }
    }
}

#[test]
fn rule_41_if_range_gets_the_whole() {
    let (_, content) = exchange("GET", "/a", &[("range", "bytes=0-1"), ("if-range", "\"1\"")]);
    assert_eq!(content, "/a false");
}
