//! Decision 8 and the rules about Range: whether a service that serves ranges sees it.

use tower_precondition::{HttpDate, PreconditionLayer, Validators};

use crate::support::{
    By::{Handler, Layer},
    EARLIER, MODIFIED, current, date_in, dated, finds, request, send,
};

/// The Range that the handler sees; it never sees an If-Range that was evaluated.
macro_rules! range {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*], $found:expr => $range:expr;)*) => {$(
        #[test]
        fn $name() {
            let fields = [("range", "bytes=0-1"), $(($field, $value)),*];
            let answer = send(PreconditionLayer::new(finds(|| $found)), request($method, &fields));
            assert_eq!(answer.by(), Handler, "{answer:?}");
            assert_eq!(answer.handler_saw("range"), $range);
            assert_eq!(answer.handler_saw("if-range"), None);
        }
    )*};
}

const KEPT: Option<&str> = Some("bytes=0-1");
const LOST: Option<&str> = None;

range! {
    rule_41_two_lines_of_if_range_lose_range: "GET" ["if-range": "\"1\"", "if-range": "\"1\""], current() => LOST;
    rule_41_if_range_without_a_validator_loses_range: "GET" ["if-range": "\"1\""], Validators::new() => LOST;
    decision_8_an_earlier_date_in_if_range_is_false: "GET" ["if-range": EARLIER], dated(MODIFIED) => LOST;
    decision_8_query_takes_ranges: "QUERY" ["if-range": "\"1\""], current() => KEPT;
    decision_8_query_loses_range_if_if_range_is_false: "QUERY" ["if-range": "\"2\""], current() => LOST;
    decision_8_range_stays_beside_other_true_conditions: "GET" ["if-match": "\"1\""], current() => KEPT;

    rule_60_range_is_lost_on_head: "HEAD" [], current() => LOST;
    rule_60_range_is_lost_on_options: "OPTIONS" [], current() => LOST;
    rule_60_head_has_no_range_even_if_if_range_is_true: "HEAD" ["if-range": "\"1\""], current() => LOST;
}

/// Some APIs define Range on writes, such as for a part of a blob.
#[test]
fn decision_8_a_write_keeps_range_and_if_range() {
    for method in ["PUT", "PATCH", "POST", "DELETE", "LOCK"] {
        for condition in [("accept", "*/*"), ("if-match", "\"1\"")] {
            for if_range in ["\"1\"", "\"2\"", MODIFIED] {
                let fields = [("range", "bytes=0-1"), ("if-range", if_range), condition];
                let answer = send(PreconditionLayer::new(finds(current)), request(method, &fields));
                assert_eq!(answer.by(), Handler, "{method} {fields:?}");
                assert_eq!(answer.handler_saw("range"), KEPT);
                assert_eq!(answer.handler_saw("if-range"), Some(if_range));
            }
        }
    }
}

#[test]
fn rule_60_preconditions_come_before_range() {
    for (field, tag, status) in [("if-none-match", "\"1\"", 304), ("if-match", "\"2\"", 412)] {
        let fields = [("range", "bytes=0-1"), ("if-range", "\"1\""), (field, tag)];
        let answer = send(PreconditionLayer::new(finds(current)), request("GET", &fields));
        assert_eq!(answer.by(), Layer(status));
    }
}

#[test]
fn rule_38_a_handler_without_ranges_answers_in_full() {
    let fields = [("range", "bytes=0-1"), ("if-range", "\"1\"")];
    let answer = send(PreconditionLayer::new(finds(current)), request("GET", &fields));
    assert_eq!((answer.by(), answer.status(), answer.body.as_str()), (Handler, 200, "text"));
    assert_eq!(answer.field("etag"), Some("\"1\""), "a full 200, with its validators");
    assert_eq!(answer.field("content-range"), None);
}

/// Whether the handler sees Range if If-Range has the date of the representation.
fn range_seen_at(date: HttpDate, source: fn(HttpDate) -> Validators) -> bool {
    let text = date.to_string();
    let fields = [("range", "bytes=0-1"), ("if-range", text.as_str())];
    let answer = send(PreconditionLayer::new(finds(|| source(date))), request("GET", &fields));
    answer.handler_saw("range").is_some()
}

#[test]
fn decision_8_a_date_is_strong_two_seconds_later() {
    assert!(range_seen_at(date_in(-2), |date| Validators::new().with_last_modified(date)));
}

#[test]
fn decision_8_a_date_of_this_second_is_weak() {
    // Asked within the second after the date, however slow the machine is.
    let seen = (0..100).find_map(|_| {
        let date = date_in(0);
        let seen = range_seen_at(date, |date| Validators::new().with_last_modified(date));
        (date_in(0).unix_seconds() < date.unix_seconds() + 2).then_some(seen)
    });
    assert_eq!(seen, Some(false));
}

#[test]
fn decision_8_a_date_of_this_second_is_strong_if_the_source_says_so() {
    assert!(range_seen_at(date_in(0), |date| Validators::new().with_strong_last_modified(date)));
}
