//! Entity tags (§8.8.3, rules 47 and 48).

use http::HeaderValue;
use tower_precondition::{Condition::IfMatch, EntityTag, Validators};

use super::case::{fails, not_modified, proceeds, rules, tagged};

#[test]
fn rule_47_a_weak_tag_starts_with_w() {
    let weak = EntityTag::weak("v1").unwrap();
    assert!(weak.is_weak());
    assert_eq!(weak.to_string(), r#"W/"v1""#);
    let strong = EntityTag::strong("v1").unwrap();
    assert!(!strong.is_weak());
    assert_eq!(strong.to_string(), r#""v1""#);
    assert!(EntityTag::from_static(r#"W/"v1""#).is_weak());
    assert!(!EntityTag::from_static(r#""v1""#).is_weak());
    // `W/` inside the quotes does not make a tag weak.
    assert!(!EntityTag::strong("W/").unwrap().is_weak());
}

#[test]
fn rule_47_the_w_is_case_sensitive() {
    for text in [r#"w/"v1""#, r#"W"v1""#, r#"/"v1""#, r#"W /"v1""#, r#"W/ "v1""#, r#"W/W/"v1""#, "W/v1", "W/"]
    {
        assert!(text.parse::<EntityTag>().is_err(), "{text}");
    }
}

rules! {
    rule_47_a_lower_case_w_is_malformed: ["PUT"] { "if-match": r#"w/"v1", "v1""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
}

#[test]
fn rule_48_tags_are_compared_byte_by_byte() {
    let tag = |text: &[u8]| EntityTag::try_from(HeaderValue::from_bytes(text).unwrap()).unwrap();
    // (one, other, strong, weak)
    let table: [(&[u8], &[u8], bool, bool); 9] = [
        (b"\"1\"", b"\"1\"", true, true),
        (b"W/\"1\"", b"W/\"1\"", false, true),
        (b"W/\"1\"", b"W/\"2\"", false, false),
        (b"W/\"1\"", b"\"1\"", false, true),
        (b"\"a\"", b"\"A\"", false, false),
        (b"\"\"", b"\"\"", true, true),
        (b"\"a\\b\"", b"\"ab\"", false, false),
        (b"\"\xfc\"", b"\"\xfc\"", true, true),
        (b"\"\xfc\"", b"\"\xdc\"", false, false),
    ];
    for (one, other, strong, weak) in table {
        assert_eq!(tag(one).strong_eq(&tag(other)), strong, "{one:?} and {other:?}");
        assert_eq!(tag(other).strong_eq(&tag(one)), strong, "{other:?} and {one:?}");
        assert_eq!(tag(one).weak_eq(&tag(other)), weak, "{one:?} and {other:?}");
        assert_eq!(tag(other).weak_eq(&tag(one)), weak, "{other:?} and {one:?}");
    }
}

#[test]
fn rule_48_a_tag_holds_etagc_and_nothing_else() {
    for byte in 0..=u8::MAX {
        let allowed = byte == b'!' || (b'#'..=b'~').contains(&byte) || byte >= 0x80;
        assert_eq!(EntityTag::strong([byte]).is_ok(), allowed, "{byte:#04x}");
        assert_eq!(EntityTag::weak([byte]).is_ok(), allowed, "{byte:#04x}");
        if let Ok(value) = HeaderValue::from_bytes(&[b'"', byte, b'"']) {
            assert_eq!(EntityTag::try_from(&value).is_ok(), allowed, "{byte:#04x}");
            assert_eq!(EntityTag::try_from(value).is_ok(), allowed, "{byte:#04x}");
        }
    }
    assert_eq!(EntityTag::strong("").unwrap().to_string(), r#""""#);
    for text in [
        "",
        "\"",
        "v1",
        "\"v1",
        "v1\"",
        "\"v 1\"",
        "\"v\"1\"",
        " \"v1\"",
        "\"v1\" ",
        "'v1'",
        "*",
        "\"a\", \"b\"",
    ] {
        assert!(text.parse::<EntityTag>().is_err(), "{text}");
        let value = HeaderValue::from_static(text);
        assert!(EntityTag::try_from(&value).is_err(), "{text}");
        assert!(EntityTag::try_from(value).is_err(), "{text}");
    }
}

rules! {
    rule_48_a_comma_in_quotes_does_not_end_a_tag: ["PUT"] { "if-match": r#""a,b", "c;d""# }
        against tagged(r#""a,b""#) => proceeds().holds(IfMatch);
    rule_48_half_of_a_tag_with_a_comma_does_not_match: ["PUT"] { "if-match": r#""a,b""# }
        against tagged(r#""a""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_the_comma_between_two_tags_is_not_a_tag: ["PUT"] { "if-match": r#""a","b","c""# }
        against tagged(r#"",""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_a_semicolon_may_stand_in_quotes: ["GET"] { "if-none-match": r#""c;d""# }
        against tagged(r#""c;d""#) => not_modified();
    rule_48_a_backslash_is_no_escape: ["PUT"] { "if-match": r#""a\", "b""# }
        against tagged(r#""b""#) => proceeds().holds(IfMatch);
    rule_48_a_backslash_is_part_of_the_tag: ["PUT"] { "if-match": r#""a\""# }
        against tagged(r#""a\""#) => proceeds().holds(IfMatch);
    rule_48_obs_text_matches_itself: ["GET"] { "if-none-match": b"\"\xfc\"" }
        against Some(Validators::new().with_etag(EntityTag::strong(b"\xfc").unwrap())) => not_modified();
    rule_48_case_matters: ["PUT"] { "if-match": r#""V1""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_a_space_in_quotes_is_malformed: ["PUT"] { "if-match": r#""v1", "a b""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_two_tags_without_a_comma_are_malformed: ["PUT"] { "if-match": r#""v1" "v2""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_the_empty_tag_is_a_tag: ["GET"] { "if-none-match": r#""""# }
        against tagged(r#""""#) => not_modified();
}
