//! A required condition and `If`: 428 (RFC 6585 §3).

use http::Method;
use tower_precondition::{PreconditionLayer, Representation, Requirement};

use super::{locks, request};
use crate::support::{
    By::{Handler, Layer},
    current, finds, send,
};

/// Makes a test of each row: the method, the fields, and who answers.
macro_rules! requires {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*] => $by:expr;)*) => {$(
        #[test]
        fn $name() {
            let layer = PreconditionLayer::new(finds(current)).require(Requirement::on_writes()).webdav(locks);
            assert_eq!(send(layer, request($method, "/locked", &[$(($field, $value)),*])).by(), $by);
        }
    )*};
}

requires! {
    nothing_is_428: "PUT" [] => Layer(428);
    a_token_meets_it: "PUT" ["if": "(<urn:uuid:1>)"] => Handler;
    a_tag_meets_it: "PUT" ["if": "([\"1\"])"] => Handler;
    a_token_of_another_resource_meets_it: "PUT" ["if": "</locked/file> (<urn:uuid:1>)"] => Handler;
    a_tautology_does_not_meet_it: "PUT" ["if": "(Not <DAV:no-lock>)"] => Layer(428);
    a_list_that_fails_does_not_meet_it: "PUT" ["if": "(<urn:uuid:2>) (Not <DAV:no-lock>)"] => Layer(428);
    a_tautology_behind_a_token_takes_nothing_away: "PUT" ["if": "(<urn:uuid:1>) (Not <DAV:no-lock>)"] => Handler;
    not_of_a_tag_does_not_meet_it: "PUT" ["if": "(Not [\"2\"])"] => Layer(428);
    a_tautology_beside_if_match_passes: "PUT" ["if": "(Not <DAV:no-lock>)", "if-match": "\"1\""] => Handler;
    a_false_if_is_412_not_428: "PUT" ["if": "(<urn:uuid:2>)"] => Layer(412);
    a_malformed_if_is_400_not_428: "PUT" ["if": "("] => Layer(400);

    propfind_is_no_write_of_the_usual_policy: "PROPFIND" [] => Handler;
    report_is_no_write_of_the_usual_policy: "REPORT" [] => Handler;
    search_is_no_write_of_the_usual_policy: "SEARCH" [] => Handler;
    lock_is_no_write_of_the_usual_policy: "LOCK" [] => Handler;
    copy_is_no_write_of_the_usual_policy: "COPY" [] => Handler;
}

#[test]
fn a_method_of_webdav_must_carry_a_condition_if_it_is_named() {
    let proppatch = Method::from_bytes(b"PROPPATCH").expect("a method");
    let by = |fields: &[(&str, &str)]| {
        let requirement = Requirement::on_writes().for_methods([proppatch.clone()]);
        let layer = PreconditionLayer::new(finds(current)).require(requirement).webdav(locks);
        send(layer, request("PROPPATCH", "/locked", fields)).by()
    };
    assert_eq!(by(&[]), Layer(428));
    assert_eq!(by(&[("if", "(<urn:uuid:1>)")]), Handler);
}

#[test]
fn a_tautology_is_428_if_the_resource_exists() {
    let requirement = || Requirement::on_writes().existing_only();
    let put = || request("PUT", "/locked", &[("if", "(Not <DAV:no-lock>)")]);
    let layer = PreconditionLayer::new(finds(current)).require(requirement()).webdav(locks);
    assert_eq!(send(layer, put()).by(), Layer(428));
    let layer = PreconditionLayer::new(finds(Representation::absent)).require(requirement()).webdav(locks);
    assert_eq!(send(layer, put()).by(), Handler);
    let layer = PreconditionLayer::new(finds(current)).require(requirement()).webdav(locks);
    assert_eq!(send(layer, request("PUT", "/locked", &[("if", "(<urn:uuid:1>)")])).by(), Handler);
}

#[test]
fn a_deferral_does_not_forget_the_requirement() {
    for (field, by) in [("(Not <DAV:no-lock>)", Layer(428)), ("(<urn:uuid:1>)", Handler)] {
        let layer = PreconditionLayer::new(finds(Representation::defer_to_handler))
            .require(Requirement::on_writes())
            .webdav(locks);
        assert_eq!(send(layer, request("PUT", "/locked", &[("if", field)])).by(), by, "{field}");
    }
}

#[test]
fn without_a_source_of_locks_if_meets_nothing() {
    let layer = PreconditionLayer::new(finds(current)).require(Requirement::on_writes());
    assert_eq!(send(layer, request("PUT", "/locked", &[("if", "(<urn:uuid:1>)")])).by(), Layer(428));
}
