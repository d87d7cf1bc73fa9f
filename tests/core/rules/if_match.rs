//! If-Match (§13.1.1, rules 13 to 19).

use tower_precondition::Condition::IfMatch;

use super::case::{MODIFIED, absent, bare, dated, fails, proceeds, rules, tagged, tagged_and_dated};

rules! {
    rule_13_strong_tags_match: ["PUT"] { "if-match": r#""v1""# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_13_a_weak_tag_in_the_field_does_not_match: ["PUT" "GET"] { "if-match": r#"W/"v1""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_13_a_weak_current_tag_does_not_match: ["PUT" "GET"] { "if-match": r#""v1""# }
        against tagged(r#"W/"v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_13_two_weak_tags_do_not_match: ["PUT" "GET"] { "if-match": r#"W/"v1""# }
        against tagged(r#"W/"v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_14_any_is_true_if_the_resource_exists: ["PUT" "DELETE" "GET"] { "if-match": "*" }
        against tagged_and_dated() => proceeds().holds(IfMatch);
    rule_14_any_is_true_without_a_tag_or_a_date: ["PUT" "PATCH" "POST" "DELETE" "GET" "HEAD" "QUERY"] {
        "if-match": "*",
    } against bare() => proceeds().holds(IfMatch);
    rule_14_any_is_true_with_a_weak_tag: ["PUT"] { "if-match": "*" }
        against tagged(r#"W/"v1""#) => proceeds().holds(IfMatch);
    rule_14_any_is_false_on_a_missing_resource: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] { "if-match": "*" }
        against absent() => fails(IfMatch).refutes(IfMatch);
    rule_15_a_list_is_true_if_its_last_member_matches: ["PUT"] { "if-match": r#""a", W/"v1", "v1""# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    rule_15_a_list_without_the_tag_is_false: ["PUT"] { "if-match": r#""a", "b""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_15_a_list_is_false_without_a_current_tag: ["PUT" "GET"] { "if-match": r#""v1""# }
        against dated(MODIFIED) => fails(IfMatch).refutes(IfMatch);
    rule_15_a_list_is_false_on_a_missing_resource: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-match": r#""v1""#,
    } against absent() => fails(IfMatch).refutes(IfMatch);
    rule_15_an_empty_list_is_false: ["PUT" "GET"] { "if-match": "" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_15_an_empty_tag_is_not_an_empty_list: ["PUT"] { "if-match": r#""""# }
        against tagged(r#""""#) => proceeds().holds(IfMatch);
    rule_18_a_get_with_another_tag_fails: ["GET" "HEAD" "QUERY"] { "if-match": r#""v2""# }
        against tagged(r#""v1""#) => fails(IfMatch).range(false);
    rule_18_a_get_with_the_tag_proceeds: ["GET" "QUERY"] { "if-match": r#""v1""#, "range": "bytes=0-1" }
        against tagged(r#""v1""#) => proceeds().range(true).holds(IfMatch);
    rule_19_any_beside_a_tag_is_malformed: ["PUT" "GET"] { "if-match": r#"*, "v1""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_a_tag_beside_any_is_malformed: ["PUT" "GET"] { "if-match": r#""v1", *"# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_on_another_line_is_malformed: ["PUT" "GET"] { "if-match": r#""v1""#, "if-match": "*" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_twice_is_malformed: ["PUT" "GET"] { "if-match": "*", "if-match": "*" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_beside_an_empty_line_is_malformed: ["PUT" "GET"] { "if-match": "*", "if-match": "" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_beside_a_comma_is_malformed: ["PUT" "GET"] { "if-match": "*," }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_any_after_a_comma_is_malformed: ["PUT" "GET"] { "if-match": ", *" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_19_an_asterisk_in_quotes_is_a_tag: ["PUT"] { "if-match": r#""*""# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
}
