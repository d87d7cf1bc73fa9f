//! The answers that a handler makes of a [`Rejection`], and what becomes of them in the layer.

use bytes::Bytes;
use http::{
    Request, Response,
    header::{self, HeaderName},
    request::Parts,
    response,
};

use super::body::ResponseBody;
use super::emit::Emit;
use super::problem::ProblemDetails;
use super::respond::{not_modified, reject, render};
use super::responder::RejectionResponder;
use crate::{
    decision::{Expose, Rejection, RejectionKind},
    precondition::RequestFields,
};

/// Stands in the extensions of such an answer: the layer renders it anew, by its own responder.
#[derive(Clone)]
pub(crate) struct FromHandler(Rejection, Box<Parts>);

/// Whether content is left unread has been the handler's to decide.
const FIELDS: RequestFields = RequestFields::NONE;

/// The fields that are about an answer itself, its representation or its content, and so not about
/// the one in its place.
const OF_ANSWER: [HeaderName; 15] = [
    header::ACCEPT_RANGES,
    header::CACHE_CONTROL,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_LOCATION,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::DATE,
    header::ETAG,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::LOCATION,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];

impl Rejection {
    /// The response, for a handler that is no Axum handler; there the rejection itself is one.
    ///
    /// It is complete, as problem details or plain text by the request's Accept. A
    /// [`PreconditionLayer`](crate::PreconditionLayer) that had something to judge of the request, or deferred it to
    /// the handler, renders it anew, by its own responder.
    ///
    /// The example of [`Verdict::reject`](crate::Verdict::reject) shows it.
    #[must_use]
    pub fn to_response(&self) -> Response<Bytes> {
        // One that a layer made for another response is rendered as for a request without an Accept.
        let unknown = || Request::new(()).into_parts().0;
        let mut head = self.head().cloned().unwrap_or_else(unknown);
        let response: Response<ResponseBody<()>> = match (self.kind(), self.current()) {
            // How long the 200 is fresh is the handler's to say.
            (RejectionKind::NotModified, Some(current)) => {
                not_modified(current.clone(), Emit::Nothing, &mut head, FIELDS)
            }
            _ => render(self.clone(), &ProblemDetails, &head, FIELDS),
        };
        let mut response = response.map(ResponseBody::into_content);
        // A 304 has nothing that a responder could render.
        if let (true, Some(head)) = (self.kind() != RejectionKind::NotModified, self.head()) {
            response.extensions_mut().insert(FromHandler(self.clone(), Box::new(head.clone())));
        }
        response
    }
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
    answer: response::Parts,
    FromHandler(rejection, head): FromHandler,
    expose: Expose,
    responder: &impl RejectionResponder,
) -> Response<ResponseBody<B>> {
    let shown = match expose {
        Expose::Validators => rejection,
        Expose::Nothing => rejection.without_current(),
    };
    in_place_of(answer, reject(shown, responder, &head, FIELDS))
}

/// The layer's answer in place of a handler's, with the fields that others put there, such as those of CORS.
pub(crate) fn in_place_of<B>(
    mut answer: response::Parts,
    rendered: Response<ResponseBody<B>>,
) -> Response<ResponseBody<B>> {
    let (rendered, body) = rendered.into_parts();
    for name in OF_ANSWER {
        answer.headers.remove(name);
    }
    answer.status = rendered.status;
    answer.headers.extend(rendered.headers);
    answer.extensions.extend(rendered.extensions);
    Response::from_parts(answer, body)
}
