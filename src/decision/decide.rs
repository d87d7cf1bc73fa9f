//! The steps of the [order of answers](crate::order) that know neither the layer nor its source: what a
//! request's head says, and then what currently exists.

use http::Method;

use super::expose::Expose;
use super::rejection::Rejection;
use crate::{
    precondition::{Carried, ConditionalFields, Decision, Evaluation, MethodKind, Requirement, evaluate},
    representation::Current,
};

/// Steps 1 and 2.
#[inline(always)]
pub(crate) fn check_head(
    kind: MethodKind,
    preconditions: &ConditionalFields<'_>,
    requirement: Option<&(Requirement, Carried)>,
) -> Result<(), Rejection> {
    // Step 1.
    if kind == MethodKind::Changes {
        preconditions.check().map_err(|malformed| Rejection::malformed(malformed, preconditions))?;
    }
    // Step 2.
    match requirement {
        Some((required, carried)) if !required.asks_only_of_existing() && !required.is_met_by(*carried) => {
            Err(Rejection::required(required.clone(), preconditions))
        }
        _ => Ok(()),
    }
}

/// What the state of the resource leads to.
pub(crate) enum Decided {
    Reject(Rejection),
    /// There is a representation, and the client holds it.
    NotModified,
    Proceed(Evaluation),
}

/// Steps 4 to 6: what is said of a request, and of what currently exists. A rejection takes
/// with it what it tells of that.
#[inline(always)]
pub(crate) fn decide(
    kind: MethodKind,
    method: &Method,
    preconditions: &ConditionalFields<'_>,
    requirement: Option<&(Requirement, Carried)>,
    current: &mut Option<Current>,
    expose: Expose,
) -> Decided {
    let validators = current.as_ref().map(|current| &current.validators);
    let evaluation = evaluate(method, preconditions, validators);

    // Step 4.
    if let (None, Decision::Failed(condition)) = (&current, evaluation.decision()) {
        if *method == Method::DELETE {
            return Decided::Reject(Rejection::not_found(condition, preconditions));
        }
    }
    // Step 5. Where nothing exists, reading is the handler's 404, and a first write may be free.
    if let Some((required, carried)) = requirement {
        let free = current.is_none() && (kind == MethodKind::Selects || required.asks_only_of_existing());
        if !free && !required.is_met_by(carried.evaluated(&evaluation)) {
            return Decided::Reject(Rejection::required(required.clone(), preconditions));
        }
    }
    // Step 6.
    match evaluation.decision() {
        Decision::Failed(condition) => {
            let shown = current.take().filter(|_| expose == Expose::Validators);
            Decided::Reject(Rejection::failed(condition, preconditions, shown))
        }
        Decision::NotModified if current.is_some() => Decided::NotModified,
        // Without a representation the evaluation finds nothing that is not modified.
        Decision::NotModified | Decision::Proceed => Decided::Proceed(evaluation),
    }
}
