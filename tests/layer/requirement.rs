//! The 428: the conditions that a request must carry.

use http::{Method, request::Parts};
use tower_precondition::{
    PreconditionLayer, RejectionKind, Representation, RequiredCondition, Requirement, Validators,
    precondition::RequirementPolicy,
};

use crate::support::{
    By::{Handler, Layer},
    EARLIER, LATER, MODIFIED, current, dated, finds, never_asked, request, send, tagged,
};

/// `METHOD [fields], the policy, the source's result => By::Handler or By::Layer(status)`.
macro_rules! requires {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*], $policy:expr, $found:expr => $by:expr;)*) => {$(
        #[test]
        fn $name() {
            let layer = PreconditionLayer::new(finds(|| $found)).require($policy);
            let answer = send(layer, request($method, &[$(($field, $value)),*]));
            assert_eq!(answer.by(), $by, "{answer:?}");
        }
    )*};
}

/// A requirement that only this form meets.
fn only(condition: RequiredCondition) -> Requirement {
    Requirement::none().for_methods([Method::PUT]).also(condition)
}

fn dates_too() -> Requirement {
    Requirement::on_writes().also(RequiredCondition::IfUnmodifiedSince)
}

requires! {
    none_does_not_cover_put: "PUT" [], Requirement::none(), current() => Handler;
    none_does_not_cover_delete: "DELETE" [], Requirement::none(), current() => Handler;

    on_writes_covers_put: "PUT" [], Requirement::on_writes(), current() => Layer(428);
    on_writes_covers_patch: "PATCH" [], Requirement::on_writes(), current() => Layer(428);
    on_writes_covers_delete: "DELETE" [], Requirement::on_writes(), current() => Layer(428);
    on_writes_does_not_cover_post: "POST" [], Requirement::on_writes(), current() => Handler;
    on_writes_does_not_cover_an_unknown_method: "LOCK" [], Requirement::on_writes(), current() => Handler;
    on_writes_does_not_cover_get: "GET" [], Requirement::on_writes(), current() => Handler;
    on_writes_does_not_cover_options: "OPTIONS" [], Requirement::on_writes(), current() => Handler;
    on_writes_requires_a_condition_if_nothing_exists: "PUT" [], Requirement::on_writes(), Representation::absent() => Layer(428);

    on_writes_is_met_by_a_tag: "PUT" ["if-match": "\"1\""], Requirement::on_writes(), current() => Handler;
    on_writes_is_met_by_if_match_star: "PUT" ["if-match": "*"], Requirement::on_writes(), current() => Handler;
    on_writes_is_met_by_if_none_match_star:
        "PUT" ["if-none-match": "*"], Requirement::on_writes(), Representation::absent() => Handler;
    on_writes_is_not_met_by_tags_in_if_none_match:
        "PUT" ["if-none-match": "\"2\""], Requirement::on_writes(), current() => Layer(428);
    on_writes_is_not_met_by_a_date:
        "PUT" ["if-unmodified-since": LATER], Requirement::on_writes(), current() => Layer(428);
    on_writes_is_not_met_by_if_modified_since:
        "PUT" ["if-modified-since": EARLIER], Requirement::on_writes(), current() => Layer(428);
    on_writes_is_not_met_by_if_range:
        "PUT" ["range": "bytes=0-1", "if-range": "\"1\""], Requirement::on_writes(), current() => Layer(428);
    a_condition_that_meets_it_may_still_be_false:
        "PUT" ["if-match": "\"2\""], Requirement::on_writes(), current() => Layer(412);
    a_condition_that_does_not_meet_it_may_stand_beside_one_that_does:
        "PUT" ["if-match": "\"1\"", "if-none-match": "\"2\""], Requirement::on_writes(), current() => Handler;

    if_match_tags_take_a_tag:
        "PUT" ["if-match": "\"1\""], only(RequiredCondition::IfMatchTags), current() => Handler;
    if_match_tags_take_several_lines:
        "PUT" ["if-match": "\"2\"", "if-match": "\"1\""], only(RequiredCondition::IfMatchTags), current() => Handler;
    if_match_tags_do_not_take_a_star:
        "PUT" ["if-match": "*"], only(RequiredCondition::IfMatchTags), current() => Layer(428);
    if_match_star_takes_a_star:
        "PUT" ["if-match": "*"], only(RequiredCondition::IfMatchAny), current() => Handler;
    if_match_star_does_not_take_a_tag:
        "PUT" ["if-match": "\"1\""], only(RequiredCondition::IfMatchAny), current() => Layer(428);
    if_none_match_tags_take_a_tag:
        "PUT" ["if-none-match": "\"2\""], only(RequiredCondition::IfNoneMatchTags), current() => Handler;
    if_none_match_tags_do_not_take_a_star:
        "PUT" ["if-none-match": "*"], only(RequiredCondition::IfNoneMatchTags), Representation::absent() => Layer(428);
    if_none_match_star_takes_a_star:
        "PUT" ["if-none-match": "*"], only(RequiredCondition::IfNoneMatchAny), Representation::absent() => Handler;
    if_none_match_star_does_not_take_a_tag:
        "PUT" ["if-none-match": "\"2\""], only(RequiredCondition::IfNoneMatchAny), current() => Layer(428);
    if_unmodified_since_takes_a_date:
        "PUT" ["if-unmodified-since": MODIFIED], only(RequiredCondition::IfUnmodifiedSince), current() => Handler;
    if_unmodified_since_takes_each_form_of_a_date:
        "PUT" ["if-unmodified-since": "Sun Nov  6 08:49:37 1994"], only(RequiredCondition::IfUnmodifiedSince), current()
        => Handler;
    if_unmodified_since_does_not_take_a_tag:
        "PUT" ["if-match": "\"1\""], only(RequiredCondition::IfUnmodifiedSince), current() => Layer(428);

    also_adds_to_the_others: "PUT" ["if-match": "\"1\""], dates_too(), current() => Handler;
    also_adds_a_form: "PUT" ["if-unmodified-since": MODIFIED], dates_too(), current() => Handler;
    except_takes_a_form_away:
        "PUT" ["if-match": "*"], Requirement::on_writes().except(RequiredCondition::IfMatchAny), current()
        => Layer(428);
    except_leaves_the_others:
        "PUT" ["if-match": "\"1\""], Requirement::on_writes().except(RequiredCondition::IfMatchAny), current()
        => Handler;
    except_after_also_takes_away:
        "PUT" ["if-unmodified-since": MODIFIED], dates_too().except(RequiredCondition::IfUnmodifiedSince), current()
        => Layer(428);
    nothing_meets_a_requirement_without_forms:
        "PUT" ["if-match": "*"], Requirement::none().for_methods([Method::PUT]), current() => Layer(428);

    for_methods_names_the_methods:
        "POST" [], Requirement::on_writes().for_methods([Method::POST]), current() => Layer(428);
    for_methods_replaces_the_methods:
        "PUT" [], Requirement::on_writes().for_methods([Method::POST]), current() => Handler;
    for_methods_without_a_method_covers_nothing: "PUT" [], Requirement::on_writes().for_methods([]), current() => Handler;
    for_methods_takes_a_custom_method:
        "LOCK" [], Requirement::on_writes().for_methods([Method::from_bytes(b"LOCK").expect("a method")]), current()
        => Layer(428);
    a_requirement_can_cover_a_read: "GET" [], Requirement::on_writes().for_methods([Method::GET]), current() => Layer(428);
    a_read_can_meet_the_requirement:
        "GET" ["if-match": "\"1\""], Requirement::on_writes().for_methods([Method::GET]), current() => Handler;
    a_read_cannot_meet_it_by_if_modified_since:
        "GET" ["if-modified-since": MODIFIED], Requirement::on_writes().for_methods([Method::GET]).existing_only(),
        current() => Layer(428);

    existing_only_lets_the_first_put_pass:
        "PUT" [], Requirement::on_writes().existing_only(), Representation::absent() => Handler;
    existing_only_requires_a_condition_if_something_exists:
        "PUT" [], Requirement::on_writes().existing_only(), current() => Layer(428);
    existing_only_requires_a_condition_if_something_exists_without_validators:
        "PUT" [], Requirement::on_writes().existing_only(), Validators::new() => Layer(428);
    existing_only_is_met_by_a_tag:
        "PUT" ["if-match": "\"1\""], Requirement::on_writes().existing_only(), current() => Handler;
    existing_only_evaluates_a_condition_on_a_first_put:
        "PUT" ["if-match": "*"], Requirement::on_writes().existing_only(), Representation::absent() => Layer(412);
    existing_only_leaves_an_unconditional_delete_to_the_handlers_404:
        "DELETE" [], Requirement::on_writes().existing_only(), Representation::absent() => Handler;
}

// A condition that RFC 9110 says to ignore does not meet a requirement.
requires! {
    an_invalid_date_meets_nothing: "PUT" ["if-unmodified-since": "1994-11-06"], dates_too(), current() => Layer(428);
    several_lines_of_a_date_meet_nothing:
        "PUT" ["if-unmodified-since": LATER, "if-unmodified-since": LATER], dates_too(), current() => Layer(428);
    a_date_beside_if_match_meets_nothing:
        "PUT" ["if-match": "\"1\"", "if-unmodified-since": MODIFIED],
        only(RequiredCondition::IfUnmodifiedSince), current() => Layer(428);
    a_date_beside_an_accepted_if_match_is_not_needed:
        "PUT" ["if-match": "\"1\"", "if-unmodified-since": EARLIER], dates_too(), current() => Handler;
    a_date_on_an_undated_resource_meets_nothing:
        "PUT" ["if-unmodified-since": LATER], dates_too(), tagged("\"1\"") => Layer(428);
    a_date_on_an_absent_resource_meets_nothing:
        "PUT" ["if-unmodified-since": LATER], dates_too(), Representation::absent() => Layer(428);
    a_date_on_an_absent_resource_is_not_needed_under_existing_only:
        "PUT" ["if-unmodified-since": LATER], dates_too().existing_only(), Representation::absent() => Handler;
    a_date_on_an_undated_resource_meets_nothing_under_existing_only:
        "PUT" ["if-unmodified-since": LATER], dates_too().existing_only(), tagged("\"1\"") => Layer(428);
    an_ignored_date_beside_if_none_match_star_that_counts:
        "PUT" ["if-unmodified-since": LATER, "if-none-match": "*"], dates_too(), Representation::absent() => Handler;
    decision_2_an_ignored_date_on_a_read_of_an_absent_resource_is_the_handlers_404:
        "GET" ["if-unmodified-since": LATER], dates_too().for_methods([Method::GET]), Representation::absent()
        => Handler;
    a_false_date_meets_it_and_is_412: "PUT" ["if-unmodified-since": EARLIER], dates_too(), dated(MODIFIED) => Layer(412);
    a_deferred_request_that_meets_it_reaches_the_handler:
        "PUT" ["if-unmodified-since": LATER], dates_too(), Representation::defer_to_handler() => Handler;
    decision_4_a_malformed_list_is_400_and_not_428: "PUT" ["if-match": "1"], Requirement::on_writes(), current() => Layer(400);
    decision_4_a_malformed_list_is_400_under_existing_only:
        "PUT" ["if-match": "1"], Requirement::on_writes().existing_only(), current() => Layer(400);
    decision_4_a_malformed_list_meets_nothing_on_a_read:
        "GET" ["if-match": "1"], Requirement::on_writes().for_methods([Method::GET]), current() => Layer(428);
    decision_4_a_malformed_if_none_match_meets_nothing_on_a_read:
        "GET" ["if-none-match": "1"], Requirement::on_writes().for_methods([Method::GET]), current() => Layer(428);
}

/// Requires a condition for full views, but not for imports.
fn policy(head: &Parts) -> Requirement {
    match (head.uri.query(), head.headers.contains_key("x-import")) {
        (_, true) => Requirement::none(),
        (Some("view=full"), false) => Requirement::on_writes(),
        _ => Requirement::none(),
    }
}

requires! {
    a_closure_sees_the_target: "PUT" [], policy, current() => Layer(428);
    a_closure_sees_the_fields: "PUT" ["x-import": "1"], policy, current() => Handler;
    a_closure_may_capture: "PUT" [], {
        let requirement = Requirement::on_writes();
        move |_: &Parts| requirement.clone()
    }, current() => Layer(428);
}

#[test]
fn a_requirement_on_the_head_needs_no_look_up() {
    for (requirement, fields) in [
        (Requirement::on_writes(), &[("if-unmodified-since", LATER)][..]),
        (dates_too(), &[("if-unmodified-since", "1994-11-06")]),
        (
            only(RequiredCondition::IfUnmodifiedSince),
            &[("if-unmodified-since", LATER), ("if-match", "\"1\"")],
        ),
    ] {
        let layer = PreconditionLayer::new(never_asked).require(requirement);
        assert_eq!(send(layer, request("PUT", fields)).by(), Layer(428), "{fields:?}");
    }
}

#[test]
fn a_custom_policy() {
    struct Tags;

    impl RequirementPolicy for Tags {
        fn requirement(&self, _: &Parts) -> Requirement {
            Requirement::on_writes().except(RequiredCondition::IfMatchAny)
        }
    }

    let layer = || PreconditionLayer::new(finds(current)).require(Tags);
    assert_eq!(send(layer(), request("PUT", &[("if-match", "*")])).by(), Layer(428));
    assert_eq!(send(layer(), request("PUT", &[("if-match", "\"1\"")])).by(), Handler);
}

#[test]
fn the_428_lists_the_forms_of_the_requirement_that_was_not_met() {
    let requirement = only(RequiredCondition::IfMatchTags).also(RequiredCondition::IfUnmodifiedSince);
    let layer = PreconditionLayer::new(finds(|| tagged("\"1\""))).require(requirement);
    // The layer checks it once on the head, and once after the look-up.
    for fields in [&[][..], &[("if-unmodified-since", LATER)]] {
        let answer = send(layer.clone(), request("PUT", fields));
        assert_eq!(
            answer.rejection().map(|rejection| rejection.kind()),
            Some(RejectionKind::PreconditionRequired)
        );
        assert_eq!(answer.problem()["required"], serde_json::json!(["If-Match", "If-Unmodified-Since"]));
        assert_eq!(answer.field("etag"), None);
    }
}

/// `If-None-Match: *` is false if something exists, and a DELETE needs something: it could only lead to a 412.
#[test]
fn the_428_names_only_what_can_hold() {
    let listed = |method, requirement: Requirement, found: Representation| {
        let found = std::sync::Mutex::new(Some(found));
        let source = finds(move || found.lock().expect("a mutex").take().expect("asked once"));
        let answer = send(PreconditionLayer::new(source).require(requirement), request(method, &[]));
        assert_eq!(answer.by(), Layer(428), "{method}");
        answer.problem()["required"].clone()
    };
    let (if_match, all) = (
        serde_json::json!(["If-Match", "If-Match: *"]),
        serde_json::json!(["If-Match", "If-Match: *", "If-None-Match: *"]),
    );
    let current = || Representation::from(tagged("\"1\""));
    let writes = Requirement::on_writes;
    assert_eq!(listed("PUT", writes(), current()), all, "the head alone does not tell what exists");
    assert_eq!(listed("DELETE", writes(), current()), if_match);
    assert_eq!(listed("PUT", writes().existing_only(), current()), if_match);
    assert_eq!(listed("PATCH", writes().existing_only(), current()), if_match);
    let created_once =
        Requirement::none().for_methods([Method::DELETE]).also(RequiredCondition::IfNoneMatchAny);
    assert_eq!(listed("DELETE", created_once, current()), serde_json::json!([]), "nothing can hold");
}
