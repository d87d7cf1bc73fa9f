use std::fmt;

use super::{Condition, ConditionalFields, Deviation, deviation::Named};
use crate::validator::{HttpDate, InvalidHttpDate};

/// What to do with a request, by RFC 9110 §13.2.2.
///
/// Exhaustive on purpose: the specification is closed.
///
/// ```
/// use http::{HeaderMap, Method};
/// use tower_precondition::{ConditionalFields, Decision, evaluate};
///
/// let headers = HeaderMap::new();
/// let evaluation = evaluate(&Method::GET, &ConditionalFields::from_headers(&headers), None);
/// assert_eq!(evaluation.decision(), Decision::Proceed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Perform the request.
    Proceed,
    /// Answer 304 (Not Modified).
    NotModified,
    /// Answer 412 (Precondition Failed), because of this condition.
    Failed(Condition),
}

/// What happened to one condition.
///
/// ```
/// use tower_precondition::precondition::{Ignored, Outcome};
///
/// assert_eq!(Outcome::True.to_string(), "true");
/// assert_eq!(
///     Outcome::Ignored(Ignored::BesideIfMatch).to_string(),
///     "ignored: If-Match stands beside it",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The request does not carry the field.
    NotPresent,
    /// The condition is true.
    True,
    /// The condition is false.
    False,
    /// The field has no say.
    Ignored(Ignored),
}

impl Outcome {
    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    pub(super) fn unusable_date(date: Option<Result<HttpDate, InvalidHttpDate>>) -> Self {
        Self::Ignored(match date {
            Some(Err(InvalidHttpDate::SEVERAL_LINES)) => Ignored::SeveralLines,
            _ => Ignored::InvalidDate,
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPresent => f.write_str("not present"),
            Self::True => f.write_str("true"),
            Self::False => f.write_str("false"),
            Self::Ignored(why) => write!(f, "ignored: {why}"),
        }
    }
}

/// The reason why a condition has no say, although the request carries it.
///
/// ```
/// # use tower_precondition::precondition::Ignored;
/// assert_eq!(Ignored::NoRange.to_string(), "the request has no Range");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ignored {
    /// The condition does not apply to the method.
    Method,
    /// Nothing exists, and the method only reads: the answer is the handler's 404.
    NoRepresentation,
    /// If-Unmodified-Since beside If-Match.
    BesideIfMatch,
    /// If-Modified-Since beside If-None-Match.
    BesideIfNoneMatch,
    /// The field is not a valid HTTP-date.
    InvalidDate,
    /// The field has several lines, and one date belongs there.
    SeveralLines,
    /// The representation has no modification date to compare with.
    NoModificationDate,
    /// If-Range without Range.
    NoRange,
    /// An earlier condition decided already.
    AlreadyDecided,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "it does not apply to this method",
            Self::NoRepresentation => "no representation exists",
            Self::BesideIfMatch => "If-Match stands beside it",
            Self::BesideIfNoneMatch => "If-None-Match stands beside it",
            Self::InvalidDate => "it is not a valid HTTP-date",
            Self::SeveralLines => "it has several lines",
            Self::NoModificationDate => "the representation has no modification date",
            Self::NoRange => "the request has no Range",
            Self::AlreadyDecided => "an earlier condition decided",
        })
    }
}

/// The decision about one request, and the outcome of each condition.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tower_precondition::{Condition, ConditionalFields, Decision, Validators, evaluate, precondition::Outcome};
///
/// let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("*"))]);
/// let fields = ConditionalFields::from_headers(&headers);
/// let evaluation = evaluate(&Method::GET, &fields, Some(&Validators::new()));
///
/// assert_eq!(evaluation.decision(), Decision::NotModified);
/// assert_eq!(evaluation.outcome(Condition::IfNoneMatch), Outcome::False);
/// assert_eq!(evaluation.outcome(Condition::IfMatch), Outcome::NotPresent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation {
    pub(super) decision: Decision,
    pub(super) range: bool,
    pub(super) if_match: Outcome,
    pub(super) if_unmodified_since: Outcome,
    pub(super) if_none_match: Outcome,
    pub(super) if_modified_since: Outcome,
    pub(super) if_range: Outcome,
    pub(super) deviation: Option<Deviation>,
}

impl Evaluation {
    /// Nothing is evaluated yet, and nothing stops the request.
    pub(super) const UNDECIDED: Self = Self {
        decision: Decision::Proceed,
        range: false,
        if_match: Outcome::NotPresent,
        if_unmodified_since: Outcome::NotPresent,
        if_none_match: Outcome::NotPresent,
        if_modified_since: Outcome::NotPresent,
        if_range: Outcome::NotPresent,
        deviation: None,
    };

    /// Notes how If-Match names the current representation, by the modes that the user chose.
    pub(super) fn set_if_match(&mut self, named: Option<Named>) {
        (self.if_match, self.deviation) = match named {
            None => (Outcome::NotPresent, None),
            Some(Named::No) => (Outcome::False, None),
            Some(Named::Yes) => (Outcome::True, None),
            Some(Named::By(deviation)) => (Outcome::True, Some(deviation)),
        };
    }

    /// Ends the evaluation. Conditions of later steps are marked as ignored.
    pub(super) fn decided(self, decision: Decision, fields: &ConditionalFields<'_>) -> Self {
        let decided = Self { decision, ..self };
        // Fast path: the only condition is the one that decided.
        match fields.is_one_at_most() {
            true => decided,
            false => decided.ignoring_rest(fields, Ignored::AlreadyDecided),
        }
    }

    pub(super) fn ignoring_rest(self, fields: &ConditionalFields<'_>, why: Ignored) -> Self {
        let rest = |outcome, condition| match outcome {
            Outcome::NotPresent if fields.contains(condition) => Outcome::Ignored(why),
            outcome => outcome,
        };
        Self {
            if_match: rest(self.if_match, Condition::IfMatch),
            if_unmodified_since: rest(self.if_unmodified_since, Condition::IfUnmodifiedSince),
            if_none_match: rest(self.if_none_match, Condition::IfNoneMatch),
            if_modified_since: rest(self.if_modified_since, Condition::IfModifiedSince),
            if_range: rest(self.if_range, Condition::IfRange),
            ..self
        }
    }

    /// Returns what to do with the request.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns what happened to one condition.
    #[must_use]
    pub fn outcome(&self, condition: Condition) -> Outcome {
        match condition {
            Condition::IfMatch => self.if_match,
            Condition::IfUnmodifiedSince => self.if_unmodified_since,
            Condition::IfNoneMatch => self.if_none_match,
            Condition::IfModifiedSince => self.if_modified_since,
            Condition::IfRange => self.if_range,
        }
    }

    /// Returns the mode by which If-Match is true, if it is false by RFC 9110.
    ///
    /// `None` without a [`TagComparison`](crate::TagComparison), and if a tag matches by strong comparison.
    #[must_use]
    pub fn deviation(&self) -> Option<Deviation> {
        self.deviation
    }

    /// Returns whether the request's Range may be served.
    ///
    /// It may if the method takes ranges, If-Range, if present, is not false, and If-Match does not hold only by a
    /// [mode](Self::deviation).
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, Method, header};
    /// # use tower_precondition::{ConditionalFields, Validators, evaluate};
    /// let headers = HeaderMap::from_iter([
    ///     (header::RANGE, HeaderValue::from_static("bytes=0-9")),
    ///     (header::IF_RANGE, HeaderValue::from_static("\"old\"")),
    /// ]);
    /// let fields = ConditionalFields::from_headers(&headers);
    /// assert!(!evaluate(&Method::GET, &fields, Some(&Validators::new())).allows_range());
    /// ```
    #[must_use]
    pub fn allows_range(&self) -> bool {
        self.range
    }

    /// Returns whether the request carried none of the conditional fields.
    ///
    /// ```
    /// # use http::{HeaderMap, Method};
    /// # use tower_precondition::{ConditionalFields, evaluate};
    /// let headers = HeaderMap::new();
    /// let fields = ConditionalFields::from_headers(&headers);
    /// assert!(evaluate(&Method::PUT, &fields, None).is_unconditional());
    /// ```
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        Condition::ALL.iter().all(|condition| self.outcome(*condition) == Outcome::NotPresent)
    }
}
