//! Who answers a request, by RFC 9110 §13 and the layer's order of answers: written apart from
//! the library, from the rules alone, and in another shape.

use std::time::SystemTime;

use http::{
    HeaderMap, HeaderValue, Method,
    header::{self, HeaderName},
};
use tower_precondition::{HttpDate, RequiredCondition, Requirement, Validators};

use crate::{
    reading::{Tag, Tags, read, trim},
    scenario::Source,
};

/// Who answers.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Handler,
    Layer(u16),
    /// The source's own answer.
    Source,
}

/// A request, as the rules see it.
pub(crate) struct Oracle<'a> {
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) requirement: &'a Requirement,
    pub(crate) emits: bool,
}

impl Oracle<'_> {
    pub(crate) fn may_change_state(&self) -> bool {
        !self.reads() && !["CONNECT", "OPTIONS", "TRACE"].contains(&self.method.as_str())
    }

    pub(crate) fn reads(&self) -> bool {
        ["GET", "HEAD", "QUERY"].contains(&self.method.as_str())
    }

    /// The one answer, with what the source would say if it were asked; `current` is what it would describe.
    pub(crate) fn answer(&self, source: &Source, current: Option<&Validators>) -> Answer {
        if !self.reads() && !self.may_change_state() || !self.asks_source() {
            return Answer::Handler;
        }
        if self.may_change_state()
            && (self.is_malformed(header::IF_MATCH) || self.is_malformed(header::IF_NONE_MATCH))
        {
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
        let verdict = self.verdict(current);
        if current.is_none() && *self.method == Method::DELETE && verdict != Answer::Handler {
            return Answer::Layer(404);
        }
        let dated = current.is_some_and(|current| current.last_modified().is_some());
        let free = current.is_none() && of_existing;
        let meets = |form| dated || form != RequiredCondition::IfUnmodifiedSince;
        if required && !free && !self.meets_requirement(meets) {
            return Answer::Layer(428);
        }
        verdict
    }

    /// §13.2.2 as a list in place of steps: of the conditions that count, the first false one answers.
    fn verdict(&self, current: Option<&Validators>) -> Answer {
        let modified = current.and_then(Validators::last_modified);
        let unmodified_since = self.date(header::IF_UNMODIFIED_SINCE).filter(|_| !self.has(header::IF_MATCH));
        let modified_since =
            self.date(header::IF_MODIFIED_SINCE).filter(|_| self.reads() && !self.has(header::IF_NONE_MATCH));
        let not_modified = Answer::Layer(if self.reads() { 304 } else { 412 });
        let failed = [
            (self.has(header::IF_MATCH) && !self.names(header::IF_MATCH, current, Tag::strong_eq))
                .then_some(Answer::Layer(412)),
            unmodified_since
                .zip(modified)
                .filter(|(date, modified)| modified > date)
                .map(|_| Answer::Layer(412)),
            self.names(header::IF_NONE_MATCH, current, Tag::weak_eq).then_some(not_modified),
            modified_since
                .zip(modified)
                .filter(|(date, modified)| modified <= date)
                .map(|_| Answer::Layer(304)),
        ];
        failed.into_iter().flatten().next().unwrap_or(Answer::Handler)
    }

    /// Whether the field names what is there; neither an absent nor a malformed one does.
    fn names(&self, field: HeaderName, current: Option<&Validators>, eq: fn(&Tag, &Tag) -> bool) -> bool {
        let Some(current) = current.filter(|_| self.has(field.clone())) else { return false };
        match read(&self.lines(field)) {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::Listed(tags)) => {
                current.etag().is_some_and(|own| tags.iter().any(|tag| eq(tag, &Tag::of(own))))
            }
        }
    }

    /// Whether a judged read keeps its Range (§13.1.5, §14.2): a part must be one of what is there now.
    pub(crate) fn range_stands(&self, current: Option<&Validators>) -> bool {
        let lines = self.lines(header::IF_RANGE);
        let named = match (&*lines, current) {
            ([], _) => true,
            ([line], Some(current)) => match Tag::parse(trim(line.as_bytes())) {
                Some(tag) => current.etag().is_some_and(|own| tag.strong_eq(&Tag::of(own))),
                None => {
                    let settled = current.clone().settled_at(now());
                    let date = self.date(header::IF_RANGE);
                    date.is_some() && date == settled.strong_last_modified()
                }
            },
            _ => false,
        };
        self.has(header::RANGE) && *self.method != Method::HEAD && named
    }

    /// A source is asked for every write, and for a read on which something depends.
    fn asks_source(&self) -> bool {
        self.may_change_state()
            || (self.is_conditional() || self.requirement.applies_to(self.method) || self.emission())
                && !self.asks_for_another_protocol()
    }

    pub(crate) fn is_conditional(&self) -> bool {
        let ranged = self.has(header::RANGE) && *self.method != Method::HEAD;
        let four =
            [header::IF_MATCH, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::IF_UNMODIFIED_SINCE];
        four.into_iter().any(|field| self.has(field)) || (ranged && self.has(header::IF_RANGE))
    }

    fn emission(&self) -> bool {
        self.emits && [Method::GET, Method::HEAD].contains(self.method)
    }

    pub(crate) fn asks_for_another_protocol(&self) -> bool {
        self.tokens(header::CONNECTION).contains(&"upgrade".to_owned())
            && self.tokens(header::UPGRADE).iter().any(|protocol| protocol != "h2c")
    }

    fn tokens(&self, name: HeaderName) -> Vec<String> {
        let lines = self.lines(name);
        let text = lines.iter().map(|line| String::from_utf8_lossy(line.as_bytes()).to_lowercase());
        let all = text.collect::<Vec<_>>().join(",");
        all.split(',').map(|token| token.trim_ascii().to_owned()).filter(|token| !token.is_empty()).collect()
    }

    /// Whether a request must not go on while nobody knows what is there.
    fn is_guarded(&self) -> bool {
        self.may_change_state()
            || self.has(header::IF_MATCH)
            || self.date(header::IF_UNMODIFIED_SINCE).is_some()
    }

    fn meets_requirement(&self, counts: impl Fn(RequiredCondition) -> bool) -> bool {
        self.requirement.accepted().filter(|form| counts(*form)).any(|form| match form {
            RequiredCondition::IfMatchTags => self.is_list(header::IF_MATCH),
            RequiredCondition::IfMatchAny => self.is_any(header::IF_MATCH),
            RequiredCondition::IfNoneMatchTags => self.is_list(header::IF_NONE_MATCH),
            RequiredCondition::IfNoneMatchAny => self.is_any(header::IF_NONE_MATCH),
            RequiredCondition::IfUnmodifiedSince => {
                !self.has(header::IF_MATCH) && self.date(header::IF_UNMODIFIED_SINCE).is_some()
            }
            other => panic!("the oracle does not know {other}"),
        })
    }

    fn is_malformed(&self, field: HeaderName) -> bool {
        self.has(field.clone()) && read(&self.lines(field)).is_none()
    }

    fn is_any(&self, field: HeaderName) -> bool {
        self.has(field.clone()) && matches!(read(&self.lines(field)), Some(Tags::Any))
    }

    fn is_list(&self, field: HeaderName) -> bool {
        self.has(field.clone()) && matches!(read(&self.lines(field)), Some(Tags::Listed(_)))
    }

    /// The date of a field that has one line and a valid date on it.
    fn date(&self, field: HeaderName) -> Option<HttpDate> {
        let lines = self.lines(field);
        let [line] = &*lines else { return None };
        std::str::from_utf8(line.as_bytes()).ok()?.parse().ok()
    }

    fn has(&self, field: HeaderName) -> bool {
        self.headers.contains_key(field)
    }

    fn lines(&self, field: HeaderName) -> Vec<HeaderValue> {
        self.headers.get_all(field).iter().cloned().collect()
    }
}

fn now() -> HttpDate {
    HttpDate::try_from(SystemTime::now()).expect("the clock is not beyond year 9999")
}
