use http::{Method, Response, response::Parts};

use super::{
    config::{Config, ResponseConfig},
    evaluate_response::DeferredEvaluation,
};
use crate::{
    coding::MarkedResponse,
    precondition::RequestFields,
    response::{Emission, Emit, FromHandler, OwnBody, RejectionResponder, ResponseBody},
    validator::{ContentDropped, Validators},
};

/// What to do with the handler's response.
pub(super) enum OnResponse {
    Pass,
    /// Add this to a 2xx.
    Emit(Emission),
    Evaluate(DeferredEvaluation),
    /// Do this, and then mark the tag. Boxed: few layers take suffixes off.
    Mark(Box<(OnResponse, MarkedResponse)>),
}

impl OnResponse {
    pub(super) fn emit(
        emit: Emit,
        method: &Method,
        fields: RequestFields,
        validators: Option<Validators>,
    ) -> Self {
        match validators {
            Some(validators) if emit.applies_to(method) => Self::Emit(Emission::new(validators, fields)),
            _ => Self::Pass,
        }
    }

    /// Marks the tag of what comes out.
    // Saves 20 instructions of a 304.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn marked(self, marked: Option<MarkedResponse>) -> Self {
        match marked {
            None => self,
            Some(marked) => Self::Mark(Box::new((self, marked))),
        }
    }

    /// Completes the inner service's response.
    // Saves 36 instructions of a write.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn finish<V, R: RejectionResponder, ResBody>(
        self,
        response: Response<ResBody>,
        config: &Config<V, R>,
    ) -> Response<ResponseBody<ResBody>> {
        let (mut head, body) = response.into_parts();
        let own = match self {
            // Fast path: a write that goes on.
            Self::Pass if head.extensions.is_empty() => None,
            other => other.finish_head(&mut head, &config.for_response()),
        };
        let body = match own {
            None => ResponseBody::inner(body),
            Some(own) => ResponseBody::own(own),
        };
        Response::from_parts(head, body)
    }

    /// Completes the head of the inner service's response. Returns the body that takes the place of its own, if any.
    #[inline(never)]
    fn finish_head(self, head: &mut Parts, config: &ResponseConfig<'_>) -> Option<OwnBody> {
        if let Self::Mark(mark) = self {
            let (inner, marked) = *mark;
            let own = inner.finish_head(head, config);
            marked.mark(head.status, &mut head.headers);
            return own;
        }
        if let Some(rejected) = FromHandler::take_from(head) {
            // The handler may have been asked with GET, for a HEAD.
            let dropped = ContentDropped::take_from(&mut head.extensions);
            let own = rejected.render(head, config.expose, config.responder);
            return Some(if dropped { OwnBody::Empty } else { own });
        }
        match self {
            Self::Pass | Self::Mark(_) => None,
            Self::Emit(mut emission) => {
                emission.add_to(head);
                None
            }
            Self::Evaluate(evaluation) => {
                let dropped = ContentDropped::take_from(&mut head.extensions);
                let own = evaluation.evaluate(head, config);
                // What is not sent of the handler's body is dropped unread.
                if dropped { Some(OwnBody::Empty) } else { own }
            }
        }
    }
}
