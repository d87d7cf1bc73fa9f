//! Decisions 1 and 2: existence, and the answers if nothing exists.

use tower_precondition::{
    AbsentResponse, PreconditionLayer, Rejection, RejectionKind, Representation, Validators,
};

use crate::{
    answers,
    support::{By::Handler, By::Layer, LATER, finds, request, response, send, tagged},
};

answers! {
    decision_1_star_is_true_with_a_tag:
        "PUT" ["if-match": "*"], tagged("\"1\"") => Handler;
    decision_1_no_tag_matches_a_representation_without_one:
        "PUT" ["if-match": "\"1\""], Validators::new() => Layer(412);
    decision_1_no_validators_means_absent:
        "PUT" ["if-match": "*"], None::<Validators> => Layer(412);

    decision_2_head_gets_the_handlers_404:
        "HEAD" ["if-match": "\"1\""], Representation::absent() => Handler;
    decision_2_query_gets_the_handlers_404:
        "QUERY" ["if-match": "\"1\""], Representation::absent() => Handler;
    decision_2_delete_under_if_match_star_is_404:
        "DELETE" ["if-match": "*"], Representation::absent() => Layer(404);
    decision_2_delete_whose_condition_is_true_reaches_the_handler:
        "DELETE" ["if-none-match": "*"], Representation::absent() => Handler;
    decision_2_delete_under_an_ignored_condition_reaches_the_handler:
        "DELETE" ["if-unmodified-since": LATER], Representation::absent() => Handler;
    decision_2_unconditional_delete_reaches_the_handler:
        "DELETE" [], Representation::absent() => Handler;
    decision_2_delete_of_an_existing_resource_is_412:
        "DELETE" ["if-match": "\"2\""], tagged("\"1\"") => Layer(412);
    decision_2_put_may_create_and_is_evaluated:
        "PUT" ["if-match": "\"1\""], Representation::absent() => Layer(412);
    decision_2_patch_may_create_and_is_evaluated:
        "PATCH" ["if-match": "*"], Representation::absent() => Layer(412);
    decision_2_post_may_create_and_is_evaluated:
        "POST" ["if-match": "*"], Representation::absent() => Layer(412);
    decision_2_an_unknown_method_may_create_and_is_evaluated:
        "MKCOL" ["if-match": "*"], Representation::absent() => Layer(412);

    decision_2_a_patch_that_never_creates_stays_404:
        "PATCH" ["if-match": "\"1\""], absent(AbsentResponse::NotFound) => Layer(404);
    decision_2_a_put_to_what_is_gone_is_410:
        "PUT" ["if-match": "*"], absent(AbsentResponse::Gone) => Layer(410);
    decision_2_a_delete_of_what_is_gone_is_410:
        "DELETE" ["if-match": "\"1\""], absent(AbsentResponse::Gone) => Layer(410);
    decision_2_a_delete_of_nothing_may_be_a_success:
        "DELETE" ["if-match": "\"1\""], absent(AbsentResponse::NoContent) => Layer(204);
    decision_2_a_put_to_nothing_is_never_a_success:
        "PUT" ["if-match": "\"1\""], absent(AbsentResponse::NoContent) => Layer(412);
    decision_2_a_true_condition_reaches_the_handler_whatever_is_said_of_absence:
        "PUT" ["if-none-match": "*"], absent(AbsentResponse::Gone) => Handler;
    decision_2_an_unconditional_write_reaches_the_handler_whatever_is_said_of_absence:
        "DELETE" [], absent(AbsentResponse::NoContent) => Handler;
    decision_2_a_read_reaches_the_handler_whatever_is_said_of_absence:
        "GET" ["if-match": "\"1\""], absent(AbsentResponse::Gone) => Handler;
    decision_2_what_is_said_of_absence_has_no_effect_on_what_exists:
        "PUT" ["if-match": "\"2\""],
        Representation::from(tagged("\"1\"")).with_absent_response(AbsentResponse::Gone) => Layer(412);
}

fn absent(response: AbsentResponse) -> Representation {
    Representation::absent().with_absent_response(response)
}

/// It is no error: the responder is not asked, and nothing is said but that it is so.
#[test]
fn decision_2_the_204_to_a_delete_of_nothing_is_empty() {
    let layer = PreconditionLayer::new(finds(|| absent(AbsentResponse::NoContent)))
        .with_rejection_response(|_: &Rejection, _: &_| response(500, &[], "never"));
    let answer = send(layer, request("DELETE", &[("if-match", "\"1\"")]));
    assert_eq!((answer.by(), answer.body.as_str()), (Layer(204), ""));
    assert!(answer.head.headers.is_empty(), "{answer:?}");
    assert_eq!(answer.rejection().expect("it says why").kind(), RejectionKind::NothingToDelete);
}
