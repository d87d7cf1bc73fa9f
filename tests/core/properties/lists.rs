//! If-Match and If-None-Match as lists.

use http::{
    HeaderValue, Method,
    header::{IF_MATCH, IF_NONE_MATCH},
};
use precondition_oracle::{Tag, TagField};
use proptest::{collection::vec, prelude::*, sample::select};
use tower_precondition::{
    Condition, ConditionalFields, EntityTag, Validators, evaluate,
    precondition::{Outcome, TagList},
};

use super::{built, header, headers, list_alphabet, list_pieces, opaque, tag};

fn white_space() -> impl Strategy<Value = &'static str> {
    select(vec!["", " ", "\t", "  ", " \t "])
}

/// A list with white space and empty members anywhere, and the tags in it.
fn untidy_list() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<Tag>)> {
    let member = prop_oneof![4 => tag(opaque()).prop_map(Some), 1 => Just(None)];
    let line = vec((white_space(), member, white_space()), 1..4);
    vec(line, 1..4).prop_map(|lines| {
        let mut printed = Vec::new();
        let mut tags = Vec::new();
        for line in lines {
            let mut members: Vec<Vec<u8>> = Vec::new();
            for (before, member, after) in line {
                let text = member.as_ref().map(Tag::to_bytes).unwrap_or_default();
                members.push([before.as_bytes(), &text, after.as_bytes()].concat());
                tags.extend(member);
            }
            printed.push(members.join(b",".as_slice()));
        }
        (printed, tags)
    })
}

/// Compares every answer of the crate's list with the oracle's list of the same lines.
fn lists_agree(lines: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let expected = TagField::read(lines);
    for name in [IF_MATCH, IF_NONE_MATCH] {
        let headers = headers(&name, lines);
        let fields = ConditionalFields::from_headers(&headers);
        let (condition, list): (_, Option<TagList<'_>>) = if name == IF_MATCH {
            (Condition::IfMatch, fields.if_match())
        } else {
            (Condition::IfNoneMatch, fields.if_none_match())
        };
        prop_assert_eq!(list.is_some(), expected != TagField::Absent);
        prop_assert_eq!(fields.contains(condition), expected != TagField::Absent);
        prop_assert_eq!(fields.check(&Method::PUT).is_err(), expected == TagField::Malformed);
        let Some(list) = list else { continue };

        match &expected {
            TagField::Absent => {}
            TagField::Any => prop_assert_eq!(list.is_any().ok(), Some(true)),
            TagField::Malformed => {
                // The whole field is malformed, so every question is an error, even if the first tag matches.
                let candidate = EntityTag::from_static(r#""a""#);
                prop_assert!(list.is_any().is_err());
                prop_assert!(list.to_tags().is_err());
                prop_assert!(list.strong_match(&candidate).is_err());
                prop_assert!(list.weak_match(&candidate).is_err());
                let error = fields.check(&Method::PUT).unwrap_err();
                prop_assert_eq!(error.condition(), condition);
                prop_assert!(error.line() < lines.len());
                prop_assert!(error.offset() <= lines[error.line()].len());
                if let Some(found) = error.found() {
                    prop_assert_eq!(lines[error.line()].get(error.offset()), Some(&found));
                }
                prop_assert!(!error.to_string().is_empty());
            }
            TagField::List(tags) => {
                prop_assert_eq!(list.is_any().ok(), Some(false));
                let printed: Vec<Vec<u8>> = tags.iter().map(Tag::to_bytes).collect();
                let read: Vec<Vec<u8>> = list
                    .to_tags()
                    .unwrap()
                    .iter()
                    .map(|tag| tag.as_header_value().as_bytes().to_vec())
                    .collect();
                prop_assert_eq!(&read, &printed);

                let mut candidates = tags.clone();
                for opaque in [&b"a"[..], b"", b"\\", b"\xfc", b"zz"] {
                    candidates.push(Tag { weak: false, opaque: opaque.to_vec() });
                    candidates.push(Tag { weak: true, opaque: opaque.to_vec() });
                }
                for candidate in candidates {
                    let strong = tags.iter().any(|tag| tag.strong_match(&candidate));
                    let weak = tags.iter().any(|tag| tag.weak_match(&candidate));
                    let candidate = built(&candidate);
                    prop_assert_eq!(list.strong_match(&candidate).ok(), Some(strong));
                    prop_assert_eq!(list.weak_match(&candidate).ok(), Some(weak));
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_untidy_list_has_the_tags_that_were_written((lines, tags) in untidy_list()) {
        for name in [IF_MATCH, IF_NONE_MATCH] {
            let headers = headers(&name, &lines);
            let fields = ConditionalFields::from_headers(&headers);
            prop_assert!(fields.check(&Method::PUT).is_ok());
            let list = if name == IF_MATCH { fields.if_match() } else { fields.if_none_match() };
            let list = list.unwrap();
            prop_assert_eq!(list.is_any().ok(), Some(false));
            let read: Vec<Vec<u8>> = list
                .to_tags()
                .unwrap()
                .into_iter()
                .map(|tag| HeaderValue::from(tag).as_bytes().to_vec())
                .collect();
            prop_assert_eq!(read, tags.iter().map(Tag::to_bytes).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_tag_of_a_list_is_matched((lines, tags) in untidy_list(), pick in any::<prop::sample::Index>()) {
        prop_assume!(!tags.is_empty());
        let tag = &tags[pick.index(tags.len())];
        let current = Validators::new().with_etag(built(tag));
        let if_none_match = headers(&IF_NONE_MATCH, &lines);
        let evaluation = evaluate(&Method::GET, &ConditionalFields::from_headers(&if_none_match), Some(&current));
        prop_assert_eq!(evaluation.outcome(Condition::IfNoneMatch), Outcome::False);

        let strong = tags.iter().any(|other| other.strong_match(tag));
        let if_match = headers(&IF_MATCH, &lines);
        let evaluation = evaluate(&Method::PUT, &ConditionalFields::from_headers(&if_match), Some(&current));
        prop_assert_eq!(evaluation.outcome(Condition::IfMatch), if strong { Outcome::True } else { Outcome::False });
    }
}

proptest! {
    // The alphabet is small and the strings are short, so this many cases reach every part of the grammar.
    #![proptest_config(ProptestConfig { cases: 8192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_oracle_reads_one_line_alike(line in prop_oneof![list_alphabet(), list_pieces()]) {
        lists_agree(&[line])?;
    }

    #[test]
    fn the_oracle_reads_several_lines_alike(
        lines in vec(prop_oneof![list_alphabet(), list_pieces()], 2..4),
    ) {
        lists_agree(&lines)?;
    }

    // The split may be inside quotes.
    #[test]
    fn the_oracle_reads_a_split_line_alike(
        text in prop_oneof![list_alphabet(), list_pieces()],
        cut in any::<prop::sample::Index>(),
    ) {
        let (first, second) = text.split_at(cut.index(text.len() + 1));
        lists_agree(&[first.to_vec(), second.to_vec()])?;
    }
}

/// Takes every string of up to five bytes of the alphabet.
#[test]
fn the_oracle_reads_every_short_line_alike() {
    let alphabet = b"\"W/*, \ta\\\xfc";
    let mut cases = 0_u32;
    for length in 0..=5_u32 {
        for number in 0..10_usize.pow(length) {
            let mut rest = number;
            let mut line = Vec::new();
            for _ in 0..length {
                line.push(alphabet[rest % 10]);
                rest /= 10;
            }
            // One field is enough: most strings are noise that differs only in where it goes wrong.
            let expected = TagField::read(std::slice::from_ref(&line));
            let headers = headers(&IF_MATCH, std::slice::from_ref(&line));
            let list = ConditionalFields::from_headers(&headers);
            let list = list.if_match().unwrap();
            let agrees = match (&expected, list.is_any()) {
                (TagField::Malformed, Err(_)) => list.to_tags().is_err(),
                (TagField::Any, Ok(any)) => any,
                (TagField::List(tags), Ok(false)) => {
                    let read = list.to_tags().unwrap();
                    read.len() == tags.len()
                        && read
                            .iter()
                            .zip(tags)
                            .all(|(read, tag)| read.as_header_value().as_bytes() == Tag::to_bytes(tag))
                }
                _ => false,
            };
            assert!(agrees, "{:?} is {expected:?}", header(&line));
            cases += 1;
        }
    }
    assert_eq!(cases, 111_111);
}
