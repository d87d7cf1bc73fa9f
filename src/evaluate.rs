use std::fmt;

use http::Method;

use crate::{
    Condition, HttpDate, InvalidHttpDate, MalformedField, Preconditions, TagList, Validators,
    entity_tag::TagRef, preconditions::IfRange, tag_list::Members,
};

/// Evaluates the preconditions of one request, in the order of [RFC 9110 §13.2.2].
///
/// `current` is what describes the selected representation, or `None` where none
/// exists. The function is pure: it awaits nothing, allocates nothing, and reads
/// the clock only for the century of a two-digit year.
///
/// | step | condition | true | false |
/// |---|---|---|---|
/// | 1 | If-Match | step 3 | 412 |
/// | 2 | If-Unmodified-Since, without If-Match | step 3 | 412 |
/// | 3 | If-None-Match | step 5 | 304 for GET, HEAD and QUERY, otherwise 412 |
/// | 4 | If-Modified-Since, without If-None-Match, on GET, HEAD and QUERY | step 5 | 304 |
/// | 5 | If-Range with Range, on GET and QUERY | the range may be served | Range is ignored |
/// | 6 | | perform the request | |
///
/// CONNECT, OPTIONS and TRACE ignore every precondition. So do GET, HEAD and
/// QUERY where nothing exists: their answer is the 404 that they would get
/// without them (§13.2.1).
///
/// A malformed If-Match matches nothing. A malformed If-None-Match matches
/// nothing on GET, HEAD and QUERY, and is false on every other method, so that
/// it lets no write through; [`Preconditions::check`] tells beforehand.
///
/// [RFC 9110 §13.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tower_precondition::{Condition, Decision, EntityTag, Preconditions, Validators, evaluate};
///
/// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("\"1\""))]);
/// let preconditions = Preconditions::from_headers(&headers);
/// let current = Validators::from(EntityTag::from_version(2));
///
/// let evaluation = evaluate(&Method::PUT, &preconditions, Some(&current));
/// assert_eq!(evaluation.decision(), Decision::Failed(Condition::IfMatch));
/// ```
#[must_use]
pub fn evaluate(
    method: &Method,
    preconditions: &Preconditions<'_>,
    current: Option<&Validators>,
) -> Evaluation {
    let kind = MethodKind::of(method);
    let mut evaluation = Evaluation::UNDECIDED;

    // §13.2.1: where the preconditions have no say, all of them are ignored.
    match (kind, current) {
        (MethodKind::Neither, _) => return evaluate_none(preconditions),
        (MethodKind::Selects, None) => {
            evaluation.range = takes_range(method) && !preconditions.contains(Condition::IfRange);
            return evaluation.ignoring_rest(preconditions, Ignored::NoRepresentation);
        }
        (MethodKind::Selects, Some(_)) | (MethodKind::Changes, _) => {}
    }

    // Step 1.
    evaluation.if_match = if_match(preconditions, current);
    if evaluation.if_match == Outcome::False {
        return evaluation.decided(Decision::Failed(Condition::IfMatch), preconditions);
    }
    // Step 2.
    evaluation.if_unmodified_since = if_unmodified_since(preconditions, current);
    if evaluation.if_unmodified_since == Outcome::False {
        return evaluation.decided(Decision::Failed(Condition::IfUnmodifiedSince), preconditions);
    }
    // Step 3.
    evaluation.if_none_match = if_none_match(preconditions, current, kind);
    if evaluation.if_none_match == Outcome::False {
        let decision = match kind {
            MethodKind::Selects => Decision::NotModified,
            _ => Decision::Failed(Condition::IfNoneMatch),
        };
        return evaluation.decided(decision, preconditions);
    }
    // Step 4.
    evaluation.if_modified_since = if_modified_since(preconditions, current, kind);
    if evaluation.if_modified_since == Outcome::False {
        return evaluation.decided(Decision::NotModified, preconditions);
    }
    // Step 5.
    evaluation.if_range = if_range(preconditions, current, method);
    evaluation.range = takes_range(method) && evaluation.if_range != Outcome::False;
    // Step 6.
    evaluation
}

/// The evaluation of a request that asks for no representation: every condition is ignored.
pub(crate) fn evaluate_none(preconditions: &Preconditions<'_>) -> Evaluation {
    Evaluation::UNDECIDED.ignoring_rest(preconditions, Ignored::Method)
}

/// §13.1.1, by strong comparison.
fn if_match(preconditions: &Preconditions<'_>, current: Option<&Validators>) -> Outcome {
    let Some(list) = preconditions.if_match() else {
        return Outcome::NotPresent;
    };
    // Malformed, it matches nothing.
    Outcome::of(names(list, current, TagRef::strong_eq).unwrap_or(false))
}

/// §13.1.4.
fn if_unmodified_since(preconditions: &Preconditions<'_>, current: Option<&Validators>) -> Outcome {
    if !preconditions.contains(Condition::IfUnmodifiedSince) {
        return Outcome::NotPresent;
    }
    if preconditions.contains(Condition::IfMatch) {
        return Outcome::Ignored(Ignored::BesideIfMatch);
    }
    let date = match preconditions.if_unmodified_since() {
        Some(Ok(date)) => date,
        unusable => return Outcome::unusable_date(unusable),
    };
    match current.and_then(Validators::last_modified) {
        None => Outcome::Ignored(Ignored::NoModificationDate),
        Some(modified) => Outcome::of(modified <= date),
    }
}

/// §13.1.2, by weak comparison.
fn if_none_match(
    preconditions: &Preconditions<'_>,
    current: Option<&Validators>,
    kind: MethodKind,
) -> Outcome {
    let Some(list) = preconditions.if_none_match() else {
        return Outcome::NotPresent;
    };
    match names(list, current, TagRef::weak_eq) {
        Ok(named) => Outcome::of(!named),
        // Malformed, it names nothing, so that a reader gets all; but no write may pass on it.
        Err(_) => Outcome::of(kind == MethodKind::Selects),
    }
}

/// §13.1.3.
fn if_modified_since(
    preconditions: &Preconditions<'_>,
    current: Option<&Validators>,
    kind: MethodKind,
) -> Outcome {
    if !preconditions.contains(Condition::IfModifiedSince) {
        return Outcome::NotPresent;
    }
    if preconditions.contains(Condition::IfNoneMatch) {
        return Outcome::Ignored(Ignored::BesideIfNoneMatch);
    }
    if kind != MethodKind::Selects {
        return Outcome::Ignored(Ignored::Method);
    }
    let date = match preconditions.if_modified_since() {
        Some(Ok(date)) => date,
        unusable => return Outcome::unusable_date(unusable),
    };
    match current.and_then(Validators::last_modified) {
        None => Outcome::Ignored(Ignored::NoModificationDate),
        Some(modified) => Outcome::of(modified > date),
    }
}

/// §13.1.5: a tag by strong comparison, a date only where it is equal and strong.
fn if_range(preconditions: &Preconditions<'_>, current: Option<&Validators>, method: &Method) -> Outcome {
    let Some(validator) = preconditions.if_range() else {
        return Outcome::NotPresent;
    };
    if !takes_range(method) {
        return Outcome::Ignored(Ignored::Method);
    }
    if !preconditions.has_range() {
        return Outcome::Ignored(Ignored::NoRange);
    }
    Outcome::of(match validator {
        IfRange::Tag(tag) => {
            current.and_then(Validators::etag).is_some_and(|etag| tag.strong_eq(etag.as_tag_ref()))
        }
        IfRange::Date(date) => current.and_then(Validators::strong_last_modified) == Some(date),
        IfRange::Unusable => false,
    })
}

/// Whether the field names the current representation; `*` names any, with or without a tag.
#[inline]
fn names<'a>(
    list: TagList<'a>,
    current: Option<&'a Validators>,
    equal: impl Fn(TagRef<'a>, TagRef<'a>) -> bool,
) -> Result<bool, MalformedField> {
    let Some(etag) = current.and_then(Validators::etag) else {
        return list.is_any().map(|any| any && current.is_some());
    };
    let tag = etag.as_tag_ref();
    if list.is_just(etag) {
        return Ok(equal(tag, tag));
    }
    let mut listed = false;
    match list.read(|member| listed = listed || equal(member, tag))? {
        Members::Any => Ok(true),
        Members::Tags => Ok(listed),
    }
}

/// Whether a method may change state: every method, known or not, but GET, HEAD, QUERY,
/// CONNECT, OPTIONS and TRACE.
///
/// On such a method a malformed If-Match or If-None-Match is to be answered 400, which
/// [`Preconditions::check`] finds.
///
/// ```
/// use http::Method;
/// use tower_precondition::may_change_state;
///
/// assert!(may_change_state(&Method::POST));
/// assert!(!may_change_state(&Method::HEAD));
/// ```
#[must_use]
pub fn may_change_state(method: &Method) -> bool {
    MethodKind::of(method) == MethodKind::Changes
}

/// Range is defined for GET (§14.2) and QUERY (RFC 10008) alone.
pub(crate) fn takes_range(method: &Method) -> bool {
    *method == Method::GET || is_query(method)
}

/// RFC 10008. Compared as text, since older releases of `http` have no constant for it.
fn is_query(method: &Method) -> bool {
    method.as_str() == "QUERY"
}

/// What a method does with the selected representation (§13.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodKind {
    /// GET, HEAD and QUERY select it.
    Selects,
    /// CONNECT, OPTIONS and TRACE do neither.
    Neither,
    /// Every other method, known or not, may change it.
    Changes,
}

impl MethodKind {
    #[inline]
    pub(crate) fn of(method: &Method) -> Self {
        match *method {
            Method::GET | Method::HEAD => Self::Selects,
            Method::CONNECT | Method::OPTIONS | Method::TRACE => Self::Neither,
            _ if is_query(method) => Self::Selects,
            _ => Self::Changes,
        }
    }
}

/// What RFC 9110 §13.2.2 says to do with a request.
///
/// Exhaustive on purpose: the specification is closed.
///
/// ```
/// use http::{HeaderMap, Method};
/// use tower_precondition::{Decision, Preconditions, evaluate};
///
/// let headers = HeaderMap::new();
/// let evaluation = evaluate(&Method::GET, &Preconditions::from_headers(&headers), None);
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
    fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    fn unusable_date(date: Option<Result<HttpDate, InvalidHttpDate>>) -> Self {
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
/// use tower_precondition::{Condition, Decision, Outcome, Preconditions, Validators, evaluate};
///
/// let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("*"))]);
/// let preconditions = Preconditions::from_headers(&headers);
/// let evaluation = evaluate(&Method::GET, &preconditions, Some(&Validators::new()));
///
/// assert_eq!(evaluation.decision(), Decision::NotModified);
/// assert_eq!(evaluation.outcome(Condition::IfNoneMatch), Outcome::False);
/// assert_eq!(evaluation.outcome(Condition::IfMatch), Outcome::NotPresent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation {
    decision: Decision,
    range: bool,
    if_match: Outcome,
    if_unmodified_since: Outcome,
    if_none_match: Outcome,
    if_modified_since: Outcome,
    if_range: Outcome,
}

impl Evaluation {
    /// Nothing evaluated yet, and nothing in the way of the request.
    const UNDECIDED: Self = Self {
        decision: Decision::Proceed,
        range: false,
        if_match: Outcome::NotPresent,
        if_unmodified_since: Outcome::NotPresent,
        if_none_match: Outcome::NotPresent,
        if_modified_since: Outcome::NotPresent,
        if_range: Outcome::NotPresent,
    };

    /// The end of the evaluation: the conditions whose steps did not come are not evaluated.
    fn decided(self, decision: Decision, preconditions: &Preconditions<'_>) -> Self {
        let decided = Self { decision, ..self };
        // The usual one is the one that decided.
        match preconditions.is_one_at_most() {
            true => decided,
            false => decided.ignoring_rest(preconditions, Ignored::AlreadyDecided),
        }
    }

    fn ignoring_rest(self, preconditions: &Preconditions<'_>, why: Ignored) -> Self {
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
    /// # use tower_precondition::{Preconditions, Validators, evaluate};
    /// let headers = HeaderMap::from_iter([
    ///     (header::RANGE, HeaderValue::from_static("bytes=0-9")),
    ///     (header::IF_RANGE, HeaderValue::from_static("\"old\"")),
    /// ]);
    /// let preconditions = Preconditions::from_headers(&headers);
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
    /// # use tower_precondition::{Preconditions, evaluate};
    /// let headers = HeaderMap::new();
    /// let preconditions = Preconditions::from_headers(&headers);
    /// assert!(evaluate(&Method::PUT, &preconditions, None).is_unconditional());
    /// ```
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        Condition::ALL.iter().all(|condition| self.outcome(*condition) == Outcome::NotPresent)
    }
}
