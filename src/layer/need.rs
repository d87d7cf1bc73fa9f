use http::Method;

use crate::{
    precondition::{RequestFields, RequirementPolicy},
    response::Emit,
};

/// What a request needs from the layer.
///
/// Fast path: decided from method and header names, before the request is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// Validators for its 200.
    Validators,
    Evaluation,
}

impl Need {
    pub(super) fn of(
        policy: &impl RequirementPolicy,
        emit: Emit,
        method: &Method,
        fields: RequestFields,
    ) -> Self {
        if !fields.is_plain() {
            return Self::Evaluation;
        }
        match *method {
            Method::GET | Method::HEAD if policy.may_apply_to(method) => Self::Evaluation,
            Method::GET | Method::HEAD if emit == Emit::Nothing => Self::Nothing,
            Method::GET | Method::HEAD => Self::Validators,
            Method::CONNECT | Method::OPTIONS | Method::TRACE => Self::Nothing,
            _ => Self::Evaluation,
        }
    }
}
