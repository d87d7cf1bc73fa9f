//! Lists over several lines, empty members and the errors of malformed lists (rules 15, 51 and 52).

use http::Method;
use tower_precondition::{
    Condition::{IfMatch, IfNoneMatch},
    ConditionalFields, EntityTag,
};

use super::case::{fails, headers, not_modified, proceeds, rules, tagged};

rules! {
    rule_51_the_second_line_counts: ["PUT"] { "if-match": r#""a""#, "if-match": r#""v1""# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_51_the_second_line_counts_for_if_none_match: ["GET"] {
        "if-none-match": r#""a""#,
        "if-none-match": r#""b", "v1""#,
    } against tagged(r#""v1""#) => not_modified();
    rule_51_the_second_line_counts_against_a_write: ["PUT"] {
        "if-none-match": r#""a""#,
        "if-none-match": r#""v1""#,
    } against tagged(r#""v1""#) => fails(IfNoneMatch);
    rule_51_other_fields_between_the_lines_do_not_matter: ["PUT"] {
        "if-match": r#""a""#,
        "accept": "*/*",
        "if-match": r#""v1""#,
    } against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_51_one_malformed_line_makes_the_list_malformed: ["PUT"] {
        "if-match": r#""v1""#,
        "if-match": "v1",
    } against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_51_a_tag_cannot_continue_on_the_next_line: ["PUT"] { "if-match": r#""v1"#, "if-match": r#"v1""# }
        against tagged(r#""v1,v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_52_empty_members_do_not_count: ["PUT"] { "if-match": r#", ,, "a" ,	, "v1",,"# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_52_empty_lines_do_not_count: ["PUT"] { "if-match": "", "if-match": r#""v1""#, "if-match": "," }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_52_commas_alone_are_an_empty_list: ["PUT"] { "if-match": ", ,," }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_52_commas_alone_match_nothing: ["PUT" "GET"] { "if-none-match": ", ,," }
        against tagged(r#""v1""#) => proceeds().holds(IfNoneMatch);
}

#[test]
fn rule_51_the_tags_of_all_lines_are_one_list() {
    let headers = headers(&[
        ("if-match", br#""a", W/"b""#),
        ("if-none-match", br#""z""#),
        ("if-match", b""),
        ("if-match", br#" "c,d""#),
    ]);
    let fields = ConditionalFields::from_headers(&headers);
    let list = fields.if_match().unwrap();
    let tags: Vec<String> = list.to_tags().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(tags, [r#""a""#, r#"W/"b""#, r#""c,d""#]);
    assert!(!list.is_any().unwrap());
    assert!(list.strong_match(&EntityTag::from_static(r#""c,d""#)).unwrap());
    assert!(!list.strong_match(&EntityTag::from_static(r#""b""#)).unwrap());
    assert!(list.weak_match(&EntityTag::from_static(r#""b""#)).unwrap());
    assert!(!list.weak_match(&EntityTag::from_static(r#""z""#)).unwrap());
    assert!(fields.check(&Method::PUT).is_ok());
}

#[test]
fn rule_52_a_thousand_empty_members_are_still_a_list() {
    let value = format!("{}\"v1\"{}", ",".repeat(500), " ,\t".repeat(500));
    let headers = headers(&[("if-match", value.as_bytes())]);
    let fields = ConditionalFields::from_headers(&headers);
    assert!(fields.check(&Method::PUT).is_ok());
    assert_eq!(fields.if_match().unwrap().to_tags().unwrap().len(), 1);
}

#[test]
fn rule_15_the_error_names_the_field_and_the_position() {
    for (name, condition) in [("if-match", IfMatch), ("if-none-match", IfNoneMatch)] {
        for (value, offset) in [
            (&b"v1"[..], 0),
            (b"\"a\", v1", 5),
            (b"\"a b\"", 2),
            (b"\"a", 2),
            (b"\"a\" \"b\"", 4),
            (b"\"a\", *", 5),
        ] {
            let headers = headers(&[(name, b"\"fine\""), (name, value)]);
            let fields = ConditionalFields::from_headers(&headers);
            let error = fields.check(&Method::PUT).unwrap_err();
            assert_eq!(error.condition(), condition);
            assert_eq!(error.line(), 1, "{error}");
            assert_eq!(error.offset(), offset, "{error}");
            assert_eq!(error.found(), value.get(offset).copied(), "{error}");
        }
    }
}
