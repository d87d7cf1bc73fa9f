//! If-None-Match (§13.1.2, rules 20 to 24).

use tower_precondition::Condition::IfNoneMatch;

use super::case::{
    MODIFIED, absent, bare, dated, fails, not_modified, proceeds, rules, tagged, tagged_and_dated,
};

rules! {
    rule_20_two_weak_tags_match: ["GET"] { "if-none-match": r#"W/"v1""# }
        against tagged(r#"W/"v1""#) => not_modified();
    rule_20_a_weak_tag_matches_a_strong_one: ["GET"] { "if-none-match": r#"W/"v1""# }
        against tagged(r#""v1""#) => not_modified();
    rule_20_a_strong_tag_matches_a_weak_one: ["GET"] { "if-none-match": r#""v1""# }
        against tagged(r#"W/"v1""#) => not_modified();
    rule_20_writes_compare_weakly_too: ["PUT"] { "if-none-match": r#"W/"v1""# }
        against tagged(r#""v1""#) => fails(IfNoneMatch).refutes(IfNoneMatch);
    rule_21_any_is_true_on_a_missing_resource: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-none-match": "*",
    } against absent() => proceeds().holds(IfNoneMatch);
    rule_21_any_is_false_without_a_tag_or_a_date: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-none-match": "*",
    } against bare() => fails(IfNoneMatch).refutes(IfNoneMatch);
    rule_21_any_is_false_for_reads: ["GET" "HEAD" "QUERY"] { "if-none-match": "*" }
        against bare() => not_modified().refutes(IfNoneMatch);
    rule_22_a_list_is_false_if_its_last_member_matches: ["GET"] { "if-none-match": r#""a", "b", "v1""# }
        against tagged(r#""v1""#) => not_modified().refutes(IfNoneMatch);
    rule_22_a_list_without_the_tag_is_true: ["GET" "PUT"] { "if-none-match": r#""a", "b""# }
        against tagged(r#""v1""#) => proceeds().holds(IfNoneMatch);
    rule_22_a_list_is_true_without_a_current_tag: ["GET" "PUT"] { "if-none-match": r#""v1""# }
        against dated(MODIFIED) => proceeds().holds(IfNoneMatch);
    rule_22_a_list_is_true_on_a_missing_resource: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-none-match": r#""v1""#,
    } against absent() => proceeds().holds(IfNoneMatch);
    rule_22_an_empty_list_is_true: ["GET" "PUT"] { "if-none-match": "" }
        against tagged(r#""v1""#) => proceeds().holds(IfNoneMatch);
    rule_23_false_answers_304_to_get_and_head: ["GET" "HEAD"] { "if-none-match": "*" }
        against tagged_and_dated() => not_modified();
    rule_23_false_answers_412_to_the_others: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] { "if-none-match": "*" }
        against tagged_and_dated() => fails(IfNoneMatch);
    rule_24_any_beside_a_tag_matches_nothing_on_reads: ["GET" "HEAD" "QUERY"] { "if-none-match": r#"*, "v1""# }
        against tagged(r#""v1""#) => proceeds().holds(IfNoneMatch);
    rule_24_any_beside_a_tag_fails_writes: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-none-match": r#""v1", *"#,
    } against tagged(r#""v2""#) => fails(IfNoneMatch).refutes(IfNoneMatch);
    rule_24_any_twice_fails_writes_to_a_missing_resource: ["POST" "PUT" "PATCH" "DELETE" "PROPPATCH"] {
        "if-none-match": "*, *",
    } against absent() => fails(IfNoneMatch).refutes(IfNoneMatch);
    rule_24_any_on_two_lines_is_malformed: ["PUT"] { "if-none-match": "*", "if-none-match": "*" }
        against absent() => fails(IfNoneMatch).refutes(IfNoneMatch);
}
