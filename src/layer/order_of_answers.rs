//! The order of answers: which one is given when several are possible.
//!
//! 1. 400: a malformed tag list on a method that may change state.
//! 2. 428: the requirement is not met, as far as the head can tell.
//! 3. What the look-up says: a refusal, a deferral, a failure.
//! 4. 404: a DELETE, under a false condition, of what does not exist.
//! 5. 428: what exists is asked for a condition, or the only one that could meet
//!    the requirement had to be ignored.
//! 6. 412 or 304, by RFC 9110 §13.2.2.
//!
//! What is called once a request is inlined into its one caller: what is passed and
//! returned is large, and moving it would cost as much as deciding.

use http::{HeaderMap, Method, Response, header, request::Parts};

use super::evaluate_response::Asked;
use crate::{
    decision::{Decided, Expose, Rejection, Verdict, check_head, decide},
    error::BoxError,
    precondition::{
        Carried, Condition, ConditionalFields, MethodKind, RequestFields, Requirement, RequirementPolicy,
        is_upgrade, takes_range,
    },
    representation::{Attachments, Current, Found, Needed, RefusedBody, Representation, UnevaluatedWrites},
    response::{Emit, events},
    validator::{HttpDate, Validators},
};

/// What the head of a request alone leads to.
pub(crate) enum Before {
    /// To the handler; no answer depends on a look-up.
    Forward,
    Reject(Rejection),
    LookUp(Question),
}

/// What is kept of the head while the look-up runs.
#[derive(Debug)]
pub(crate) struct Question {
    kind: MethodKind,
    pub(crate) fields: RequestFields,
    conditional: bool,
    /// What is required, and what the request carries of it.
    requirement: Option<(Requirement, Carried)>,
    /// When the look-up began, if the strength of a date may depend on it.
    asked_at: Option<HttpDate>,
}

/// What the look-up leads to.
pub(crate) enum After {
    /// To the handler, whose 200 gets these: what most requests come to.
    Emit(Validators),
    /// To the handler, with what the source attached, and what is then to be done with its answer.
    Forward(Then, Option<Box<Attachments>>),
    NotModified(Validators),
    Reject(Rejection),
    Refuse(Box<Response<RefusedBody>>),
}

/// What is to be done with the handler's answer.
pub(crate) enum Then {
    Pass,
    /// Its 200 gets these.
    Emit(Validators),
    Judge(Box<Asked>),
}

impl Then {
    #[inline(always)]
    fn emit(emit: Emit, method: &Method, validators: Option<Validators>) -> Self {
        match validators {
            Some(validators) if emit.applies_to(method) => Self::Emit(validators),
            _ => Self::Pass,
        }
    }
}

/// What most requests want, which is plain to see without their heads taken apart: they
/// carry nothing that matters here, and nothing is required of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Nothing of this layer.
    Nothing,
    /// That their 200 gets its validators.
    Validators,
    /// More, or something else.
    Judgement,
}

impl Want {
    #[inline(always)]
    pub(crate) fn of(
        policy: &impl RequirementPolicy,
        emit: Emit,
        method: &Method,
        fields: RequestFields,
    ) -> Self {
        if !fields.is_empty() {
            return Self::Judgement;
        }
        match *method {
            Method::GET | Method::HEAD if policy.may_apply_to(method) => Self::Judgement,
            Method::GET | Method::HEAD if emit == Emit::Nothing => Self::Nothing,
            Method::GET | Method::HEAD => Self::Validators,
            Method::CONNECT | Method::OPTIONS | Method::TRACE => Self::Nothing,
            _ => Self::Judgement,
        }
    }
}

impl Question {
    /// There is none: the look-up is for the 200 alone.
    pub(crate) const NONE: Self = Self {
        kind: MethodKind::Selects,
        fields: RequestFields::NONE,
        conditional: false,
        requirement: None,
        asked_at: None,
    };

    /// The answer to a write whose turn did not come in time.
    #[cold]
    pub(crate) fn waited_too_long(&self, head: &Parts) -> Rejection {
        Rejection::waited_too_long(&ConditionalFields::from_fields(&head.headers, self.fields))
    }

    /// Whether the answer to a write depends on the current state.
    pub(crate) fn is_conditional_write(&self, head: &Parts) -> bool {
        let asks_existing = || {
            let mut required = self.requirement.iter();
            required
                .any(|(required, carried)| required.asks_only_of_existing() && !required.is_met_by(*carried))
        };
        let preconditions = ConditionalFields::from_fields(&head.headers, self.fields);
        self.is_write() && (Needed::of(&preconditions).anything() || asks_existing())
    }

    /// Whether the answer depends on the current state.
    pub(crate) fn depends_on_state(&self, head: &Parts) -> bool {
        match self.is_write() {
            true => self.is_conditional_write(head),
            false => self.conditional || self.requirement.is_some(),
        }
    }

    /// Whether the request may change state.
    #[inline]
    pub(crate) fn is_write(&self) -> bool {
        self.kind == MethodKind::Changes
    }

    #[inline]
    fn is_none(&self) -> bool {
        self.kind == MethodKind::Selects && !self.conditional && self.requirement.is_none()
    }
}

/// Steps 1 and 2, and whether a source has to be asked at all.
#[inline(always)]
pub(crate) fn before_lookup(
    policy: &impl RequirementPolicy,
    emit: Emit,
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

    let preconditions = ConditionalFields::from_fields(&head.headers, fields);
    let conditional = is_conditional(fields, &head.method);
    let requirement = policy
        .may_apply_to(&head.method)
        .then(|| policy.requirement(head))
        .filter(|requirement| requirement.applies_to(&head.method))
        .map(|requirement| (requirement, Carried::by(&preconditions)));
    let asks =
        conditional || requirement.is_some() || kind == MethodKind::Changes || emit.applies_to(&head.method);

    if kind == MethodKind::Selects && fields.has(RequestFields::UPGRADE) && is_upgrade(head) {
        // Who does not speak that protocol answers a plain GET, and no range is to be had unjudged.
        if fields.has(RequestFields::condition(Condition::IfRange)) {
            remove_range(&mut head.headers, fields);
        }
        return Before::Forward;
    }
    if let Err(rejection) = check_head(kind, &preconditions, requirement.as_ref()) {
        return Before::Reject(rejection);
    }

    let asked_at = preconditions.contains(Condition::IfRange).then(HttpDate::now);
    if !takes_range(&head.method) {
        remove_range(&mut head.headers, fields);
    }
    match asks {
        true => Before::LookUp(Question { kind, fields, conditional, requirement, asked_at }),
        false => Before::Forward,
    }
}

/// Steps 3 to 6. Leaves the head as the handler is to see it.
#[inline(always)]
pub(crate) fn after_lookup(
    question: &mut Question,
    found: Result<Representation, BoxError>,
    emit: Emit,
    expose: Expose,
    head: &mut Parts,
) -> After {
    match found {
        Ok(Representation(Found::Current(current))) if question.is_none() => {
            match emit.applies_to(&head.method) {
                true => After::Emit(current.validators),
                false => After::Forward(Then::Pass, None),
            }
        }
        found => judge(question, found, emit, expose, head),
    }
}

#[inline(always)]
fn judge(
    question: &mut Question,
    found: Result<Representation, BoxError>,
    emit: Emit,
    expose: Expose,
    head: &mut Parts,
) -> After {
    // Step 3.
    let mut attachments = None;
    let mut current = match found {
        Ok(Representation(Found::Current(current))) => Some(current),
        Ok(representation) => match judged_as(question, representation, &mut attachments, head) {
            Ok(current) => current,
            Err(after) => return after,
        },
        Err(error) => return after_failure(question, error, head),
    };
    if question.is_none() {
        let emitted = current.map(|current| current.validators);
        return After::Forward(Then::emit(emit, &head.method, emitted), attachments);
    }
    let Question { kind, fields, ref requirement, asked_at, .. } = *question;
    if let (Some(current), Some(now)) = (&mut current, asked_at) {
        current.validators.settle_at(now);
    }
    let preconditions = ConditionalFields::from_fields(&head.headers, fields);
    match decide(kind, &head.method, &preconditions, requirement.as_ref(), &mut current, expose) {
        Decided::Reject(rejection) => After::Reject(rejection),
        Decided::NotModified => match current {
            Some(current) => After::NotModified(current.validators),
            None => After::Forward(Then::Pass, None),
        },
        Decided::Proceed(evaluation) => {
            let validators = current.map(|current| current.validators);
            if kind == MethodKind::Changes {
                let requirement = question.requirement.take().map(|(requirement, _)| requirement);
                let verdict = Verdict::new(evaluation, validators, head, requirement);
                head.extensions.insert(verdict);
                return After::Forward(Then::Pass, attachments);
            }
            remove_conditions(&mut head.headers, fields, evaluation.allows_range());
            After::Forward(Then::emit(emit, &head.method, validators), attachments)
        }
    }
}

/// What is judged of all that a source may have found, or what the request comes to without.
#[inline(never)]
fn judged_as(
    question: &mut Question,
    representation: Representation,
    attachments: &mut Option<Box<Attachments>>,
    head: &mut Parts,
) -> Result<Option<Current>, After> {
    let (found, attached) = representation.into_parts();
    Err(match found {
        Found::Current(current) => {
            *attachments = attached;
            return Ok(Some(current));
        }
        Found::Absent => {
            *attachments = attached;
            return Ok(None);
        }
        Found::Refused(response) => After::Refuse(response),
        Found::InResponse if question.is_none() => After::Forward(Then::Pass, attached),
        Found::InResponse if !question.is_write() => judge_answer(question, attached, head),
        Found::Unknown(missing, UnevaluatedWrites::Refuse) if question.is_conditional_write(head) => {
            let preconditions = ConditionalFields::from_fields(&head.headers, question.fields);
            After::Reject(Rejection::unjudged(missing, &preconditions))
        }
        Found::Deferred | Found::Unknown(..) | Found::InResponse | Found::With(_) => {
            if let Found::Unknown(missing, _) = found {
                events::unknown(missing, head);
            }
            // Nothing was judged here, whatever a layer outside found.
            head.extensions.remove::<Verdict>();
            After::Forward(Then::Pass, attached)
        }
    })
}

/// The handler's answer is to be judged: it gets the request without the conditions, and
/// without a Range whose If-Range cannot be judged before.
#[cold]
fn judge_answer(question: &mut Question, attachments: Option<Box<Attachments>>, head: &mut Parts) -> After {
    let requirement = question.requirement.take().map(|(requirement, _)| requirement);
    let asked = Asked::new(head, requirement);
    let range_stands = !question.fields.has(RequestFields::condition(Condition::IfRange));
    remove_conditions(&mut head.headers, question.fields, range_stands);
    After::Forward(Then::Judge(asked), attachments)
}

/// A source that fails lets no write through; a reader who only asked whether its copy
/// is still good gets the whole of it.
fn after_failure(question: &Question, error: BoxError, head: &mut Parts) -> After {
    events::lookup_failed(&error, head);
    let preconditions = ConditionalFields::from_fields(&head.headers, question.fields);
    let guarded = question.kind == MethodKind::Changes
        || preconditions.contains(Condition::IfMatch)
        || matches!(preconditions.if_unmodified_since(), Some(Ok(_)));
    if guarded {
        return After::Reject(Rejection::lookup_failed(error, &preconditions));
    }
    if question.conditional {
        remove_conditions(&mut head.headers, question.fields, false);
    }
    After::Forward(Then::Pass, None)
}

/// Whether one of the fields can bear on the answer; If-Range does so with Range alone.
fn is_conditional(fields: RequestFields, method: &Method) -> bool {
    let if_range = RequestFields::condition(Condition::IfRange);
    fields.without(if_range).has_condition()
        || (fields.has(if_range) && fields.has(RequestFields::RANGE) && takes_range(method))
}

/// What was judged here is not to be judged again further in, with other validators.
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
