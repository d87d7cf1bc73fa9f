use http::{Method, Response};

use super::{config::Config, evaluate_response::DeferredEvaluation};
use crate::{
    coding::MarkedResponse,
    precondition::RequestFields,
    response::{Emission, Emit, FromHandler, RejectionResponder, ResponseBody},
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
        match self {
            Self::Mark(mark) => finish_and_mark(*mark, response, config),
            unmarked => unmarked.finish_unmarked(response, config),
        }
    }

    // In two functions that do not call each other in a circle, so that both can be inlined.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn finish_unmarked<V, R: RejectionResponder, ResBody>(
        self,
        response: Response<ResBody>,
        config: &Config<V, R>,
    ) -> Response<ResponseBody<ResBody>> {
        let (mut head, body) = response.into_parts();
        if let Some(rejected) = FromHandler::take_from(&mut head) {
            // The handler may have been asked with GET, for a HEAD.
            let dropped = ContentDropped::take_from(&mut head.extensions);
            let own = rejected.render(&mut head, config.expose, &*config.responder);
            let body = if dropped { ResponseBody::default() } else { ResponseBody::own(own) };
            return Response::from_parts(head, body);
        }
        match self {
            Self::Pass | Self::Mark(_) => {}
            Self::Emit(mut emission) => emission.add_to(&mut head),
            Self::Evaluate(evaluation) => {
                let dropped = ContentDropped::take_from(&mut head.extensions);
                let own = evaluation.evaluate(
                    &mut head,
                    config.expose,
                    &*config.responder,
                    &config.weak_tag_warning,
                );
                // What is not sent of the handler's body is dropped unread.
                let body = match own {
                    _ if dropped => ResponseBody::default(),
                    Some(own) => ResponseBody::own(own),
                    None => ResponseBody::inner(body),
                };
                return Response::from_parts(head, body);
            }
        }
        Response::from_parts(head, ResponseBody::inner(body))
    }
}

#[cold]
#[inline(never)]
fn finish_and_mark<V, R: RejectionResponder, ResBody>(
    (on_response, marked): (OnResponse, MarkedResponse),
    response: Response<ResBody>,
    config: &Config<V, R>,
) -> Response<ResponseBody<ResBody>> {
    let mut response = on_response.finish_unmarked(response, config);
    marked.mark(&mut response);
    response
}
