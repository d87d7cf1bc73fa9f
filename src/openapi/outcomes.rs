//! Finds the answers that a method can get. It asks the decision itself, so that no second list can disagree with it.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderValue, Method, Request, request::Parts};

use super::learns::{Learns, StateFrom};
use crate::{
    decision::{Case, Decided, Expose, Rejection, RejectionKind},
    precondition::{Carried, Condition, MethodKind, RequestFields, Requirement, TagComparison},
    representation::{AbsentResponse, Current, Missing, State, UnevaluatedWrites},
    validator::{EntityTag, HttpDate, Validators},
};

const BEFORE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
const MODIFIED: &str = "Fri, 02 Jan 2026 00:00:00 GMT";
const AFTER: &str = "Sat, 03 Jan 2026 00:00:00 GMT";

/// Each form of each condition, beside a representation of version 2. The last condition varies fastest, so the first
/// request that is refused has little beside If-Match.
const FORMS: [(Condition, &[&str]); 4] = [
    (Condition::IfModifiedSince, &[BEFORE, AFTER]),
    (Condition::IfUnmodifiedSince, &[BEFORE, AFTER]),
    (Condition::IfNoneMatch, &["\"2\"", "\"1\"", "*", "1"]),
    (Condition::IfMatch, &["\"1\"", "\"2\"", "*", "1"]),
];

/// Which form of each condition a request has: 0 for none, 1 for the first.
type Combination = [usize; FORMS.len()];

/// Every combination of these forms.
fn combinations() -> Vec<Combination> {
    FORMS.iter().enumerate().fold(vec![Combination::default()], |combinations, (place, (_, forms))| {
        let with = |combination: &Combination| {
            let combination = *combination;
            (0..=forms.len()).map(move |form| with_form(combination, place, form))
        };
        combinations.iter().flat_map(with).collect()
    })
}

fn with_form(mut combination: Combination, place: usize, form: usize) -> Combination {
    if let Some(one) = combination.get_mut(place) {
        *one = form;
    }
    combination
}

fn headers(combination: Combination) -> HeaderMap {
    let form_of = |((condition, forms), form): ((Condition, &[&'static str]), usize)| {
        let form = forms.get(form.checked_sub(1)?)?;
        Some((condition.field(), HeaderValue::from_static(form)))
    };
    FORMS.into_iter().zip(combination).filter_map(form_of).collect()
}

/// One method of a layer.
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) requirement: Option<&'a Requirement>,
    pub(super) learns: Learns,
    pub(super) comparison: &'a TagComparison,
    pub(super) expose: Expose,
}

/// What the requests of one method lead to.
pub(super) struct Outcomes {
    requests: BTreeMap<Combination, Vec<Outcome>>,
}

/// What one request can lead to.
enum Outcome {
    Forwarded,
    NotModified,
    /// Before the look-up.
    RejectedByHead(Rejection),
    Rejected(Rejection),
}

impl Outcome {
    /// Returns `None` if the handler answers.
    fn kind(&self) -> Option<RejectionKind> {
        match self {
            Self::Forwarded => None,
            Self::NotModified => Some(RejectionKind::NotModified),
            Self::RejectedByHead(rejection) | Self::Rejected(rejection) => Some(rejection.kind()),
        }
    }
}

fn kinds(outcomes: &[Outcome]) -> impl Iterator<Item = Option<RejectionKind>> {
    outcomes.iter().map(Outcome::kind)
}

impl Outcomes {
    pub(super) fn of(asked: &Asked<'_>) -> Self {
        let outcomes = |combination| (combination, asked.outcomes(&headers(combination)));
        let requests = combinations().into_iter().map(outcomes).collect();
        Self { requests }
    }

    /// Returns whether a request can be answered 304.
    pub(super) fn can_be_not_modified(&self) -> bool {
        self.all().any(|outcome| matches!(outcome, Outcome::NotModified))
    }

    /// Returns whether a request can come to the look-up.
    pub(super) fn can_be_looked_up(&self) -> bool {
        self.all().any(|outcome| !matches!(outcome, Outcome::RejectedByHead(_)))
    }

    /// Returns a rejection of each kind that the decision makes.
    pub(super) fn rejections(&self) -> Vec<&Rejection> {
        let mut found: Vec<&Rejection> = Vec::new();
        for outcome in self.all() {
            match outcome {
                Outcome::RejectedByHead(rejection) | Outcome::Rejected(rejection)
                    if found.iter().all(|one| one.kind() != rejection.kind()) =>
                {
                    found.push(rejection);
                }
                _ => {}
            }
        }
        found
    }

    fn all(&self) -> impl Iterator<Item = &Outcome> {
        self.requests.values().flatten()
    }

    /// Returns whether the field can change the answer.
    pub(super) fn depend_on(&self, condition: Condition) -> bool {
        let Some(place) = place(condition) else { return false };
        self.requests.iter().any(|(combination, outcomes)| {
            let without = self.requests.get(&with_form(*combination, place, 0));
            without.is_some_and(|without| !kinds(without).eq(kinds(outcomes)))
        })
    }

    /// Returns whether every request without the field is refused for want of a condition, and one with it is not.
    pub(super) fn require(&self, condition: Condition) -> bool {
        let Some(place) = place(condition) else { return false };
        let refused = |outcomes: &[Outcome]| {
            kinds(outcomes).all(|kind| {
                matches!(kind, Some(RejectionKind::PreconditionRequired | RejectionKind::MalformedField))
            })
        };
        let (without, with): (Vec<_>, Vec<_>) =
            self.requests.iter().partition(|(combination, _)| combination.get(place) == Some(&0));
        without.iter().all(|(_, outcomes)| refused(outcomes))
            && !with.iter().all(|(_, outcomes)| refused(outcomes))
    }
}

/// If-Range has none: it changes the handler's answer.
fn place(condition: Condition) -> Option<usize> {
    FORMS.iter().position(|(one, _)| *one == condition)
}

impl Asked<'_> {
    /// Returns what a request with these fields leads to, in each state.
    fn outcomes(&self, headers: &HeaderMap) -> Vec<Outcome> {
        let mut outcomes = self.outcomes_under(self.requirement, headers);
        // WebDAV's If meets every requirement.
        if self.learns.judges_if && self.requirement.is_some() {
            outcomes.extend(self.outcomes_under(None, headers));
        }
        outcomes
    }

    fn outcomes_under(&self, requirement: Option<&Requirement>, headers: &HeaderMap) -> Vec<Outcome> {
        let kind = MethodKind::of(self.method);
        let head = self.head(headers.clone());
        let mut case = Case::new(kind, &head, RequestFields::of(&head.headers), requirement, Carried::NONE);
        match case.check_head() {
            Ok(carried) => case.carried = carried.with_date(&case.fields),
            Err(rejection) => return vec![Outcome::RejectedByHead(rejection)],
        }
        let absent = State::absent(AbsentResponse::ByMethod);
        match self.learns.from {
            StateFrom::Response(writes) | StateFrom::Head(writes) if kind == MethodKind::Changes => {
                vec![unevaluated(&case, requirement, writes)]
            }
            // A response that is not a success passes.
            StateFrom::Response(_) => vec![self.decided(&case, State::current(current()))],
            StateFrom::LookUp | StateFrom::Head(_) | StateFrom::HeadBeforeWrites(_) => {
                [State::current(current()), absent].map(|state| self.decided(&case, state)).into()
            }
        }
    }

    pub(super) fn head(&self, headers: HeaderMap) -> Parts {
        let (mut head, ()) = Request::new(()).into_parts();
        head.method = self.method.clone();
        head.headers = headers;
        head
    }

    fn decided(&self, case: &Case<'_>, mut state: State) -> Outcome {
        match case.decide(&mut state, self.expose, self.comparison) {
            Decided::Reject(rejection) => Outcome::Rejected(rejection),
            Decided::NotModified(_) => Outcome::NotModified,
            Decided::Proceed(_) => Outcome::Forwarded,
        }
    }
}

/// Nothing tells the state before the write.
fn unevaluated(case: &Case<'_>, requirement: Option<&Requirement>, writes: UnevaluatedWrites) -> Outcome {
    let asks_existing = requirement
        .is_some_and(|required| required.asks_only_of_existing() && !required.is_met_by(case.carried));
    match writes {
        UnevaluatedWrites::Refuse if case.carried.is_any() || asks_existing => {
            Outcome::Rejected(Rejection::unevaluated(Missing::LookUp, &case.fields))
        }
        _ => Outcome::Forwarded,
    }
}

fn current() -> Current {
    let modified: HttpDate = MODIFIED.parse().expect("the constant is a date");
    let validators = Validators::from(EntityTag::from_version(2)).with_last_modified(modified);
    Current { validators, details: None }
}
