//! The answers that a handler makes of a [`Rejection`], and what becomes of them in the layer.

use bytes::Bytes;
use http::{
    Request, Response,
    header::{self, HeaderName},
    request::Parts,
    response,
};

use crate::{
    Emit, Expose, ProblemDetails, Rejection, RejectionKind, RejectionResponder, ResponseBody,
    fields::RequestFields,
    respond::{not_modified, reject, render},
};

/// Stands in the extensions of such an answer: the layer renders it anew, by its own responder.
#[derive(Clone)]
pub(crate) struct FromHandler(Rejection, Box<Parts>);

/// Whether content is left unread has been the handler's to decide.
const FIELDS: RequestFields = RequestFields::NONE;

/// The fields of such an answer that are made anew with it, and those of its content.
const RENDERED: [HeaderName; 11] = [
    header::CACHE_CONTROL,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::LOCATION,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];

/// The answer, complete, should no layer come to render it.
pub(crate) fn respond_from_handler(rejection: &Rejection) -> Response<Bytes> {
    // One that a layer made for another response is rendered as for a request without an Accept.
    let unknown = || Request::new(()).into_parts().0;
    let mut head = rejection.head().cloned().unwrap_or_else(unknown);
    let response: Response<ResponseBody<()>> = match (rejection.kind(), rejection.current()) {
        // How long the 200 is fresh is the handler's to say.
        (RejectionKind::NotModified, Some(current)) => {
            not_modified(current.clone(), Emit::Nothing, &mut head, FIELDS)
        }
        _ => render(rejection.clone(), &ProblemDetails, &head, FIELDS),
    };
    let mut response = response.map(ResponseBody::into_content);
    // A 304 has nothing that a responder could render.
    if let (true, Some(head)) = (rejection.kind() != RejectionKind::NotModified, rejection.head()) {
        response.extensions_mut().insert(FromHandler(rejection.clone(), Box::new(head.clone())));
    }
    response
}

/// Takes out of an answer what a handler made it of, where that is to be rendered.
#[inline(always)]
pub(crate) fn from_handler(head: &mut response::Parts) -> Option<FromHandler> {
    match head.extensions.is_empty() {
        true => None,
        false => head.extensions.remove(),
    }
}

/// The answer of a handler as the layer gives it, with what others on the way added to it.
#[cold]
pub(crate) fn render_late<B>(
    mut answer: response::Parts,
    FromHandler(rejection, head): FromHandler,
    expose: Expose,
    responder: &impl RejectionResponder,
) -> Response<ResponseBody<B>> {
    let shown = match expose {
        Expose::Validators => rejection,
        Expose::Nothing => rejection.without_current(),
    };
    let (rendered, body) = reject(shown, responder, &head, FIELDS).into_parts();
    for name in RENDERED {
        answer.headers.remove(name);
    }
    answer.status = rendered.status;
    answer.headers.extend(rendered.headers);
    answer.extensions.extend(rendered.extensions);
    Response::from_parts(answer, body)
}
