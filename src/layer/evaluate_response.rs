use http::{HeaderMap, StatusCode, header::IF_MATCH, response::Parts};

use super::config::ResponseConfig;
use crate::{
    decision::{Decided, Expose, KeptRequest, Rejection},
    header_map::has_field,
    precondition::{CacheCondition, ConditionalFields, RequestFields},
    representation::{Current, Missing, State},
    response::{OwnBody, events, is_of_inner_layer, put_in_place_of, reject, turn_into_not_modified},
    validator::{EvaluatedWithoutValidator, KeepLastModified, ResponseFields, Validators},
};

/// An evaluation that waits for the handler's response, because nothing told the state before.
#[derive(Debug)]
pub(super) enum DeferredEvaluation {
    /// Nothing but a 304 can come of it, which takes little of the request.
    OfCache { condition: CacheCondition, date_beside_tag: bool },
    /// A rejection can come of it, and the responder is shown the request.
    OfAll(Box<KeptRequest>),
}

impl DeferredEvaluation {
    /// Turns the head into that of a 304 or 4xx and returns its body, or `None` if the response stands.
    pub(super) fn evaluate(&self, response: &mut Parts, config: &ResponseConfig<'_>) -> Option<OwnBody> {
        match self {
            Self::OfCache { condition, date_beside_tag } => {
                evaluate_cache_condition(condition, *date_beside_tag, response)
            }
            Self::OfAll(request) => evaluate_all(request, response, config),
        }
    }
}

fn evaluate_cache_condition(
    condition: &CacheCondition,
    date_beside_tag: bool,
    response: &mut Parts,
) -> Option<OwnBody> {
    let told = Told::by(response, Validators::without_fields)?;
    let current = told.validators();
    if condition.is_not_modified(current) {
        turn_into_not_modified(response, current, date_beside_tag);
        return Some(OwnBody::Empty);
    }
    if told.knows_nothing() && condition.names_tags() {
        EvaluatedWithoutValidator::put_on(&mut response.extensions);
    }
    None
}

fn evaluate_all(request: &KeptRequest, response: &mut Parts, config: &ResponseConfig<'_>) -> Option<OwnBody> {
    let told = Told::by(response, Validators::from_present)?;
    let head = request.to_head();
    if told.knows_nothing() && has_field(&head.headers, IF_MATCH) {
        EvaluatedWithoutValidator::put_on(&mut response.extensions);
    }
    let case = request.case(&head);
    let rejection = match told.lacks_tag_of(&case.fields) {
        // The part may be of another version than the one that If-Match names: refuse to join the two.
        true if response.status == StatusCode::PARTIAL_CONTENT => {
            Rejection::unevaluated(Missing::EntityTagOfPart, &case.fields)
        }
        true => return None,
        false => {
            match case.decide(&mut State::current(told.into_current()), config.expose, request.comparison()) {
                Decided::Proceed(_) => return None,
                Decided::NotModified(current) => {
                    let date_beside_tag = KeepLastModified::is_on(&head.extensions);
                    turn_into_not_modified(response, &current.validators, date_beside_tag);
                    return Some(OwnBody::Empty);
                }
                Decided::Reject(rejection) => rejection,
            }
        }
    };
    config.weak_tag_warning.of(&rejection, &head);
    let rendered = reject(rejection, config.responder, &head, RequestFields::NONE);
    Some(match config.expose {
        Expose::Validators => put_in_place_of(response, rendered),
        // The handler's fields would tell about the representation too.
        Expose::Nothing => {
            let body;
            (*response, body) = rendered.into_parts();
            body
        }
    })
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
    fn by(response: &Parts, read: impl FnOnce(&HeaderMap, ResponseFields) -> Validators) -> Option<Self> {
        if is_of_inner_layer(&response.extensions) {
            return None;
        }
        let validators = || {
            let present = ResponseFields::of(&response.headers);
            let validators = read(&response.headers, present);
            events::malformed_in(&response.headers, present, &validators);
            validators
        };
        match response.status {
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
                fields.if_match().is_some_and(|list| list.read(&mut |_| lists_tags = true).is_ok())
                    && lists_tags
            }
            _ => false,
        }
    }

    fn validators(&self) -> &Validators {
        let (Self::All(validators) | Self::Some(validators)) = self;
        validators
    }

    fn into_current(self) -> Current {
        let (Self::All(validators) | Self::Some(validators)) = self;
        Current { validators, details: None }
    }
}
