//! Every combination of conditional fields, methods and representations, compared with the oracle.
//!
//! Each test takes one kind of If-Match and combines it with all kinds of everything else, so the tests
//! run in parallel. A test builds the headers of one combination once, and evaluates them for every
//! method and every representation.

use http::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderValue, Method};
use precondition_oracle::{
    self as oracle, Action, Current, DateField, Fields, RangeField, Reasons, Tag, TagField, Truth,
};
use tower_precondition::{
    Condition, ConditionalFields, Decision, EntityTag, Evaluation, HttpDate, Validators, evaluate,
    precondition::{Ignored, Outcome},
};

/// The modification date of the representation.
const MODIFIED: i64 = 784_111_777;
/// The request arrives nine years later.
const NOW: i64 = MODIFIED + 9 * 365 * 86_400;

const METHODS: [&str; 11] =
    ["GET", "HEAD", "QUERY", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPPATCH"];

/// The kinds of If-Match and If-None-Match, as lines.
const TAG_FIELDS: [&[&str]; 8] = [
    &[],
    &[r#""v1""#],
    &[r#"W/"v1""#],
    // Other tags. One of them contains a comma.
    &[r#""v1,v1", "V1""#],
    &["*"],
    // Malformed, although it contains the tag.
    &[r#""v1", v1"#],
    // Several lines. Only the last has the tag.
    &[r#", "x,y""#, r#"W/"z""#, r#""v1" ,"#],
    // Each line alone is valid, but not the two together.
    &["*", r#""v1""#],
];

/// The kinds of If-Modified-Since and If-Unmodified-Since, and what each of them means.
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

/// The kinds of If-Range, as lines.
const RANGE_FIELDS: [&[&str]; 8] = [
    &[],
    &[r#""v1""#],
    &[r#"W/"v1""#],
    &[r#""v2""#],
    &["Sun, 06 Nov 1994 08:49:37 GMT"],
    &["Sun, 06 Nov 1994 08:49:38 GMT"],
    &[r#""v1"#],
    &[r#""v1""#, r#""v1""#],
];

/// The states of the resource, in the types of the crate and in those of the oracle.
fn states() -> Vec<(Option<Validators>, Option<Current>)> {
    let second = HttpDate::from_unix_seconds(MODIFIED).unwrap();
    let tag = |weak| Tag { weak, opaque: b"v1".to_vec() };
    let tags: [(Option<&'static str>, Option<Tag>); 3] =
        [(None, None), (Some(r#""v1""#), Some(tag(false))), (Some(r#"W/"v1""#), Some(tag(true)))];
    let dates = [
        (None, None),
        (Some((second, false)), Some((MODIFIED, false))),
        (Some((second, true)), Some((MODIFIED, true))),
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

fn reason(ignored: Ignored) -> Reasons {
    match ignored {
        Ignored::Method => Reasons::METHOD,
        Ignored::NoRepresentation => Reasons::NO_REPRESENTATION,
        Ignored::BesideIfMatch => Reasons::BESIDE_IF_MATCH,
        Ignored::BesideIfNoneMatch => Reasons::BESIDE_IF_NONE_MATCH,
        Ignored::InvalidDate => Reasons::INVALID_DATE,
        Ignored::SeveralLines => Reasons::SEVERAL_LINES,
        Ignored::NoModificationDate => Reasons::NO_MODIFICATION_DATE,
        Ignored::NoRange => Reasons::NO_RANGE,
        Ignored::AlreadyDecided => Reasons::ALREADY_DECIDED,
        other => panic!("the oracle knows no reason {other:?}"),
    }
}

/// In the order of §13.2.2, which the oracle uses.
const CONDITIONS: [Condition; 5] = [
    Condition::IfMatch,
    Condition::IfUnmodifiedSince,
    Condition::IfNoneMatch,
    Condition::IfModifiedSince,
    Condition::IfRange,
];

/// Whether the crate and the oracle agree. If a field has several reasons to be ignored, any of them is right.
fn agrees(evaluation: &Evaluation, verdict: &oracle::Verdict) -> bool {
    let decision = match verdict.action {
        Action::Perform => Decision::Proceed,
        Action::Answer304 => Decision::NotModified,
        Action::Answer412(place) => Decision::Failed(CONDITIONS[place]),
    };
    if evaluation.decision() != decision || evaluation.allows_range() != verdict.range_may_stand {
        return false;
    }
    // Not an iterator with a closure: without optimization, most of the time of a million cases goes into it.
    for (place, truth) in verdict.truths.iter().enumerate() {
        let agrees = match (evaluation.outcome(CONDITIONS[place]), truth) {
            (Outcome::NotPresent, Truth::NotPresent) => true,
            (Outcome::True, Truth::True) => true,
            (Outcome::False, Truth::False) => true,
            (Outcome::Ignored(ignored), Truth::Ignored(reasons)) => reasons.contains(reason(ignored)),
            _ => false,
        };
        if !agrees {
            return false;
        }
    }
    true
}

/// Compares what the crate reads from the headers, before any evaluation.
fn check_fields(preconditions: &ConditionalFields<'_>, fields: Fields<'_>, headers: &HeaderMap) {
    for (condition, present) in CONDITIONS.into_iter().zip(fields.present()) {
        assert_eq!(preconditions.contains(condition), present, "{condition:?} in {headers:?}");
    }
    assert_eq!(preconditions.has_range(), fields.range, "{headers:?}");

    let malformed = match preconditions.check(&Method::PUT) {
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

/// Combines one If-Match with everything else.
fn run(if_match_lines: &[&'static str]) {
    let methods: Vec<(Method, &str)> =
        METHODS.iter().map(|name| (Method::from_bytes(name.as_bytes()).unwrap(), *name)).collect();
    let states = states();
    let now = HttpDate::from_unix_seconds(NOW).unwrap();
    let if_match = TagField::read(&bytes(if_match_lines));

    let mut cases = 0_u64;
    for if_none_match_lines in TAG_FIELDS {
        let if_none_match = TagField::read(&bytes(if_none_match_lines));
        for (if_modified_since_lines, if_modified_since) in &DATE_FIELDS {
            for (if_unmodified_since_lines, if_unmodified_since) in &DATE_FIELDS {
                for if_range_lines in RANGE_FIELDS {
                    let if_range = RangeField::read(&bytes(if_range_lines), NOW);
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
                                let verdict = oracle::evaluate(name, fields, current.as_ref());
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
    // Fails if a table loses an entry: 11 methods, 10 states, 8 kinds of each of four fields, Range or not.
    assert_eq!(cases, 11 * 10 * 8 * 8 * 8 * 8 * 2);
}

macro_rules! products {
    ($($name:ident: $kind:literal;)+) => {$(
        #[test]
        fn $name() {
            run(TAG_FIELDS[$kind]);
        }
    )+};
}

products! {
    the_product_without_if_match: 0;
    the_product_with_the_matching_tag: 1;
    the_product_with_the_weak_tag: 2;
    the_product_with_other_tags: 3;
    the_product_with_any: 4;
    the_product_with_a_malformed_list: 5;
    the_product_with_several_lines: 6;
    the_product_with_any_beside_a_tag: 7;
}

/// Two kinds that are equal by mistake would leave a case untested.
#[test]
fn every_kind_means_what_its_table_says() {
    let parsed: Vec<TagField> = TAG_FIELDS.iter().map(|lines| TagField::read(&bytes(lines))).collect();
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
        assert_eq!(&DateField::read(&bytes(lines), NOW), field);
    }

    let tag = |weak, opaque: &[u8]| RangeField::Tag(Tag { weak, opaque: opaque.to_vec() });
    let ranges = RANGE_FIELDS.map(|lines| RangeField::read(&bytes(lines), NOW));
    assert_eq!(
        ranges,
        [
            RangeField::Absent,
            tag(false, b"v1"),
            tag(true, b"v1"),
            tag(false, b"v2"),
            RangeField::At(MODIFIED),
            RangeField::At(MODIFIED + 1),
            RangeField::Unusable,
            RangeField::Unusable,
        ]
    );
}
