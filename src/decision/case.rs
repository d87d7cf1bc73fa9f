use http::{Method, request::Parts};

use super::{Expose, Rejection, RejectionKind};
use crate::{
    precondition::{
        Carried, ConditionalFields, Decision, Evaluation, MethodKind, RequestFields, RequiredCondition,
        Requirement, TagComparison, evaluate,
    },
    representation::{Current, MadeWrite, State},
    validator::Validators,
};

/// One request, as the order of answers sees it.
pub(crate) struct Case<'a> {
    kind: MethodKind,
    method: &'a Method,
    pub(crate) fields: ConditionalFields<'a>,
    requirement: Option<&'a Requirement>,
    /// What [`check_head`](Self::check_head) returned.
    pub(crate) carried: Carried,
}

/// What the current state leads to.
pub(crate) enum Decided<'c> {
    Reject(Rejection),
    /// The client already holds this representation.
    NotModified(&'c mut Current),
    Proceed(Evaluation),
}

impl<'a> Case<'a> {
    /// Makes the case of a request. The requirement is one that applies to the method.
    pub(crate) fn new(
        kind: MethodKind,
        head: &'a Parts,
        present: RequestFields,
        requirement: Option<&'a Requirement>,
        carried: Carried,
    ) -> Self {
        let fields = ConditionalFields::from_present(&head.headers, present);
        Self { kind, method: &head.method, fields, requirement, carried }
    }

    /// A and B: the answers that the head alone decides.
    // Saves 26 instructions of a 304.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn check_head(&self) -> Result<Carried, Rejection> {
        // A.
        let mut carried = match (self.kind, self.requirement) {
            (MethodKind::Changes, _) => Carried::read(&self.fields)
                .map_err(|malformed| Rejection::malformed(malformed, &self.fields))?,
            (_, Some(_)) => Carried::read_lenient(&self.fields),
            (_, None) => Carried::NONE,
        };
        // B.
        if let Some(required) = self.requirement {
            carried = carried.with_date(&self.fields);
            if !required.asks_only_of_existing() && !required.is_met_by(carried) && !self.may_meet_by_if() {
                return Err(self.required(required, false));
            }
        }
        Ok(carried)
    }

    /// Returns whether WebDAV's If waits for the look-up. It may meet the requirement then.
    fn may_meet_by_if(&self) -> bool {
        self.fields.has_webdav_if()
    }

    /// B again, once it is known whether WebDAV's If meets the requirement.
    #[cfg(feature = "webdav")]
    pub(crate) fn check_requirement(&self, exists: bool) -> Result<(), Rejection> {
        match self.requirement {
            Some(required) if !required.asks_only_of_existing() && !required.is_met_by(self.carried) => {
                Err(self.required(required, exists))
            }
            _ => Ok(()),
        }
    }

    /// The 428 names only the forms that can hold: `If-None-Match: *` is false if something exists, and a DELETE
    /// needs something.
    #[cold]
    fn required(&self, required: &Requirement, exists: bool) -> Rejection {
        let mut named = required.clone();
        if exists || required.asks_only_of_existing() || *self.method == Method::DELETE {
            named = named.except(RequiredCondition::IfNoneMatchAny);
        }
        Rejection::required(named, &self.fields)
    }

    /// C: the success of a write that was already made, and must not be performed again (RFC 9110 §13.1.1).
    ///
    /// The conditions are evaluated against the state that the write was made from. The success of a repeated
    /// If-None-Match departs from §13.1.2.
    #[cold]
    pub(crate) fn already_made(
        &self,
        mut made: MadeWrite,
        state: &State,
        comparison: &TagComparison,
    ) -> Option<Rejection> {
        // A date alone proves no conflict: it says nothing of which state the client saw.
        let fields = self.fields.without_dates();
        if self.kind != MethodKind::Changes || fields.is_empty() {
            return None;
        }
        if comparison.evaluate(self.method, &fields, made.from.as_ref()).decision() != Decision::Proceed {
            return None;
        }
        let current = state.current.as_ref().map(|current| &current.validators);
        let validators = made.take_validators(current, comparison);
        Some(Rejection::already_made(made, validators, &self.fields))
    }

    /// D, E and F: the answers that need the current state.
    ///
    /// A rejection takes out of `current` what it shows. The state is borrowed, because moving it in and out
    /// costs more than deciding.
    // Saves 50 instructions of a 304.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn decide<'c>(
        &self,
        state: &'c mut State,
        expose: Expose,
        comparison: &TagComparison,
    ) -> Decided<'c> {
        let State { current, absent } = state;
        let validators = current.as_ref().map(|current| &current.validators);
        let evaluation = match comparison.modes() {
            None => evaluate(self.method, &self.fields, validators),
            Some(_) => evaluate_by_modes(comparison, self.method, &self.fields, validators),
        };

        // D.
        if let (None, Decision::Failed(condition)) = (&*current, evaluation.decision()) {
            if let Some(kind) = RejectionKind::of_absent(*absent, self.method) {
                return Decided::Reject(Rejection::absent(kind, condition, &self.fields));
            }
        }
        // E. If nothing exists, a read is the handler's 404, and `existing_only` asks for nothing.
        if let Some(required) = self.requirement {
            let free =
                current.is_none() && (self.kind == MethodKind::Selects || required.asks_only_of_existing());
            if !free && !required.is_met_by(self.carried.evaluated(&evaluation)) {
                return Decided::Reject(self.required(required, current.is_some()));
            }
        }
        // F.
        match evaluation.decision() {
            Decision::Failed(condition) => {
                let shown = current.take().filter(|_| expose == Expose::Validators);
                Decided::Reject(Rejection::failed(condition, &self.fields, shown, comparison))
            }
            Decision::NotModified => match current {
                Some(current) => Decided::NotModified(current),
                None => Decided::Proceed(evaluation),
            },
            Decision::Proceed => Decided::Proceed(evaluation),
        }
    }
}

/// Never inlined, so that a layer without modes stays small.
#[cold]
#[inline(never)]
fn evaluate_by_modes(
    comparison: &TagComparison,
    method: &Method,
    fields: &ConditionalFields<'_>,
    current: Option<&Validators>,
) -> Evaluation {
    comparison.evaluate(method, fields, current)
}
