//! Cases that published servers and libraries got wrong. The number is that of the rule they broke.

use tower_precondition::{
    Condition::{IfMatch, IfNoneMatch, IfRange, IfUnmodifiedSince},
    precondition::Ignored::NoModificationDate,
};

use super::case::{
    BEFORE_1970, EQUAL, IN_THE_FUTURE, MODIFIED, bare, dated, fails, not_modified, proceeds, rules,
    strongly_dated, tagged, tagged_and_dated,
};

rules! {
    // They read only the first field line (Go's file server, tower-http's ServeDir).
    rule_51_others_read_only_the_first_line: ["PUT" "DELETE"] {
        "if-match": r#""old""#,
        "if-match": r#""v1""#,
    } against tagged(r#""v1""#) => proceeds().holds(IfMatch);
    // They answer `*` from "has a tag" instead of "exists" (Django, Spring, ServeDir).
    rule_14_others_require_a_tag: ["PUT" "GET"] { "if-match": "*" }
        against dated(MODIFIED) => proceeds().holds(IfMatch);
    rule_21_others_require_a_tag: ["PUT"] { "if-none-match": "*" }
        against dated(MODIFIED) => fails(IfNoneMatch);
    // They drop a malformed field and perform the write (Django, actix, dav-server).
    rule_15_others_drop_a_bare_word: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH" "GET"] { "if-match": "v1" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_15_others_drop_an_open_quote: ["PUT" "DELETE"] { "if-match": r#""v1"# }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_15_others_drop_obs_text: ["PUT" "DELETE"] { "if-match": b"\xff" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_23_others_drop_a_malformed_if_none_match: ["PUT" "PATCH" "POST" "DELETE" "PROPPATCH"] {
        "if-none-match": "v1",
    } against tagged(r#""v2""#) => fails(IfNoneMatch).refutes(IfNoneMatch);
    // They split at commas inside quotes (actix, Cowboy, Express, object_store).
    rule_48_others_split_commas_in_quotes: ["GET"] { "if-none-match": r#""x", "a,b""# }
        against tagged(r#""a,b""#) => not_modified();
    // They evaluate If-Modified-Since beside If-None-Match (nginx, Apache, warp, ASP.NET, Rails).
    rule_25_others_evaluate_the_date_too: ["GET" "HEAD"] {
        "if-modified-since": IN_THE_FUTURE,
        "if-none-match": r#""v2""#,
    } against tagged_and_dated() => proceeds();
    // They evaluate If-Unmodified-Since beside If-Match (nginx, Apache, poem, Jersey).
    rule_31_others_evaluate_the_date_too: ["PUT" "DELETE"] {
        "if-unmodified-since": BEFORE_1970,
        "if-match": r#""v1""#,
    } against tagged_and_dated() => proceeds();
    // They answer 412 if there is no modification date (nginx, Django, warp).
    rule_33_others_fail_without_a_date: ["PUT" "DELETE" "GET"] { "if-unmodified-since": EQUAL }
        against bare() => proceeds().ignores(IfUnmodifiedSince, NoModificationDate);
    // They ignore If-Range, so a client joins parts of two versions (ServeDir, poem, Tornado, aiohttp).
    rule_41_others_ignore_if_range: ["GET"] { "if-range": r#""v0""#, "range": "bytes=100-" }
        against tagged(r#""v1""#) => proceeds().range(false).refutes(IfRange);
    // They accept any date at or after Last-Modified (headers, Werkzeug, Akka, send).
    rule_39_others_accept_a_later_date: ["GET"] { "if-range": IN_THE_FUTURE, "range": "bytes=100-" }
        against strongly_dated(MODIFIED) => proceeds().range(false).refutes(IfRange);
    // They panic on a lone quote (dav-server, headers, warp, ServeDir).
    rule_48_others_panic_on_a_lone_quote: ["PUT" "GET"] { "if-match": "\"" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_others_panic_on_a_lone_weak_quote: ["PUT" "GET"] { "if-match": "W/\"" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    rule_48_others_panic_on_a_lone_w: ["PUT" "GET"] { "if-match": "W" }
        against tagged(r#""v1""#) => fails(IfMatch).refutes(IfMatch);
    // They panic on a date before 1970 (dav-server, headers, warp, ServeDir).
    rule_36_others_panic_on_a_date_before_1970: ["PUT" "GET"] {
        "if-unmodified-since": "Sat, 01 Jan 0000 00:00:00 GMT",
    } against dated(MODIFIED) => fails(IfUnmodifiedSince);
    rule_36_others_panic_on_a_file_from_before_1970: ["PUT" "GET"] { "if-unmodified-since": EQUAL }
        against dated(-62_135_596_800) => proceeds().holds(IfUnmodifiedSince);
    // They reject empty list members (Tomcat).
    rule_52_others_refuse_empty_members: ["PUT"] { "if-match": r#","v1","# }
        against tagged(r#""v1""#) => proceeds().holds(IfMatch);
}
