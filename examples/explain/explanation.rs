use std::fmt::{self, Write};

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tower_precondition::{
    Condition, ConditionalFields, Decision, Evaluation, HttpDate, ResourceState, Validators,
    precondition::{MalformedField, Outcome, TagList},
    webdav::{IfField, IfList, MalformedIf},
};

use crate::question::Question;

/// Explains the answer to a request at this time.
pub(crate) fn explain(question: &Question, now: HttpDate) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text, question, now);
    text
}

fn write(text: &mut String, question: &Question, now: HttpDate) -> fmt::Result {
    let Question { method, headers, current, comparison, .. } = question;
    let preconditions = ConditionalFields::from_headers_at(headers, now);
    write_question(text, question, &preconditions)?;
    writeln!(text)?;

    if let Err(malformed) = preconditions.check(method) {
        writeln!(text, "Nothing is evaluated, since a write must not go by a field that cannot be read")?;
        return writeln!(text, "\n{}, because of {malformed}", StatusCode::BAD_REQUEST);
    }
    if let Some(field) = IfField::from_headers(headers) {
        if !write_if(text, question, field)? {
            return Ok(());
        }
    }
    let current = current.clone().map(|current| current.settled_at(now));
    let evaluation = comparison.evaluate(method, &preconditions, current.as_ref());
    for (step, condition) in (1..).zip(Condition::ALL) {
        let outcome = evaluation.outcome(condition);
        write!(text, "{step}. {condition} is {outcome}")?;
        let deviation = evaluation.deviation().filter(|_| condition == Condition::IfMatch);
        match (outcome, malformed(&preconditions, condition)) {
            _ if deviation.is_some() => {
                let why = deviation.map_or_else(String::new, |deviation| deviation.to_string());
                write!(
                    text,
                    ": it names the current representation, because {why}; RFC 9110 would say false"
                )?;
            }
            (Outcome::True | Outcome::False, Some(malformed)) => {
                write!(text, ": malformed, it matches nothing ({malformed})")?;
            }
            (outcome, _) => {
                write!(text, "{}", reason(condition, outcome, is_any(&preconditions, condition)))?
            }
        }
        writeln!(text)?;
    }
    let performed = evaluation.decision() == Decision::Proceed;
    writeln!(text, "6. The request is {}", if performed { "performed" } else { "not performed" })?;
    writeln!(text, "\n{}", answer(method, &preconditions, current.as_ref(), &evaluation))
}

/// Explains WebDAV's `If`, and returns whether the others are evaluated.
fn write_if(
    text: &mut String,
    question: &Question,
    field: Result<IfField<'_>, MalformedIf>,
) -> Result<bool, fmt::Error> {
    if matches!(question.method, Method::CONNECT | Method::OPTIONS | Method::TRACE) {
        writeln!(text, "0. If is ignored: it does not apply to this method")?;
        return Ok(true);
    }
    let field = match field {
        Ok(field) => field,
        Err(malformed) => {
            writeln!(text, "0. If is malformed, so nothing is evaluated")?;
            writeln!(text, "\n{}, because of {malformed}", StatusCode::BAD_REQUEST)?;
            return Ok(false);
        }
    };
    let state =
        ResourceState::from(question.current.clone()).with_lock_tokens(question.locks.iter().cloned());
    let state_of = |list: &IfList<'_>| list.resource().is_none().then_some(&state);
    match field.evaluate(state_of) {
        Ok(held) if held.names_state() => writeln!(text, "0. If is true: all conditions of a list hold")?,
        Ok(_) => {
            writeln!(text, "0. If is true, but no list that holds names a state: it meets no requirement")?
        }
        Err(failed) => {
            writeln!(text, "0. If is false: no list holds. The first one fails on {failed}")?;
            writeln!(text, "6. The request is not performed")?;
            writeln!(text, "\n{}, because of If", StatusCode::PRECONDITION_FAILED)?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn write_question(
    text: &mut String,
    question: &Question,
    preconditions: &ConditionalFields<'_>,
) -> fmt::Result {
    let Question { method, headers, current, locks, .. } = question;
    let unconditional = preconditions.is_empty() && !preconditions.has_range() && !headers.contains_key("if");
    writeln!(text, "The request is {method}, {}", if unconditional { "unconditional" } else { "with" })?;
    for line in headers.get_all("if") {
        writeln!(text, "  If: {}", Visible(line))?;
    }
    for condition in Condition::ALL {
        for line in preconditions.provided(condition) {
            writeln!(text, "  {condition}: {}", Visible(line))?;
        }
    }
    for line in ranges(headers) {
        writeln!(text, "  Range: {}", Visible(line))?;
    }
    for token in locks {
        writeln!(text, "A lock covers it: {token}")?;
    }
    let Some(current) = current else {
        return writeln!(text, "No representation exists");
    };
    if current.etag().is_none() && current.last_modified().is_none() {
        return writeln!(text, "The current representation has no validator");
    }
    writeln!(text, "The current representation has")?;
    if let Some(etag) = current.etag() {
        writeln!(text, "  ETag: {etag}")?;
    }
    for etag in current.other_etags() {
        writeln!(text, "  ETag: {etag}, for another request")?;
    }
    if let Some(date) = current.last_modified() {
        writeln!(text, "  Last-Modified: {date}")?;
    }
    Ok(())
}

fn ranges(headers: &HeaderMap) -> impl Iterator<Item = &HeaderValue> {
    headers.get_all(header::RANGE).into_iter()
}

fn list<'a>(preconditions: &ConditionalFields<'a>, condition: Condition) -> Option<TagList<'a>> {
    match condition {
        Condition::IfMatch => preconditions.if_match(),
        Condition::IfNoneMatch => preconditions.if_none_match(),
        _ => None,
    }
}

/// Returns why a list is malformed.
fn malformed(preconditions: &ConditionalFields<'_>, condition: Condition) -> Option<MalformedField> {
    list(preconditions, condition)?.is_any().err()
}

fn is_any(preconditions: &ConditionalFields<'_>, condition: Condition) -> bool {
    list(preconditions, condition).is_some_and(|list| list.is_any() == Ok(true))
}

/// Returns what an outcome says about the representation. An ignored condition names its reason itself.
///
/// `*` asks only whether one exists, so it compares nothing.
fn reason(condition: Condition, outcome: Outcome, any: bool) -> &'static str {
    match (condition, outcome) {
        (Condition::IfMatch, Outcome::True) | (Condition::IfNoneMatch, Outcome::False) if any => {
            ": a representation exists"
        }
        (Condition::IfMatch, Outcome::False) | (Condition::IfNoneMatch, Outcome::True) if any => {
            ": no representation exists"
        }
        (Condition::IfMatch, Outcome::True) => ": it names the current representation, by strong comparison",
        (Condition::IfMatch, Outcome::False) => {
            ": it does not name the current representation, by strong comparison"
        }
        (Condition::IfUnmodifiedSince, Outcome::True) | (Condition::IfModifiedSince, Outcome::False) => {
            ": the representation was not modified after that date"
        }
        (Condition::IfUnmodifiedSince, Outcome::False) | (Condition::IfModifiedSince, Outcome::True) => {
            ": the representation was modified after that date"
        }
        (Condition::IfNoneMatch, Outcome::True) => {
            ": it does not name the current representation, by weak comparison"
        }
        (Condition::IfNoneMatch, Outcome::False) => {
            ": it names the current representation, by weak comparison"
        }
        (Condition::IfRange, Outcome::True) => ": it is a strong validator of the current representation",
        (Condition::IfRange, Outcome::False) => {
            ": it is not a strong validator of the current representation"
        }
        _ => "",
    }
}

fn answer(
    method: &Method,
    preconditions: &ConditionalFields<'_>,
    current: Option<&Validators>,
    evaluation: &Evaluation,
) -> String {
    match evaluation.decision() {
        Decision::Proceed => {
            let range = match (preconditions.has_range(), evaluation.allows_range()) {
                (false, _) => "",
                (true, true) => ", with its Range",
                (true, false) => ", without its Range",
            };
            format!("The handler answers{range}")
        }
        Decision::NotModified => format!("{}{}", StatusCode::NOT_MODIFIED, because_of(evaluation)),
        // A DELETE of an absent resource gets 404 (letter D of the order of answers).
        Decision::Failed(_) if current.is_none() && *method == Method::DELETE => {
            format!(
                "{}{}: nothing exists that could be deleted",
                StatusCode::NOT_FOUND,
                because_of(evaluation)
            )
        }
        Decision::Failed(_) => format!("{}{}", StatusCode::PRECONDITION_FAILED, because_of(evaluation)),
    }
}

/// Names the condition that decided: the only false one.
fn because_of(evaluation: &Evaluation) -> String {
    let decided =
        Condition::ALL.into_iter().find(|condition| evaluation.outcome(*condition) == Outcome::False);
    decided.map_or_else(String::new, |condition| format!(", because of {condition}"))
}

/// Shows a field value as the user typed it.
struct Visible<'a>(&'a HeaderValue);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.0.as_bytes()))
    }
}
