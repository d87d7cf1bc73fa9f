//! Decisions 1 and 2: existence, and the answers if nothing exists.

use tower_precondition::{Representation, Validators};

use crate::{
    answers,
    support::{By::Handler, By::Layer, LATER, tagged},
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
}
