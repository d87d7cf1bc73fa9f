//! Decision 14 and its rules: the fields that a handler's answer gets from the source.

use http::{Response, request::Parts};
use tower_precondition::{Emit, PreconditionLayer, Representation, Validators};

use crate::support::{
    Answer, By::Handler, LATER, MODIFIED, current, date, date_in, dated, fails, finds, never_asked, request,
    response, send, send_to, tagged,
};

const NOTHING: [Option<&str>; 6] = [None; 6];

/// ETag, Last-Modified, Cache-Control, Expires, Vary and Content-Location of an answer. The lines of a list are
/// joined.
fn described_by(answer: &Answer) -> [Option<String>; 6] {
    ["etag", "last-modified", "cache-control", "expires", "vary", "content-location"].map(|field| {
        let lines = answer.head.headers.get_all(field).into_iter();
        let lines: Vec<_> = lines.map(|line| line.to_str().expect("visible ASCII")).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    })
}

fn described(told: [Option<&str>; 6]) -> [Option<String>; 6] {
    told.map(|value| value.map(str::to_owned))
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
            assert_eq!(described_by(&answer), described($told));
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
        => [Some("W/\"1\""), None, None, None, None, None];
    decision_14_get_gets_the_sources_fields:
        "GET" [] to ok(&[]),
        tagged("\"1\"").with_cache_control(value("max-age=60")).with_vary(value("accept"))
            .with_content_location(value("/a.en"))
        => [Some("\"1\""), None, Some("max-age=60"), None, Some("accept"), Some("/a.en")];
    rule_79_a_tag_alone_invites_no_guess_and_gets_no_cache_control:
        "GET" [] to ok(&[]), tagged("\"1\"") => [Some("\"1\""), None, None, None, None, None];
    rule_79_expires_says_how_long_it_is_fresh:
        "GET" [] to ok(&[]), current().with_expires(value(LATER))
        => [Some("\"1\""), Some(MODIFIED), None, Some(LATER), None, None];
    rule_79_the_handlers_expires_says_how_long_it_is_fresh:
        "GET" [] to ok(&[("expires", LATER)]), current()
        => [Some("\"1\""), Some(MODIFIED), None, Some(LATER), None, None];
    rule_79_the_handlers_max_age_says_how_long_it_is_fresh:
        "GET" [] to ok(&[("cache-control", "private, max-age=60")]), current()
        => [Some("\"1\""), Some(MODIFIED), Some("private, max-age=60"), None, None, None];
    rule_79_private_of_the_handler_says_nothing_of_freshness:
        "GET" [] to ok(&[("cache-control", "private")]), current()
        => [Some("\"1\""), Some(MODIFIED), Some("private, no-cache"), None, None, None];
    rule_79_public_of_the_source_says_nothing_of_freshness:
        "GET" [] to ok(&[]), current().with_cache_control(value("public"))
        => [Some("\"1\""), Some(MODIFIED), Some("public, no-cache"), None, None, None];
    rule_79_a_date_of_the_handler_is_the_handlers_to_guard:
        "GET" [] to ok(&[("last-modified", MODIFIED)]), current()
        => [Some("\"1\""), Some(MODIFIED), None, None, None, None];
    rule_78_what_is_made_for_a_user_with_a_cookie_is_private:
        "GET" ["cookie": "user=ada"] to ok(&[]), current()
        => [Some("\"1\""), Some(MODIFIED), Some("private, no-cache"), None, None, None];
    rule_78_what_is_made_for_a_user_with_authorization_is_private:
        "GET" ["authorization": "Basic YTpi"] to ok(&[]), dated(MODIFIED)
        => [None, Some(MODIFIED), Some("private, no-cache"), None, None, None];
    rule_78_private_never_joins_public:
        "GET" ["cookie": "user=ada"] to ok(&[("cache-control", "public")]), current()
        => [Some("\"1\""), Some(MODIFIED), Some("public, no-cache"), None, None, None];
    rule_78_private_never_joins_s_maxage:
        "GET" ["cookie": "user=ada"] to ok(&[]), current().with_cache_control(value("s-maxage=9"))
        => [Some("\"1\""), Some(MODIFIED), Some("s-maxage=9"), None, None, None];

    rule_78_the_sources_vary_joins_the_handlers:
        "GET" [] to ok(&[("vary", "accept-encoding")]), tagged("\"1\"").with_vary(value("cookie"))
        => [Some("\"1\""), None, None, None, Some("accept-encoding, cookie"), None];
    rule_78_a_member_of_vary_is_not_repeated:
        "GET" [] to ok(&[("vary", "Cookie, Accept")]), tagged("\"1\"").with_vary(value("cookie"))
        => [Some("\"1\""), None, None, None, Some("Cookie, Accept"), None];
    rule_78_a_vary_on_everything_stands_alone:
        "GET" [] to ok(&[("vary", "accept")]), tagged("\"1\"").with_vary(value("*"))
        => [Some("\"1\""), None, None, None, Some("*"), None];
    decision_14_the_handlers_fields_stay:
        "GET" [] to ok(&[("cache-control", "private"), ("expires", LATER), ("content-location", "/b")]),
        tagged("\"1\"").with_cache_control(value("max-age=60")).with_expires(value(MODIFIED))
            .with_content_location(value("/a"))
        => [Some("\"1\""), None, Some("private"), Some(LATER), None, Some("/b")];

    decision_14_beside_the_same_tag_of_the_handler_the_rest_is_added:
        "GET" [] to ok(&[("etag", "\"1\"")]),
        current().with_cache_control(value("private")).with_vary(value("cookie"))
        => [Some("\"1\""), Some(MODIFIED), Some("private, no-cache"), None, Some("cookie"), None];
    decision_14_beside_the_handlers_date_the_sources_tag_is_added:
        "GET" [] to ok(&[("last-modified", LATER)]), tagged("\"1\"")
        => [Some("\"1\""), Some(LATER), None, None, None, None];
    decision_14_beside_the_same_date_of_the_handler_in_another_form_the_tag_is_added:
        "GET" [] to ok(&[("last-modified", "Sun Nov  6 08:49:37 1994")]), current()
        => [Some("\"1\""), Some("Sun Nov  6 08:49:37 1994"), None, None, None, None];
    rule_44_a_date_in_the_future_contradicts_no_date_of_the_handler:
        "GET" [] to ok(&[("last-modified", MODIFIED)]),
        tagged("\"1\"").with_last_modified(date_in(3600))
        => [Some("\"1\""), Some(MODIFIED), None, None, None, None];
    decision_14_beside_another_tag_of_the_handler_no_validator_is_added:
        "GET" [] to ok(&[("etag", "\"own\"")]),
        current().with_vary(value("cookie")).with_cache_control(value("private"))
            .with_content_location(value("/a"))
        => [Some("\"own\""), None, Some("private"), None, Some("cookie"), Some("/a")];
    decision_14_beside_a_weaker_tag_of_the_handler_no_validator_is_added:
        "GET" [] to ok(&[("etag", "W/\"1\"")]), current() => [Some("W/\"1\""), None, None, None, None, None];
    decision_14_beside_another_date_of_the_handler_no_validator_is_added:
        "GET" [] to ok(&[("last-modified", LATER)]), current().with_vary(value("cookie"))
        => [None, Some(LATER), None, None, Some("cookie"), None];
    decision_14_beside_a_date_of_the_handler_that_is_none_no_validator_is_added:
        "GET" [] to ok(&[("last-modified", "yesterday")]), current()
        => [None, Some("yesterday"), None, None, None, None];
    decision_14_get_without_validators_gets_nothing:
        "GET" [] to ok(&[]), Validators::new() => NOTHING;

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

    decision_14_a_203_gets_what_a_200_gets:
        "GET" [] to response(203, &[], ""), current()
        => [Some("\"1\""), Some(MODIFIED), Some("no-cache"), None, None, None];
    decision_14_an_empty_document_gets_its_tag:
        "GET" [] to response(204, &[], ""), tagged("\"1\"") => [Some("\"1\""), None, None, None, None, None];
    decision_14_a_202_is_not_the_representation:
        "GET" [] to response(202, &[], ""), current() => NOTHING;
    decision_14_a_207_is_not_the_representation:
        "GET" [] to response(207, &[], ""), current() => NOTHING;
    decision_14_a_206_gets_the_tag_without_the_date:
        "GET" ["range": "bytes=0-1"] to response(206, &[], "te"), current()
        => [Some("\"1\""), None, None, None, None, None];
    decision_14_a_206_with_the_handlers_tag_gets_no_date:
        "GET" ["range": "bytes=0-1"] to response(206, &[("etag", "\"1\"")], "te"), current()
        => [Some("\"1\""), None, None, None, None, None];
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
    assert_eq!(described_by(&answer), described(NOTHING));
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
    assert_eq!(described_by(&answer), described(NOTHING));
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
