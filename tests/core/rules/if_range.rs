//! If-Range (§13.1.5, rules 37 to 43).

use tower_precondition::{
    Condition::{IfMatch, IfRange},
    precondition::Ignored::NoRange,
};

use super::case::{
    AFTER, BEFORE, BEFORE_1970, EQUAL, MODIFIED, dated, proceeds, rules, strongly_dated, tagged,
    tagged_and_dated,
};

rules! {
    rule_37_it_is_ignored_without_range: ["GET" "QUERY"] { "if-range": r#""v2""# }
        against tagged_and_dated() => proceeds().ignores(IfRange, NoRange);
    rule_39_a_weak_date_is_false: ["GET" "QUERY"] { "if-range": EQUAL, "range": "bytes=0-1" }
        against dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_39_an_equal_strong_date_is_true: ["GET" "QUERY"] { "if-range": EQUAL, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(true).holds(IfRange);
    rule_39_a_later_date_is_false: ["GET" "QUERY"] { "if-range": AFTER, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_39_an_earlier_date_is_false: ["GET" "QUERY"] { "if-range": BEFORE, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_39_a_date_is_false_without_a_modification_date: ["GET" "QUERY"] { "if-range": EQUAL, "range": "bytes=0-1" }
        against tagged(r#""v1""#) => proceeds().range(false).refutes(IfRange);
    rule_39_an_equal_date_before_1970_is_true: ["GET"] { "if-range": BEFORE_1970, "range": "bytes=0-1" }
        against strongly_dated(-1) => proceeds().range(true).holds(IfRange);
    rule_40_an_equal_strong_tag_is_true: ["GET" "QUERY"] { "if-range": r#""v1""#, "range": "bytes=0-1" }
        against tagged(r#""v1""#) => proceeds().range(true).holds(IfRange);
    rule_40_a_weak_tag_in_the_field_is_false: ["GET" "QUERY"] { "if-range": r#"W/"v1""#, "range": "bytes=0-1" }
        against tagged(r#""v1""#) => proceeds().range(false).refutes(IfRange);
    rule_40_a_weak_current_tag_is_false: ["GET" "QUERY"] { "if-range": r#""v1""#, "range": "bytes=0-1" }
        against tagged(r#"W/"v1""#) => proceeds().range(false).refutes(IfRange);
    rule_40_two_weak_tags_are_false: ["GET" "QUERY"] { "if-range": r#"W/"v1""#, "range": "bytes=0-1" }
        against tagged(r#"W/"v1""#) => proceeds().range(false).refutes(IfRange);
    rule_40_a_tag_is_false_without_a_current_tag: ["GET" "QUERY"] { "if-range": r#""v1""#, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_41_false_removes_the_range_and_nothing_else: ["GET"] {
        "if-match": r#""v1""#,
        "if-range": r#""v2""#,
        "range": "bytes=0-1",
    } against tagged(r#""v1""#) => proceeds().range(false).holds(IfMatch).refutes(IfRange);
    rule_42_a_quote_first_is_a_tag: ["GET"] { "if-range": r#""Sun, 06 Nov""#, "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    rule_42_a_tag_of_one_character_is_a_tag: ["GET"] { "if-range": r#""a""#, "range": "bytes=0-1" }
        against tagged(r#""a""#) => proceeds().range(true).holds(IfRange);
    rule_42_an_empty_tag_is_a_tag: ["GET"] { "if-range": r#""""#, "range": "bytes=0-1" }
        against tagged(r#""""#) => proceeds().range(true).holds(IfRange);
    rule_42_rfc_850_is_a_date: ["GET"] {
        "if-range": "Sunday, 06-Nov-94 08:49:37 GMT",
        "range": "bytes=0-1",
    } against strongly_dated(MODIFIED) => proceeds().range(true).holds(IfRange);
    rule_42_asctime_is_a_date: ["GET"] { "if-range": "Sun Nov  6 08:49:37 1994", "range": "bytes=0-1" }
        against strongly_dated(MODIFIED) => proceeds().range(true).holds(IfRange);
    rule_43_a_lone_quote_is_false: ["GET" "QUERY"] { "if-range": "\"", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_an_open_quote_is_false: ["GET" "QUERY"] { "if-range": r#""v1"#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_a_bare_word_is_false: ["GET" "QUERY"] { "if-range": "v1", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_an_empty_value_is_false: ["GET" "QUERY"] { "if-range": "", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_any_is_false: ["GET" "QUERY"] { "if-range": "*", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_a_list_is_false: ["GET" "QUERY"] { "if-range": r#""v1", "v1""#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_two_lines_are_false: ["GET" "QUERY"] {
        "if-range": r#""v1""#,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_a_lower_case_w_is_false: ["GET" "QUERY"] { "if-range": r#"w/"v1""#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    rule_43_obs_text_is_false: ["GET" "QUERY"] { "if-range": b"\xfc", "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
}
