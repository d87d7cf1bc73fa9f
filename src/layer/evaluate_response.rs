use http::{Response, StatusCode, header::LAST_MODIFIED, request::Parts};

use crate::{
    decision::{Decided, Expose, KeptRequest},
    precondition::{Carried, RequestFields, Requirement},
    representation::Current,
    response::{
        RejectionResponder, ResponseBody, in_place_of, is_of_inner_layer, not_modified_in_place_of, reject,
    },
    validator::{DateBesideTag, Validators},
};

/// An evaluation that waits for the handler's response, because nothing told the state before.
#[derive(Debug)]
pub(super) struct DeferredEvaluation {
    request: KeptRequest,
}

impl DeferredEvaluation {
    pub(super) fn new(head: &Parts, requirement: Option<Requirement>, carried: Carried) -> Box<Self> {
        Box::new(Self { request: KeptRequest::new(head, requirement, carried) })
    }

    /// Returns the response, or a 304 or 4xx in its place. The body is then dropped unread.
    pub(super) fn evaluate<B>(
        self,
        response: Response<B>,
        expose: Expose,
        responder: &impl RejectionResponder,
    ) -> Response<ResponseBody<B>> {
        let Some(validators) = described_by(&response) else {
            return response.map(ResponseBody::inner);
        };
        let head = self.request.to_head();
        let case = self.request.case(&head);
        let mut current = Some(Current { validators, details: None });
        match case.decide(&mut current, expose) {
            Decided::Proceed(_) => response.map(ResponseBody::inner),
            Decided::NotModified(current) => {
                let mut response = not_modified_in_place_of(response);
                // Last-Modified only if there is no ETag (RFC 9110 §15.4.5), or if a layer outside asks.
                if current.validators.etag().is_some() && !DateBesideTag::is_on(&head.extensions) {
                    response.headers_mut().remove(LAST_MODIFIED);
                }
                response.map(ResponseBody::own)
            }
            Decided::Reject(rejection) => {
                let rendered = reject(rejection, responder, &head, RequestFields::NONE);
                let shown = match expose {
                    Expose::Validators => in_place_of(response.into_parts().0, rendered),
                    // The handler's fields would tell about the representation too.
                    Expose::Nothing => rendered,
                };
                shown.map(ResponseBody::own)
            }
        }
    }
}

/// Returns the validators of the current representation, if the response describes it.
fn described_by<B>(response: &Response<B>) -> Option<Validators> {
    if is_of_inner_layer(response.extensions()) {
        return None;
    }
    let validators = Validators::from_headers(response.headers());
    match response.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Some(validators),
        // Some servers omit validators from a 416; absence proves nothing.
        StatusCode::RANGE_NOT_SATISFIABLE if validators.is_comparable() => Some(validators),
        _ => None,
    }
}
