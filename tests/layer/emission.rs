//! Decision 14 and its rules: the fields that a handler's answer gets from the source.

use http::{Response, request::Parts};
use tower_precondition::{Emit, PreconditionLayer, Representation, Validators};

use crate::support::{
    Answer, By::Handler, LATER, MODIFIED, current, date, date_in, dated, fails, finds, never_asked, request,
    response, send, send_to, tagged,
};

const NOTHING: [Option<&str>; 6] = [None; 6];

/// ETag, Last-Modified, Cache-Control, Expires, Vary and Content-Location of an answer.
fn described_by(answer: &Answer) -> [Option<&str>; 6] {
    ["etag", "last-modified", "cache-control", "expires", "vary", "content-location"]
        .map(|field| answer.field(field))
}

fn value(text: &str) -> http::HeaderValue {
    text.parse().expect("a value")
}

/// `METHOD [fields] to the handler's answer, the source's result => the fields of the answer`.
macro_rules! emits {
    ($($name:ident: $method:literal [$($field:literal: $value:literal),*] to $answer:expr, $found:expr
        => $told:expr;)*) => {$(
        #[test]
        fn $name() {
            let layer = PreconditionLayer::new(finds(|| $found));
            let answer = send_to($answer, layer, request($method, &[$(($field, $value)),*]));
            assert_eq!(answer.by(), Handler, "{answer:?}");
            assert_eq!(described_by(&answer), $told);
        }
    )*};
}

fn ok(fields: &[(&str, &str)]) -> Response<String> {
    response(200, fields, "text")
}

emits! {
    decision_14_get_gets_tag_date_and_no_cache:
        "GET" [] to ok(&[]), current()
        => [Some("\"1\""), Some(MODIFIED), Some("no-cache"), None, None, None];
    rule_56_head_gets_the_fields_of_get:
        "HEAD" [] to ok(&[]), current()
        => [Some("\"1\""), Some(MODIFIED), Some("no-cache"), None, None, None];
    decision_14_a_conditional_get_gets_them_too:
        "GET" ["if-none-match": "\"2\""] to ok(&[]), current()
        => [Some("\"1\""), Some(MODIFIED), Some("no-cache"), None, None, None];
    decision_14_a_weak_tag_is_sent_as_it_is:
        "GET" [] to ok(&[]), tagged("W/\"1\"")
        => [Some("W/\"1\""), None, Some("no-cache"), None, None, None];
    decision_14_get_gets_the_sources_fields:
        "GET" [] to ok(&[]),
        tagged("\"1\"").with_cache_control(value("max-age=60")).with_vary(value("accept"))
            .with_content_location(value("/a.en"))
        => [Some("\"1\""), None, Some("max-age=60"), None, Some("accept"), Some("/a.en")];
    decision_14_expires_replaces_no_cache:
        "GET" [] to ok(&[]), tagged("\"1\"").with_expires(value(LATER))
        => [Some("\"1\""), None, None, Some(LATER), None, None];
    decision_14_the_handlers_expires_replaces_no_cache:
        "GET" [] to ok(&[("expires", LATER)]), tagged("\"1\"")
        => [Some("\"1\""), None, None, Some(LATER), None, None];
    decision_14_the_handlers_fields_stay:
        "GET" [] to ok(&[("cache-control", "private"), ("vary", "cookie")]),
        tagged("\"1\"").with_cache_control(value("max-age=60")).with_vary(value("accept"))
        => [Some("\"1\""), None, Some("private"), None, Some("cookie"), None];
    decision_14_get_gets_nothing_if_the_handler_set_etag:
        "GET" [] to ok(&[("etag", "\"own\"")]), current().with_vary(value("accept"))
        => [Some("\"own\""), None, None, None, None, None];
    decision_14_get_gets_nothing_if_the_handler_set_last_modified:
        "GET" [] to ok(&[("last-modified", LATER)]), current().with_vary(value("accept"))
        => [None, Some(LATER), None, None, None, None];
    decision_14_get_without_validators_gets_no_cache:
        "GET" [] to ok(&[]), Validators::new()
        => [None, None, Some("no-cache"), None, None, None];

    rule_58_put_gets_nothing: "PUT" [] to ok(&[]), current() => NOTHING;
    rule_58_a_creating_put_gets_nothing:
        "PUT" ["if-none-match": "*"] to response(201, &[], ""), Representation::absent() => NOTHING;
    rule_58_a_conditional_put_gets_nothing:
        "PUT" ["if-match": "\"1\""] to response(204, &[], ""), current() => NOTHING;
    rule_58_the_handlers_own_tag_of_a_put_stays:
        "PUT" ["if-match": "\"1\""] to ok(&[("etag", "\"2\"")]), current()
        => [Some("\"2\""), None, None, None, None, None];
    decision_14_post_gets_nothing: "POST" [] to ok(&[]), current() => NOTHING;
    decision_14_delete_gets_nothing: "DELETE" [] to ok(&[]), current() => NOTHING;
    decision_14_query_gets_nothing: "QUERY" ["if-none-match": "\"2\""] to ok(&[]), current() => NOTHING;
    decision_14_options_gets_nothing: "OPTIONS" [] to ok(&[]), current() => NOTHING;

    decision_14_a_404_gets_nothing: "GET" [] to response(404, &[], ""), current() => NOTHING;
    decision_14_a_201_gets_nothing: "GET" [] to response(201, &[], ""), current() => NOTHING;
    decision_14_a_304_of_the_handler_gets_nothing: "GET" [] to response(304, &[], ""), current() => NOTHING;
    decision_14_a_redirect_gets_nothing: "GET" [] to response(302, &[], ""), current() => NOTHING;
    decision_14_a_500_gets_nothing: "GET" [] to response(500, &[], ""), current() => NOTHING;
    decision_14_absence_gives_nothing: "GET" [] to ok(&[]), Representation::absent() => NOTHING;
    decision_14_a_deferral_gives_nothing: "GET" [] to ok(&[]), Representation::defer_to_handler() => NOTHING;

    decision_14_a_206_gets_the_tag_without_the_date:
        "GET" ["range": "bytes=0-1"] to response(206, &[], "te"), current()
        => [Some("\"1\""), None, Some("no-cache"), None, None, None];
    decision_14_a_206_gets_the_date_without_a_tag:
        "GET" ["range": "bytes=0-1"] to response(206, &[], "te"), dated(MODIFIED)
        => [None, Some(MODIFIED), Some("no-cache"), None, None, None];
}

#[test]
fn decision_14_a_206_gets_the_fields_of_the_200() {
    let found = || tagged("\"1\"").with_vary(value("accept")).with_content_location(value("/a.en"));
    let answer = send_to(
        response(206, &[("content-range", "bytes 0-1/4")], "te"),
        PreconditionLayer::new(finds(found)),
        request("GET", &[("range", "bytes=0-1"), ("if-range", "\"1\"")]),
    );
    assert_eq!(answer.field("vary"), Some("accept"));
    assert_eq!(answer.field("content-location"), Some("/a.en"));
    assert_eq!(answer.field("content-range"), Some("bytes 0-1/4"));
}

#[test]
fn rule_44_last_modified_is_never_later_than_the_message() {
    for seconds in [3600, 5] {
        let found = || Validators::new().with_last_modified(date_in(seconds));
        let before = date_in(0);
        let answer = send(PreconditionLayer::new(finds(found)), request("GET", &[]));
        let after = date_in(0);
        let shown = date(answer.field("last-modified").expect("a date"));
        assert!(before <= shown && shown <= after, "the time of the message, not {shown}");
    }
}

#[test]
fn decision_14_emit_nothing_emits_nothing() {
    let layer = PreconditionLayer::new(finds(current)).emit(Emit::Nothing);
    let answer = send(layer, request("GET", &[("if-none-match", "\"2\"")]));
    assert_eq!(answer.by(), Handler);
    assert_eq!(described_by(&answer), NOTHING);
}

#[test]
fn decision_14_without_emission_an_unconditional_read_asks_no_source() {
    for method in ["GET", "HEAD"] {
        // If-Range without Range changes no answer.
        for fields in [&[][..], &[("if-range", "\"1\"")], &[("range", "bytes=0-1")]] {
            let layer = PreconditionLayer::new(never_asked).emit(Emit::Nothing);
            assert_eq!(send(layer, request(method, fields)).by(), Handler, "{method} {fields:?}");
        }
    }
}

#[test]
fn decision_14_an_unconditional_read_passes_if_the_source_fails() {
    let answer = send(PreconditionLayer::new(fails), request("GET", &[("range", "bytes=0-1")]));
    assert_eq!(described_by(&answer), NOTHING);
    assert_eq!(answer.handler_saw("range"), Some("bytes=0-1"));
}

#[test]
fn the_layer_asks_the_source_once_per_request() {
    for (method, fields) in
        [("GET", &[][..]), ("PUT", &[("if-match", "\"1\"")]), ("POST", &[]), ("HEAD", &[])]
    {
        let asked = std::cell::Cell::new(0);
        let source = |_: &Parts| {
            asked.set(asked.get() + 1);
            std::future::ready(current())
        };
        assert_eq!(send(PreconditionLayer::new(source), request(method, fields)).by(), Handler);
        assert_eq!(asked.get(), 1, "{method}");
    }
}

#[test]
fn a_source_sees_the_head_as_the_client_sent_it() {
    let seen = std::cell::RefCell::new(None);
    let source = |head: &Parts| {
        *seen.borrow_mut() = Some((head.method.clone(), head.uri.to_string(), head.headers.clone()));
        std::future::ready(current())
    };
    send(PreconditionLayer::new(source), request("GET", &[("if-none-match", "\"1\""), ("cookie", "a=b")]));
    let (method, target, fields) = seen.take().expect("the source was asked");
    assert_eq!((method.as_str(), target.as_str()), ("GET", "/documents/7?view=full"));
    assert_eq!(fields["if-none-match"], "\"1\"");
    assert_eq!(fields["cookie"], "a=b");
}
