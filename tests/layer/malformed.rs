//! Decision 4: malformed input refuses a write, and matches nothing on a read.

use tower_precondition::{PreconditionLayer, RejectionKind, precondition::MalformedField};

use crate::{
    answers,
    support::{By::Handler, By::Layer, EARLIER, LATER, current, never_asked, request, send},
};

answers! {
    decision_4_if_match_without_quotes_is_400: "PUT" ["if-match": "1"], current() => Layer(400);
    decision_4_if_match_without_a_tag_is_400_on_post: "POST" ["if-match": "\"1"], current() => Layer(400);
    decision_4_if_match_is_400_on_an_unknown_method: "LOCK" ["if-match": "?"], current() => Layer(400);
    decision_4_if_none_match_is_400: "PATCH" ["if-none-match": "*, \"1\""], current() => Layer(400);
    decision_4_one_bad_member_spoils_the_list: "DELETE" ["if-match": "\"1\", 1"], current() => Layer(400);
    decision_4_one_bad_line_spoils_the_list: "PUT" ["if-match": "\"1\"", "if-match": "1"], current() => Layer(400);

    decision_4_if_match_matches_nothing_on_get: "GET" ["if-match": "\"1\", 1"], current() => Layer(412);
    decision_4_if_none_match_matches_nothing_on_get: "GET" ["if-none-match": "\"1\", 1"], current() => Handler;
    decision_4_if_none_match_matches_nothing_on_head: "HEAD" ["if-none-match": "\"1"], current() => Handler;
    decision_4_if_none_match_matches_nothing_on_query: "QUERY" ["if-none-match": "*, *"], current() => Handler;
    decision_4_if_none_match_shadows_its_date:
        "GET" ["if-none-match": "1", "if-modified-since": LATER], current() => Handler;
    decision_4_if_match_shadows_its_date:
        "GET" ["if-match": "1", "if-unmodified-since": LATER], current() => Layer(412);

    decision_4_an_invalid_date_is_ignored_on_writes: "PUT" ["if-unmodified-since": "1994-11-06"], current() => Handler;
    decision_4_an_invalid_date_is_ignored_on_reads: "GET" ["if-modified-since": "yesterday"], current() => Handler;
    decision_4_several_lines_of_a_date_are_ignored:
        "PUT" ["if-unmodified-since": EARLIER, "if-unmodified-since": EARLIER], current() => Handler;
}

#[test]
fn decision_4_the_rejection_names_the_field_the_offset_and_the_expected_syntax() {
    let fields = [("if-none-match", "\"a\""), ("if-none-match", "\"b\", W/c")];
    let answer = send(PreconditionLayer::new(never_asked), request("PUT", &fields));
    assert_eq!(answer.by(), Layer(400));

    let rejection = answer.rejection().expect("a 400 has its rejection beside it");
    assert_eq!(rejection.kind(), RejectionKind::MalformedField);
    let field: &MalformedField = rejection.malformed_field().expect("a malformed field");
    assert_eq!((field.line(), field.offset()), (1, 7));
    assert_eq!(field.expected(), "an entity tag in double quotes");

    let problem = answer.problem();
    assert_eq!(problem["condition"], "If-None-Match");
    assert_eq!(problem["line"], 1);
    assert_eq!(problem["offset"], 7);
    assert_eq!(problem["expected"], "an entity tag in double quotes");
    assert_eq!(problem["provided"], "\"a\", \"b\", W/c");
}

#[test]
fn decision_4_if_match_is_named_before_if_none_match() {
    let fields = [("if-none-match", "a"), ("if-match", "b")];
    let answer = send(PreconditionLayer::new(never_asked), request("PUT", &fields));
    assert_eq!(answer.problem()["condition"], "If-Match");
}
