use http::Method;

use super::condition::Condition;
use super::conditional_fields::{ConditionalFields, IfRange};
use super::evaluation::{Decision, Evaluation, Ignored, Outcome};
use super::malformed::MalformedField;
use super::method::{MethodKind, takes_range};
use super::tag_list::{Members, TagList};
use crate::validator::{TagRef, Validators};

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
/// it lets no write through; [`ConditionalFields::check`] tells beforehand.
///
/// [RFC 9110 §13.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tower_precondition::{Condition, Decision, EntityTag, ConditionalFields, Validators, evaluate};
///
/// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("\"1\""))]);
/// let preconditions = ConditionalFields::from_headers(&headers);
/// let current = Validators::from(EntityTag::from_version(2));
///
/// let evaluation = evaluate(&Method::PUT, &preconditions, Some(&current));
/// assert_eq!(evaluation.decision(), Decision::Failed(Condition::IfMatch));
/// ```
#[must_use]
pub fn evaluate(
    method: &Method,
    preconditions: &ConditionalFields<'_>,
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
pub(crate) fn evaluate_none(preconditions: &ConditionalFields<'_>) -> Evaluation {
    Evaluation::UNDECIDED.ignoring_rest(preconditions, Ignored::Method)
}

/// §13.1.1, by strong comparison.
fn if_match(preconditions: &ConditionalFields<'_>, current: Option<&Validators>) -> Outcome {
    let Some(list) = preconditions.if_match() else {
        return Outcome::NotPresent;
    };
    // Malformed, it matches nothing.
    Outcome::of(names(list, current, TagRef::strong_eq).unwrap_or(false))
}

/// §13.1.4.
fn if_unmodified_since(preconditions: &ConditionalFields<'_>, current: Option<&Validators>) -> Outcome {
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
    preconditions: &ConditionalFields<'_>,
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
    preconditions: &ConditionalFields<'_>,
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
fn if_range(preconditions: &ConditionalFields<'_>, current: Option<&Validators>, method: &Method) -> Outcome {
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
