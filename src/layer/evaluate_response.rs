//! The judgement of a handler's own answer, where nothing was known before.

use http::{
    HeaderMap, Response, StatusCode,
    header::{self, HeaderName},
    request::Parts,
};

use crate::{
    decision::{Decided, Expose, KeptRequest, decide},
    precondition::{Carried, ConditionalFields, MethodKind, RequestFields, Requirement},
    representation::Current,
    response::{RejectionResponder, ResponseBody, in_place_of, is_of_inner_layer, reject},
    validator::Validators,
};

/// What was asked, kept until the answer is there.
#[derive(Debug)]
pub(crate) struct Asked {
    head: KeptRequest,
    requirement: Option<Requirement>,
}

/// The fields of a 200 that a 304 in its place does not carry: those of its content.
const OF_CONTENT: [HeaderName; 7] = [
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];

impl Asked {
    pub(crate) fn new(head: &Parts, requirement: Option<Requirement>) -> Box<Self> {
        Box::new(Self { head: KeptRequest::of(head), requirement })
    }

    /// The answer, or a 304 or 412 in its place, whose body is then dropped unread.
    pub(crate) fn judge<B>(
        self,
        answer: Response<B>,
        expose: Expose,
        responder: &impl RejectionResponder,
    ) -> Response<ResponseBody<B>> {
        let Some(current) = described_by(&answer) else {
            return answer.map(ResponseBody::inner);
        };
        let head = self.head.to_parts();
        let preconditions = ConditionalFields::from_headers(&head.headers);
        let required = self.requirement.map(|required| (required, Carried::by(&preconditions)));
        let kind = MethodKind::of(&head.method);
        let has_etag = current.etag().is_some();
        let mut current = Some(Current { validators: current, details: None });
        match decide(kind, &head.method, &preconditions, required.as_ref(), &mut current, expose) {
            Decided::Proceed(_) => answer.map(ResponseBody::inner),
            Decided::NotModified => not_modified(answer, has_etag),
            Decided::Reject(rejection) => {
                let rendered = reject(rejection, responder, &head, RequestFields::NONE);
                match expose {
                    Expose::Validators => in_place_of(answer.into_parts().0, rendered),
                    // Nothing of what the handler said, either.
                    Expose::Nothing => rendered,
                }
            }
        }
    }
}

/// What an answer says of the current representation, if it is one of those that say it.
fn described_by<B>(answer: &Response<B>) -> Option<Validators> {
    if is_of_inner_layer(answer.extensions()) {
        return None;
    }
    let validators = Validators::from_headers(answer.headers());
    match answer.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Some(validators),
        // Not every server puts them on a 416, so that none there does not mean that there are none.
        StatusCode::RANGE_NOT_SATISFIABLE if validators.is_comparable() => Some(validators),
        _ => None,
    }
}

/// 304 with the fields of the answer in whose place it stands (RFC 9110 §15.4.5).
fn not_modified<B>(answer: Response<B>, has_etag: bool) -> Response<ResponseBody<B>> {
    let mut response = answer.map(|_unread| ResponseBody::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    remove_fields_of_content(response.headers_mut());
    if has_etag {
        response.headers_mut().remove(header::LAST_MODIFIED);
    }
    response
}

fn remove_fields_of_content(headers: &mut HeaderMap) {
    for name in OF_CONTENT {
        headers.remove(name);
    }
}
