//! The layer's order of answers, written a second time around the oracle's evaluation.

use http::{HeaderMap, Method, header};
use precondition_oracle::{Action, Current, DateField, TagField, Verdict};
use tower_precondition::{RequiredCondition, Requirement, Validators};

use crate::{
    fields::{Asked, lines, now, tag_of},
    scenario::Source,
};

/// The handler, or an answer without it.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Handler,
    Layer(u16),
    /// The source's own answer.
    Source,
}

/// A request, as the rules see it.
pub(crate) struct Order<'a> {
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) asked: Asked,
    pub(crate) requirement: &'a Requirement,
    pub(crate) emits: bool,
}

impl Order<'_> {
    pub(crate) fn may_change_state(&self) -> bool {
        !self.reads() && !["CONNECT", "OPTIONS", "TRACE"].contains(&self.method.as_str())
    }

    pub(crate) fn reads(&self) -> bool {
        ["GET", "HEAD", "QUERY"].contains(&self.method.as_str())
    }

    /// Returns the only right answer. `current` is the state that the source finds, if the layer asks it.
    pub(crate) fn answer(&self, source: &Source, current: Option<&Validators>) -> Answer {
        if !self.reads() && !self.may_change_state() || !self.asks_source() {
            return Answer::Handler;
        }
        if self.may_change_state() && self.asked.is_malformed() {
            return Answer::Layer(400);
        }
        let required = self.requirement.applies_to(self.method);
        let of_existing = self.requirement.asks_only_of_existing();
        if required && !of_existing && !self.meets_requirement(|_| true) {
            return Answer::Layer(428);
        }
        match source {
            Source::Deferred => return Answer::Handler,
            Source::Refused => return Answer::Source,
            Source::Failed if self.is_guarded() => return Answer::Layer(503),
            Source::Failed => return Answer::Handler,
            Source::Current(_) | Source::Absent => {}
        }
        if self.reads() && current.is_none() {
            return Answer::Handler;
        }
        let answer = match self.verdict(current).action {
            Action::Perform => Answer::Handler,
            Action::Answer304 => Answer::Layer(304),
            Action::Answer412(_) => Answer::Layer(412),
        };
        if current.is_none() && *self.method == Method::DELETE && answer != Answer::Handler {
            return Answer::Layer(404);
        }
        let dated = current.is_some_and(|current| current.last_modified().is_some());
        let free = current.is_none() && of_existing;
        let meets = |form| dated || form != RequiredCondition::IfUnmodifiedSince;
        if required && !free && !self.meets_requirement(meets) {
            return Answer::Layer(428);
        }
        answer
    }

    fn verdict(&self, current: Option<&Validators>) -> Verdict {
        let current = current.map(|current| {
            let settled = current.clone().settled_at(now());
            let date = settled.last_modified().map(|date| date.unix_seconds());
            Current {
                tag: settled.etag().map(tag_of),
                modified: date.map(|date| (date, settled.strong_last_modified().is_some())),
            }
        });
        self.asked.evaluate(self.method.as_str(), current.as_ref())
    }

    /// Whether an evaluated read keeps its Range.
    pub(crate) fn range_stands(&self, current: Option<&Validators>) -> bool {
        self.asked.range && self.verdict(current).range_may_stand
    }

    /// The layer asks the source for every write, and for a read if the answer depends on it.
    fn asks_source(&self) -> bool {
        self.may_change_state()
            || (self.is_conditional() || self.requirement.applies_to(self.method) || self.emission())
                && !self.asks_for_another_protocol()
    }

    pub(crate) fn is_conditional(&self) -> bool {
        let ranged = self.asked.range && *self.method != Method::HEAD;
        let four =
            [header::IF_MATCH, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::IF_UNMODIFIED_SINCE];
        four.into_iter().any(|field| self.headers.contains_key(field))
            || (ranged && self.headers.contains_key(header::IF_RANGE))
    }

    fn emission(&self) -> bool {
        self.emits && [Method::GET, Method::HEAD].contains(self.method)
    }

    pub(crate) fn asks_for_another_protocol(&self) -> bool {
        self.tokens(header::CONNECTION).contains(&"upgrade".to_owned())
            && self.tokens(header::UPGRADE).iter().any(|protocol| protocol != "h2c")
    }

    fn tokens(&self, name: header::HeaderName) -> Vec<String> {
        let lines = lines(self.headers, name);
        let all = String::from_utf8_lossy(&lines.join(&b","[..])).to_lowercase();
        all.split(',').map(|token| token.trim_ascii().to_owned()).filter(|token| !token.is_empty()).collect()
    }

    /// Whether a request must not go on if the source fails.
    fn is_guarded(&self) -> bool {
        self.may_change_state()
            || self.asked.if_match != TagField::Absent
            || matches!(self.asked.if_unmodified_since, DateField::At(_))
    }

    fn meets_requirement(&self, counts: impl Fn(RequiredCondition) -> bool) -> bool {
        let asked = &self.asked;
        self.requirement.accepted().filter(|form| counts(*form)).any(|form| match form {
            RequiredCondition::IfMatchTags => matches!(asked.if_match, TagField::List(_)),
            RequiredCondition::IfMatchAny => asked.if_match == TagField::Any,
            RequiredCondition::IfNoneMatchTags => matches!(asked.if_none_match, TagField::List(_)),
            RequiredCondition::IfNoneMatchAny => asked.if_none_match == TagField::Any,
            RequiredCondition::IfUnmodifiedSince => asked.has_unmodified_since(),
            other => panic!("the order of answers does not know {other}"),
        })
    }
}
