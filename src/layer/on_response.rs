use http::{Method, Response};

use super::{config::Config, evaluate_response::DeferredEvaluation};
use crate::{
    response::{Emit, FromHandler, RejectionResponder, ResponseBody, emit, events},
    validator::Validators,
};

/// What to do with the handler's response.
pub(super) enum OnResponse {
    Pass,
    /// Add these to a 200.
    Emit(Validators),
    Evaluate(Box<DeferredEvaluation>),
}

impl OnResponse {
    pub(super) fn emit(emit: Emit, method: &Method, validators: Option<Validators>) -> Self {
        match validators {
            Some(validators) if emit.applies_to(method) => Self::Emit(validators),
            _ => Self::Pass,
        }
    }

    /// Completes the inner service's response.
    // Saves 36 instructions of a write.
    #[inline(always)]
    pub(super) fn finish<V, R: RejectionResponder, ResBody>(
        self,
        response: Response<ResBody>,
        config: &Config<V, R>,
    ) -> Response<ResponseBody<ResBody>> {
        let (mut head, body) = response.into_parts();
        if let Some(rejected) = FromHandler::take_from(&mut head) {
            return rejected.render(head, config.expose, &*config.responder).map(ResponseBody::own);
        }
        match self {
            Self::Pass => {}
            Self::Emit(mut validators) => emit(&mut head, &mut validators),
            Self::Evaluate(evaluation) => {
                events::malformed_in(&head.headers);
                let response = Response::from_parts(head, body);
                return evaluation.evaluate(response, config.expose, &*config.responder);
            }
        }
        Response::from_parts(head, ResponseBody::inner(body))
    }
}
