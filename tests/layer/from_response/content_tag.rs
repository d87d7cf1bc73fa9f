//! With `EntityTagLayer` inside, a request to any handler gets the answer of RFC 9110.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::{Method, Request, Response, header};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::{EntityTag, EntityTagLayer, PreconditionLayer, Preconditions, Requirement};

use crate::support::{LATER, MODIFIED, at_once, request};

/// Serves a text of ten bytes, with ranges but without validators. `/missing` is a 404.
async fn handler(request: Request<String>) -> Result<Response<String>, Infallible> {
    let path = request.uri().path();
    let text = format!("{path:.<10}");
    let range = request.headers().get(header::RANGE).filter(|_| request.method() != Method::HEAD);
    let response = Response::builder().header("content-type", "text/plain").header("last-modified", MODIFIED);
    let response = match range.map(header::HeaderValue::as_bytes) {
        _ if path == "/missing" => response.status(404).body(text),
        Some(b"bytes=2-4") => {
            response.status(206).header("content-range", "bytes 2-4/10").body(text[2..5].to_owned())
        }
        Some(_) => response.status(416).header("content-range", "bytes */10").body(String::new()),
        None if request.method() == Method::HEAD => response.header("content-length", 10).body(String::new()),
        None => response.body(text),
    };
    Ok(response.expect("a response"))
}

fn exchange(method: &str, target: &str, fields: &[(&str, &str)]) -> (http::response::Parts, String) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = {
        let calls = Arc::clone(&calls);
        service_fn(move |request| {
            calls.fetch_add(1, Ordering::Relaxed);
            handler(request)
        })
    };
    let service = PreconditionLayer::from_response().layer(EntityTagLayer::new().layer(counted));
    let mut request = request(method, fields);
    *request.uri_mut() = target.parse().expect("a target");
    let Ok(response) = at_once(service.oneshot(request));
    assert!(calls.load(Ordering::Relaxed) <= 1, "the service is never called twice");
    let (head, body) = response.into_parts();
    let body = at_once(body.collect()).expect("content without errors").to_bytes();
    (head, String::from_utf8(body.into()).expect("text"))
}

fn tag_of(target: &str) -> String {
    let (head, _) = exchange("GET", target, &[]);
    head.headers[header::ETAG].to_str().expect("visible ASCII").to_owned()
}

#[test]
fn any_handler_gets_304() {
    let tag = tag_of("/a");
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

const CURRENT: &str = "the tag of the 200";
const PART: (&str, &str) = ("range", "bytes=2-4");
const BEYOND: (&str, &str) = ("range", "bytes=99-");

/// `METHOD [fields] => status` for `/a`. [`CURRENT`] stands for its tag.
macro_rules! reads {
    ($($name:ident: $method:literal [$($field:expr),*] => $status:literal;)*) => {$(
        #[test]
        fn $name() {
            let tag = tag_of("/a");
            let fields: &[(&str, &str)] = &[$($field),*];
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (*name, if *value == CURRENT { &*tag } else { *value }))
                .collect();
            let (head, content) = exchange($method, "/a", &fields);
            assert_eq!(head.status, $status, "{head:?}");
            match $status {
                200 => {
                    assert_eq!(content, if $method == "HEAD" { "" } else { "/a........" });
                    let fields = ["etag", "content-type", "last-modified"].map(|name| head.headers.get(name));
                    let (of_get, _) = exchange("GET", "/a", &[]);
                    assert_eq!(fields, ["etag", "content-type", "last-modified"].map(|name| of_get.headers.get(name)));
                    if $method == "HEAD" {
                        assert_eq!(head.headers["content-length"], "10");
                    }
                }
                304 => {
                    assert_eq!(content, "");
                    assert_eq!(head.headers[header::ETAG], tag);
                    assert!(!head.headers.contains_key(header::LAST_MODIFIED));
                }
                _ => {}
            }
        }
    )*};
}

reads! {
    rule_15_a_current_if_match_gets_the_whole: "GET" [PART, ("if-match", CURRENT)] => 200;
    rule_15_a_current_if_match_on_query_gets_the_whole: "QUERY" [PART, ("if-match", CURRENT)] => 200;
    rule_17_a_stale_if_match_for_a_part_is_412: "GET" [PART, ("if-match", "\"0\"")] => 412;
    rule_14_star_gets_the_whole: "GET" [PART, ("if-match", "*")] => 200;
    rule_23_a_current_if_none_match_for_a_part_is_304: "GET" [PART, ("if-none-match", CURRENT)] => 304;
    rule_22_a_stale_if_none_match_gets_the_whole: "GET" [PART, ("if-none-match", "\"0\"")] => 200;
    rule_21_star_for_a_part_is_304: "GET" [PART, ("if-none-match", "*")] => 304;
    rule_30_a_date_for_a_part_is_304: "GET" [PART, ("if-modified-since", LATER)] => 304;
    rule_35_a_date_gets_the_whole: "GET" [PART, ("if-unmodified-since", MODIFIED)] => 200;
    rule_60_an_unsatisfiable_range_under_a_current_if_match: "GET" [BEYOND, ("if-match", CURRENT)] => 200;
    rule_60_an_unsatisfiable_range_under_a_stale_if_match: "GET" [BEYOND, ("if-match", "\"0\"")] => 412;
    rule_60_an_unsatisfiable_range_of_what_the_client_holds: "GET" [BEYOND, ("if-none-match", CURRENT)] => 304;
    rule_41_if_range_gets_the_whole: "GET" [PART, ("if-range", CURRENT)] => 200;
    rule_41_a_date_in_if_range_gets_the_whole: "GET" [PART, ("if-range", MODIFIED)] => 200;
    rules_5_23_a_current_if_none_match_on_head_is_304: "HEAD" [("if-none-match", CURRENT)] => 304;
    rules_5_15_a_current_if_match_on_head: "HEAD" [("if-match", CURRENT)] => 200;
    rules_5_17_a_stale_if_match_on_head_is_412: "HEAD" [("if-match", "\"0\"")] => 412;
    rules_5_56_a_head_has_the_fields_of_its_get: "HEAD" [("if-none-match", "\"0\"")] => 200;
    rules_5_60_a_head_loses_range: "HEAD" [PART, ("if-match", CURRENT)] => 200;
    rules_5_30_a_date_on_head_is_304: "HEAD" [("if-modified-since", LATER)] => 304;
}

#[test]
fn a_range_without_a_condition_is_served_as_it_is() {
    let (head, content) = exchange("GET", "/a", &[PART]);
    assert_eq!((head.status.as_u16(), &*content), (206, "..."));
    assert!(!head.headers.contains_key(header::ETAG));
    let (head, _) = exchange("GET", "/a", &[BEYOND]);
    assert_eq!(head.status, 416);
}

#[test]
fn rule_2_a_404_to_head_wins() {
    let (head, content) = exchange("HEAD", "/missing", &[("if-match", "\"0\"")]);
    assert_eq!((head.status.as_u16(), &*content), (404, ""));
    assert_eq!(head.headers["content-length"], "10", "that of the GET");
}

/// The handler is asked with GET, so its rejection has content.
#[test]
fn rules_5_56_a_rejection_of_the_handler_has_no_content_on_head() {
    let rejecting = service_fn(async |request: Request<String>| {
        let (head, _) = request.into_parts();
        let required = Requirement::on_writes().for_methods([Method::GET]);
        let checked = Preconditions::from_head(&head).require(required).check(EntityTag::from_version(1));
        let response = checked.expect_err("the layer removed the condition").to_response();
        Ok::<_, Infallible>(response.map(|content| String::from_utf8(content.into()).expect("text")))
    });
    let service = PreconditionLayer::from_response().layer(EntityTagLayer::new().layer(rejecting));
    let Ok(response) = at_once(service.oneshot(request("HEAD", &[("if-none-match", "\"0\"")])));
    assert_eq!(response.status(), 428);
    let content = at_once(response.into_body().collect()).expect("content without errors").to_bytes();
    assert_eq!(content, "");
}
