//! A test for each sentence of §10.4.1 to §10.4.4 that the evaluation can show.

use http::HeaderValue;
use tower_precondition::{ResourceState, webdav::IfField};

use super::{OTHER, TOKEN, holds, state};

/// Makes a test of each row: the field, the tokens and the tag of the target, and the truth.
macro_rules! evaluates {
    ($($name:ident: $field:expr, $tokens:expr, $tag:expr => $holds:expr;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(holds($field, &state(&$tokens, $tag), &[]), $holds);
        }
    )*};
}

const TAG: Option<&str> = Some("\"a\"");
const NONE: Option<&str> = None;

evaluates! {
    rule_70_a_condition_is_true_if_the_resource_has_the_state: "(<urn:1>)", ["urn:1"], NONE => true;
    rule_70_a_condition_is_false_if_it_has_not: "(<urn:1>)", ["urn:2"], NONE => false;
    rule_70_not_reverses_a_condition: "(Not <urn:1>)", ["urn:2"], NONE => true;
    rule_70_not_reverses_a_true_condition: "(Not <urn:1>)", ["urn:1"], NONE => false;
    rule_70_not_applies_to_one_condition: "(Not <urn:1> <urn:2>)", ["urn:2"], NONE => true;
    rule_70_not_does_not_apply_to_the_next: "(Not <urn:1> <urn:2>)", [], NONE => false;
    rule_70_a_list_is_true_if_each_condition_is: "(<urn:1> [\"a\"])", ["urn:1"], TAG => true;
    rule_70_a_list_is_false_if_its_first_condition_is: "(<urn:2> [\"a\"])", ["urn:1"], TAG => false;
    rule_70_a_list_is_false_if_its_last_condition_is: "(<urn:1> [\"b\"])", ["urn:1"], TAG => false;
    rule_70_the_field_is_true_if_the_first_list_is: "(<urn:1>) (<urn:2>)", ["urn:1"], NONE => true;
    rule_70_the_field_is_true_if_the_last_list_is: "(<urn:2>) (<urn:1>)", ["urn:1"], NONE => true;
    rule_70_the_field_is_false_if_no_list_is_true: "(<urn:2>) (<urn:3>)", ["urn:1"], NONE => false;
    rule_72_a_tag_matches_the_current_one: "([\"a\"])", [], TAG => true;
    rule_72_a_tag_does_not_match_another: "([\"A\"])", [], TAG => false;
    rule_72_a_tag_does_not_match_a_resource_without_one: "([\"a\"])", [], NONE => false;
    rule_72_tags_compare_weakly: "([W/\"a\"])", [], TAG => true;
    rule_72_a_weak_current_tag_matches_too: "([\"a\"])", [], Some("W/\"a\"") => true;
    rule_72_a_tag_with_a_space_matches_nothing: "([\"a a\"])", [], TAG => false;
    rule_72_a_token_matches_exactly: "(<urn:a>)", ["urn:A"], NONE => false;
    rule_72_a_token_is_not_a_prefix: "(<urn:a>)", ["urn:a1"], NONE => false;
    rule_72_any_of_several_locks_matches: "(<urn:2>)", ["urn:1", "urn:2"], NONE => true;
    rule_72_two_shared_locks_match_together: "(<urn:1> <urn:2>)", ["urn:1", "urn:2"], NONE => true;
    no_lock_is_never_a_token: "(<DAV:no-lock>)", ["DAV:no-lock"], NONE => false;
    not_no_lock_is_always_true: "(Not <DAV:no-lock>)", ["DAV:no-lock"], NONE => true;
}

#[test]
fn rule_71_an_untagged_list_is_about_the_target() {
    let other = [("/other", state(&["urn:1"], None))];
    assert!(!holds("(<urn:1>)", &state(&[], None), &other));
    assert!(holds("(<urn:1>)", &state(&["urn:1"], None), &[]));
}

#[test]
fn rule_71_a_tag_applies_to_all_lists_up_to_the_next_tag() {
    let resources = [("/a", state(&["urn:1"], None)), ("/b", state(&["urn:2"], None))];
    let target = ResourceState::new();
    assert!(holds("</a> (<urn:9>) (<urn:1>)", &target, &resources));
    assert!(!holds("</a> (<urn:9>) (<urn:2>)", &target, &resources));
    assert!(holds("</a> (<urn:9>) </b> (<urn:2>)", &target, &resources));
    assert!(!holds("</a> (<urn:2>) </b> (<urn:1>)", &target, &resources));
}

#[test]
fn rule_71_an_untagged_list_is_short_for_one_tagged_with_the_target() {
    let target = state(&["urn:1"], Some("\"a\""));
    for list in ["(<urn:1>)", "(<urn:2>)", "(Not <urn:1> [\"a\"])", "([\"a\"])"] {
        let tagged = format!("</target> {list}");
        let resources = [("/target", target.clone())];
        assert_eq!(
            holds(list, &target, &[]),
            holds(&tagged, &ResourceState::unmapped(), &resources),
            "{list}"
        );
    }
}

#[test]
fn rule_73_an_unmapped_url_has_no_state() {
    let target = state(&["urn:1"], Some("\"a\""));
    for (field, expected) in [
        ("</unmapped> (<urn:1>)", false),
        ("</unmapped> ([\"a\"])", false),
        ("</unmapped> (Not <urn:1>)", true),
        ("</unmapped> (Not [\"a\"])", true),
    ] {
        assert_eq!(holds(field, &target, &[]), expected, "{field}");
        let told = [("/unmapped", ResourceState::unmapped())];
        assert_eq!(holds(field, &target, &told), expected, "{field}, told by the source");
    }
}

#[test]
fn rule_72_a_lock_can_cover_an_unmapped_url() {
    let covered = [("/new", ResourceState::unmapped().with_lock_token("urn:1"))];
    assert!(holds("</new> (<urn:1>)", &ResourceState::new(), &covered));
}

#[test]
fn rule_74_every_token_is_submitted() {
    let text = format!("</a> (<urn:1> [\"t\"]) (Not <DAV:no-lock>) </b> (Not <{TOKEN}> <{OTHER}>)");
    let value = HeaderValue::from_str(&text).unwrap();
    let tokens: Vec<_> = IfField::parse(&value).unwrap().tokens().collect();
    assert_eq!(tokens, ["urn:1", "DAV:no-lock", TOKEN, OTHER]);
}

#[test]
fn a_false_field_tells_the_first_failure() {
    let value = HeaderValue::from_static("</a> (<urn:1> [\"t\"]) </b> (Not <urn:2>)");
    let states = [state(&["urn:1"], None), state(&["urn:2"], None)];
    let field = IfField::parse(&value).unwrap();
    let failed =
        field.evaluate(|list| Some(&states[usize::from(list.resource() == Some("/b"))])).unwrap_err();
    assert_eq!((failed.list(), failed.resource()), (0, Some("/a")));
    assert_eq!(failed.condition().entity_tag(), Some(&b"\"t\""[..]));
    assert_eq!(failed.to_string(), "</a> [\"t\"]");
}

/// Makes a test of each row: the field, and whether a list that holds names a state of the target.
macro_rules! names_state {
    ($($name:ident: $field:expr => $names:expr;)*) => {$(
        #[test]
        fn $name() {
            let value = HeaderValue::from_static($field);
            let state = state(&["urn:1"], Some("\"a\""));
            assert_eq!(IfField::parse(&value).unwrap().evaluate(|_| Some(&state)).unwrap().names_state(), $names);
        }
    )*};
}

names_state! {
    a_token_names_a_state: "(<urn:1>)" => true;
    a_tag_names_a_state: "([\"a\"])" => true;
    a_token_beside_not_names_a_state: "(Not <urn:2> <urn:1>)" => true;
    not_alone_names_none: "(Not <DAV:no-lock>)" => false;
    two_nots_name_none: "(Not <urn:2> Not [\"b\"])" => false;
    a_list_that_fails_names_none: "(<urn:2>) (Not <DAV:no-lock>)" => false;
    a_later_list_takes_nothing_away: "(<urn:1>) (Not <DAV:no-lock>)" => true;
    a_later_list_can_name_it: "(Not <DAV:no-lock>) (<urn:1>)" => true;
}
