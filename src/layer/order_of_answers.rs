//! The order of answers. If several answers are possible, the first of this list is given.
//!
//! - A. 400: If-Match or If-None-Match is malformed, on a method that may change state.
//! - B. 428: the requirement is not met, as far as the head tells.
//! - C. What the look-up says: a refusal, a deferral, or a failure.
//!   A write that was already made is answered its success.
//! - D. 404 for a DELETE whose condition is false because nothing exists, or what the source says of absence.
//! - E. 428: the resource exists and `existing_only` asks for a condition, or the only accepted condition was
//!   ignored.
//! - F. 412 or 304, by the steps of RFC 9110 §13.2.2.

use std::mem;

use http::{HeaderMap, Method, Response, StatusCode, header, request::Parts};

use super::{evaluate_response::DeferredEvaluation, on_response::OnResponse};
use crate::{
    decision::{Case, Decided, Expose, Rejection, Verdict},
    error::BoxError,
    precondition::{
        Carried, Condition, ConditionalFields, MethodKind, RequestFields, Requirement, RequirementPolicy,
        UpgradeProtocols,
    },
    representation::{Attachments, Found, Missing, RefusedBody, Representation, State, UnevaluatedWrites},
    response::{Emission, Emit, events},
    source::{Asked, RepresentationSource},
    validator::{HttpDate, Validators, WholeWithValidators},
};

/// What the head of a request alone leads to.
pub(super) enum Before {
    /// Forward the request; no answer depends on a look-up.
    Forward,
    Reject(Rejection),
    LookUp(CheckedHead),
}

/// A request's head that passed A and B, while the look-up runs.
#[derive(Debug)]
pub(super) struct CheckedHead {
    kind: MethodKind,
    pub(super) fields: RequestFields,
    conditional: bool,
    carried: Carried,
    requirement: Option<Requirement>,
    /// When the look-up began, if the strength of a date may depend on it.
    asked_at: Option<HttpDate>,
}

/// What the look-up leads to.
pub(super) enum After {
    /// Forward the request, and add this to its 2xx. A variant of its own, because most requests end here: it
    /// saves 299 instructions of a GET.
    Emit(Emission),
    /// Forward the request with attachments.
    Forward(OnResponse, Option<Box<Attachments>>),
    NotModified(Validators),
    Reject(Rejection),
    Refuse(Box<Response<RefusedBody>>),
}

/// What a request needs from the layer.
///
/// Fast path: decided from method and header names, before the request is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// Validators for its 200.
    Validators,
    Evaluation,
}

impl Need {
    pub(super) fn of(
        policy: &impl RequirementPolicy,
        emit: Emit,
        method: &Method,
        fields: RequestFields,
    ) -> Self {
        if !fields.is_plain() {
            return Self::Evaluation;
        }
        match *method {
            Method::GET | Method::HEAD if policy.may_apply_to(method) => Self::Evaluation,
            Method::GET | Method::HEAD if emit == Emit::Nothing => Self::Nothing,
            Method::GET | Method::HEAD => Self::Validators,
            Method::CONNECT | Method::OPTIONS | Method::TRACE => Self::Nothing,
            _ => Self::Evaluation,
        }
    }
}

impl CheckedHead {
    /// An unconditional GET or HEAD: the look-up is only for its 200.
    pub(super) const fn unconditional(fields: RequestFields) -> Self {
        Self {
            kind: MethodKind::Selects,
            fields: fields.only(RequestFields::CREDENTIALS),
            conditional: false,
            carried: Carried::NONE,
            requirement: None,
            asked_at: None,
        }
    }

    /// Says that the request's extensions have its identity. A bit, so that this type stays small to move.
    #[cfg(feature = "write-ids")]
    pub(super) fn set_identified(&mut self) {
        self.fields = self.fields.and(RequestFields::IDENTIFIED);
    }

    #[cold]
    pub(super) fn waited_too_long(&self, head: &Parts) -> Rejection {
        Rejection::waited_too_long(&ConditionalFields::from_present(&head.headers, self.fields))
    }

    /// Starts the look-up.
    // Saves 9 instructions of a GET.
    #[inline(always)]
    pub(super) fn look_up<S, V, B>(&self, source: &V, head: &Parts, service: &mut S) -> V::Future
    where
        V: RepresentationSource<S, B>,
    {
        // Only a source that calls the service needs to know.
        let asked = match V::CALLS_SERVICE {
            true => self.asked(head),
            false => Asked::NOTHING,
        };
        source.look_up(head, asked, service)
    }

    fn asked(&self, head: &Parts) -> Asked {
        let depends_on_state = match self.is_write() {
            true => self.is_conditional_write(head),
            false => self.conditional || self.requirement.is_some(),
        };
        Asked { depends_on_state, carried: self.carried_with_date(head) }
    }

    fn carried_with_date(&self, head: &Parts) -> Carried {
        self.carried.with_date(&ConditionalFields::from_present(&head.headers, self.fields))
    }

    /// Returns whether this is a write whose answer depends on the current state.
    fn is_conditional_write(&self, head: &Parts) -> bool {
        let carried = self.carried_with_date(head);
        let asks_existing =
            |required: &Requirement| required.asks_only_of_existing() && !required.is_met_by(carried);
        self.is_write() && (carried.is_any() || self.requirement.as_ref().is_some_and(asks_existing))
    }

    pub(super) fn is_write(&self) -> bool {
        self.kind == MethodKind::Changes
    }

    /// Returns whether a condition is there so that a range is joined to nothing else. If nobody evaluates it, the
    /// whole representation is the safe answer (RFC 9110 §14.2).
    fn protects_range(&self) -> bool {
        let protecting = [Condition::IfRange, Condition::IfMatch, Condition::IfUnmodifiedSince];
        protecting.into_iter().any(|condition| self.fields.has(RequestFields::condition(condition)))
    }

    fn is_unconditional_read(&self) -> bool {
        self.kind == MethodKind::Selects && !self.conditional && self.requirement.is_none()
    }

    fn case<'a>(&'a self, head: &'a Parts) -> Case<'a> {
        Case::new(self.kind, head, self.fields, self.requirement.as_ref(), self.carried)
    }
}

/// A and B, and whether the source must be asked at all.
// Saves 39 instructions of a 304.
#[inline(always)]
pub(super) fn before_lookup(
    policy: &impl RequirementPolicy,
    emit: Emit,
    upgrades: &UpgradeProtocols,
    head: &mut Parts,
    fields: RequestFields,
) -> Before {
    let kind = MethodKind::of(&head.method);
    if kind == MethodKind::Neither {
        if head.method != Method::CONNECT {
            remove_range(&mut head.headers, fields);
        }
        return Before::Forward;
    }

    let requirement = policy
        .may_apply_to(&head.method)
        .then(|| policy.requirement(head))
        .filter(|requirement| requirement.applies_to(&head.method));
    if kind == MethodKind::Selects && fields.has(RequestFields::UPGRADE) && upgrades.asks(head) {
        // A server that declines the upgrade answers a plain GET, so drop Range: its If-Range was not evaluated.
        if fields.has(RequestFields::condition(Condition::IfRange)) {
            remove_range(&mut head.headers, fields);
        }
        return Before::LookUp(CheckedHead::unconditional(fields));
    }
    let case = Case::new(kind, head, fields, requirement.as_ref(), Carried::NONE);
    let carried = match case.check_head() {
        Ok(carried) => carried,
        Err(rejection) => return Before::Reject(rejection),
    };

    let takes_range = kind.takes_range(&head.method);
    let conditional = is_conditional(fields, takes_range);
    let if_range = takes_range && fields.has(RequestFields::condition(Condition::IfRange));
    let asked_at = if_range.then(HttpDate::now);
    // Some APIs define Range on writes, so a write keeps it, with its If-Range.
    if kind == MethodKind::Selects && !takes_range {
        remove_range(&mut head.headers, fields);
    }
    let asks =
        conditional || requirement.is_some() || kind == MethodKind::Changes || emit.applies_to(&head.method);
    match asks {
        true => Before::LookUp(CheckedHead { kind, fields, conditional, carried, requirement, asked_at }),
        false => Before::Forward,
    }
}

/// C to F. Leaves the head as the handler must see it.
// Saves 93 instructions of a 412.
#[inline(always)]
pub(super) fn after_lookup(
    checked: &mut CheckedHead,
    found: Result<Representation, BoxError>,
    emit: Emit,
    expose: Expose,
    head: &mut Parts,
) -> After {
    match found {
        Ok(Representation(Found::Current(current))) if checked.is_unconditional_read() => {
            match emit.applies_to(&head.method) {
                true => After::Emit(Emission::new(current.validators, checked.fields)),
                false => After::Forward(OnResponse::Pass, None),
            }
        }
        found => evaluate_found(checked, found, emit, expose, head),
    }
}

// Saves 107 instructions of a 412.
#[inline(always)]
fn evaluate_found(
    checked: &mut CheckedHead,
    found: Result<Representation, BoxError>,
    emit: Emit,
    expose: Expose,
    head: &mut Parts,
) -> After {
    // C.
    let (mut state, attachments) = match found {
        Ok(Representation(Found::Current(current))) => (State::current(current), None),
        Ok(representation) => match known_state(checked, representation, head) {
            Ok(known) => known,
            Err(after) => return after,
        },
        Err(error) => return after_failure(checked, error, head),
    };
    if checked.is_unconditional_read() {
        let emitted = state.current.map(|current| current.validators);
        return After::Forward(OnResponse::emit(emit, &head.method, checked.fields, emitted), attachments);
    }
    if let (Some(current), Some(now)) = (&mut state.current, checked.asked_at) {
        current.validators.settle_at(now);
    }
    // D to F.
    match checked.case(head).decide(&mut state, expose) {
        Decided::Reject(rejection) => After::Reject(rejection),
        Decided::NotModified(current) => After::NotModified(mem::take(&mut current.validators)),
        Decided::Proceed(evaluation) => {
            let validators = state.current.map(|current| current.validators);
            if checked.is_write() {
                let requirement = checked.requirement.take();
                let identified = checked.fields.has(RequestFields::IDENTIFIED);
                let verdict =
                    Verdict::new(evaluation, validators, head, requirement, checked.carried, identified);
                head.extensions.insert(verdict);
                return After::Forward(OnResponse::Pass, attachments);
            }
            remove_conditions(&mut head.headers, checked.fields, evaluation.allows_range());
            After::Forward(OnResponse::emit(emit, &head.method, checked.fields, validators), attachments)
        }
    }
}

/// Returns the state to evaluate against, or what the request leads to without one.
fn known_state(
    checked: &mut CheckedHead,
    representation: Representation,
    head: &mut Parts,
) -> Result<(State, Option<Box<Attachments>>), After> {
    let (found, attachments) = representation.into_parts();
    if let Found::Unknown(Missing::Readable(malformed), _) = found {
        events::malformed(malformed, head);
    }
    Err(match found {
        Found::Current(current) => return Ok((State::current(current), attachments)),
        Found::Malformed(found) => {
            let (current, malformed) = *found;
            malformed.iter().for_each(|malformed| events::malformed(malformed, head));
            return Ok((State::current(current), attachments));
        }
        Found::Absent(response) => return Ok((State::absent(response), attachments)),
        Found::Made(made) => {
            let (state, made) = *made;
            match checked.case(head).already_made(made, &state) {
                Some(success) => After::Reject(success),
                None => return Ok((state, attachments)),
            }
        }
        Found::Refused(response) => After::Refuse(response),
        Found::InResponse if checked.is_unconditional_read() => After::Forward(OnResponse::Pass, attachments),
        Found::InResponse if !checked.is_write() => defer_evaluation(checked, attachments, head),
        Found::Unknown(missing, UnevaluatedWrites::Refuse) if checked.is_conditional_write(head) => {
            let fields = ConditionalFields::from_present(&head.headers, checked.fields);
            After::Reject(Rejection::unevaluated(missing, &fields))
        }
        Found::Deferred | Found::Unknown(..) | Found::InResponse | Found::With(_) => {
            if let Found::Unknown(missing, _) = found {
                events::unknown(missing, head);
                if !checked.is_write() && checked.protects_range() {
                    remove_range(&mut head.headers, checked.fields);
                }
            }
            // The verdict of an outer layer must not pass for one of this layer.
            head.extensions.remove::<Verdict>();
            After::Forward(OnResponse::Pass, attachments)
        }
    })
}

/// Forwards the request without its conditions, to evaluate them against the response.
///
/// Range goes too if If-Range stands beside it: If-Range must be evaluated before the handler runs.
#[cold]
fn defer_evaluation(
    checked: &mut CheckedHead,
    attachments: Option<Box<Attachments>>,
    head: &mut Parts,
) -> After {
    let evaluation = DeferredEvaluation::new(head, checked.requirement.take(), checked.carried);
    let range_stands = !checked.fields.has(RequestFields::condition(Condition::IfRange));
    remove_conditions(&mut head.headers, checked.fields, range_stands);
    // Only then does an `EntityTagLayer` inside have to do more than tag the 200.
    if checked.conditional && (head.method == Method::HEAD || checked.fields.has(RequestFields::RANGE)) {
        WholeWithValidators::put_on(&mut head.extensions);
    }
    After::Forward(OnResponse::Evaluate(evaluation), attachments)
}

/// Refuses a write, and a read that must not continue without its condition. Other reads continue without
/// their conditions and Range, because a full 200 is always correct.
fn after_failure(checked: &CheckedHead, error: BoxError, head: &mut Parts) -> After {
    events::lookup_failed(&error, head);
    let fields = ConditionalFields::from_present(&head.headers, checked.fields);
    let guarded = checked.is_write()
        || fields.contains(Condition::IfMatch)
        || matches!(fields.if_unmodified_since(), Some(Ok(_)));
    if guarded {
        return After::Reject(Rejection::lookup_failed(error, &fields));
    }
    if checked.conditional {
        remove_conditions(&mut head.headers, checked.fields, false);
    }
    let failed = Attachments::of_failure(StatusCode::SERVICE_UNAVAILABLE);
    After::Forward(OnResponse::Pass, Some(Box::new(failed)))
}

/// Returns whether a condition can change the answer. If-Range can only with Range.
fn is_conditional(fields: RequestFields, takes_range: bool) -> bool {
    let if_range = RequestFields::condition(Condition::IfRange);
    fields.without(if_range).has_condition()
        || (fields.has(if_range) && fields.has(RequestFields::RANGE) && takes_range)
}

/// Removes the evaluated conditions, so that no inner service evaluates them again with other validators.
fn remove_conditions(headers: &mut HeaderMap, fields: RequestFields, range_stands: bool) {
    for condition in Condition::ALL {
        if fields.has(RequestFields::condition(condition)) {
            headers.remove(condition.field());
        }
    }
    if !range_stands && fields.has(RequestFields::RANGE) {
        headers.remove(header::RANGE);
    }
}

fn remove_range(headers: &mut HeaderMap, fields: RequestFields) {
    if fields.has(RequestFields::RANGE) {
        headers.remove(header::RANGE);
        headers.remove(header::IF_RANGE);
    }
}
