//! Every combination of a request's conditional fields and a representation, against the naive oracle.
//!
//! Nothing is sampled. One test takes one kind of If-Match and the whole product of all the rest, so that
//! the tests run side by side; the headers of one combination are built once and judged against every
//! method and every representation.

// A test stops at the first surprise; what an index means is fixed by the tables beside it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod naive;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderValue, Method};
use naive::{Action, Current, DateField, Fields, RangeField, Tag, TagField, Truth};
use tower_precondition::{
    Condition, ConditionalFields, Decision, EntityTag, Evaluation, HttpDate, Ignored, Outcome, Validators,
    evaluate,
};

/// When the representation was last modified.
const MODIFIED: i64 = 784_111_777;
/// When the request arrives: nine years later.
const NOW: i64 = MODIFIED + 9 * 365 * 86_400;

const METHODS: [&str; 11] =
    ["GET", "HEAD", "QUERY", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPPATCH"];

/// The kinds of an If-Match or an If-None-Match, as lines.
const TAG_FIELDS: [&[&str]; 8] = [
    // Absent.
    &[],
    // The tag, whole.
    &[r#""v1""#],
    // The tag, weak.
    &[r#"W/"v1""#],
    // Other tags, one of which has a comma in it.
    &[r#""v1,v1", "V1""#],
    // Anything that exists.
    &["*"],
    // Malformed, although the tag is in it.
    &[r#""v1", v1"#],
    // Several lines, and only the last has the tag.
    &[r#", "x,y""#, r#"W/"z""#, r#""v1" ,"#],
    // Several lines that cannot stand together.
    &["*", r#""v1""#],
];

/// The kinds of an If-Modified-Since or an If-Unmodified-Since, with what the oracle is told of them.
const DATE_FIELDS: [(&[&str], DateField); 8] = [
    (&[], DateField::Absent),
    (&["Sun, 06 Nov 1994 08:49:36 GMT"], DateField::At(MODIFIED - 1)),
    (&["Sun, 06 Nov 1994 08:49:37 GMT"], DateField::At(MODIFIED)),
    (&["Sun, 06 Nov 1994 08:49:38 GMT"], DateField::At(MODIFIED + 1)),
    (&["1994-11-06T08:49:37Z"], DateField::Invalid),
    // Before 1970, and after the request.
    (&["Sun, 06 Nov 1960 08:49:37 GMT"], DateField::At(-288_803_423)),
    (&["Sun, 06 Nov 2044 08:49:37 GMT"], DateField::At(2_362_034_977)),
    (&["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"], DateField::SeveralLines),
];

/// The kinds of an If-Range, with the seconds of its date.
const RANGE_FIELDS: [(&[&str], Option<i64>); 8] = [
    (&[], None),
    (&[r#""v1""#], None),
    (&[r#"W/"v1""#], None),
    (&[r#""v2""#], None),
    (&["Sun, 06 Nov 1994 08:49:37 GMT"], Some(MODIFIED)),
    (&["Sun, 06 Nov 1994 08:49:38 GMT"], Some(MODIFIED + 1)),
    (&[r#""v1"#], None),
    (&[r#""v1""#, r#""v1""#], None),
];

/// The crate's and the oracle's account of each state of the resource.
fn states() -> Vec<(Option<Validators>, Option<Current>)> {
    let second = HttpDate::from_unix_seconds(MODIFIED).unwrap();
    let within_second: SystemTime =
        UNIX_EPOCH + Duration::from_secs(MODIFIED.unsigned_abs()) + Duration::from_millis(999);
    let floored = HttpDate::try_from(within_second).unwrap();

    let tag = |weak| Tag { weak, opaque: b"v1".to_vec() };
    let tags: [(Option<&'static str>, Option<Tag>); 3] =
        [(None, None), (Some(r#""v1""#), Some(tag(false))), (Some(r#"W/"v1""#), Some(tag(true)))];
    let dates = [
        (None, None),
        (Some((second, false)), Some((MODIFIED, false))),
        (Some((second, true)), Some((MODIFIED, true))),
        // Rule 50: what lies below the second is cut off before it is compared.
        (Some((floored, false)), Some((MODIFIED, false))),
        (Some((floored, true)), Some((MODIFIED, true))),
    ];

    let mut states = vec![(None, None)];
    for (crates_tag, oracles_tag) in &tags {
        for (crates_date, oracles_date) in dates {
            let mut validators = Validators::new();
            if let Some(tag) = crates_tag {
                validators = validators.with_etag(EntityTag::from_static(tag));
            }
            validators = match crates_date {
                None => validators,
                Some((date, false)) => validators.with_last_modified(date),
                Some((date, true)) => validators.with_strong_last_modified(date),
            };
            let current = Current { tag: oracles_tag.clone(), modified: oracles_date };
            states.push((Some(validators), Some(current)));
        }
    }
    states
}

fn bytes(lines: &[&str]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| line.as_bytes().to_vec()).collect()
}

fn add(headers: &mut HeaderMap, name: HeaderName, lines: &[&'static str]) {
    for line in lines {
        headers.append(&name, HeaderValue::from_static(line));
    }
}

/// The reason's place among the oracle's bits.
fn reason(ignored: Ignored) -> u16 {
    match ignored {
        Ignored::Method => naive::METHOD,
        Ignored::NoRepresentation => naive::NO_REPRESENTATION,
        Ignored::BesideIfMatch => naive::BESIDE_IF_MATCH,
        Ignored::BesideIfNoneMatch => naive::BESIDE_IF_NONE_MATCH,
        Ignored::InvalidDate => naive::INVALID_DATE,
        Ignored::SeveralLines => naive::SEVERAL_LINES,
        Ignored::NoModificationDate => naive::NO_MODIFICATION_DATE,
        Ignored::NoRange => naive::NO_RANGE,
        Ignored::AlreadyDecided => naive::ALREADY_DECIDED,
        other => panic!("the oracle knows no reason {other:?}"),
    }
}

/// In the oracle's order, which is that of §13.2.2.
const CONDITIONS: [Condition; 5] = [
    Condition::IfMatch,
    Condition::IfUnmodifiedSince,
    Condition::IfNoneMatch,
    Condition::IfModifiedSince,
    Condition::IfRange,
];

/// Whether the crate's answer is the oracle's. Where several reasons to ignore hold, any of them will do.
fn agrees(evaluation: &Evaluation, verdict: &naive::Verdict) -> bool {
    let decision = match verdict.action {
        Action::Perform => Decision::Proceed,
        Action::Answer304 => Decision::NotModified,
        Action::Answer412(place) => Decision::Failed(CONDITIONS[place]),
    };
    if evaluation.decision() != decision || evaluation.allows_range() != verdict.range_may_stand {
        return false;
    }
    CONDITIONS.into_iter().zip(verdict.truths).all(|(condition, truth)| {
        match (evaluation.outcome(condition), truth) {
            (Outcome::NotPresent, Truth::NotPresent) => true,
            (Outcome::True, Truth::True) => true,
            (Outcome::False, Truth::False) => true,
            (Outcome::Ignored(ignored), Truth::Ignored(reasons)) => reason(ignored) & reasons != 0,
            _ => false,
        }
    })
}

/// What is read off the headers alone.
fn check_fields(preconditions: &ConditionalFields<'_>, fields: Fields<'_>, headers: &HeaderMap) {
    let present = [
        *fields.if_match != TagField::Absent,
        *fields.if_unmodified_since != DateField::Absent,
        *fields.if_none_match != TagField::Absent,
        *fields.if_modified_since != DateField::Absent,
        *fields.if_range != RangeField::Absent,
    ];
    for (condition, present) in CONDITIONS.into_iter().zip(present) {
        assert_eq!(preconditions.contains(condition), present, "{condition:?} in {headers:?}");
    }
    assert_eq!(preconditions.has_range(), fields.range, "{headers:?}");

    let malformed = match preconditions.check() {
        Ok(()) => None,
        Err(error) => Some(error.condition()),
    };
    let expected = match (fields.if_match, fields.if_none_match) {
        (TagField::Malformed, TagField::Malformed) => malformed.is_some(),
        (TagField::Malformed, _) => malformed == Some(Condition::IfMatch),
        (_, TagField::Malformed) => malformed == Some(Condition::IfNoneMatch),
        _ => malformed.is_none(),
    };
    assert!(expected, "{malformed:?} in {headers:?}");
}

/// Runs the product of everything but If-Match.
fn run(if_match_lines: &[&'static str]) {
    let methods: Vec<(Method, &str)> =
        METHODS.iter().map(|name| (Method::from_bytes(name.as_bytes()).unwrap(), *name)).collect();
    let states = states();
    let now = HttpDate::from_unix_seconds(NOW).unwrap();
    let if_match = naive::parse_tag_field(&bytes(if_match_lines));

    let mut cases = 0_u64;
    for if_none_match_lines in TAG_FIELDS {
        let if_none_match = naive::parse_tag_field(&bytes(if_none_match_lines));
        for (if_modified_since_lines, if_modified_since) in &DATE_FIELDS {
            for (if_unmodified_since_lines, if_unmodified_since) in &DATE_FIELDS {
                for (if_range_lines, if_range_date) in RANGE_FIELDS {
                    let if_range = naive::parse_range_field(&bytes(if_range_lines), if_range_date);
                    for range in [false, true] {
                        let mut headers = HeaderMap::new();
                        add(&mut headers, IF_MATCH, if_match_lines);
                        add(&mut headers, IF_NONE_MATCH, if_none_match_lines);
                        add(&mut headers, IF_MODIFIED_SINCE, if_modified_since_lines);
                        add(&mut headers, IF_UNMODIFIED_SINCE, if_unmodified_since_lines);
                        add(&mut headers, IF_RANGE, if_range_lines);
                        if range {
                            add(&mut headers, RANGE, &["bytes=0-1"]);
                        }
                        let preconditions = ConditionalFields::from_headers_at(&headers, now);
                        let fields = Fields {
                            if_match: &if_match,
                            if_unmodified_since,
                            if_none_match: &if_none_match,
                            if_modified_since,
                            if_range: &if_range,
                            range,
                        };
                        check_fields(&preconditions, fields, &headers);
                        for (method, name) in &methods {
                            for (validators, current) in &states {
                                let evaluation = evaluate(method, &preconditions, validators.as_ref());
                                let verdict = naive::evaluate(name, fields, current.as_ref());
                                assert!(
                                    agrees(&evaluation, &verdict),
                                    "{name} with {headers:?} against {current:?}:\n\
                                     the oracle says {verdict:?}\n\
                                     the crate says {evaluation:?}",
                                );
                                cases += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    // Written out, so that the product cannot shrink unseen: 11 methods, 16 states of the resource,
    // If-None-Match, If-Modified-Since, If-Unmodified-Since and If-Range in 8 kinds each, and Range or not.
    assert_eq!(cases, 11 * 16 * 8 * 8 * 8 * 8 * 2);
    assert_eq!(cases, 1_441_792);
}

#[test]
fn the_product_without_if_match() {
    run(TAG_FIELDS[0]);
}

#[test]
fn the_product_with_the_matching_tag() {
    run(TAG_FIELDS[1]);
}

#[test]
fn the_product_with_the_weak_tag() {
    run(TAG_FIELDS[2]);
}

#[test]
fn the_product_with_other_tags() {
    run(TAG_FIELDS[3]);
}

#[test]
fn the_product_with_any() {
    run(TAG_FIELDS[4]);
}

#[test]
fn the_product_with_a_malformed_list() {
    run(TAG_FIELDS[5]);
}

#[test]
fn the_product_with_several_lines() {
    run(TAG_FIELDS[6]);
}

#[test]
fn the_product_with_any_beside_a_tag() {
    run(TAG_FIELDS[7]);
}

/// The kinds are what their comments say, so that no two of them are the same by mistake.
#[test]
fn the_kinds_are_what_they_are_called() {
    let parsed: Vec<TagField> =
        TAG_FIELDS.iter().map(|lines| naive::parse_tag_field(&bytes(lines))).collect();
    assert_eq!(parsed[0], TagField::Absent);
    assert_eq!(parsed[4], TagField::Any);
    assert_eq!(parsed[5], TagField::Malformed);
    assert_eq!(parsed[7], TagField::Malformed);
    let lengths: Vec<Option<usize>> = parsed
        .iter()
        .map(|field| match field {
            TagField::List(tags) => Some(tags.len()),
            _ => None,
        })
        .collect();
    assert_eq!(lengths, [None, Some(1), Some(1), Some(2), None, None, Some(3), None]);

    for (lines, field) in &DATE_FIELDS {
        if let DateField::At(seconds) = field {
            assert_eq!(lines, &[naive::imf_fixdate(*seconds)]);
        }
    }
    for (lines, date) in RANGE_FIELDS {
        if let Some(seconds) = date {
            assert_eq!(lines, [naive::imf_fixdate(seconds)]);
        }
    }
    assert_eq!(naive::parse_range_field(&bytes(RANGE_FIELDS[6].0), None), RangeField::Unusable);
}
