use http::{
    Response, StatusCode,
    header::{IF_MATCH, IF_NONE_MATCH, LAST_MODIFIED},
    request::Parts,
};

use crate::{
    decision::{Decided, Expose, KeptRequest, Rejection},
    precondition::{Carried, ConditionalFields, RequestFields, Requirement, TagComparison},
    representation::{Current, Missing, State},
    response::{
        RejectionResponder, ResponseBody,
        events::{self, WeakTagWarning},
        in_place_of, is_of_inner_layer, not_modified_in_place_of, reject,
    },
    validator::{EvaluatedWithoutValidator, KeepLastModified, Validators},
};

/// An evaluation that waits for the handler's response, because nothing told the state before.
#[derive(Debug)]
pub(super) struct DeferredEvaluation {
    request: KeptRequest,
}

impl DeferredEvaluation {
    pub(super) fn new(
        head: &Parts,
        requirement: Option<Requirement>,
        carried: Carried,
        comparison: &TagComparison,
    ) -> Box<Self> {
        Box::new(Self { request: KeptRequest::new(head, requirement, carried, comparison) })
    }

    /// Returns the response, or a 304 or 4xx in its place. The body is then dropped unread.
    pub(super) fn evaluate<B>(
        self,
        mut response: Response<B>,
        expose: Expose,
        responder: &impl RejectionResponder,
        warning: &WeakTagWarning,
    ) -> Response<ResponseBody<B>> {
        let Some(told) = Told::by(&response) else {
            return response.map(ResponseBody::inner);
        };
        let head = self.request.to_head();
        if told.knows_nothing()
            && (head.headers.contains_key(IF_NONE_MATCH) || head.headers.contains_key(IF_MATCH))
        {
            EvaluatedWithoutValidator::put_on(response.extensions_mut());
        }
        let case = self.request.case(&head);
        let rejection = match told.lacks_tag_of(&case.fields) {
            // The part may be of another version than the one that If-Match names: refuse to join the two.
            true if response.status() == StatusCode::PARTIAL_CONTENT => {
                Rejection::unevaluated(Missing::EntityTagOfPart, &case.fields)
            }
            true => return response.map(ResponseBody::inner),
            false => {
                match case.decide(&mut State::current(told.into_current()), expose, &self.request.comparison)
                {
                    Decided::Proceed(_) => return response.map(ResponseBody::inner),
                    Decided::NotModified(current) => {
                        let mut response = not_modified_in_place_of(response);
                        // Last-Modified only if there is no ETag (RFC 9110 §15.4.5), or if a layer outside asks.
                        if current.validators.etag().is_some() && !KeepLastModified::is_on(&head.extensions) {
                            response.headers_mut().remove(LAST_MODIFIED);
                        }
                        return response.map(ResponseBody::own);
                    }
                    Decided::Reject(rejection) => rejection,
                }
            }
        };
        warning.of(&rejection, &head);
        let rendered = reject(rejection, responder, &head, RequestFields::NONE);
        let shown = match expose {
            Expose::Validators => in_place_of(response.into_parts().0, rendered),
            // The handler's fields would tell about the representation too.
            Expose::Nothing => rendered,
        };
        shown.map(ResponseBody::own)
    }
}

/// What a response tells about the validators of the current representation.
enum Told {
    /// Everything: the representation has no others.
    All(Validators),
    /// Perhaps not everything: a service, or a layer around it, may tag its 200 alone.
    Some(Validators),
}

impl Told {
    /// Returns `None` if the response is not about the current representation.
    fn by<B>(response: &Response<B>) -> Option<Self> {
        if is_of_inner_layer(response.extensions()) {
            return None;
        }
        let validators = || {
            let validators = Validators::from_headers(response.headers());
            events::malformed_in(response.headers(), &validators);
            validators
        };
        match response.status() {
            StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION | StatusCode::NO_CONTENT => {
                Some(Self::All(validators()))
            }
            StatusCode::RANGE_NOT_SATISFIABLE => Some(Self::Some(validators())),
            status if status.is_success() => Some(Self::Some(validators())),
            _ => None,
        }
    }

    /// Returns whether the whole representation has no validator.
    fn knows_nothing(&self) -> bool {
        matches!(self, Self::All(known) if known.etag().is_none() && known.last_modified().is_none())
    }

    /// Returns whether If-Match lists tags, and the tag to compare them with is not known.
    fn lacks_tag_of(&self, fields: &ConditionalFields<'_>) -> bool {
        match self {
            Self::Some(validators) if validators.etag().is_none() => {
                let mut lists_tags = false;
                fields.if_match().is_some_and(|list| list.read(|_| lists_tags = true).is_ok()) && lists_tags
            }
            _ => false,
        }
    }

    fn into_current(self) -> Current {
        let (Self::All(validators) | Self::Some(validators)) = self;
        Current { validators, details: None }
    }
}
