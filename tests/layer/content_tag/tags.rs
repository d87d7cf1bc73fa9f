//! The input of a tag: different input gives a different tag.

use bytes::Bytes;
use tower_precondition::{EntityTag, EntityTagLayer};

use super::{answer, response, tag_of};
use crate::support::bodies::{Script, Step, all_of, data, trailers};

fn whole(text: &'static str) -> Script {
    Script::known([data(text)])
}

/// Another implementation of BLAKE3 computed the expected tags from the input in the comments below.
#[test]
fn the_hash_is_blake3_over_fields_and_content() {
    // 0 lines of Content-Type, 0 of Content-Encoding, and then the hash of `text`. Each number is in LEB128, which is
    // one byte here.
    assert_eq!(tag_of(&[], whole("text")), PLAIN);
    // 1 line of 10 bytes, `text/plain`; 2 lines, one of 4, `gzip`, and one of 2, `br`; then the same hash.
    let fields = [("content-type", "text/plain"), ("content-encoding", "gzip"), ("content-encoding", "br")];
    assert_eq!(tag_of(&fields, whole("text")), CODED);
    // 1 line of 205 bytes, so its length is two bytes, 0xcd and 0x01; then 0 lines, and the same hash.
    let long = format!("text/{}", "x".repeat(200));
    assert_eq!(tag_of(&[("content-type", &long)], whole("text")), LONG);
}

const PLAIN: &str = "\"210a06feb25aa063ed591c895204e437cb2f18e23a5a272ae2a2b3b4db5dcf4e\"";
const CODED: &str = "\"fca3cef29caa36b719269e7968faffca58babb4295e6a554d5913af6e1234b40\"";
const LONG: &str = "\"d99e561385341f7efe3cce61d0b32821fc3aa75171c6c572b3ce7fdc7ca8eadb\"";

#[test]
fn the_tag_is_strong() {
    let tag: EntityTag = tag_of(&[], whole("text")).parse().expect("an entity tag");
    assert!(!tag.is_weak());
    assert!(tag.strong_eq(&tag));
}

/// Lines of fields: a name and a value each.
type Fields<'a> = &'a [(&'a str, &'a str)];

/// All responses differ in the input of a tag, and most of them in one byte or only in its place.
#[test]
fn rule_49_different_content_type_or_coding_is_a_different_tag() {
    const TYPE: &str = "content-type";
    const CODING: &str = "content-encoding";
    let responses: [(&str, Fields, &'static str); 17] = [
        ("no content", &[], ""),
        ("a byte that is zero", &[], "\0"),
        ("content", &[], "text"),
        ("other content", &[], "texT"),
        ("an empty type", &[(TYPE, "")], ""),
        ("two empty types", &[(TYPE, ""), (TYPE, "")], ""),
        ("an empty coding", &[(CODING, "")], ""),
        ("a type", &[(TYPE, "text/plain")], "text"),
        ("another type", &[(TYPE, "text/html")], "text"),
        ("the type's end in the content", &[(TYPE, "text/")], "plaintext"),
        ("the content in the type", &[(TYPE, "text/plaintext")], ""),
        ("the type in two lines", &[(TYPE, "text/"), (TYPE, "plain")], "text"),
        ("the same cut elsewhere", &[(TYPE, "text/p"), (TYPE, "lain")], "text"),
        ("a coding", &[(CODING, "gzip")], "text"),
        ("the coding as a type", &[(TYPE, "gzip")], "text"),
        ("two codings", &[(CODING, "gzip"), (CODING, "br")], "text"),
        ("two codings, the other way", &[(CODING, "br"), (CODING, "gzip")], "text"),
    ];
    let tags = responses.map(|(name, fields, content)| (name, tag_of(fields, whole(content))));
    for (at, (name, tag)) in tags.iter().enumerate() {
        for (other, other_tag) in tags.iter().skip(at + 1) {
            assert_ne!(tag, other_tag, "{name}, {other}");
        }
    }
}

#[test]
fn other_fields_and_trailers_are_not_covered() {
    let tag = tag_of(&[], whole("text"));
    assert_eq!(tag_of(&[("date", "now"), ("content-language", "en")], whole("text")), tag);
    assert_eq!(tag_of(&[], Script::known([data("text"), trailers("x-checksum", "1")])), tag);
}

#[test]
fn a_query_has_the_tag_of_a_get() {
    let tag = |method| {
        answer(EntityTagLayer::new(), method, response(200, &[], whole("text"))).tag().map(str::to_owned)
    };
    assert_eq!(tag("QUERY"), tag("GET"));
}

#[test]
fn frames_are_not_copied() {
    let frame = Bytes::from(vec![b'x'; 1000]);
    let body = Script::known([Step::Data(frame.clone())]);
    let answer = answer(EntityTagLayer::new(), "GET", response(200, &[], body));
    assert!(answer.tag().is_some());
    let moments = all_of(answer.body);
    let Some(Step::Data(sent)) = moments.first().and_then(|moment| moment.given.as_ref()) else {
        panic!("no frame of data: {moments:?}");
    };
    assert_eq!(sent.as_ptr(), frame.as_ptr());
}
