use bytes::Bytes;
use http::{Request, Response, request::Parts, response};

use super::{
    AnyResponder, OwnBody, ProblemDetails, content_fields::remove_fields_of_response, not_modified, reject,
    rejected::render,
};
use crate::{
    decision::{Expose, Rejection, RejectionKind},
    header_map::set_fields_of,
    precondition::RequestFields,
};

/// Marks a handler's response that was made from a rejection. The layer renders it with its own responder.
#[derive(Clone)]
pub(crate) struct FromHandler(Rejection, Box<Parts>);

/// The handler already dealt with the request body, so never add `Connection: close`.
const FIELDS: RequestFields = RequestFields::NONE;

impl Rejection {
    /// Makes the response, for a handler without Axum. With Axum, return the rejection itself.
    ///
    /// The response is complete: problem details, or plain text if Accept prefers it. A
    /// [`PreconditionLayer`](crate::PreconditionLayer) that evaluated or deferred the request renders it again
    /// with its own responder.
    ///
    /// See [`Verdict::reject`](crate::Verdict::reject) for an example.
    #[must_use]
    pub fn to_response(&self) -> Response<Bytes> {
        // A rejection that a layer made has no head: render it as for a request without Accept.
        let mut head = self.head().cloned().unwrap_or_else(|| Request::new(()).into_parts().0);
        let response = match (self.kind(), self.current()) {
            (RejectionKind::NotModified, Some(current)) => {
                not_modified(current.clone(), None, &mut head, FIELDS)
            }
            _ => {
                let mut response = render(self, &ProblemDetails::new(), &head, FIELDS);
                response.extensions_mut().insert(self.clone());
                response
            }
        };
        let mut response = response.map(OwnBody::into_content);
        // A responder has nothing to render in a 304.
        if let (true, Some(head)) = (self.kind() != RejectionKind::NotModified, self.head()) {
            response.extensions_mut().insert(FromHandler(self.clone(), Box::new(head.clone())));
        }
        response
    }
}

impl FromHandler {
    /// Takes the mark out of a handler's response, if there is one.
    // Saves 26 instructions of a write.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn take_from(head: &mut response::Parts) -> Option<Self> {
        match head.extensions.is_empty() {
            true => None,
            false => head.extensions.remove(),
        }
    }

    /// Renders the rejection with the layer's responder, keeps what other layers added to the head, and returns the
    /// body.
    #[cold]
    pub(crate) fn render(
        self,
        response: &mut response::Parts,
        expose: Expose,
        responder: &dyn AnyResponder,
    ) -> OwnBody {
        let Self(rejection, head) = self;
        let shown = match expose {
            Expose::Validators => rejection,
            // A success tells the client of its own write.
            Expose::Nothing if rejection.kind().status().is_success() => rejection,
            Expose::Nothing => rejection.without_current(),
        };
        put_in_place_of(response, reject(shown, responder, &head, FIELDS))
    }
}

/// Puts the layer's response in the place of a handler's, keeps other fields, such as those of CORS, and returns the
/// body.
pub(crate) fn put_in_place_of(response: &mut response::Parts, rendered: Response<OwnBody>) -> OwnBody {
    let (rendered, body) = rendered.into_parts();
    remove_fields_of_response(&mut response.headers);
    response.status = rendered.status;
    set_fields_of(&mut response.headers, &rendered.headers);
    response.extensions.extend(rendered.extensions);
    body
}
