//! Where `If` stands in the order of answers: A for a malformed one, and between C and D for a false one.

use std::future::{Ready, ready};

use http::request::Parts;
use tower_precondition::{BoxError, EntityTag, MadeWrite, PreconditionLayer, Representation};

use super::{TOKEN, locks, locks_fail, request};
use crate::support::{
    By::{self, Handler, Layer},
    MODIFIED, current, response, send,
};

type Found = Result<Representation, BoxError>;

const TRUE: &str = "(<urn:uuid:1>)";
const FALSE: &str = "(<urn:uuid:2>)";
const MALFORMED: &str = "(<urn:uuid:1>";

fn exists() -> Found {
    Ok(current().into())
}

fn absent() -> Found {
    Ok(Representation::absent())
}

/// Version 2, which this very request made from version 1.
fn made() -> Found {
    let version = |number| EntityTag::from_version(number);
    let made = MadeWrite::new(Some(version(1).into()), Some(version(2).into()));
    Ok(Representation::from(version(2)).with_made_write(made))
}

/// Nothing, because this very request deleted version 1.
fn deleted() -> Found {
    Ok(Representation::absent()
        .with_made_write(MadeWrite::new(Some(EntityTag::from_version(1).into()), None)))
}

fn refused() -> Found {
    Ok(Representation::refused(response(401, &[], "")))
}

fn deferred() -> Found {
    Ok(Representation::defer_to_handler())
}

fn failed() -> Found {
    Err("the store is away".into())
}

fn source(found: fn() -> Found) -> impl Fn(&Parts) -> Ready<Found> {
    move |_| ready(found())
}

fn ask(method: &str, fields: &[(&str, &str)], found: fn() -> Found) -> By {
    let layer = PreconditionLayer::new(source(found)).webdav(locks);
    send(layer, request(method, "/locked", fields)).by()
}

macro_rules! answers {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*], $found:expr => $by:expr;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(TOKEN, "urn:uuid:1");
            assert_eq!(ask($method, &[$(($field, $value)),*], $found), $by);
        }
    )*};
}

answers! {
    decision_22_a_true_if_lets_a_write_through: "PUT" ["if": TRUE], exists => Handler;
    rule_70_a_false_if_is_412: "PUT" ["if": FALSE], exists => Layer(412);
    decision_22_a_malformed_if_is_400: "PUT" ["if": MALFORMED], exists => Layer(400);
    decision_22_several_lines_are_400: "PUT" ["if": TRUE, "if": TRUE], exists => Layer(400);

    a_malformed_if_is_400_on_a_read_too: "GET" ["if": MALFORMED], exists => Layer(400);
    a_malformed_if_comes_before_a_refusal: "GET" ["if": MALFORMED], refused => Layer(400);
    a_malformed_if_comes_before_a_failure: "PUT" ["if": MALFORMED], failed => Layer(400);

    rule_69_authorization_comes_before_a_false_if: "PUT" ["if": FALSE], refused => Layer(401);
    rule_69_authorization_comes_before_a_true_if: "PUT" ["if": TRUE], refused => Layer(401);

    a_false_if_comes_before_304: "GET" ["if": FALSE, "if-none-match": "\"1\""], exists => Layer(412);
    a_true_if_lets_304_through: "GET" ["if": TRUE, "if-none-match": "\"1\""], exists => Layer(304);
    a_true_if_lets_304_by_date_through: "GET" ["if": TRUE, "if-modified-since": MODIFIED], exists => Layer(304);
    a_false_if_comes_before_the_404_of_a_get: "GET" ["if": FALSE], absent => Layer(412);
    a_true_if_lets_the_404_of_a_get_through: "GET" ["if": TRUE], absent => Handler;
    a_false_if_comes_before_letter_d: "DELETE" ["if": FALSE, "if-match": "\"1\""], absent => Layer(412);
    a_true_if_lets_letter_d_through: "DELETE" ["if": TRUE, "if-match": "\"1\""], absent => Layer(404);

    if_match_must_hold_as_well: "PUT" ["if": TRUE, "if-match": "\"2\""], exists => Layer(412);
    if_must_hold_as_well: "PUT" ["if": FALSE, "if-match": "\"1\""], exists => Layer(412);
    both_hold: "PUT" ["if": TRUE, "if-match": "\"1\""], exists => Handler;
    if_none_match_must_hold_as_well: "PUT" ["if": TRUE, "if-none-match": "*"], exists => Layer(412);

    decision_20_a_true_if_lets_the_success_through: "PUT" ["if": TRUE, "if-match": "\"1\""], made => Layer(204);
    decision_20_a_lock_that_was_lost_is_no_success: "PUT" ["if": FALSE, "if-match": "\"1\""], made => Layer(412);
    decision_20_a_tag_in_if_is_compared_with_what_is_current: "PUT" ["if": "([\"1\"])", "if-match": "\"1\""],
        made => Layer(412);
    decision_20_if_sees_the_state_beside_a_record: "PUT" ["if": "([\"2\"])", "if-match": "\"1\""], made => Layer(204);
    decision_20_if_alone_never_counts: "PUT" ["if": TRUE], made => Handler;
    decision_20_a_deletion_whose_lock_was_lost: "DELETE" ["if": FALSE, "if-match": "\"1\""], deleted => Layer(412);
    decision_20_if_sees_that_nothing_exists_beside_a_record: "DELETE" ["if": "(Not [\"1\"])", "if-match": "\"1\""],
        deleted => Layer(204);

    a_deferral_does_not_defer_if: "PUT" ["if": FALSE], deferred => Layer(412);
    a_deferral_forwards_beside_a_true_if: "PUT" ["if": TRUE, "if-match": "\"9\""], deferred => Handler;
    a_deferral_leaves_a_read_to_the_handler: "GET" ["if": TRUE, "if-match": "\"9\""], deferred => Handler;
    a_failure_is_503_for_a_write: "PUT" ["if": TRUE], failed => Layer(503);
    a_failure_is_503_for_a_read_with_if: "GET" ["if": TRUE], failed => Layer(503);
    a_failure_lets_a_read_without_if_through: "GET" [], failed => Handler;
}

#[test]
fn a_failure_of_the_locks_is_503_whatever_the_method() {
    for method in ["GET", "HEAD", "PUT", "PROPFIND"] {
        let layer = PreconditionLayer::new(source(exists)).webdav(locks_fail);
        let answer = send(layer, request(method, "/locked", &[("if", TRUE)]));
        assert_eq!(answer.by(), Layer(503), "{method}");
        assert!(!answer.body.contains("lock store"), "the error is not for the client");
    }
}

#[test]
fn a_failure_of_the_locks_does_not_come_before_a_refusal() {
    let layer = PreconditionLayer::new(source(refused)).webdav(locks_fail);
    assert_eq!(send(layer, request("PUT", "/locked", &[("if", TRUE)])).by(), Layer(401));
}

#[test]
fn tags_of_if_and_of_if_match_see_the_same_validators() {
    // The source of locks says `"1"`, and the source of validators `"5"`.
    let newer = || crate::support::tagged("\"5\"");
    for (field, by) in [
        ("([\"5\"])", Handler),
        ("([\"1\"])", Layer(412)),
        ("</free> ([\"5\"])", Handler),
        ("<http://example.com/free> ([\"1\"])", Layer(412)),
        ("</locked> ([\"1\"])", Handler),
    ] {
        let layer = PreconditionLayer::new(crate::support::finds(newer)).webdav(locks);
        assert_eq!(send(layer, request("PUT", "/free", &[("if", field)])).by(), by, "{field}");
    }
}

#[test]
fn the_validators_of_the_locks_count_if_the_source_defers() {
    for (field, by) in [("([\"1\"])", Handler), ("([\"5\"])", Layer(412))] {
        let layer = PreconditionLayer::new(source(deferred)).webdav(locks);
        assert_eq!(send(layer, request("PUT", "/free", &[("if", field)])).by(), by, "{field}");
    }
}
