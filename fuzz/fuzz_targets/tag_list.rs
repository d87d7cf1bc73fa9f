//! Reads arbitrary bytes as a list of tags. The reading ends, every question agrees on the syntax, and
//! the oracle finds the same tags.
#![no_main]

use http::{HeaderMap, HeaderValue, Method, header::HeaderName};
use libfuzzer_sys::fuzz_target;
use precondition_oracle::{Tag, TagField};
use tower_precondition::{Condition, ConditionalFields, EntityTag, precondition::TagList};

// Each line of the input is a line of the field, because a field value holds no line break.
fuzz_target!(|input: &[u8]| {
    let lines: Vec<_> =
        input.split(|octet| *octet == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    for condition in [Condition::IfMatch, Condition::IfNoneMatch] {
        let headers = field(condition.field(), &lines);
        let preconditions = ConditionalFields::from_headers(&headers);
        let Some(list) = list_of(&preconditions, condition) else {
            assert!(lines.is_empty());
            continue;
        };
        assert_eq!(preconditions.check(&Method::PUT).is_ok(), list.is_any().is_ok());
        answers_agree(list, &lines);
        if let Ok(tags) = list.to_tags() {
            reads_what_it_writes(condition, &tags);
        }
    }
});

fn tag_of(tag: &EntityTag) -> Tag {
    Tag::parse(tag.as_header_value().as_bytes()).expect("an EntityTag is an entity tag")
}

fn field(name: HeaderName, lines: &[HeaderValue]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name.clone(), line.clone());
    }
    headers
}

fn list_of<'a>(preconditions: &ConditionalFields<'a>, condition: Condition) -> Option<TagList<'a>> {
    match condition {
        Condition::IfMatch => preconditions.if_match(),
        _ => preconditions.if_none_match(),
    }
}

/// Compares the answer to every question with the oracle.
fn answers_agree(list: TagList<'_>, lines: &[HeaderValue]) {
    let other = EntityTag::from_static("\"a\"");
    let bytes: Vec<Vec<u8>> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
    match TagField::read(&bytes) {
        TagField::Absent => panic!("the field has lines"),
        TagField::Malformed => {
            let error = list.is_any().expect_err("the oracle finds it malformed");
            assert_eq!(list.to_tags().expect_err("as is_any"), error);
            assert_eq!(list.strong_match(&other), Err(error));
            assert_eq!(list.weak_match(&other), Err(error));
            let line = lines.get(error.line()).expect("the error is in a line that is there");
            assert_eq!(line.as_bytes().get(error.offset()).copied(), error.found());
            assert!(!error.to_string().is_empty());
        }
        TagField::Any => {
            assert_eq!(list.is_any(), Ok(true));
            assert!(list.to_tags().is_ok_and(|tags| tags.is_empty()));
            assert_eq!(list.strong_match(&other), Ok(false));
            assert_eq!(list.weak_match(&other), Ok(false));
        }
        TagField::List(expected) => {
            assert_eq!(list.is_any(), Ok(false));
            let tags = list.to_tags().expect("the oracle finds tags");
            let read: Vec<Tag> = tags.iter().map(tag_of).collect();
            assert_eq!(read, expected);
            for tag in tags.iter().chain([&other]) {
                let own = tag_of(tag);
                assert_eq!(
                    list.strong_match(tag),
                    Ok(expected.iter().any(|listed| listed.strong_match(&own)))
                );
                assert_eq!(list.weak_match(tag), Ok(expected.iter().any(|listed| listed.weak_match(&own))));
            }
        }
    }
}

/// The crate reads the tags again as it wrote them, on one line and each alone.
fn reads_what_it_writes(condition: Condition, tags: &[EntityTag]) {
    let octets: Vec<&[u8]> = tags.iter().map(|tag| tag.as_header_value().as_bytes()).collect();
    let line = HeaderValue::from_bytes(&octets.join(&b", "[..])).expect("tags and commas");
    let headers = field(condition.field(), &[line]);
    let preconditions = ConditionalFields::from_headers(&headers);
    let again = list_of(&preconditions, condition).map(|list| list.to_tags());
    let again = again.expect("the field is there").expect("printed tags are tags");
    assert!(tags.iter().map(tag_of).eq(again.iter().map(tag_of)));

    for tag in tags {
        let parsed = EntityTag::try_from(tag.as_header_value().clone()).expect("it was printed as a tag");
        assert_eq!(parsed.as_header_value(), tag.as_header_value());
        if tag.as_header_value().as_bytes().is_ascii() {
            let parsed: EntityTag = tag.to_string().parse().expect("it is ASCII, so shown as it is");
            assert_eq!(parsed.as_header_value(), tag.as_header_value());
        }
    }
}
