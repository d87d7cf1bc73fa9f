//! Evaluates a request by modes of comparison, and compares each outcome with the oracle.
//!
//! The lines of the input are: the modes, `p` for a protocol with weak tags and `w` for a proxy that weakens, with the
//! suffixes of a proxy behind them; the method; the current tags as a list, the selected one first; If-Match;
//! If-None-Match; If-Range. An empty line is a field that is absent.
#![no_main]

use http::{HeaderMap, HeaderValue, Method, header};
use libfuzzer_sys::fuzz_target;
use precondition_oracle::{
    Action, Current, DateField, Fields, Modes, RangeField, Tag, TagField, Truth, Verdict, evaluate_by,
};
use tower_precondition::{
    Condition, ConditionalFields, Decision, EntityTag, Evaluation, HttpDate, TagComparison, Validators,
    evaluate, precondition::Outcome,
};

/// Any time: no field of the input holds a date of two digits that decides.
const NOW: i64 = 1_700_000_000;

fuzz_target!(|input: &[u8]| {
    let mut lines = input.split(|octet| *octet == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let Some((comparison, modes)) = modes(line()) else { return };
    let Ok(method) = Method::from_bytes(line()) else { return };
    let tags = tags(line());
    let mut headers = HeaderMap::new();
    for name in [header::IF_MATCH, header::IF_NONE_MATCH, header::IF_RANGE] {
        match HeaderValue::from_bytes(line()) {
            Ok(value) if !value.is_empty() => headers.append(name, value),
            _ => false,
        };
    }
    headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-1"));

    let now = HttpDate::from_unix_seconds(NOW).expect("a date");
    let fields = ConditionalFields::from_headers_at(&headers, now);
    let current = tags.as_deref().map(validators);
    let seen = comparison.evaluate(&method, &fields, current.as_ref());
    agrees(&seen, &expected(&modes, method.as_str(), &headers, tags.as_deref()));
    if modes.suffixes.is_empty() && !modes.weak_by_protocol && !modes.weakened_by_proxy {
        assert_eq!(seen, evaluate(&method, &fields, current.as_ref()));
    }
});

fn modes(line: &[u8]) -> Option<(TagComparison, Modes)> {
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let named = words.next()?;
    // The layer checks its suffixes when the application starts, so only text that is one gets here.
    let is_suffix = |word: &&str| {
        let is_text = word.starts_with(['-', ';']) && !word.contains("identity") && word.len() < 20;
        is_text && word.bytes().all(|octet| matches!(octet, b'-' | b';' | b'a'..=b'z'))
    };
    let suffixes: Vec<&str> = words.filter(is_suffix).take(4).collect();
    let (weak_by_protocol, weakened_by_proxy) = (named.contains('p'), named.contains('w'));
    let mut comparison = TagComparison::new().suffixed_by_proxy(suffixes.iter().copied());
    if weak_by_protocol {
        comparison = comparison.weak_by_protocol();
    }
    if weakened_by_proxy {
        comparison = comparison.weakened_by_proxy();
    }
    let suffixes = suffixes.iter().map(|suffix| suffix.as_bytes().to_vec()).collect();
    Some((comparison, Modes { weak_by_protocol, weakened_by_proxy, suffixes }))
}

/// The tags of the state; nothing if the representation does not exist.
fn tags(line: &[u8]) -> Option<Vec<EntityTag>> {
    let mut headers = HeaderMap::new();
    headers.insert(header::IF_MATCH, HeaderValue::from_bytes(line).ok()?);
    ConditionalFields::from_headers(&headers).if_match()?.to_tags().ok()
}

fn validators(tags: &[EntityTag]) -> Validators {
    match tags.split_first() {
        None => Validators::new(),
        Some((selected, others)) => {
            Validators::from(selected.clone()).with_other_etags(others.iter().cloned())
        }
    }
}

fn expected(modes: &Modes, method: &str, headers: &HeaderMap, tags: Option<&[EntityTag]>) -> (Verdict, bool) {
    let lines =
        |name| headers.get(name).map(|value| value.as_bytes().to_vec()).into_iter().collect::<Vec<_>>();
    let read = |tag: &EntityTag| Tag::parse(tag.as_header_value().as_bytes()).expect("an entity tag");
    let tags: Option<Vec<Tag>> = tags.map(|tags| tags.iter().map(read).collect());
    let current = tags.as_ref().map(|tags| Current { tag: tags.first().cloned(), modified: None });
    let others = tags.as_deref().and_then(|tags| tags.get(1..)).unwrap_or_default();
    let fields = Fields {
        if_match: &TagField::read(&lines(header::IF_MATCH)),
        if_none_match: &TagField::read(&lines(header::IF_NONE_MATCH)),
        if_modified_since: &DateField::Absent,
        if_unmodified_since: &DateField::Absent,
        if_range: &RangeField::read(&lines(header::IF_RANGE), NOW),
        range: true,
    };
    evaluate_by(modes, method, fields, current.as_ref(), others)
}

fn agrees(seen: &Evaluation, (expected, by_a_mode): &(Verdict, bool)) {
    let action = match seen.decision() {
        Decision::Proceed => Action::Perform,
        Decision::NotModified => Action::Answer304,
        Decision::Failed(condition) => {
            let place = Condition::ALL.iter().position(|other| *other == condition);
            Action::Answer412(place.expect("one of all"))
        }
    };
    assert_eq!(action, expected.action);
    assert_eq!(seen.allows_range(), expected.range_may_stand);
    assert_eq!(seen.deviation().is_some(), *by_a_mode);
    for (condition, truth) in Condition::ALL.into_iter().zip(expected.truths) {
        let same = matches!(
            (seen.outcome(condition), truth),
            (Outcome::NotPresent, Truth::NotPresent)
                | (Outcome::True, Truth::True)
                | (Outcome::False, Truth::False)
                | (Outcome::Ignored(_), Truth::Ignored(_))
        );
        assert!(same, "{condition}: {seen:?}, and the oracle says {expected:?}");
    }
}
