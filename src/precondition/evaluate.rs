use http::Method;

use super::{
    Condition, ConditionalFields, Decision, Evaluation, Ignored, MalformedField, Modes, Outcome, TagList,
    conditional_fields::IfRange, deviation::Named, method::MethodKind, tag_list::Members,
};
use crate::validator::{TagRef, Validators};

/// Evaluates the preconditions of one request, in the order of [RFC 9110 §13.2.2].
///
/// `current` describes the selected representation; pass `None` if none exists. The function is pure: it
/// awaits nothing, allocates nothing, and reads the clock only for the century of a two-digit year.
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
/// - CONNECT, OPTIONS and TRACE ignore every precondition.
/// - GET, HEAD and QUERY ignore them if nothing exists: the answer is the 404 that the request would get
///   without them (§13.2.1).
/// - A malformed If-Match matches nothing.
/// - If-Match compares strongly; [`TagComparison::evaluate`](crate::TagComparison::evaluate) has other modes. On a
///   method that may change state it also matches the [other tags](Validators::with_other_etags) of the state.
/// - A malformed If-None-Match matches nothing on GET, HEAD and QUERY. On every other method it is false,
///   so that no write passes on it. Call [`ConditionalFields::check`] first to answer 400 instead.
/// - A date in If-Range is true only if it equals the modification date and that date is strong: see
///   [`Validators::settled_at`] for what counts as strong.
///
/// [RFC 9110 §13.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tower_precondition::{Condition, ConditionalFields, Decision, EntityTag, Validators, evaluate};
///
/// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("\"1\""))]);
/// let fields = ConditionalFields::from_headers(&headers);
/// let current = Validators::from(EntityTag::from_version(2));
///
/// let evaluation = evaluate(&Method::PUT, &fields, Some(&current));
/// assert_eq!(evaluation.decision(), Decision::Failed(Condition::IfMatch));
/// ```
#[must_use]
pub fn evaluate(method: &Method, fields: &ConditionalFields<'_>, current: Option<&Validators>) -> Evaluation {
    evaluate_by(method, fields, current, None)
}

/// Evaluates with the modes that the user chose, or by RFC 9110 without.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn evaluate_by(
    method: &Method,
    fields: &ConditionalFields<'_>,
    current: Option<&Validators>,
    modes: Option<&Modes>,
) -> Evaluation {
    let kind = MethodKind::of(method);
    let mut evaluation = Evaluation::UNDECIDED;

    // §13.2.1: some requests ignore all preconditions.
    match (kind, current) {
        (MethodKind::Neither, _) => return evaluate_none(fields),
        (MethodKind::Selects, None) => {
            evaluation.range = kind.takes_range(method) && !fields.contains(Condition::IfRange);
            return evaluation.ignoring_rest(fields, Ignored::NoRepresentation);
        }
        (MethodKind::Selects, Some(_)) | (MethodKind::Changes, _) => {}
    }

    // Step 1.
    match modes {
        None => evaluation.if_match = if_match(fields, current, kind),
        Some(modes) => evaluation.set_if_match(if_match_by(modes, fields, current, kind)),
    }
    if evaluation.if_match == Outcome::False {
        return evaluation.decided(Decision::Failed(Condition::IfMatch), fields);
    }
    // Step 2.
    evaluation.if_unmodified_since = if_unmodified_since(fields, current);
    if evaluation.if_unmodified_since == Outcome::False {
        return evaluation.decided(Decision::Failed(Condition::IfUnmodifiedSince), fields);
    }
    // Step 3.
    evaluation.if_none_match = match modes {
        None => if_none_match(fields, current, kind),
        Some(modes) => if_none_match_by(modes, fields, current, kind),
    };
    if evaluation.if_none_match == Outcome::False {
        let decision = match kind {
            MethodKind::Selects => Decision::NotModified,
            _ => Decision::Failed(Condition::IfNoneMatch),
        };
        return evaluation.decided(decision, fields);
    }
    // Step 4.
    evaluation.if_modified_since = if_modified_since(fields, current, kind);
    if evaluation.if_modified_since == Outcome::False {
        return evaluation.decided(Decision::NotModified, fields);
    }
    // Step 5.
    let takes_range = kind.takes_range(method);
    if fields.contains(Condition::IfRange) {
        evaluation.if_range = if_range(fields, current, takes_range, modes);
    }
    evaluation.range = takes_range && evaluation.if_range != Outcome::False;
    if modes.is_some() {
        // The client may hold a part of what a proxy compressed.
        evaluation.range = evaluation.range && evaluation.deviation.is_none();
    }
    // Step 6.
    evaluation
}

/// Returns the evaluation of a request whose method ignores every condition.
pub(crate) fn evaluate_none(fields: &ConditionalFields<'_>) -> Evaluation {
    Evaluation::UNDECIDED.ignoring_rest(fields, Ignored::Method)
}

/// §13.1.1, by strong comparison.
fn if_match(fields: &ConditionalFields<'_>, current: Option<&Validators>, kind: MethodKind) -> Outcome {
    let Some(list) = fields.if_match() else {
        return Outcome::NotPresent;
    };
    // A malformed list matches nothing.
    let named = names(list, current, TagRef::strong_eq).unwrap_or(false);
    // Most representations have no other tag.
    let has_others = || kind == MethodKind::Changes && current.is_some_and(Validators::have_fields);
    Outcome::of(named || (has_others() && names_other(list, current)))
}

/// Returns whether the list names another tag of the current state.
#[cold]
#[inline(never)]
fn names_other(list: TagList<'_>, current: Option<&Validators>) -> bool {
    let others = current.map(Validators::other_etags).unwrap_or_default();
    others.iter().any(|other| list.strong_match(other).unwrap_or(false))
}

/// §13.1.1, by the modes that the user chose.
fn if_match_by(
    modes: &Modes,
    fields: &ConditionalFields<'_>,
    current: Option<&Validators>,
    kind: MethodKind,
) -> Option<Named> {
    let list = fields.if_match()?;
    Some(modes.if_match(list, current, kind).unwrap_or(Named::No))
}

/// §13.1.2, without the suffixes that the user named.
fn if_none_match_by(
    modes: &Modes,
    fields: &ConditionalFields<'_>,
    current: Option<&Validators>,
    kind: MethodKind,
) -> Outcome {
    let Some(list) = fields.if_none_match() else {
        return Outcome::NotPresent;
    };
    unless_named(modes.if_none_match(list, current).map(|named| named != Named::No), kind)
}

/// §13.1.4.
fn if_unmodified_since(fields: &ConditionalFields<'_>, current: Option<&Validators>) -> Outcome {
    if !fields.contains(Condition::IfUnmodifiedSince) {
        return Outcome::NotPresent;
    }
    if fields.contains(Condition::IfMatch) {
        return Outcome::Ignored(Ignored::BesideIfMatch);
    }
    let date = match fields.if_unmodified_since() {
        Some(Ok(date)) => date,
        unusable => return Outcome::unusable_date(unusable),
    };
    match current.and_then(Validators::last_modified) {
        None => Outcome::Ignored(Ignored::NoModificationDate),
        Some(modified) => Outcome::of(modified <= date),
    }
}

/// §13.1.2, by weak comparison.
fn if_none_match(fields: &ConditionalFields<'_>, current: Option<&Validators>, kind: MethodKind) -> Outcome {
    let Some(list) = fields.if_none_match() else {
        return Outcome::NotPresent;
    };
    unless_named(names(list, current, TagRef::weak_eq), kind)
}

fn unless_named(named: Result<bool, MalformedField>, kind: MethodKind) -> Outcome {
    match named {
        Ok(named) => Outcome::of(!named),
        // A reader gets the whole representation; a write must not pass on a malformed list.
        Err(_) => Outcome::of(kind == MethodKind::Selects),
    }
}

/// §13.1.3.
fn if_modified_since(
    fields: &ConditionalFields<'_>,
    current: Option<&Validators>,
    kind: MethodKind,
) -> Outcome {
    if !fields.contains(Condition::IfModifiedSince) {
        return Outcome::NotPresent;
    }
    if fields.contains(Condition::IfNoneMatch) {
        return Outcome::Ignored(Ignored::BesideIfNoneMatch);
    }
    if kind != MethodKind::Selects {
        return Outcome::Ignored(Ignored::Method);
    }
    let date = match fields.if_modified_since() {
        Some(Ok(date)) => date,
        unusable => return Outcome::unusable_date(unusable),
    };
    match current.and_then(Validators::last_modified) {
        None => Outcome::Ignored(Ignored::NoModificationDate),
        Some(modified) => Outcome::of(modified > date),
    }
}

/// §13.1.5: a tag by strong comparison; a date only if it is strong and equal.
#[inline(never)]
fn if_range(
    fields: &ConditionalFields<'_>,
    current: Option<&Validators>,
    takes_range: bool,
    modes: Option<&Modes>,
) -> Outcome {
    let Some(validator) = fields.if_range() else {
        return Outcome::NotPresent;
    };
    if !takes_range {
        return Outcome::Ignored(Ignored::Method);
    }
    if !fields.has_range() {
        return Outcome::Ignored(Ignored::NoRange);
    }
    Outcome::of(match validator {
        IfRange::Tag(tag) => current.and_then(Validators::etag).is_some_and(|etag| match modes {
            None => tag.strong_eq(etag.as_tag_ref()),
            Some(modes) => modes.if_range(tag, etag.as_tag_ref()),
        }),
        IfRange::Date(date) => current.and_then(Validators::strong_last_modified) == Some(date),
        IfRange::Unusable => false,
    })
}

/// Returns whether the list names the current representation. `*` names any, with or without a tag.
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
    match list.read_inlined(|member| listed = listed || equal(member, tag))? {
        Members::Any => Ok(true),
        Members::Tags => Ok(listed),
    }
}
