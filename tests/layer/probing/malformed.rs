//! An ETag or Last-Modified of the service that cannot be read: the 501 says that it is malformed, and how.

use tower_precondition::Rejection;

use super::{Resource, layer, through};
use crate::support::{EARLIER, LATER, MODIFIED, request};

/// `the lines of the answer to HEAD, the condition => what the 501 says`
macro_rules! malformed {
    ($($name:ident: [$($answered:literal: $with:expr),*], $field:literal: $value:expr => $told:literal;)*) => {$(
        #[test]
        fn $name() {
            let resource = Resource::whose_head_is(200, &[$(($answered, $with)),*]);
            let answer = through(layer(), &resource, request("PUT", &[($field, $value)])).expect("an answer");
            assert_eq!(answer.status(), 501);
            let problem: serde_json::Value = serde_json::from_str(answer.body()).expect("problem details");
            let told = concat!("the precondition of this write cannot be evaluated: ", $told);
            assert_eq!(problem["detail"], told);
            let rejection = answer.extensions().get::<Rejection>().expect("it says why");
            assert_eq!(rejection.to_string(), told);
        }
    )*};
}

malformed! {
    a_tag_without_quotes: ["etag": "v1"], "if-match": "\"v1\""
        => "the ETag of the current representation is malformed: expected an entity tag in double quotes at offset 0, found `v`";
    a_tag_without_its_closing_quote: ["etag": "\"v1"], "if-none-match": "\"v1\""
        => "the ETag of the current representation is malformed: expected the closing quote of the entity tag at offset 3, found the end";
    a_tag_with_a_small_w: ["etag": "w/\"v1\""], "if-match": "\"v1\""
        => "the ETag of the current representation is malformed: expected an entity tag in double quotes at offset 0, found `w`";
    a_tag_with_something_behind_it: ["etag": "\"a\", \"b\""], "if-match": "\"a\""
        => "the ETag of the current representation is malformed: expected the end of the entity tag at offset 3, found `,`";
    a_tag_that_begins_beyond_ascii: ["etag": "\u{e9}"], "if-match": "\"v1\""
        => "the ETag of the current representation is malformed: expected an entity tag in double quotes at offset 0, found octet 0xC3";
    an_empty_tag: ["etag": ""], "if-match": "\"v1\""
        => "the ETag of the current representation is malformed: expected an entity tag in double quotes at offset 0, found the end";
    several_tags: ["etag": "\"v1\"", "etag": "\"v1\""], "if-match": "\"v1\""
        => "the ETag of the current representation is malformed: expected one line with one entity tag, found several lines";
    a_date_in_another_form: ["last-modified": "1994-11-06"], "if-unmodified-since": LATER
        => "the Last-Modified of the current representation is malformed: expected a date such as `Sun, 06 Nov 1994 08:49:37 GMT`";
    several_dates: ["last-modified": MODIFIED, "last-modified": MODIFIED], "if-unmodified-since": EARLIER
        => "the Last-Modified of the current representation is malformed: expected one line with one date, found several lines";
    a_date_beside_a_malformed_tag: ["etag": "v1"], "if-unmodified-since": EARLIER
        => "the current representation has no modification date to compare with";
    a_tag_beside_a_malformed_date: ["last-modified": "1994"], "if-match": "\"v1\""
        => "the current representation has no entity tag to compare with";
}

/// Existence needs no validator.
#[test]
fn rule_14_a_malformed_tag_is_still_a_representation() {
    let resource = Resource::whose_head_is(200, &[("etag", "v1")]);
    let put =
        |field, value| through(layer(), &resource, request("PUT", &[(field, value)])).expect("an answer");
    assert_eq!(put("if-match", "*").status(), 200);
    assert_eq!(put("if-none-match", "*").status(), 412);
}

/// A read is evaluated as if the tag were missing. A HEAD may lack the tag, so If-Match is then not evaluated.
#[test]
fn a_read_is_evaluated_without_a_malformed_tag() {
    let resource = Resource::whose_head_is(200, &[("etag", "v1"), ("last-modified", MODIFIED)]);
    let get =
        |field, value| through(layer(), &resource, request("GET", &[(field, value)])).expect("an answer");
    assert_eq!(get("if-modified-since", MODIFIED).status(), 304);
    assert_eq!(get("if-none-match", "\"v1\"").status(), 200);
    assert_eq!(get("if-match", "*").status(), 200);
    let unevaluated = get("if-match", "\"v1\"");
    assert_eq!(unevaluated.status(), 200);
    assert!(unevaluated.headers().contains_key("x-answer"), "the service answers");
}
