//! The judgement of a handler's own answer, where nothing was known before.

use http::{
    HeaderMap, Response, StatusCode,
    header::{self, HeaderName},
    request::Parts,
};

use crate::{
    Expose, Preconditions, Rejection, RejectionResponder, Requirement, ResponseBody, Validators,
    evaluate::MethodKind,
    fields::RequestFields,
    kept_head::KeptHead,
    order::{Decided, decide},
    requirement::Carried,
    respond::{is_refusal, reject},
    source::Current,
};

/// What was asked, kept until the answer is there.
#[derive(Debug)]
pub(crate) struct Asked {
    head: KeptHead,
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
        Box::new(Self { head: KeptHead::of(head), requirement })
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
        let preconditions = Preconditions::from_headers(&head.headers);
        let required = self.requirement.map(|required| (required, Carried::by(&preconditions)));
        let kind = MethodKind::of(&head.method);
        let current = Some(Current { validators: current, details: None });
        match decide(kind, &head.method, &preconditions, required, current, expose) {
            Decided::Proceed(..) => answer.map(ResponseBody::inner),
            Decided::NotModified(validators) => not_modified(answer, &validators),
            Decided::Reject(rejection) => reject(rejection, responder, &head, RequestFields::NONE),
        }
    }
}

/// What an answer says of the current representation, if it is one of those that say it.
fn described_by<B>(answer: &Response<B>) -> Option<Validators> {
    let of_inner_layer = is_refusal(answer.extensions()) || answer.extensions().get::<Rejection>().is_some();
    if of_inner_layer {
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
fn not_modified<B>(answer: Response<B>, validators: &Validators) -> Response<ResponseBody<B>> {
    let mut response = answer.map(|_unread| ResponseBody::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    remove_fields_of_content(response.headers_mut());
    if validators.etag().is_some() {
        response.headers_mut().remove(header::LAST_MODIFIED);
    }
    response
}

fn remove_fields_of_content(headers: &mut HeaderMap) {
    for name in OF_CONTENT {
        headers.remove(name);
    }
}
