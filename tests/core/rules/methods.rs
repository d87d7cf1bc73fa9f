//! Which methods the conditions apply to, and what does not exist (rules 2 and 4 to 6).

use tower_precondition::{
    Condition::{IfMatch, IfModifiedSince, IfNoneMatch, IfRange, IfUnmodifiedSince},
    precondition::Ignored::{self, NoRepresentation},
};

use super::case::{BEFORE, EQUAL, absent, fails, not_modified, proceeds, rules, tagged_and_dated};

rules! {
    rule_4_connect_options_and_trace_ignore_every_condition: ["CONNECT" "OPTIONS" "TRACE"] {
        "if-match": r#""v2""#,
        "if-none-match": "*",
        "if-modified-since": EQUAL,
        "if-unmodified-since": BEFORE,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against tagged_and_dated() => proceeds()
        .range(false)
        .ignores(IfMatch, Ignored::Method)
        .ignores(IfNoneMatch, Ignored::Method)
        .ignores(IfModifiedSince, Ignored::Method)
        .ignores(IfUnmodifiedSince, Ignored::Method)
        .ignores(IfRange, Ignored::Method);
    rule_4_they_ignore_conditions_on_a_missing_resource: ["CONNECT" "OPTIONS" "TRACE"] {
        "if-match": "*",
        "if-unmodified-since": BEFORE,
    } against absent() => proceeds()
        .range(false)
        .ignores(IfMatch, Ignored::Method)
        .ignores(IfUnmodifiedSince, Ignored::Method);
    rule_4_they_ignore_malformed_fields: ["CONNECT" "OPTIONS" "TRACE"] {
        "if-match": "v1",
        "if-none-match": "v1",
    } against tagged_and_dated() => proceeds()
        .ignores(IfMatch, Ignored::Method)
        .ignores(IfNoneMatch, Ignored::Method);
    rule_5_head_evaluates_a_tag_as_get_does: ["GET" "HEAD"] { "if-none-match": r#""v1""# }
        against tagged_and_dated() => not_modified().refutes(IfNoneMatch);
    rule_5_head_evaluates_a_date_as_get_does: ["GET" "HEAD"] { "if-modified-since": EQUAL }
        against tagged_and_dated() => not_modified().refutes(IfModifiedSince);
    rule_5_head_fails_as_get_does: ["GET" "HEAD"] { "if-match": r#""v2""# }
        against tagged_and_dated() => fails(IfMatch).range(false).refutes(IfMatch);
    rule_6_query_evaluates_a_tag_as_get_does: ["GET" "QUERY"] { "if-none-match": r#""v1""# }
        against tagged_and_dated() => not_modified().refutes(IfNoneMatch);
    rule_6_query_evaluates_a_date_as_get_does: ["GET" "QUERY"] { "if-modified-since": EQUAL }
        against tagged_and_dated() => not_modified().refutes(IfModifiedSince);
    rule_6_query_keeps_its_range_as_get_does: ["GET" "QUERY"] { "if-range": r#""v1""#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(true).holds(IfRange);
    rule_6_query_loses_its_range_as_get_does: ["GET" "QUERY"] { "if-range": r#""v2""#, "range": "bytes=0-1" }
        against tagged_and_dated() => proceeds().range(false).refutes(IfRange);
    // Method names are case-sensitive, so these are unknown methods.
    rule_6_only_capitals_spell_query: ["query" "Query"] { "if-none-match": r#""v1""# }
        against tagged_and_dated() => fails(IfNoneMatch).range(false);
}

rules! {
    rule_2_a_read_of_a_missing_resource_ignores_every_condition: ["GET" "HEAD" "QUERY"] {
        "if-match": r#""v1""#,
        "if-none-match": "*",
        "if-modified-since": EQUAL,
        "if-unmodified-since": BEFORE,
        "if-range": r#""v1""#,
        "range": "bytes=0-1",
    } against absent() => proceeds()
        .range(false)
        .ignores(IfMatch, NoRepresentation)
        .ignores(IfNoneMatch, NoRepresentation)
        .ignores(IfModifiedSince, NoRepresentation)
        .ignores(IfUnmodifiedSince, NoRepresentation)
        .ignores(IfRange, NoRepresentation);
    rule_2_a_read_of_a_missing_resource_keeps_its_range: ["GET" "QUERY"] {
        "if-match": r#""v1""#,
        "range": "bytes=0-1",
    } against absent() => proceeds().range(true).ignores(IfMatch, NoRepresentation);
}
