//! What the 400 and the 412 tell.

use serde_json::json;
use tower_precondition::{Expose, PreconditionLayer, RejectionKind};

use super::{locks, request};
use crate::support::{current, finds, send};

#[test]
fn rule_64_a_412_tells_on_what_each_list_fails() {
    let layer = PreconditionLayer::new(finds(current)).webdav(locks);
    let field = "(<urn:uuid:1> [\"9\"]) (Not <urn:uuid:1>)";
    let answer = send(layer, request("PUT", "/locked", &[("if", field)]));
    assert_eq!(answer.status(), 412);
    let problem = answer.problem();
    assert_eq!(problem["condition"], "If");
    assert_eq!(problem["provided"], field);
    assert_eq!(problem["failed_lists"], json!(["[\"9\"]", "Not <urn:uuid:1>"]));
    assert_eq!(problem["detail"], "no list of If holds: the first one fails on [\"9\"]");
    assert_eq!(problem["current_etag"], "\"1\"");
    assert_eq!(answer.field("etag"), Some("\"1\""));
    assert_eq!(answer.field("cache-control"), Some("no-store"));

    let rejection = answer.rejection().expect("a rejection");
    assert_eq!(rejection.kind(), RejectionKind::PreconditionFailed);
    assert_eq!(rejection.condition(), None);
    assert_eq!(rejection.provided().next().map(|line| line.as_bytes()), Some(field.as_bytes()));
}

#[test]
fn a_tagged_list_is_told_with_its_tag() {
    let layer = PreconditionLayer::new(finds(current)).webdav(locks);
    let answer =
        send(layer, request("PUT", "/free", &[("if", "</locked> (<urn:uuid:2>)"), ("accept", "text/plain")]));
    assert!(answer.body.contains("\nfailed_lists: </locked> <urn:uuid:2>\n"), "{}", answer.body);
}

#[test]
fn the_current_validators_can_be_hidden() {
    let layer = PreconditionLayer::new(finds(current)).expose(Expose::Nothing).webdav(locks);
    let answer = send(layer, request("PUT", "/locked", &[("if", "(<urn:uuid:2>)")]));
    assert_eq!((answer.status(), answer.field("etag")), (412, None));
    assert_eq!(answer.problem().get("current_etag"), None);
}

#[test]
fn decision_4_a_400_tells_where_the_field_is_malformed() {
    let layer = PreconditionLayer::new(finds(current)).webdav(locks);
    let answer = send(layer, request("PUT", "/locked", &[("if", "(<urn:uuid:1>")]));
    assert_eq!(answer.status(), 400);
    let problem = answer.problem();
    assert_eq!(
        (&problem["condition"], &problem["line"], &problem["offset"]),
        (&json!("If"), &json!(0), &json!(13))
    );
    assert_eq!(problem["expected"], "`Not`, a state token in `<>`, an entity tag in `[]` or `)`");
    assert_eq!(answer.field("etag"), None);
    assert_eq!(answer.rejection().expect("a rejection").malformed_if().expect("malformed").offset(), 13);
}

#[test]
fn a_400_tells_how_many_resources_may_be_named() {
    let layer = PreconditionLayer::new(finds(current)).webdav(locks).look_up_at_most(1);
    let answer = send(layer, request("PUT", "/locked", &[("if", "</a> (<urn:1>) </b> (<urn:1>)")]));
    assert_eq!(answer.rejection().expect("a rejection").kind(), RejectionKind::TooManyResources);
    let problem = answer.problem();
    assert_eq!(
        problem["detail"],
        "If names more than 1 resources, which is the most that this server looks up"
    );
}

#[test]
fn a_rejection_repeats_a_bounded_part_of_a_long_field() {
    let token = format!("urn:{}", "x".repeat(1000));
    let field = std::iter::repeat_n(format!("(<{token}>)"), 40).collect::<String>();
    let layer = PreconditionLayer::new(finds(current)).webdav(locks);
    let answer = send(layer, request("PUT", "/locked", &[("if", field.as_str())]));
    assert_eq!(answer.status(), 412);
    let rejection = answer.rejection().expect("a rejection");
    assert_eq!(rejection.failed_if_lists().count(), 16);
    assert!(rejection.failed_if_lists().all(|failed| failed.len() <= 256 + '…'.len_utf8()));
}
