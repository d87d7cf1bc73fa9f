//! The order of answers, by the letters of the list in the docs: if several are possible, the first wins.

use std::cell::Cell;

use http::{Method, request::Parts};
use tower_precondition::{
    BoxError, MadeWrite, PreconditionLayer, Representation, RequiredCondition, Requirement,
};

use crate::support::{
    By::{self, Handler, Layer},
    EARLIER, LATER, current, request, response, send, tagged,
};

type Found = Result<Representation, BoxError>;

/// PUT, DELETE and GET must carry If-Match or If-Unmodified-Since.
fn required() -> Requirement {
    Requirement::on_writes()
        .for_methods([Method::PUT, Method::DELETE, Method::GET])
        .except(RequiredCondition::IfNoneMatchAny)
        .also(RequiredCondition::IfUnmodifiedSince)
}

fn exists() -> Found {
    Ok(current().into())
}

fn absent() -> Found {
    Ok(Representation::absent())
}

fn refused() -> Found {
    Ok(Representation::refused(response(401, &[], "")))
}

fn deferred() -> Found {
    Ok(Representation::defer_to_handler())
}

/// It exists now, and this write made it from nothing.
fn created() -> Found {
    Ok(exists()?.with_made_write(MadeWrite::new(None, Some(current())).answered_created()))
}

/// Nothing exists now, and this write deleted what was there.
fn deleted() -> Found {
    Ok(Representation::absent().with_made_write(MadeWrite::new(Some(current()), None)))
}

fn failed() -> Found {
    Err("the store is away".into())
}

/// The answer, and whether the layer asked the source.
fn ask(requirement: Requirement, found: fn() -> Found, method: &str, fields: &[(&str, &str)]) -> (By, bool) {
    let asked = Cell::new(false);
    let source = |_: &Parts| {
        asked.set(true);
        std::future::ready(found())
    };
    let answer = send(PreconditionLayer::new(source).require(requirement), request(method, fields));
    (answer.by(), asked.get())
}

const FROM_THE_HEAD: bool = false;
const AFTER_THE_LOOK_UP: bool = true;

macro_rules! first {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*], $requirement:expr, $found:expr
        => $by:expr, $when:expr;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(ask($requirement, $found, $method, &[$(($field, $value)),*]), ($by, $when));
        }
    )*};
}

first! {
    a_malformed_before_the_requirement:
        "PUT" ["if-none-match": "1"], required(), refused => Layer(400), FROM_THE_HEAD;
    a_malformed_before_a_failed_look_up:
        "PUT" ["if-match": "1"], Requirement::none(), failed => Layer(400), FROM_THE_HEAD;
    a_malformed_before_404:
        "DELETE" ["if-match": "1"], Requirement::none(), absent => Layer(400), FROM_THE_HEAD;
    a_malformed_before_412:
        "PUT" ["if-match": "\"2\"", "if-none-match": "1"], Requirement::none(), exists => Layer(400), FROM_THE_HEAD;
    a_malformed_before_a_deferral:
        "PUT" ["if-match": "1"], Requirement::none(), deferred => Layer(400), FROM_THE_HEAD;
    a_malformed_before_a_requirement_of_existing_only:
        "PUT" ["if-none-match": "1"], required().existing_only(), exists => Layer(400), FROM_THE_HEAD;

    b_the_requirement_before_a_refusal:
        "PUT" [], required(), refused => Layer(428), FROM_THE_HEAD;
    b_the_requirement_before_a_failed_look_up:
        "PUT" [], required(), failed => Layer(428), FROM_THE_HEAD;
    b_the_requirement_before_404:
        "DELETE" [], required(), absent => Layer(428), FROM_THE_HEAD;
    b_the_requirement_before_412:
        "PUT" ["if-none-match": "*"], required(), exists => Layer(428), FROM_THE_HEAD;
    b_the_requirement_before_304:
        "GET" ["if-none-match": "\"1\""], required(), exists => Layer(428), FROM_THE_HEAD;

    c_a_refusal_before_404:
        "DELETE" ["if-match": "*"], required(), refused => Layer(401), AFTER_THE_LOOK_UP;
    c_a_refusal_before_428_of_existing_only:
        "PUT" [], required().existing_only(), refused => Layer(401), AFTER_THE_LOOK_UP;
    c_a_refusal_before_412:
        "PUT" ["if-match": "\"2\""], Requirement::none(), refused => Layer(401), AFTER_THE_LOOK_UP;
    c_a_failure_before_428_of_existing_only:
        "PUT" [], required().existing_only(), failed => Layer(503), AFTER_THE_LOOK_UP;
    c_a_failure_before_412:
        "PUT" ["if-match": "\"2\""], Requirement::none(), failed => Layer(503), AFTER_THE_LOOK_UP;
    c_a_deferral_before_428_of_existing_only:
        "PUT" [], required().existing_only(), deferred => Handler, AFTER_THE_LOOK_UP;
    c_a_deferral_before_412:
        "PUT" ["if-match": "\"2\""], Requirement::none(), deferred => Handler, AFTER_THE_LOOK_UP;

    b_the_requirement_before_a_made_write:
        "PUT" ["if-none-match": "*"], required(), created => Layer(428), FROM_THE_HEAD;
    c_a_made_write_before_404:
        "DELETE" ["if-match": "\"1\""], required(), deleted => Layer(204), AFTER_THE_LOOK_UP;
    c_a_made_write_before_428_of_existing_only:
        "PUT" ["if-none-match": "*"], required().existing_only(), created => Layer(201), AFTER_THE_LOOK_UP;
    c_a_made_write_before_412:
        "PUT" ["if-none-match": "*"], Requirement::none(), created => Layer(201), AFTER_THE_LOOK_UP;
    c_a_made_write_before_the_handler:
        "DELETE" ["if-match": "*"], Requirement::none(), || Ok(exists()?.with_made_write(MadeWrite::new(Some(current()), None)))
        => Layer(204), AFTER_THE_LOOK_UP;

    d_404_under_existing_only:
        "DELETE" ["if-match": "\"1\""], required().existing_only().except(RequiredCondition::IfMatchTags), absent
        => Layer(404), AFTER_THE_LOOK_UP;
    d_404_before_412:
        "DELETE" ["if-match": "\"2\""], required(), absent => Layer(404), AFTER_THE_LOOK_UP;

    e_428_of_existing_only_before_412:
        "PUT" ["if-none-match": "*"], required().existing_only(), exists => Layer(428), AFTER_THE_LOOK_UP;
    e_428_of_existing_only_before_304:
        "GET" ["if-none-match": "\"1\""], required().existing_only(), exists => Layer(428), AFTER_THE_LOOK_UP;
    e_428_of_an_ignored_condition_before_412:
        "PUT" ["if-unmodified-since": LATER, "if-none-match": "*"], required(), || Ok(tagged("\"1\"").into())
        => Layer(428), AFTER_THE_LOOK_UP;

    f_412_if_the_requirement_is_met:
        "PUT" ["if-unmodified-since": EARLIER], required(), exists => Layer(412), AFTER_THE_LOOK_UP;
    f_304_if_the_requirement_is_met:
        "GET" ["if-match": "\"1\"", "if-none-match": "\"1\""], required(), exists => Layer(304), AFTER_THE_LOOK_UP;
    the_handler_if_no_answer_applies:
        "PUT" ["if-match": "\"1\""], required(), exists => Handler, AFTER_THE_LOOK_UP;
}
