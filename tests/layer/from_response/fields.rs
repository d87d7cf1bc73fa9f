//! The fields of the 304, and the content that the layer drops unread.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{Request, Response};
use http_body::Body;
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::PreconditionLayer;

use super::exchange;
use crate::support::{MODIFIED, at_once, bodies::Unread, request};

const OF_CONTENT: [(&str, &str); 18] = [
    ("content-type", "text/plain"),
    ("content-length", "4"),
    ("content-encoding", "gzip"),
    ("content-encoding", "br"),
    ("content-language", "en"),
    ("content-range", "bytes 0-3/9"),
    ("transfer-encoding", "chunked"),
    ("trailer", "x-checksum"),
    ("content-disposition", "attachment; filename=\"report.csv\""),
    ("content-digest", "sha-256=:AA==:"),
    ("repr-digest", "sha-256=:AA==:"),
    ("digest", "sha-256=AA=="),
    ("content-md5", "AA=="),
    ("content-security-policy", "script-src 'nonce-7'"),
    ("content-security-policy-report-only", "script-src 'nonce-7'"),
    ("signature", "sig=:AA==:"),
    ("signature-input", "sig=(\"content-digest\")"),
    ("sourcemap", "/page.js.map"),
];

const KEPT: [(&str, &str); 14] = [
    ("etag", "\"1\""),
    ("cache-control", "max-age=60"),
    ("cache-control", "private"),
    ("content-location", "/documents/7.en"),
    ("date", "Sun, 06 Nov 1994 08:50:00 GMT"),
    ("expires", "Sun, 06 Nov 1994 09:50:00 GMT"),
    ("vary", "accept"),
    ("vary", "accept-language"),
    ("set-cookie", "a=1"),
    ("set-cookie", "b=2"),
    ("accept-ranges", "bytes"),
    ("access-control-allow-origin", "*"),
    ("link", "</style.css>; rel=preload"),
    ("x-request-id", "7"),
];

/// Name and value of every line, in their order within a name.
fn lines(answer: &crate::support::Answer) -> Vec<(String, String)> {
    let headers = answer.head.headers.iter();
    let mut lines: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().expect("visible ASCII").to_owned()))
        .collect();
    // By name alone: the stable sort keeps the order of the lines of one field.
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    lines
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut lines: Vec<_> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    lines
}

#[test]
fn rules_61_62_a_304_keeps_all_fields_but_those_of_content() {
    for status in [200, 206, 416] {
        let sent = [&KEPT[..], &OF_CONTENT, &[("last-modified", MODIFIED)]].concat();
        let answer = exchange("GET", &[("if-none-match", "\"1\"")], status, &sent);
        assert_eq!(answer.status(), 304);
        assert_eq!(lines(&answer), owned(&KEPT));
    }
}

/// The problem has a type and a length of its own, and nothing else of the content that it replaces.
#[test]
fn rule_83_a_412_in_place_of_a_response_has_no_field_of_its_content() {
    let sent = [&KEPT[..], &OF_CONTENT].concat();
    let answer = exchange("GET", &[("if-match", "\"0\"")], 200, &sent);
    assert_eq!(answer.status(), 412);
    let own =
        [("content-type", "application/problem+json"), ("cache-control", "no-store"), ("etag", "\"1\"")];
    for (name, value) in own {
        assert_eq!(answer.field(name), Some(value));
    }
    let of_response = ["content-location", "date", "expires", "accept-ranges"];
    let dropped = OF_CONTENT.iter().map(|(name, _)| *name).filter(|name| *name != "content-type");
    for name in dropped.chain(of_response) {
        assert_eq!(answer.field(name), None, "{name}");
    }
    for (name, lines) in
        [("set-cookie", 2), ("vary", 2), ("access-control-allow-origin", 1), ("x-request-id", 1)]
    {
        assert_eq!(answer.head.headers.get_all(name).iter().count(), lines, "{name}");
    }
}

#[test]
fn rule_62_last_modified_stays_without_a_tag() {
    let kept = [&KEPT[1..], &[("last-modified", MODIFIED)]].concat();
    let sent = [&kept[..], &OF_CONTENT].concat();
    let answer = exchange("GET", &[("if-modified-since", MODIFIED)], 200, &sent);
    assert_eq!(answer.status(), 304);
    assert_eq!(lines(&answer), owned(&kept));
}

#[test]
fn rule_62_last_modified_is_removed_beside_a_tag_that_no_condition_named() {
    let sent = [("etag", "W/\"1\""), ("last-modified", MODIFIED)];
    let answer = exchange("GET", &[("if-modified-since", MODIFIED)], 200, &sent);
    assert_eq!(answer.status(), 304);
    assert_eq!(lines(&answer), owned(&[("etag", "W/\"1\"")]));
}

#[test]
fn rule_62_last_modified_stays_beside_an_invalid_tag() {
    let sent = [("etag", "1"), ("last-modified", MODIFIED)];
    let answer = exchange("GET", &[("if-modified-since", MODIFIED)], 200, &sent);
    assert_eq!(answer.status(), 304);
    assert_eq!(answer.field("last-modified"), Some(MODIFIED), "nothing else tells the client what it holds");
}

#[test]
fn rule_63_the_content_is_dropped_unread_before_the_answer_is_given() {
    for (field, tag, status) in [("if-none-match", "\"1\"", 304), ("if-match", "\"0\"", 412)] {
        let dropped = Arc::new(AtomicBool::new(false));
        let content = Arc::clone(&dropped);
        let handler = service_fn(move |_: Request<String>| {
            let content = Unread::that_tells(&content);
            async {
                Ok::<_, Infallible>(
                    Response::builder().header("etag", "\"1\"").body(content).expect("a response"),
                )
            }
        });
        let service = PreconditionLayer::from_response().layer(handler);
        let Ok(response) = at_once(service.oneshot(request("GET", &[(field, tag)])));
        assert_eq!(response.status(), status);
        assert!(dropped.load(Ordering::Relaxed));
        if status == 304 {
            assert!(response.body().is_end_stream());
            assert_eq!(response.body().size_hint().exact(), None, "an exact zero would be a Content-Length");
        }
    }
}

#[test]
fn decision_13_an_answer_that_passes_keeps_its_size() {
    let handler =
        service_fn(|_: Request<String>| async { Ok::<_, Infallible>(Response::new(Unread::default())) });
    let service = PreconditionLayer::from_response().layer(handler);
    let Ok(response) = at_once(service.oneshot(request("GET", &[("if-none-match", "\"1\"")])));
    assert_eq!(response.status(), 200);
    assert_eq!(response.body().size_hint().exact(), Some(1 << 20));
}
