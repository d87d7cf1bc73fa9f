use std::fmt;

use super::condition::Condition;
use super::conditional_fields::ConditionalFields;
use crate::validator::{HttpDate, InvalidHttpDate};

/// What RFC 9110 §13.2.2 says to do with a request.
///
/// Exhaustive on purpose: the specification is closed.
///
/// ```
/// use http::{HeaderMap, Method};
/// use tower_precondition::{Decision, ConditionalFields, evaluate};
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

/// What became of one condition.
///
/// ```
/// use tower_precondition::{Ignored, Outcome};
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
    /// The field was not taken into account.
    Ignored(Ignored),
}

impl Outcome {
    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    pub(super) fn unusable_date(date: Option<Result<HttpDate, InvalidHttpDate>>) -> Self {
        Self::Ignored(match date {
            Some(Err(InvalidHttpDate::SeveralLines)) => Ignored::SeveralLines,
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

/// Why a condition that the request carries was not taken into account.
///
/// ```
/// # use tower_precondition::Ignored;
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
    /// An earlier condition had decided already.
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

/// What was decided about one request, and what became of each of its conditions.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tower_precondition::{Condition, Decision, Outcome, ConditionalFields, Validators, evaluate};
///
/// let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("*"))]);
/// let preconditions = ConditionalFields::from_headers(&headers);
/// let evaluation = evaluate(&Method::GET, &preconditions, Some(&Validators::new()));
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
}

impl Evaluation {
    /// Nothing evaluated yet, and nothing in the way of the request.
    pub(super) const UNDECIDED: Self = Self {
        decision: Decision::Proceed,
        range: false,
        if_match: Outcome::NotPresent,
        if_unmodified_since: Outcome::NotPresent,
        if_none_match: Outcome::NotPresent,
        if_modified_since: Outcome::NotPresent,
        if_range: Outcome::NotPresent,
    };

    /// The end of the evaluation: the conditions whose steps did not come are not evaluated.
    pub(super) fn decided(self, decision: Decision, preconditions: &ConditionalFields<'_>) -> Self {
        let decided = Self { decision, ..self };
        // The usual one is the one that decided.
        match preconditions.is_one_at_most() {
            true => decided,
            false => decided.ignoring_rest(preconditions, Ignored::AlreadyDecided),
        }
    }

    pub(super) fn ignoring_rest(self, preconditions: &ConditionalFields<'_>, why: Ignored) -> Self {
        let rest = |outcome, condition| match outcome {
            Outcome::NotPresent if preconditions.contains(condition) => Outcome::Ignored(why),
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

    /// What to do with the request.
    ///
    /// The example of [`Evaluation`] shows it.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// What became of one condition.
    ///
    /// The example of [`Evaluation`] shows it.
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

    /// Whether a Range field may stand: the method knows ranges, and If-Range,
    /// if there is one, is not false.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, Method, header};
    /// # use tower_precondition::{ConditionalFields, Validators, evaluate};
    /// let headers = HeaderMap::from_iter([
    ///     (header::RANGE, HeaderValue::from_static("bytes=0-9")),
    ///     (header::IF_RANGE, HeaderValue::from_static("\"old\"")),
    /// ]);
    /// let preconditions = ConditionalFields::from_headers(&headers);
    /// assert!(!evaluate(&Method::GET, &preconditions, Some(&Validators::new())).allows_range());
    /// ```
    #[must_use]
    pub fn allows_range(&self) -> bool {
        self.range
    }

    /// Whether the request carried none of the conditional fields.
    ///
    /// ```
    /// # use http::{HeaderMap, Method};
    /// # use tower_precondition::{ConditionalFields, evaluate};
    /// let headers = HeaderMap::new();
    /// let preconditions = ConditionalFields::from_headers(&headers);
    /// assert!(evaluate(&Method::PUT, &preconditions, None).is_unconditional());
    /// ```
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        Condition::ALL.iter().all(|condition| self.outcome(*condition) == Outcome::NotPresent)
    }
}
