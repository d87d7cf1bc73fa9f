//! Without the user's promise that HEAD performs nothing, the layer sends no HEAD for a write.

use tower_precondition::{
    PreconditionLayer, Rejection, RejectionKind, Requirement, UnevaluatedWrites, Verdict,
};

use super::{Resource, through};
use crate::support::request;

const CURRENT: [(&str, &str); 1] = [("etag", "\"1\"")];

#[test]
fn decision_18_without_the_promise_a_conditional_write_sends_no_head() {
    for method in ["PUT", "PATCH", "POST", "DELETE", "LOCK"] {
        for condition in
            [("if-match", "\"1\""), ("if-match", "\"0\""), ("if-match", "*"), ("if-none-match", "*")]
        {
            let resource = Resource::whose_head_is(200, &CURRENT);
            let answer = through(PreconditionLayer::probing(), &resource, request(method, &[condition]));
            let answer = answer.expect("an answer");
            assert_eq!(answer.status(), 501, "{method} {condition:?}");
            assert!(answer.body().contains("`probe_writes`"), "it names the setting: {}", answer.body());
            let rejection = answer.extensions().get::<Rejection>().expect("it says why");
            assert_eq!(rejection.kind(), RejectionKind::Unevaluated);
            assert!(resource.methods().is_empty(), "{:?}", resource.methods());
        }
    }
}

#[test]
fn without_the_promise_a_forwarded_write_is_unchanged_and_unevaluated() {
    let layer = PreconditionLayer::probing().unevaluated_writes(UnevaluatedWrites::Forward);
    let resource = Resource::whose_head_is(200, &CURRENT);
    let answer = through(layer, &resource, request("PUT", &[("if-match", "\"0\"")])).expect("an answer");
    assert_eq!((answer.status().as_u16(), resource.methods()), (200, vec!["PUT".to_owned()]));
    let (head, _) = resource.seen().swap_remove(0);
    assert_eq!(head.headers["if-match"], "\"0\"");
    assert!(head.extensions.get::<Verdict>().is_none());
}

#[test]
fn without_the_promise_an_unconditional_write_is_made() {
    let resource = Resource::whose_head_is(200, &CURRENT);
    let answer = through(PreconditionLayer::probing(), &resource, request("PUT", &[])).expect("an answer");
    assert_eq!((answer.status().as_u16(), resource.methods()), (200, vec!["PUT".to_owned()]));
}

/// The answer depends on whether anything exists, which nothing tells.
#[test]
fn without_the_promise_a_write_under_existing_only_counts_as_conditional() {
    let layer = || PreconditionLayer::probing().require(Requirement::on_writes().existing_only());
    let resource = Resource::whose_head_is(200, &CURRENT);
    assert_eq!(through(layer(), &resource, request("PUT", &[])).expect("an answer").status(), 501);
    assert!(resource.methods().is_empty(), "{:?}", resource.methods());
    let forwarding = layer().unevaluated_writes(UnevaluatedWrites::Forward);
    assert_eq!(through(forwarding, &resource, request("PUT", &[])).expect("an answer").status(), 200);
    assert_eq!(resource.methods(), ["PUT"]);
}

#[test]
fn without_the_promise_a_read_is_evaluated() {
    let resource = Resource::whose_head_is(200, &CURRENT);
    let get = request("GET", &[("if-none-match", "\"1\"")]);
    assert_eq!(through(PreconditionLayer::probing(), &resource, get).expect("an answer").status(), 304);
    assert_eq!(resource.methods(), ["HEAD"]);
}

/// Settings in either order.
#[test]
fn the_settings_of_probing_do_not_replace_each_other() {
    let settings: [fn(_) -> PreconditionLayer<_>; 2] = [
        |layer: PreconditionLayer<tower_precondition::source::Probing>| {
            layer.probe_writes().unevaluated_writes(UnevaluatedWrites::Forward).probe_without([])
        },
        |layer| layer.probe_without([]).unevaluated_writes(UnevaluatedWrites::Forward).probe_writes(),
    ];
    for set in settings {
        for (head, status, methods) in [(200, 412, &["HEAD"][..]), (403, 200, &["HEAD", "PUT"])] {
            let resource = Resource::whose_head_is(head, &CURRENT);
            let put = request("PUT", &[("if-match", "\"0\"")]);
            let answer = through(set(PreconditionLayer::probing()), &resource, put).expect("an answer");
            assert_eq!(answer.status(), status);
            assert_eq!(resource.methods(), methods);
        }
    }
}
