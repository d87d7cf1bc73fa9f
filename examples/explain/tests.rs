#![allow(clippy::unwrap_used, reason = "a panic is a test's way to fail")]

use tower_precondition::HttpDate;

use crate::{explanation::explain, question::Question};

fn ask(arguments: &[&str]) -> Result<String, String> {
    let now = "Thu, 01 Jan 2026 00:00:00 GMT".parse::<HttpDate>().unwrap();
    let question = Question::from_arguments(arguments.iter().map(|argument| (*argument).to_owned()))?;
    Ok(explain(&question, now))
}

/// Makes a test of each row, which compares the whole explanation.
macro_rules! explains {
    ($($name:ident: $arguments:expr => $expected:literal;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(ask(&$arguments).unwrap(), $expected);
        }
    )*};
}

explains! {
    rule_7_a_stale_write_is_412: ["PUT", "If-Match: \"1\"", "--etag", "\"2\""] =>
r#"The request is PUT, with
  If-Match: "1"
The current representation has
  ETag: "2"

1. If-Match is false: it does not name the current representation, by strong comparison
2. If-Unmodified-Since is not present
3. If-None-Match is not present
4. If-Modified-Since is not present
5. If-Range is not present
6. The request is not performed

412 Precondition Failed, because of If-Match
"#;

    decision_21_a_mode_is_named: [
        "GET", "If-Match: \"2-gzip\"", "Range: bytes=0-9", "--etag", "\"2\"", "--other-etag", "\"2-fr\"",
        "--suffixed-by-proxy", "-gzip",
    ] =>
r#"The request is GET, with
  If-Match: "2-gzip"
  Range: bytes=0-9
The current representation has
  ETag: "2"
  ETag: "2-fr", for another request

1. If-Match is true: it names the current representation, because a proxy appended a suffix to the tag; RFC 9110 would say false
2. If-Unmodified-Since is not present
3. If-None-Match is not present
4. If-Modified-Since is not present
5. If-Range is not present
6. The request is performed

The handler answers, without its Range
"#;

    rules_25_31_tags_override_dates: [
        "GET", "If-Match: *", "If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT", "If-None-Match: W/\"2\"",
        "If-Modified-Since: Sat, 05 Nov 1994 08:49:37 GMT", "--etag", "\"2\"",
        "--last-modified", "Sun, 06 Nov 1994 08:49:37 GMT",
    ] =>
r#"The request is GET, with
  If-Match: *
  If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT
  If-None-Match: W/"2"
  If-Modified-Since: Sat, 05 Nov 1994 08:49:37 GMT
The current representation has
  ETag: "2"
  Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT

1. If-Match is true: a representation exists
2. If-Unmodified-Since is ignored: If-Match stands beside it
3. If-None-Match is false: it names the current representation, by weak comparison
4. If-Modified-Since is ignored: an earlier condition decided
5. If-Range is not present
6. The request is not performed

304 Not Modified, because of If-None-Match
"#;

    rules_39_41_a_false_if_range_drops_the_range: [
        "GET", "Range: bytes=0-9", "If-Range: Sat, 05 Nov 1994 08:49:37 GMT",
        "--last-modified", "Sun, 06 Nov 1994 08:49:37 GMT",
    ] =>
r#"The request is GET, with
  If-Range: Sat, 05 Nov 1994 08:49:37 GMT
  Range: bytes=0-9
The current representation has
  Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT

1. If-Match is not present
2. If-Unmodified-Since is not present
3. If-None-Match is not present
4. If-Modified-Since is not present
5. If-Range is false: it is not a strong validator of the current representation
6. The request is performed

The handler answers, without its Range
"#;

    decision_4_a_malformed_list_on_a_write_is_400: ["PUT", "If-None-Match: *, \"a\""] =>
r#"The request is PUT, with
  If-None-Match: *, "a"
The current representation has no validator

Nothing is evaluated, since a write must not go by a field that cannot be read

400 Bad Request, because of If-None-Match: expected `*` alone or a list without it at offset 0, found `*`
"#;

    decision_4_a_malformed_list_on_a_read_matches_nothing: ["GET", "If-None-Match: a", "--etag", "\"a\""] =>
r#"The request is GET, with
  If-None-Match: a
The current representation has
  ETag: "a"

1. If-Match is not present
2. If-Unmodified-Since is not present
3. If-None-Match is true: malformed, it matches nothing (If-None-Match: expected an entity tag in double quotes at offset 0, found `a`)
4. If-Modified-Since is not present
5. If-Range is not present
6. The request is performed

The handler answers
"#;

    decision_2_a_delete_of_an_absent_resource_is_404: ["DELETE", "If-Match: \"1\"", "--absent"] =>
r#"The request is DELETE, with
  If-Match: "1"
No representation exists

1. If-Match is false: it does not name the current representation, by strong comparison
2. If-Unmodified-Since is not present
3. If-None-Match is not present
4. If-Modified-Since is not present
5. If-Range is not present
6. The request is not performed

404 Not Found, because of If-Match: nothing exists that could be deleted
"#;

    rule_70_a_true_if_leaves_the_rest_to_the_others: [
        "PUT", "If: (<urn:uuid:1> [\"2\"])", "If-Match: \"1\"", "--etag", "\"2\"", "--lock", "urn:uuid:1",
    ] =>
r#"The request is PUT, with
  If: (<urn:uuid:1> ["2"])
  If-Match: "1"
A lock covers it: urn:uuid:1
The current representation has
  ETag: "2"

0. If is true: all conditions of a list hold
1. If-Match is false: it does not name the current representation, by strong comparison
2. If-Unmodified-Since is not present
3. If-None-Match is not present
4. If-Modified-Since is not present
5. If-Range is not present
6. The request is not performed

412 Precondition Failed, because of If-Match
"#;

    rule_71_tagged_and_untagged_lists_do_not_mix: ["GET", "If: (<urn:uuid:1>) </other> ([\"2\"])"] =>
r#"The request is GET, with
  If: (<urn:uuid:1>) </other> (["2"])
The current representation has no validator

0. If is malformed, so nothing is evaluated

400 Bad Request, because of If: expected a list in `()` or the end, since the lists before have no resource tag at offset 15, found `<`
"#;

    rule_4_options_ignores_conditions: ["OPTIONS", "If-Match: \"1\"", "--etag", "\"2\""] =>
r#"The request is OPTIONS, with
  If-Match: "1"
The current representation has
  ETag: "2"

1. If-Match is ignored: it does not apply to this method
2. If-Unmodified-Since is not present
3. If-None-Match is not present
4. If-Modified-Since is not present
5. If-Range is not present
6. The request is performed

The handler answers
"#;
}

/// Makes a test of each row, which compares the last line of the explanation.
macro_rules! answers {
    ($($name:ident: $arguments:expr => $expected:literal;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(ask(&$arguments).unwrap().lines().last(), Some($expected));
        }
    )*};
}

answers! {
    rule_30_the_same_date_is_304:
        ["GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "--last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"]
        => "304 Not Modified, because of If-Modified-Since";
    rule_36_a_later_modification_is_412:
        ["PUT", "If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT", "--last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"]
        => "412 Precondition Failed, because of If-Unmodified-Since";
    rule_23_creating_an_existing_resource_is_412: ["PUT", "If-None-Match: *"]
        => "412 Precondition Failed, because of If-None-Match";
    rule_39_a_strong_date_keeps_the_range:
        ["GET", "Range: bytes=0-9", "If-Range: Sun, 06 Nov 1994 08:49:37 GMT", "--last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"]
        => "The handler answers, with its Range";
    rule_46_a_weak_date_drops_the_range:
        ["GET", "Range: bytes=0-9", "If-Range: Wed, 31 Dec 2025 23:59:59 GMT", "--last-modified", "Wed, 31 Dec 2025 23:59:59 GMT"]
        => "The handler answers, without its Range";
    rule_2_the_handler_answers_a_read_of_an_absent_resource: ["GET", "If-Match: *", "--absent"] => "The handler answers";
    rule_70_a_false_if_is_412_before_a_304:
        ["GET", "If: ([\"1\"])", "If-None-Match: \"2\"", "--etag", "\"2\""] => "412 Precondition Failed, because of If";
    rule_73_another_resource_is_unmapped:
        ["PUT", "If: </other> (Not [\"1\"])", "--etag", "\"1\""] => "The handler answers";
    rule_4_trace_ignores_if: ["TRACE", "If: ("] => "The handler answers";
    the_handler_answers_an_unconditional_request: ["POST"] => "The handler answers";
}

#[test]
fn an_error_names_the_wrong_argument() {
    for (arguments, expected) in [
        (&[][..], "expected a method, such as PUT"),
        (&["P T"], "expected a method, such as PUT, found `P T`"),
        (&["PUT", "If-Match"], "expected a line such as `If-Match: \"1\"`, found `If-Match`"),
        (&["PUT", "If Match: *"], "expected a line such as `If-Match: \"1\"`, found `If Match: *`"),
        (
            &["PUT", "If-Matched: *"],
            "expected one of If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, If-Range, If \
             and Range, found `If-Matched`",
        ),
        (&["PUT", "If-Match: \"\u{7}\""], "`If-Match: \"\u{7}\"`: failed to parse header value"),
        (&["PUT", "--etag"], "expected a value after --etag"),
        (&["PUT", "--etag", "2"], "`2`: expected an entity tag in double quotes at offset 0, found `2`"),
        (
            &["PUT", "--last-modified", "today"],
            "`today`: expected a date such as `Sun, 06 Nov 1994 08:49:37 GMT`",
        ),
        (&["PUT", "--missing"], "no such option: --missing"),
        (&["PUT", "--absent", "--etag", "\"1\""], "--absent: what does not exist has neither tag nor date"),
    ] {
        assert_eq!(ask(arguments).unwrap_err(), expected, "{arguments:?}");
    }
}
