//! The examples of §10.4.6 to §10.4.11.
//!
//! Some of their entity tags contain spaces, which no tag of RFC 9110 does. Such a field is read, and its tags match
//! nothing; beside it stands the same example with other tags.

use tower_precondition::ResourceState;

use super::{OTHER, TOKEN, holds, state};

#[test]
fn section_10_4_6_a_token_and_a_tag_or_another_tag() {
    let sent = format!("(<{TOKEN}> [\"I am an ETag\"]) ([\"I am another ETag\"])");
    assert!(!holds(&sent, &state(&[TOKEN], Some("\"an\"")), &[]));

    let field = format!("(<{TOKEN}> [\"an\"]) ([\"another\"])");
    for (tokens, tag, expected) in [
        (&[TOKEN][..], "\"an\"", true),
        (&[], "\"another\"", true),
        (&[OTHER], "\"another\"", true),
        (&[], "\"an\"", false),
        (&[OTHER], "\"an\"", false),
        (&[TOKEN], "\"third\"", false),
    ] {
        assert_eq!(holds(&field, &state(tokens, Some(tag)), &[]), expected, "{tokens:?} {tag}");
    }
}

#[test]
fn section_10_4_7_not() {
    let field = format!("(Not <{TOKEN}> <{OTHER}>)");
    for (tokens, expected) in
        [(&[OTHER][..], true), (&[TOKEN, OTHER], false), (&[TOKEN], false), (&[], false)]
    {
        assert_eq!(holds(&field, &state(tokens, None), &[]), expected, "{tokens:?}");
    }
}

#[test]
fn section_10_4_8_a_condition_that_is_always_true() {
    let field = format!("(<{TOKEN}>) (Not <DAV:no-lock>)");
    for tokens in [&[TOKEN][..], &[OTHER], &[]] {
        assert!(holds(&field, &state(tokens, None), &[]), "{tokens:?}");
    }
    assert!(holds(&field, &ResourceState::unmapped(), &[]));
}

#[test]
fn section_10_4_9_a_tagged_list_in_copy() {
    let sent = format!("</resource1> (<{TOKEN}> [W/\"A weak ETag\"]) ([\"strong ETag\"])");
    assert!(!holds(&sent, &ResourceState::new(), &[("/resource1", state(&[TOKEN], Some("W/\"weak\"")))]));

    let field = format!("</resource1> (<{TOKEN}> [W/\"weak\"]) ([\"strong\"])");
    for (tokens, tag, expected) in [
        (&[TOKEN][..], "W/\"weak\"", true),
        (&[], "\"strong\"", true),
        (&[], "W/\"weak\"", false),
        (&[TOKEN], "\"third\"", false),
    ] {
        let resources = [("/resource1", state(tokens, Some(tag)))];
        assert_eq!(holds(&field, &ResourceState::unmapped(), &resources), expected, "{tokens:?} {tag}");
    }
}

#[test]
fn section_10_4_10_the_lock_of_a_collection() {
    let field = format!("<http://www.example.com/specs/> (<{TOKEN}>)");
    let specs = |tokens: &[&'static str]| [("http://www.example.com/specs/", state(tokens, None))];
    let file = state(&[], None);
    assert!(holds(&field, &file, &specs(&[TOKEN])));
    assert!(!holds(&field, &file, &specs(&[OTHER])), "if `/specs/` has another lock");
    assert!(!holds(&field, &state(&[TOKEN], None), &specs(&[])), "the file's own lock does not count");
}

#[test]
fn section_10_4_11_tags_on_unmapped_urls() {
    let specs = ResourceState::new();
    assert!(!holds("</specs/rfc2518.doc> ([\"4217\"])", &specs, &[]));
    assert!(holds("</specs/rfc2518.doc> (Not [\"4217\"])", &specs, &[]));
    assert!(!holds("</specs/rfc2518.doc> (<urn:uuid:1>)", &specs, &[]), "the same for state tokens");
    assert!(holds("</specs/rfc2518.doc> (Not <urn:uuid:1>)", &specs, &[]));
}
