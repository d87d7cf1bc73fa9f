//! The order of answers. If several answers are possible, the first of this list is given.
//!
//! - A. 400: If-Match or If-None-Match is malformed, on a method that may change state; or WebDAV's If is.
//! - B. 428: the requirement is not met, as far as the head tells.
//! - C. What the look-up says: a refusal, a deferral, or a failure. Then 412: WebDAV's If is false. Then the success
//!   of a write that was already made.
//! - D. 404 for a DELETE whose condition is false because nothing exists, or what the source says of absence.
//! - E. 428: the resource exists and `existing_only` asks for a condition, or the only accepted condition was
//!   ignored.
//! - F. 412 or 304, by the steps of RFC 9110 §13.2.2.

use std::mem;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};

use super::{
    checked_head::{CheckedHead, Way},
    evaluate_response::DeferredEvaluation,
    on_response::OnResponse,
};
use crate::{
    coding::take_off_suffixes,
    decision::{Case, Decided, Expose, KeptRequest, Rejection, Verdict},
    error::BoxError,
    header_map::remove_field,
    precondition::{
        CacheCondition, Carried, Condition, ConditionalFields, Evaluation, MethodKind, RequestFields,
        RequirementPolicy, TagComparison, UpgradeProtocols, date_sent_back,
    },
    representation::{Attachments, Found, Missing, RefusedBody, Representation, State, UnevaluatedWrites},
    response::{Emission, Emit, events},
    validator::{HttpDate, KeepLastModified, Validators, WholeWithValidators},
};
#[cfg(feature = "webdav")]
use crate::{representation::IfVerdict, webdav::IF};

/// What the head of a request alone leads to.
pub(super) enum Before {
    /// Forward the request; no answer depends on a look-up.
    Forward,
    Reject(Rejection),
    LookUp(CheckedHead),
}

#[cfg(feature = "webdav")]
impl Before {
    /// A, for WebDAV's If. A requirement that the field may meet has waited for it, so B did not come before.
    pub(super) fn check_if(self, check: impl FnOnce() -> Result<(), Rejection>) -> Self {
        match self {
            Self::LookUp(checked) if checked.judges_if() => match check() {
                Ok(()) => Self::LookUp(checked),
                Err(rejection) => Self::Reject(rejection),
            },
            other => other,
        }
    }
}

/// What the look-up leads to.
pub(super) enum After {
    /// Forward the request, and add this to its 2xx. A variant of its own, because most requests end here: it
    /// saves 299 instructions of a GET.
    Emit(Emission),
    /// Forward the request with attachments.
    Forward(OnResponse, Option<Box<Attachments>>),
    /// With the text of the modification date, if the client is known to have sent it.
    NotModified(Validators, Option<HeaderValue>),
    Reject(Rejection),
    Refuse(Box<Response<RefusedBody>>),
}

/// A and B, and whether the source must be asked at all.
// Saves 39 instructions of a 304.
#[cfg_attr(not(debug_assertions), inline(always))]
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
        // A server that declines the upgrade answers a plain GET, so drop Range: its condition was not evaluated.
        if protects_range(fields) {
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
        true => Before::LookUp(CheckedHead {
            kind,
            fields,
            way: if conditional { Way::Conditional } else { Way::Plain },
            carried,
            requirement,
            asked_at,
        }),
        false => Before::Forward,
    }
}

/// C to F. Leaves the head as the handler must see it.
// Saves 93 instructions of a 412.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn after_lookup(
    checked: &mut CheckedHead,
    found: Result<Representation, BoxError>,
    emit: Emit,
    expose: Expose,
    comparison: &TagComparison,
    head: &mut Parts,
) -> After {
    match found {
        Ok(Representation(Found::Current(current))) if checked.is_plain_read() => {
            match emit.applies_to(&head.method) {
                true => After::Emit(Emission::new(current.validators, checked.fields)),
                false => After::Forward(OnResponse::Pass, None),
            }
        }
        found => evaluate_found(checked, found, emit, expose, comparison, head),
    }
}

// Saves 107 instructions of a 412.
#[cfg_attr(not(debug_assertions), inline(always))]
fn evaluate_found(
    checked: &mut CheckedHead,
    found: Result<Representation, BoxError>,
    emit: Emit,
    expose: Expose,
    comparison: &TagComparison,
    head: &mut Parts,
) -> After {
    // C.
    let (mut state, attachments) = match found {
        Ok(Representation(Found::Current(current))) => (State::current(current), None),
        Ok(representation) => match known_state(checked, representation, expose, comparison, head) {
            Ok(known) => known,
            Err(after) => return after,
        },
        Err(error) => return after_failure(checked, error, head),
    };
    if checked.is_plain_read() {
        let emitted = state.current.map(|current| current.validators);
        return After::Forward(OnResponse::emit(emit, &head.method, checked.fields, emitted), attachments);
    }
    if let (true, Some(current)) = (checked.asks_by_date_alone(), &mut state.current) {
        // Fast path: clients send the date back that they were given.
        let date = current.validators.last_modified();
        if let Some(sent) = date.and_then(|date| date_sent_back(&head.headers, date)) {
            return After::NotModified(mem::take(&mut current.validators), Some(sent.clone()));
        }
    }
    if let (Some(current), Some(now)) = (&mut state.current, checked.asked_at) {
        current.validators.settle_at(now);
    }
    // D to F.
    match checked.case(head).decide(&mut state, expose, comparison) {
        Decided::Reject(rejection) => After::Reject(rejection),
        Decided::NotModified(current) => After::NotModified(mem::take(&mut current.validators), None),
        Decided::Proceed(evaluation) => {
            let validators = state.current.map(|current| current.validators);
            if checked.is_write() {
                leave_verdict(checked, evaluation, validators, comparison, head);
                return After::Forward(OnResponse::Pass, attachments);
            }
            remove_conditions(&mut head.headers, checked.fields, evaluation.allows_range());
            After::Forward(OnResponse::emit(emit, &head.method, checked.fields, validators), attachments)
        }
    }
}

/// Leaves a write, which goes on, with the verdict on its conditions.
// Never inlined, so that a program has it once and not for each source and service.
#[inline(never)]
fn leave_verdict(
    checked: &mut CheckedHead,
    evaluation: Evaluation,
    validators: Option<Validators>,
    comparison: &TagComparison,
    head: &mut Parts,
) {
    let requirement = checked.requirement.take();
    let identified = checked.fields.has(RequestFields::IDENTIFIED);
    let verdict =
        Verdict::new(evaluation, validators, head, requirement, checked.carried, comparison, identified);
    head.extensions.insert(verdict);
    leave_to_service(comparison, checked.kind, head);
}

/// Returns the state to evaluate against, or what the request leads to without one.
fn known_state(
    checked: &mut CheckedHead,
    representation: Representation,
    expose: Expose,
    comparison: &TagComparison,
    head: &mut Parts,
) -> Result<(State, Option<Box<Attachments>>), After> {
    #[cfg(feature = "webdav")]
    let representation = after_if(checked, representation, expose, head)?;
    #[cfg(not(feature = "webdav"))]
    let _ = expose;
    let (found, attachments) = representation.into_parts();
    if let Found::Unknown(Missing::Malformed(malformed), _) = found {
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
            match checked.case(head).already_made(made, &state, comparison) {
                Some(success) => After::Reject(success),
                None => return Ok((state, attachments)),
            }
        }
        Found::Refused(response) => After::Refuse(response),
        Found::InResponse if !checked.is_write() => {
            After::Forward(defer_read(checked, comparison, head), attachments)
        }
        Found::Unknown(missing, UnevaluatedWrites::Refuse) if checked.is_conditional_write(head) => {
            let fields = ConditionalFields::from_present(&head.headers, checked.fields);
            After::Reject(Rejection::unevaluated(missing, &fields))
        }
        // `after_if` took the verdict on WebDAV's If off.
        #[cfg(feature = "webdav")]
        Found::Judged(_) => forward_unevaluated(attachments, head),
        Found::Deferred | Found::Unknown(..) | Found::InResponse | Found::With(_) => {
            if let Found::Unknown(missing, _) = found {
                events::unknown(missing, head);
                if !checked.is_write() && protects_range(checked.fields) {
                    remove_range(&mut head.headers, checked.fields);
                }
            }
            leave_to_service(comparison, checked.kind, head);
            forward_unevaluated(attachments, head)
        }
    })
}

fn forward_unevaluated(attachments: Option<Box<Attachments>>, head: &mut Parts) -> After {
    // The verdict of an outer layer must not pass for one of this layer.
    head.extensions.remove::<Verdict>();
    After::Forward(OnResponse::Pass, attachments)
}

/// Answers a false WebDAV If with 412, after C and before D (RFC 4918 §10.4.1). Otherwise returns what else the
/// source found.
#[cfg(feature = "webdav")]
#[cold]
fn after_if(
    checked: &mut CheckedHead,
    representation: Representation,
    expose: Expose,
    head: &mut Parts,
) -> Result<Representation, After> {
    let (found, verdict) = match representation {
        Representation(Found::Judged(judged)) => *judged,
        other => return Ok(other),
    };
    let (names_state, submitted) = match verdict {
        IfVerdict::True { names_state, submitted } => (names_state, submitted),
        IfVerdict::False { failed } => {
            let current = State::of(found).ok().and_then(|(state, _)| state.current);
            let shown = current.filter(|_| expose == Expose::Validators);
            return Err(After::Reject(Rejection::failed_if(failed, &head.headers, shown)));
        }
        IfVerdict::Unknown(error) => {
            events::lookup_failed(&error, head);
            let fields = ConditionalFields::from_present(&head.headers, checked.fields);
            return Err(After::Reject(Rejection::lookup_failed(error, &fields)));
        }
    };
    if names_state {
        checked.carried = checked.carried.with_if();
    }
    // B waited for the verdict.
    let exists = found.validators().is_some();
    checked.case(head).check_requirement(exists).map_err(After::Reject)?;
    head.extensions.insert(submitted);
    if !checked.is_write() {
        // No inner service evaluates it again with other states. Writes keep it, as all their conditions.
        remove_field(&mut head.headers, IF);
    }
    Ok(found)
}

/// Prepares a read whose state only the handler's response tells.
pub(super) fn defer_read(
    checked: &mut CheckedHead,
    comparison: &TagComparison,
    head: &mut Parts,
) -> OnResponse {
    match checked.is_unconditional_read() {
        true => OnResponse::Pass,
        false => OnResponse::Evaluate(defer_evaluation(checked, comparison, head)),
    }
}

/// Takes the conditions out of a read, to evaluate them against the response.
///
/// Range goes too if If-Range stands beside it: If-Range must be evaluated before the handler runs. So it does if
/// only If-Unmodified-Since protects it: a 206 need not carry the date to compare with.
fn defer_evaluation(
    checked: &mut CheckedHead,
    comparison: &TagComparison,
    head: &mut Parts,
) -> DeferredEvaluation {
    let fields = ConditionalFields::from_present(&head.headers, checked.fields);
    // The part must not be joined to what a proxy compressed, and the evaluation comes too late to say so.
    let may_deviate =
        comparison.modes().zip(fields.if_match()).is_some_and(|(modes, list)| modes.may_deviate(list));
    let has = |condition| checked.fields.has(RequestFields::condition(condition));
    let range_stands = !has(Condition::IfRange)
        && (has(Condition::IfMatch) || !has(Condition::IfUnmodifiedSince))
        && !may_deviate;
    let is_plain = checked.requirement.is_none() && comparison.modes().is_none();
    let taken = if is_plain { CacheCondition::take_from(&mut head.headers, checked.fields) } else { None };
    let (evaluation, left) = match taken {
        Some(condition) => {
            let date_beside_tag = KeepLastModified::is_on(&head.extensions);
            let left = checked.fields.without(RequestFields::CACHE_CONDITIONS);
            (DeferredEvaluation::OfCache { condition, date_beside_tag }, left)
        }
        None => {
            let requirement = checked.requirement.take();
            let kept = KeptRequest::new(head, requirement, checked.carried, comparison, false);
            (DeferredEvaluation::OfAll(Box::new(kept)), checked.fields)
        }
    };
    remove_conditions(&mut head.headers, left, range_stands);
    // Only then does an `EntityTagLayer` inside have to do more than tag the 200.
    if checked.way == Way::Conditional
        && (head.method == Method::HEAD || checked.fields.has(RequestFields::RANGE))
    {
        WholeWithValidators::put_on(&mut head.extensions);
    }
    evaluation
}

/// Rewrites the tags that are left for the service to those that it knows.
fn leave_to_service(comparison: &TagComparison, kind: MethodKind, head: &mut Parts) {
    if let Some(suffixes) = comparison.suffixes() {
        take_off_suffixes(&mut head.headers, kind, suffixes);
    }
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
    if checked.way == Way::Conditional {
        remove_conditions(&mut head.headers, checked.fields, false);
    }
    let failed = Attachments::of_failure(StatusCode::SERVICE_UNAVAILABLE);
    After::Forward(OnResponse::Pass, Some(Box::new(failed)))
}

/// Returns whether a condition keeps a range from being joined to another version. If nobody evaluates it, the
/// whole representation is the safe answer (RFC 9110 §14.2).
fn protects_range(fields: RequestFields) -> bool {
    let protecting = [Condition::IfRange, Condition::IfMatch, Condition::IfUnmodifiedSince];
    protecting.into_iter().any(|condition| fields.has(RequestFields::condition(condition)))
}

/// Returns whether a condition can change the answer. If-Range can only with Range.
fn is_conditional(fields: RequestFields, takes_range: bool) -> bool {
    let if_range = RequestFields::condition(Condition::IfRange);
    fields.without(if_range).has_condition_or_if()
        || (fields.has(if_range) && fields.has(RequestFields::RANGE) && takes_range)
}

/// Removes the evaluated conditions, so that no inner service evaluates them again with other validators.
fn remove_conditions(headers: &mut HeaderMap, fields: RequestFields, range_stands: bool) {
    for condition in Condition::ALL {
        if fields.has(RequestFields::condition(condition)) {
            remove_field(headers, condition.field());
        }
    }
    if !range_stands && fields.has(RequestFields::RANGE) {
        remove_field(headers, header::RANGE);
    }
}

fn remove_range(headers: &mut HeaderMap, fields: RequestFields) {
    if fields.has(RequestFields::RANGE) {
        remove_field(headers, header::RANGE);
        remove_field(headers, header::IF_RANGE);
    }
}
