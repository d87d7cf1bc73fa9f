//! What each requirement says of each method.

use http::Method;
use tower_precondition::{PreconditionLayer, RequiredCondition, Requirement};

use super::{
    document::{Described, operation},
    site::may_fail,
};

/// `METHOD, requirement => parameters, statuses`. A date beside a required If-Match or `If-None-Match: *` never changes
/// an answer, so it is no parameter. A parameter with `!` is required.
macro_rules! says {
    ($($name:ident: $method:literal, $requirement:expr => [$($parameter:literal),*], [$($status:literal),*];)*) => {$(
        #[test]
        fn $name() {
            let description = PreconditionLayer::new(may_fail).require($requirement).describe();
            let described = Described::by(&description, $method, operation(&[]));
            let parameters: &[&str] = &[$($parameter),*];
            assert_eq!(described.parameters(), parameters);
            let statuses: &[u16] = &[$($status),*];
            assert_eq!(described.statuses(), statuses);
        }
    )*};
}

fn none() -> Requirement {
    Requirement::none()
}

fn writes() -> Requirement {
    Requirement::on_writes()
}

fn if_match() -> Requirement {
    writes().except(RequiredCondition::IfNoneMatchAny)
}

says! {
    a_get_can_be_304_and_412: "GET", none() =>
        ["If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since"], [304, 412, 503];
    a_head_is_like_a_get: "HEAD", none() =>
        ["If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since"], [304, 412, 503];
    a_requirement_on_writes_says_nothing_of_a_get: "GET", writes() =>
        ["If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since"], [304, 412, 503];
    a_requirement_on_get_makes_it_428: "GET", if_match().for_methods([Method::GET]) =>
        ["!If-Match", "If-None-Match", "If-Modified-Since"], [304, 412, 428, 503];
    a_write_has_no_if_modified_since: "PUT", none() =>
        ["If-Match", "If-Unmodified-Since", "If-None-Match"], [400, 412, 503];
    a_put_needs_one_of_two: "PUT", writes() =>
        ["If-Match", "If-None-Match"], [400, 412, 428, 503];
    a_put_needs_if_match: "PUT", if_match() => ["!If-Match", "If-None-Match"], [400, 412, 428, 503];
    a_put_needs_if_match_only_of_what_exists: "PUT", if_match().existing_only() =>
        ["If-Match", "If-None-Match"], [400, 412, 428, 503];
    a_patch_needs_one_of_two: "PATCH", writes() =>
        ["If-Match", "If-None-Match"], [400, 412, 428, 503];
    a_post_needs_none: "POST", writes() =>
        ["If-Match", "If-Unmodified-Since", "If-None-Match"], [400, 412, 503];
    a_delete_can_be_404: "DELETE", none() =>
        ["If-Match", "If-Unmodified-Since", "If-None-Match"], [400, 404, 412, 503];
    a_delete_that_needs_one: "DELETE", writes() =>
        ["If-Match", "If-None-Match"], [400, 404, 412, 428, 503];
    a_delete_that_needs_if_match: "DELETE", if_match() =>
        ["!If-Match", "If-None-Match"], [400, 404, 412, 428, 503];
    options_is_never_evaluated: "OPTIONS", none() => [], [];
    trace_is_never_evaluated: "TRACE", writes().for_methods([Method::TRACE]) => [], [];
}

#[test]
fn a_428_says_which_conditions_would_do() {
    let description = PreconditionLayer::new(may_fail).require(writes()).describe();
    let text = |method| {
        let described = Described::by(&description, method, operation(&[]));
        described.response(428)["description"].as_str().expect("a text").to_owned()
    };
    let put = "A condition is missing: the request must carry If-Match or If-None-Match: *.";
    assert_eq!(text("PUT"), put);
    assert_eq!(text("DELETE"), "A condition is missing: the request must carry If-Match.");
}

#[test]
fn the_examples_are_answers_of_the_layer() {
    let description = PreconditionLayer::new(may_fail).require(writes()).describe();
    let described = Described::by(&description, "PUT", operation(&[]));
    let examples = described.examples();
    assert_eq!(examples.keys().copied().collect::<Vec<_>>(), [400, 412, 428, 503]);
    assert_eq!(examples[&412]["condition"], "If-Match");
    assert_eq!(examples[&412]["provided"], "\"1\"");
    assert_eq!(examples[&412]["current_etag"], "\"2\"");
    assert_eq!(
        examples[&428]["required"],
        serde_json::json!(["If-Match", "If-Match: *", "If-None-Match: *"])
    );
}
