//! Decision 9 and the rules about 304: it carries fields of the 200, and no others.

use http_body::Body;
use tower::{Layer, ServiceExt};
use tower_precondition::{Emit, PreconditionLayer, Validators};

use crate::support::{
    By::{Handler as ByHandler, Layer as ByLayer},
    EARLIER, Handler, LATER, MODIFIED, at_once, current, date, date_in, dated, finds, request, response,
    send, tagged,
};

/// All fields that a 304 can repeat.
fn described() -> Validators {
    current()
        .with_cache_control("max-age=60".parse().expect("a value"))
        .with_content_location("/documents/7.en".parse().expect("a value"))
        .with_expires(LATER.parse().expect("a value"))
        .with_vary("accept-language".parse().expect("a value"))
}

#[test]
fn rule_61_a_304_has_the_fields_of_the_200() {
    let answer =
        send(PreconditionLayer::new(finds(described)), request("GET", &[("if-none-match", "\"1\"")]));
    assert_eq!(answer.by(), ByLayer(304));
    assert_eq!(answer.field("etag"), Some("\"1\""));
    assert_eq!(answer.field("cache-control"), Some("max-age=60"));
    assert_eq!(answer.field("content-location"), Some("/documents/7.en"));
    assert_eq!(answer.field("expires"), Some(LATER));
    assert_eq!(answer.field("vary"), Some("accept-language"));
}

#[test]
fn rules_61_62_the_200_carries_the_same_and_the_date() {
    let whole = send(PreconditionLayer::new(finds(described)), request("GET", &[]));
    let short = send(PreconditionLayer::new(finds(described)), request("GET", &[("if-none-match", "*")]));
    let mut fields = whole.head.headers.clone();
    assert_eq!(fields.remove("last-modified").expect("the 200 has the date"), MODIFIED);
    assert_eq!(short.head.headers, fields);
}

#[test]
fn rule_62_a_304_has_last_modified_only_without_a_tag() {
    for (found, date) in [(current(), None), (dated(MODIFIED), Some(MODIFIED))] {
        let fields = [("if-modified-since", MODIFIED)];
        let answer = send(PreconditionLayer::new(finds(|| found.clone())), request("GET", &fields));
        assert_eq!(answer.by(), ByLayer(304));
        assert_eq!(answer.field("last-modified"), date);
    }
}

#[test]
fn rule_62_the_date_is_that_of_the_representation() {
    for sent in [LATER, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
        let fields = [("if-modified-since", sent)];
        let answer = send(PreconditionLayer::new(finds(|| dated(MODIFIED))), request("GET", &fields));
        assert_eq!(answer.by(), ByLayer(304));
        assert_eq!(answer.field("last-modified"), Some(MODIFIED));
    }
}

/// The layer compares the texts first. It gives the same answer if they differ, or if another condition decides.
#[test]
fn rule_30_the_dates_are_compared_and_not_their_texts() {
    const MIDNIGHT: &str = "Mon, 07 Nov 1994 00:00:00 GMT";
    const DATE: (&str, &str) = ("if-modified-since", MODIFIED);
    let by_date = |sent| [("if-modified-since", sent)];
    for (rule, method, fields, found, by) in [
        ("the same text", "GET", &[DATE][..], MODIFIED, ByLayer(304)),
        ("of HEAD", "HEAD", &[DATE], MODIFIED, ByLayer(304)),
        ("beside Range", "GET", &[DATE, ("range", "bytes=0-1")], MODIFIED, ByLayer(304)),
        ("a second of 60", "GET", &by_date("Sun, 06 Nov 1994 23:59:60 GMT"), MIDNIGHT, ByLayer(304)),
        ("blanks around it", "GET", &by_date(" Sun, 06 Nov 1994 08:49:37 GMT "), MODIFIED, ByLayer(304)),
        ("lower case", "GET", &by_date("sun, 06 nov 1994 08:49:37 gmt"), MODIFIED, ByHandler),
        ("a second earlier", "GET", &by_date(EARLIER), MODIFIED, ByHandler),
        ("two lines", "GET", &[DATE, DATE], MODIFIED, ByHandler),
        ("beside If-None-Match", "GET", &[DATE, ("if-none-match", "\"0\"")], MODIFIED, ByHandler),
        ("beside a false If-Match", "GET", &[DATE, ("if-match", "\"0\"")], MODIFIED, ByLayer(412)),
        ("of PUT", "PUT", &[DATE], MODIFIED, ByHandler),
    ] {
        let answer = send(PreconditionLayer::new(finds(|| dated(found))), request(method, fields));
        assert_eq!(answer.by(), by, "{rule}");
        if by == ByLayer(304) {
            assert_eq!(answer.field("last-modified"), Some(found), "{rule}");
        }
    }
}

#[test]
fn rule_62_a_304_repeats_nothing_of_the_request() {
    let fields =
        [("if-none-match", "\"1\""), ("cookie", "a=b"), ("content-type", "text/plain"), ("host", "here")];
    let answer = send(PreconditionLayer::new(finds(|| tagged("\"1\""))), request("GET", &fields));
    let names: Vec<_> = answer.head.headers.keys().map(http::HeaderName::as_str).collect();
    assert_eq!(names, ["etag"]);
}

#[test]
fn rule_63_a_304_has_no_content_and_no_length() {
    for method in ["GET", "HEAD", "QUERY"] {
        let handler = Handler::answering(response(200, &[], "text"));
        let service = PreconditionLayer::new(finds(current)).layer(handler);
        let Ok(response) = at_once(service.oneshot(request(method, &[("if-none-match", "\"1\"")])));
        assert_eq!(response.status(), 304);
        assert!(!response.headers().contains_key("content-length"));
        assert!(!response.headers().contains_key("content-type"));
        assert!(response.body().is_end_stream());
        // A server turns an exact zero into `Content-Length: 0`.
        assert_eq!(response.body().size_hint().exact(), None);
    }
}

#[test]
fn decision_9_a_304_has_no_rejection() {
    let answer = send(PreconditionLayer::new(finds(current)), request("GET", &[("if-none-match", "\"1\"")]));
    assert_eq!((answer.by(), answer.body.as_str()), (ByLayer(304), ""));
    assert!(answer.rejection().is_none());
}

#[test]
fn rule_77_a_304_says_of_caching_what_the_source_says_and_no_more() {
    let expiring = || current().with_expires(LATER.parse().expect("a value"));
    for (found, cache_control) in [(current(), None), (described(), Some("max-age=60")), (expiring(), None)] {
        for method in ["GET", "HEAD", "QUERY"] {
            let fields = [("if-none-match", "*"), ("cookie", "user=ada")];
            let answer = send(PreconditionLayer::new(finds(|| found.clone())), request(method, &fields));
            assert_eq!(answer.by(), ByLayer(304));
            assert_eq!(answer.field("cache-control"), cache_control);
        }
    }
}

#[test]
fn rule_44_a_date_in_the_future_becomes_now() {
    let found = || Validators::new().with_last_modified(date_in(3600));
    let before = date_in(0);
    let answer = send(PreconditionLayer::new(finds(found)), request("GET", &[("if-none-match", "*")]));
    let after = date_in(0);
    assert_eq!(answer.by(), ByLayer(304));
    let shown = date(answer.field("last-modified").expect("a date"));
    assert!(before <= shown && shown <= after, "{shown}");
}

#[test]
fn rule_44_a_date_in_the_future_becomes_now_even_if_the_client_sent_it() {
    let found = date_in(3600);
    let fields = [("if-modified-since", &*found.to_string())];
    let source = finds(|| Validators::new().with_last_modified(found));
    let answer = send(PreconditionLayer::new(source), request("GET", &fields));
    assert_eq!(answer.by(), ByLayer(304));
    let shown = date(answer.field("last-modified").expect("a date"));
    assert!(shown <= date_in(0), "{shown}");
    assert!(answer.field("date").is_some_and(|sent| shown <= date(sent)));
}

#[test]
fn rule_44_a_recent_last_modified_comes_with_a_date() {
    for (found, has_date) in [(0, true), (3600, true), (-3600, false)] {
        let found = || Validators::new().with_last_modified(date_in(found));
        for field in ["accept", "if-none-match"] {
            let answer = send(PreconditionLayer::new(finds(found)), request("GET", &[(field, "*")]));
            let shown = date(answer.field("last-modified").expect("a date"));
            assert_eq!(answer.field("date").is_some(), has_date);
            assert!(answer.field("date").is_none_or(|sent| shown <= date(sent)));
        }
    }
}

#[test]
fn decision_9_conditions_are_evaluated_if_nothing_is_emitted() {
    let layer = PreconditionLayer::new(finds(current)).emit(Emit::Nothing);
    let answer = send(layer, request("GET", &[("if-none-match", "\"1\"")]));
    assert_eq!(answer.by(), ByLayer(304));
    assert_eq!(answer.field("etag"), Some("\"1\""));
}
