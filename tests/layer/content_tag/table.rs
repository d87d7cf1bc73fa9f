//! Which responses get a tag, and which the layer reads at all.

use std::iter::repeat_n;

use tower_precondition::EntityTagLayer;

use super::{answer, response};
use crate::support::bodies::{End, Length, Script, Step, all_of, data, trailers};

/// The layer's treatment of a response.
#[derive(Debug, PartialEq)]
enum Became {
    Tagged,
    /// The layer read ahead and gave up.
    GivenUp,
    /// The layer polled no frame.
    Untouched,
}

use Became::{GivenUp, Tagged, Untouched};

/// With a limit of eight bytes.
fn became(method: &str, status: u16, fields: &[(&str, &str)], body: Script) -> Became {
    let bare = response(status, fields, body);
    let before = bare.headers().clone();
    let after = answer(EntityTagLayer::new().limit(8), method, bare.clone());
    let became = match format!("{:?}", after.body).as_str() {
        "TaggedBody(inner)" => Untouched,
        _ if after.head.headers == before => GivenUp,
        _ => Tagged,
    };
    assert_eq!(after.head.status, status);
    if became == Tagged {
        let mut headers = after.head.headers.clone();
        let tag = headers.remove("etag").expect("nothing else was added");
        assert_eq!(tag.len(), 66, "a strong tag of 64 digits: {tag:?}");
        assert_eq!(headers, before);
    } else {
        assert_eq!(after.head.headers, before);
        assert_eq!(after.pauses, 0, "a response without a tag is not held back");
    }
    assert_eq!(all_of(after.body), all_of(bare.into_body()));
    became
}

fn text() -> Script {
    Script::known([data("text")])
}

/// A body that knows its length but not its end, because trailers may follow.
fn counted(steps: impl IntoIterator<Item = Step>) -> Script {
    Script::new(Length::Exact, End::Unknown, steps)
}

fn empty_frames(count: usize) -> Script {
    Script::unknown(repeat_n(data(""), count))
}

macro_rules! outcomes {
    ($($name:ident: $method:literal $status:literal [$($field:literal: $value:literal),*] $body:expr => $became:expr;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(became($method, $status, &[$(($field, $value)),*], $body), $became);
        }
    )*};
}

outcomes! {
    a_200_to_get: "GET" 200 [] text() => Tagged;
    decision_3_query_as_get: "QUERY" 200 [] text() => Tagged;
    empty_content_is_tagged: "GET" 200 [] Script::known([]) => Tagged;
    empty_content_of_unknown_length_is_tagged: "GET" 200 [] Script::unknown([]) => Tagged;

    rule_56_head_gets_no_tag_of_an_empty_body: "HEAD" 200 [] Script::known([]) => Untouched;
    head_with_the_length_of_get: "HEAD" 200 ["content-length": "4"] Script::known([]) => Untouched;
    post: "POST" 200 [] text() => Untouched;
    rule_58_put: "PUT" 200 [] text() => Untouched;
    patch: "PATCH" 200 [] text() => Untouched;
    delete: "DELETE" 200 [] text() => Untouched;
    options: "OPTIONS" 200 [] text() => Untouched;
    trace: "TRACE" 200 [] text() => Untouched;
    connect_becomes_a_tunnel: "CONNECT" 200 [] Script::known([]) => Untouched;
    a_method_that_is_not_known: "BREW" 200 [] text() => Untouched;
    methods_are_case_sensitive: "query" 200 [] text() => Untouched;

    switching_protocols: "GET" 101 ["upgrade": "websocket"] Script::known([]) => Untouched;
    created: "GET" 201 [] text() => Untouched;
    non_authoritative: "GET" 203 [] text() => Untouched;
    no_content: "GET" 204 [] Script::known([]) => Untouched;
    partial_content: "GET" 206 ["content-range": "bytes 0-3/9"] text() => Untouched;
    not_modified: "GET" 304 [] Script::known([]) => Untouched;
    not_found: "GET" 404 [] text() => Untouched;
    precondition_failed: "GET" 412 [] text() => Untouched;
    internal_error: "GET" 500 [] text() => Untouched;

    a_tag_of_the_handler: "GET" 200 ["etag": "\"1\""] text() => Untouched;
    a_weak_tag_of_the_handler: "GET" 200 ["etag": "W/\"1\""] text() => Untouched;
    a_tag_of_the_handler_on_head: "HEAD" 200 ["etag": "\"1\""] Script::known([]) => Untouched;
    a_range_in_a_200: "GET" 200 ["content-range": "bytes 0-3/9"] text() => Untouched;
    last_modified_does_not_replace_a_tag: "GET" 200 ["last-modified": "Sun, 06 Nov 1994 08:49:37 GMT"] text() => Tagged;

    as_long_as_the_limit: "GET" 200 [] Script::known([data("four"), data("more")]) => Tagged;
    known_to_be_longer: "GET" 200 [] Script::known([data("four"), data("more"), data("!")]) => Untouched;
    declared_longer: "GET" 200 ["content-length": "9"] Script::unknown([data("four"), data("more!")]) => Untouched;
    at_least_longer: "GET" 200 [] Script::new(Length::AtLeast, End::Unknown, [data("more than 8")]) => Untouched;
    unknown_as_long_as_the_limit: "GET" 200 [] Script::unknown([data("four"), data("more")]) => Tagged;
    unknown_and_longer: "GET" 200 [] Script::unknown([data("four"), data("more"), data("!"), data("?")]) => GivenUp;
    one_frame_that_is_longer: "GET" 200 [] Script::unknown([data("more than 8"), data("!")]) => GivenUp;
    longer_than_declared: "GET" 200 ["content-length": "4"] Script::unknown([data("more than 8")]) => GivenUp;

    at_a_pause_before_all: "GET" 200 [] Script::unknown([Step::Pause, data("text")]) => GivenUp;
    at_a_pause_after_a_frame: "GET" 200 [] Script::unknown([data("te"), Step::Pause, data("xt")]) => GivenUp;
    at_a_pause_before_the_end: "GET" 200 [] Script::unknown([data("text"), Step::Pause]) => GivenUp;
    a_lower_bound_does_not_tell_the_end:
        "GET" 200 [] Script::new(Length::AtLeast, End::Foretold, [Step::Pause, data("text")]) => GivenUp;
    the_layer_waits_for_a_known_length: "GET" 200 [] counted([Step::Pause, data("te"), Step::Pause, data("xt")]) => Tagged;
    the_layer_waits_for_a_declared_length:
        "GET" 200 ["content-length": "4"] Script::unknown([data("te"), Step::Pause, data("xt")]) => Tagged;
    an_invalid_length_declares_nothing:
        "GET" 200 ["content-length": "four"] Script::unknown([data("te"), Step::Pause, data("xt")]) => GivenUp;

    an_error_at_once: "GET" 200 [] counted([Step::Error("lost")]) => GivenUp;
    an_error_after_a_frame: "GET" 200 [] counted([data("te"), Step::Error("lost")]) => GivenUp;
    the_body_continues_after_an_error: "GET" 200 [] Script::unknown([Step::Error("lost"), data("text")]) => GivenUp;

    trailers_pass: "GET" 200 [] Script::unknown([data("text"), trailers("x-checksum", "1")]) => Tagged;
    trailers_of_a_known_length: "GET" 200 [] Script::known([data("text"), trailers("x-checksum", "1")]) => Tagged;
    a_tag_in_the_trailers: "GET" 200 [] Script::unknown([data("text"), trailers("etag", "\"1\"")]) => GivenUp;

    as_many_frames_as_the_limit: "GET" 200 [] empty_frames(64) => Tagged;
    one_frame_too_many: "GET" 200 [] empty_frames(65) => GivenUp;
}

#[test]
fn a_higher_limit_allows_more_frames() {
    let tag = |frames| {
        let layer = EntityTagLayer::new().limit(256 * 1000);
        answer(layer, "GET", response(200, &[], empty_frames(frames))).tag().map(str::to_owned)
    };
    assert!(tag(64 + 1000).is_some());
    assert!(tag(64 + 1000 + 1).is_none());
}

#[test]
fn the_default_limit_is_a_mebibyte() {
    const MEBIBYTE: usize = 1024 * 1024;
    for layer in [EntityTagLayer::new(), EntityTagLayer::default()] {
        let tag = |length| {
            let body = Script::known([Step::Data(vec![b'x'; length].into())]);
            answer(layer, "GET", response(200, &[], body)).tag().map(str::to_owned)
        };
        assert!(tag(MEBIBYTE).is_some());
        assert!(tag(MEBIBYTE + 1).is_none());
    }
}

#[test]
fn the_future_waits_as_often_as_the_body_pauses() {
    let body = counted([Step::Pause, data("te"), Step::Pause, Step::Pause, data("xt")]);
    let answer = answer(EntityTagLayer::new(), "GET", response(200, &[], body));
    assert!(answer.tag().is_some());
    assert_eq!(answer.pauses, 3);
}
