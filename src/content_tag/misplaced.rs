use http::Extensions;

use crate::validator::EvaluatedWithoutValidator;

/// One event if a layer inside needed the tag that is added only now.
pub(super) fn warn_if_outside(response: &Extensions) {
    if EvaluatedWithoutValidator::is_on(response) {
        tracing::warn!(
            target: env!("CARGO_CRATE_NAME"),
            "`EntityTagLayer` stands outside of `PreconditionLayer::from_response()`, which then has no tag to compare: \
             put it inside, as in `(PreconditionLayer::from_response(), EntityTagLayer::new())`",
        );
    }
}
