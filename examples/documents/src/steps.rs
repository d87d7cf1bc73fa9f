//! Records the steps of a decision (RFC 9110 §13.2.2), for the answer of `/try`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::Response,
};
use serde::Serialize;
use tower_precondition::{
    Condition, ConditionalFields, Decision, Evaluation, HttpDate, Rejection, TagComparison, Validators,
    precondition::{Ignored, MalformedField, Outcome},
};
use utoipa::ToSchema;

/// The outcome of one condition.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    condition: String,
    outcome: &'static str,
    says: String,
}

/// The steps of a decision, and the decision.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Steps {
    pub(crate) steps: Vec<Step>,
    pub(crate) decision: String,
}

impl Steps {
    /// hyper could not parse the request, so nothing of this program saw it.
    pub(crate) fn unread() -> Self {
        let decision = "the server could not parse the request, so it evaluated nothing".to_owned();
        Self { steps: Vec::new(), decision }
    }
}

/// Records one request of `/try`, in whose extensions it travels.
///
/// The look-up reports what it found, so the steps are those of the decision that the layer makes.
#[derive(Clone, Debug)]
pub(crate) struct Recorder(Arc<Mutex<Record>>);

#[derive(Debug)]
struct Record {
    method: Method,
    headers: HeaderMap,
    /// One for the look-up, and a second if another write came between it and this one.
    evaluations: Vec<Evaluation>,
    told: Steps,
}

impl Recorder {
    pub(crate) fn of(head: &Parts) -> Self {
        Self(Arc::new(Mutex::new(Record {
            method: head.method.clone(),
            headers: head.headers.clone(),
            evaluations: Vec::new(),
            told: Steps::default(),
        })))
    }

    /// Records the evaluation of these headers against the current validators, or against no representation.
    /// They are the headers that the layer evaluates: their tags name no content coding.
    pub(crate) fn found(
        &self,
        comparison: &TagComparison,
        evaluated: &HeaderMap,
        current: Option<&Validators>,
    ) {
        let mut record = self.record();
        record.headers.clone_from(evaluated);
        record.found(comparison, current);
    }

    pub(crate) fn answered(&self, response: &Response) {
        let mut record = self.record();
        let rejection = response.extensions().get::<Rejection>();
        let malformed = rejection.and_then(Rejection::malformed_field);
        if let Some(field) = malformed {
            record.told.steps = vec![Step::malformed(field)];
        }
        record.judged_if(rejection);
        record.told.decision = record.decision(response.status(), rejection);
    }

    pub(crate) fn told(&self) -> Steps {
        self.record().told.clone()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn found(&mut self, comparison: &TagComparison, current: Option<&Validators>) {
        // As in the layer: a date old enough at the time of the look-up is a strong validator.
        let now = HttpDate::try_from(std::time::SystemTime::now()).ok();
        let settled = |current: Validators| match now {
            Some(now) => current.settled_at(now),
            None => current,
        };
        let current = current.cloned().map(settled);
        let preconditions = ConditionalFields::from_headers(&self.headers);
        let evaluation = comparison.evaluate(&self.method, &preconditions, current.as_ref());
        let step = |condition| Step::of(condition, &evaluation, &preconditions);
        self.told.steps = Condition::ALL.map(step).into();
        self.evaluations.push(evaluation);
    }

    /// Adds the step of WebDAV's `If`, which comes before the others. The layer alone knows the locks, so its answer
    /// says what came of the field.
    fn judged_if(&mut self, rejection: Option<&Rejection>) {
        let failed = rejection.and_then(|rejection| rejection.failed_if_lists().next().map(|_| rejection));
        let steps = &mut self.told.steps;
        match (rejection.and_then(Rejection::malformed_if), failed) {
            (Some(malformed), _) => *steps = vec![Step::of_if("malformed", malformed.to_string())],
            (None, Some(failed)) => {
                steps.iter_mut().for_each(Step::come_too_late);
                steps.insert(0, Step::of_if("false", failed.to_string()));
            }
            (None, None) if self.headers.contains_key("if") && !self.evaluations.is_empty() => {
                steps.insert(0, Step::of_if("true", "one of its lists holds".to_owned()));
            }
            (None, None) => {}
        }
    }

    fn decision(&self, status: StatusCode, rejection: Option<&Rejection>) -> String {
        let status = status.as_str();
        match (self.evaluations.as_slice(), rejection) {
            ([_, _, ..], Some(rejection)) => {
                format!("{status} by the layer, because another write came first: {rejection}")
            }
            (_, Some(rejection)) => format!("{status} by the layer: {rejection}"),
            ([.., evaluation], None) => match evaluation.decision() {
                Decision::NotModified => {
                    format!("{status} by the layer: the client has the current representation already")
                }
                _ if evaluation.is_unconditional() && !self.headers.contains_key("if") => {
                    format!("{status} by the handler: the request is unconditional")
                }
                _ => format!("{status} by the handler: no condition stopped it"),
            },
            // RFC 9110 §13.2.1.
            ([], None) => format!("{status}: no precondition was evaluated for this answer"),
        }
    }
}

impl Step {
    fn of(condition: Condition, evaluation: &Evaluation, preconditions: &ConditionalFields<'_>) -> Self {
        let outcome = evaluation.outcome(condition);
        let (outcome, says) = match outcome {
            Outcome::True if condition == Condition::IfMatch && evaluation.deviation().is_some() => {
                let why = evaluation.deviation().map_or_else(String::new, |deviation| deviation.to_string());
                (
                    "true",
                    format!(
                        "it names the current representation, because {why}; strong comparison would not do"
                    ),
                )
            }
            Outcome::NotPresent => ("not present", "the request does not carry it".to_owned()),
            Outcome::Ignored(why) => ("ignored", why.to_string()),
            Outcome::False => ("false", reason(condition, outcome, preconditions)),
            _ => ("true", reason(condition, outcome, preconditions)),
        };
        Self { condition: condition.to_string(), outcome, says }
    }

    fn of_if(outcome: &'static str, says: String) -> Self {
        Self { condition: "If".to_owned(), outcome, says }
    }

    /// The layer did not get here: an earlier condition decided.
    fn come_too_late(&mut self) {
        if self.outcome != "not present" {
            (self.outcome, self.says) = ("ignored", Ignored::AlreadyDecided.to_string());
        }
    }

    /// A write with a malformed condition is refused before the layer evaluates any other.
    fn malformed(field: &MalformedField) -> Self {
        Self { condition: field.condition().to_string(), outcome: "malformed", says: field.to_string() }
    }
}

fn reason(condition: Condition, outcome: Outcome, preconditions: &ConditionalFields<'_>) -> String {
    let list = match condition {
        Condition::IfMatch => preconditions.if_match(),
        Condition::IfNoneMatch => preconditions.if_none_match(),
        _ => None,
    };
    if let Some(malformed) = list.and_then(|list| list.is_any().err()) {
        return format!("malformed, it matches nothing ({malformed})");
    }
    let any = list.is_some_and(|list| list.is_any() == Ok(true));
    let says = match (condition, outcome) {
        // `*` asks only whether one exists, so it compares nothing.
        (Condition::IfMatch, Outcome::True) | (Condition::IfNoneMatch, Outcome::False) if any => {
            "a representation exists"
        }
        (Condition::IfMatch | Condition::IfNoneMatch, _) if any => "no representation exists",
        (Condition::IfMatch, Outcome::True) => "it names the current representation, by strong comparison",
        (Condition::IfMatch, _) => "it does not name the current representation, by strong comparison",
        (Condition::IfNoneMatch, Outcome::True) => {
            "it does not name the current representation, by weak comparison"
        }
        (Condition::IfNoneMatch, _) => "it names the current representation, by weak comparison",
        (Condition::IfUnmodifiedSince, Outcome::True) | (Condition::IfModifiedSince, Outcome::False) => {
            "the representation was not modified after that date"
        }
        (Condition::IfUnmodifiedSince | Condition::IfModifiedSince, _) => {
            "the representation was modified after that date"
        }
        (Condition::IfRange, Outcome::True) => "it is a strong validator of the current representation",
        (Condition::IfRange, _) => "it is not a strong validator of the current representation",
    };
    says.to_owned()
}
