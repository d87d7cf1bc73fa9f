//! The answers to writes, by the answer to the HEAD.

use tower_precondition::{
    PreconditionLayer, Rejection, RejectionKind, UnevaluatedWrites, Verdict, source::Probing,
};

use super::{Gone, Resource, layer, through};
use crate::support::{EARLIER, LATER, MODIFIED, request};

fn forwarding() -> PreconditionLayer<Probing> {
    layer().unevaluated_writes(UnevaluatedWrites::Forward)
}

/// The status, and whether the write was made.
fn write(
    layer: PreconditionLayer<Probing>,
    resource: &Resource,
    method: &str,
    fields: &[(&str, &str)],
) -> (u16, bool) {
    let answer = through(layer, resource, request(method, fields)).expect("an answer");
    let methods = resource.methods();
    assert_eq!(methods.first().map(String::as_str), Some("HEAD"), "each of them asks");
    let made = methods.get(1).is_some_and(|made| made == method);
    assert_eq!(methods.len(), 1 + usize::from(made));
    (answer.status().as_u16(), made)
}

/// `METHOD [fields], the answer to HEAD => status by default, status if unevaluated writes are forwarded`;
/// 200 means that the write was made.
macro_rules! writes {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*],
        $status:literal [$($answered:literal: $with:expr),*] => $expected:literal, $forwarded:literal;)*) => {$(
        #[test]
        fn $name() {
            let resource = || Resource::whose_head_is($status, &[$(($answered, $with)),*]);
            let fields = [$(($field, $value)),*];
            assert_eq!(write(layer(), &resource(), $method, &fields), ($expected, $expected == 200));
            assert_eq!(write(forwarding(), &resource(), $method, &fields), ($forwarded, $forwarded == 200));
        }
    )*};
}

writes! {
    rule_7_if_match_true: "PUT" ["if-match": "\"1\""], 200 ["etag": "\"1\""] => 200, 200;
    rule_7_if_match_false: "PUT" ["if-match": "\"0\""], 200 ["etag": "\"1\""] => 412, 412;
    rule_7_if_match_false_on_patch: "PATCH" ["if-match": "\"0\""], 200 ["etag": "\"1\""] => 412, 412;
    rule_7_if_match_false_on_post: "POST" ["if-match": "\"0\""], 200 ["etag": "\"1\""] => 412, 412;
    rule_7_if_match_false_on_delete: "DELETE" ["if-match": "\"0\""], 200 ["etag": "\"1\""] => 412, 412;
    rule_7_if_match_false_on_an_unknown_method: "LOCK" ["if-match": "\"0\""], 204 ["etag": "\"1\""] => 412, 412;
    rule_13_if_match_compares_strongly: "PUT" ["if-match": "W/\"1\""], 200 ["etag": "W/\"1\""] => 412, 412;
    rule_14_if_match_any_needs_no_validator: "PUT" ["if-match": "*"], 200 [] => 200, 200;
    rule_21_if_none_match_any_needs_no_validator: "PUT" ["if-none-match": "*"], 200 [] => 412, 412;
    rule_9_if_none_match_false: "PUT" ["if-none-match": "\"1\""], 200 ["etag": "W/\"1\""] => 412, 412;
    rule_9_if_none_match_true: "PUT" ["if-none-match": "\"0\""], 200 ["etag": "\"1\""] => 200, 200;
    rule_36_modified_after_the_date: "PUT" ["if-unmodified-since": EARLIER], 200 ["last-modified": MODIFIED] => 412, 412;
    rule_35_not_modified_after_the_date: "PUT" ["if-unmodified-since": LATER], 200 ["last-modified": MODIFIED] => 200, 200;
    rule_31_if_match_needs_no_date: "PUT" ["if-match": "\"1\"", "if-unmodified-since": EARLIER], 200 ["etag": "\"1\""] => 200, 200;

    if_match_needs_a_tag: "PUT" ["if-match": "\"1\""], 200 [] => 501, 200;
    if_match_needs_a_tag_instead_of_a_date: "DELETE" ["if-match": "\"1\""], 200 ["last-modified": MODIFIED] => 501, 200;
    if_match_needs_a_valid_tag: "PUT" ["if-match": "\"1\""], 200 ["etag": "1"] => 501, 200;
    if_match_needs_a_single_tag: "PUT" ["if-match": "\"1\""], 200 ["etag": "\"1\"", "etag": "\"1\""] => 501, 200;
    if_none_match_needs_a_tag: "PUT" ["if-none-match": "\"1\""], 200 [] => 501, 200;
    if_none_match_needs_a_tag_beside_if_match_any: "PUT" ["if-match": "*", "if-none-match": "\"1\""], 200 [] => 501, 200;
    if_unmodified_since_needs_a_date: "PUT" ["if-unmodified-since": LATER], 200 ["etag": "\"1\""] => 501, 200;
    if_unmodified_since_needs_a_valid_date: "PUT" ["if-unmodified-since": LATER], 200 ["last-modified": "1994"] => 501, 200;

    decision_2_if_match_on_an_absent_resource: "PUT" ["if-match": "\"1\""], 404 ["etag": "\"1\""] => 412, 412;
    decision_2_if_match_any_on_an_absent_resource: "PUT" ["if-match": "*"], 410 [] => 412, 412;
    decision_2_delete_of_an_absent_resource: "DELETE" ["if-match": "\"1\""], 404 [] => 404, 404;
    rule_21_if_none_match_any_on_an_absent_resource: "PUT" ["if-none-match": "*"], 404 [] => 200, 200;
    rule_33_if_unmodified_since_on_an_absent_resource: "PUT" ["if-unmodified-since": EARLIER], 404 [] => 200, 200;

    a_300_to_head_tells_no_state: "PUT" ["if-match": "*"], 300 ["etag": "\"1\""] => 501, 200;
    a_301_to_head_would_turn_the_write_into_a_get: "PUT" ["if-match": "*"], 301 ["location": "/b"] => 501, 200;
    a_302_to_head_would_turn_the_write_into_a_get: "PUT" ["if-match": "*"], 302 ["location": "/b"] => 501, 200;
    a_303_to_head_would_turn_the_write_into_a_get: "PUT" ["if-match": "*"], 303 ["location": "/b"] => 501, 200;
    a_304_to_head_tells_no_state: "PUT" ["if-match": "\"1\""], 304 ["etag": "\"1\""] => 501, 200;
    a_400_to_head_tells_no_state: "PUT" ["if-match": "\"1\""], 400 ["etag": "\"1\""] => 501, 200;
    a_403_to_head_may_be_of_reads_alone: "DELETE" ["if-match": "\"1\""], 403 ["etag": "\"1\""] => 501, 200;
    a_405_to_head_may_be_of_head_alone: "PUT" ["if-none-match": "*"], 405 [] => 501, 200;
    a_405_to_head_may_be_of_head_alone_on_delete: "DELETE" ["if-match": "*"], 405 [] => 501, 200;
    a_406_to_head_may_be_of_accept_alone: "PUT" ["if-none-match": "*"], 406 [] => 501, 200;
    a_412_to_head_tells_no_state: "PUT" ["if-match": "\"1\""], 412 ["etag": "\"1\""] => 501, 200;
    a_451_to_head_tells_no_state: "PUT" ["if-match": "\"1\""], 451 [] => 501, 200;
    a_408_to_head_is_temporary: "PUT" ["if-match": "\"1\""], 408 [] => 503, 200;
    a_425_to_head_is_temporary: "PUT" ["if-match": "\"1\""], 425 [] => 503, 200;
    a_500_to_head_is_temporary: "PUT" ["if-match": "\"1\""], 500 ["etag": "\"1\""] => 503, 200;
    a_502_to_head_is_temporary: "PUT" ["if-none-match": "*"], 502 [] => 503, 200;
    a_504_to_head_is_temporary: "PUT" ["if-none-match": "*"], 504 [] => 503, 200;
    a_501_to_head_is_permanent: "PUT" ["if-match": "\"1\""], 501 [] => 501, 200;
    a_505_to_head_is_permanent: "PUT" ["if-match": "\"1\""], 505 [] => 501, 200;
}

#[test]
fn a_failed_head_is_temporary() {
    assert_eq!(write(layer(), &Resource::without_head(), "PUT", &[("if-match", "\"1\"")]), (503, false));
    assert_eq!(write(forwarding(), &Resource::without_head(), "PUT", &[("if-match", "\"1\"")]), (200, true));
}

#[test]
fn a_forwarded_write_is_unchanged_and_has_no_verdict() {
    let fields = [("if-match", "\"1\""), ("content-type", "text/plain"), ("if-unmodified-since", EARLIER)];
    let resource = Resource::whose_head_is(403, &[]);
    let mut put = request("PUT", &fields).map(|_| String::from("mine"));
    put.extensions_mut().insert(7_u8);
    through(forwarding(), &resource, put).expect("an answer");
    let (head, content) = resource.seen().swap_remove(1);
    assert_eq!(head.headers, *request("PUT", &fields).headers());
    assert_eq!(content, "mine");
    assert_eq!(head.extensions.get(), Some(&7_u8));
    assert!(head.extensions.get::<Verdict>().is_none());
}

#[test]
fn decision_12_the_verdict_has_the_state_that_the_head_showed() {
    for (status, tag) in [(200, Some("\"1\"")), (404, None)] {
        let resource = Resource::whose_head_is(status, &[("etag", "\"1\"")]);
        let field = if tag.is_some() { ("if-match", "\"1\"") } else { ("if-none-match", "*") };
        through(layer(), &resource, request("PUT", &[field])).expect("an answer");
        let (head, _) = resource.seen().swap_remove(1);
        let verdict = head.extensions.get::<Verdict>().expect("it was evaluated");
        let current = verdict.current().and_then(|current| current.etag()).map(ToString::to_string);
        assert_eq!(current.as_deref(), tag);
    }
}

/// Unlike with a source, the layer knows no state here, because it sent no HEAD.
#[test]
fn a_write_without_a_condition_has_no_verdict() {
    let resource = Resource::whose_head_is(200, &[("etag", "\"1\"")]);
    through(layer(), &resource, request("PUT", &[])).expect("an answer");
    assert!(resource.seen()[0].0.extensions.get::<Verdict>().is_none());
}

#[test]
fn the_501_or_503_says_why() {
    let answered = |status: u16| Resource::whose_head_is(status, &[]);
    for (resource, kind, detail) in [
        (
            answered(200),
            RejectionKind::Unevaluated,
            "the current representation has no entity tag to compare with",
        ),
        (
            answered(300),
            RejectionKind::Unevaluated,
            "HEAD, which should tell the current state, was answered 300 Multiple Choices; \
             a redirect tells no state",
        ),
        (
            answered(302),
            RejectionKind::Unevaluated,
            "HEAD, which should tell the current state, was answered 302 Found; \
             a client would follow it with a GET, whose success looks like that of the write",
        ),
        (
            answered(304),
            RejectionKind::Unevaluated,
            "HEAD, which should tell the current state, was answered 304 Not Modified; \
             HEAD carried no precondition",
        ),
        (
            answered(403),
            RejectionKind::Unevaluated,
            "HEAD, which should tell the current state, was answered 403 Forbidden; \
             a client that may not read may still be allowed to write",
        ),
        (
            answered(405),
            RejectionKind::Unevaluated,
            "HEAD, which should tell the current state, was answered 405 Method Not Allowed; \
             the method of the write may still be allowed",
        ),
        (
            answered(406),
            RejectionKind::Unevaluated,
            "HEAD, which should tell the current state, was answered 406 Not Acceptable; \
             Accept is about the answer to a read",
        ),
        (
            answered(451),
            RejectionKind::Unevaluated,
            "HEAD, which should tell the current state, was answered 451 Unavailable For Legal Reasons; \
             it may be about HEAD alone",
        ),
        (
            answered(408),
            RejectionKind::LookupFailed,
            "HEAD, which should tell the current state, was answered 408 Request Timeout",
        ),
        (
            answered(502),
            RejectionKind::LookupFailed,
            "HEAD, which should tell the current state, was answered 502 Bad Gateway",
        ),
        (
            Resource::without_head(),
            RejectionKind::LookupFailed,
            "HEAD, which should tell the current state, was not answered",
        ),
    ] {
        let answer =
            through(layer(), &resource, request("PUT", &[("if-match", "\"1\"")])).expect("an answer");
        let problem: serde_json::Value = serde_json::from_str(answer.body()).expect("problem details");
        assert_eq!(problem["status"], answer.status().as_u16());
        assert_eq!(
            problem["detail"],
            format!("the precondition of this write cannot be evaluated: {detail}")
        );
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.extensions().get::<Rejection>().expect("it says why").kind(), kind);
    }
    let resource = Resource::whose_head_is(200, &[("etag", "\"1\"")]);
    let answer =
        through(layer(), &resource, request("PUT", &[("if-unmodified-since", EARLIER)])).expect("an answer");
    assert!(answer.body().contains("no modification date to compare with"), "{}", answer.body());
}

#[test]
fn decision_6_the_error_of_the_service_passes_unchanged() {
    let resource = Resource::with_head_alone();
    for fields in [&[][..], &[("if-match", "*")]] {
        assert_eq!(through(layer(), &resource, request("PUT", fields)).expect_err("an error"), Gone);
    }
}
