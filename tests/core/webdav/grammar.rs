//! The grammar of §10.4.2: what is read, and where a malformed field is malformed.

use http::HeaderValue;
use tower_precondition::webdav::IfField;

use super::headers;

/// Makes a test of each row: the field, and the field in its usual form.
macro_rules! reads {
    ($($name:ident: $field:expr => $printed:expr;)*) => {$(
        #[test]
        fn $name() {
            let value = HeaderValue::from_str($field).unwrap();
            assert_eq!(IfField::parse(&value).unwrap().to_string(), $printed);
        }
    )*};
}

reads! {
    one_token: "(<urn:x>)" => "(<urn:x>)";
    one_tag: "([\"a\"])" => "([\"a\"])";
    a_weak_tag: "([W/\"a\"])" => "([W/\"a\"])";
    a_tag_with_spaces_as_in_rfc_2616: "([\"I am an ETag\"])" => "([\"I am an ETag\"])";
    a_tag_with_brackets_in_it: "([\")]<>(\"])" => "([\")]<>(\"])";
    an_empty_tag: "([\"\"])" => "([\"\"])";
    several_conditions: "(<urn:x> [\"a\"] Not <urn:y>)" => "(<urn:x> [\"a\"] Not <urn:y>)";
    not_has_no_case: "(not <urn:x> NOT [\"a\"] nOt<urn:y>)" => "(Not <urn:x> Not [\"a\"] Not <urn:y>)";
    no_space_is_needed: "(Not<urn:x>[\"a\"]Not[\"b\"])(<urn:y>)" => "(Not <urn:x> [\"a\"] Not [\"b\"]) (<urn:y>)";
    spaces_and_tabs_anywhere: " \t( \tNot\t <urn:x> ) \t (\t[\"a\"])  " => "(Not <urn:x>) ([\"a\"])";
    rule_71_a_tagged_list: "</a> (<urn:x>)" => "</a> (<urn:x>)";
    rule_71_tagged_lists: "</a>(<urn:x>)([\"a\"])</b>(<urn:y>)" => "</a> (<urn:x>) ([\"a\"]) </b> (<urn:y>)";
    a_path_with_a_query: "</a%20b;c?d=/e?> (<urn:x>)" => "</a%20b;c?d=/e?> (<urn:x>)";
    the_root: "</> (<urn:x>)" => "</> (<urn:x>)";
    an_absolute_uri: "<http://[::1]:80/a> (<urn:x>)" => "<http://[::1]:80/a> (<urn:x>)";
    a_uri_of_another_scheme: "<urn:a:b> (<urn:x>)" => "<urn:a:b> (<urn:x>)";
    a_token_of_any_scheme: "(<opaquelocktoken:1?x> <DAV:no-lock> <a+b-c.1:>)"
        => "(<opaquelocktoken:1?x> <DAV:no-lock> <a+b-c.1:>)";
}

/// Makes a test of each row: the field, and the offset, what was expected there, and what was found.
macro_rules! refuses {
    ($($name:ident: $field:expr => $offset:expr, $expected:expr, $found:expr;)*) => {$(
        #[test]
        fn $name() {
            let value = HeaderValue::from_str($field).unwrap();
            let error = IfField::parse(&value).unwrap_err();
            let found: Option<char> = error.found().map(char::from);
            assert_eq!((error.line(), error.offset(), error.expected(), found), (0, $offset, $expected, $found));
        }
    )*};
}

const START: &str = "a list in `()` or a resource in `<>`";
const LIST: &str = "a list in `()`";
const CONDITION: &str = "`Not`, a state token in `<>` or an entity tag in `[]`";
const MORE: &str = "`Not`, a state token in `<>`, an entity tag in `[]` or `)`";
const STATE: &str = "a state token in `<>` or an entity tag in `[]`";
const UNTAGGED_END: &str = "a list in `()` or the end, since the lists before have no resource tag";
const TAGGED_END: &str = "a list in `()`, a resource in `<>` or the end";
const RESOURCE: &str = "an absolute URI or an absolute path";
const URI: &str = "an absolute URI";
const ANGLE: &str = "a character of a URI or `>`";
const TAG: &str = "an entity tag in double quotes";
const QUOTE: &str = "the closing quote of the entity tag";

refuses! {
    an_empty_field: "" => 0, START, None;
    white_space_alone: " \t" => 2, START, None;
    a_token_without_a_list: "<urn:x>" => 7, LIST, None;
    an_unclosed_token: "(<x" => 2, URI, Some('x');
    an_unclosed_uri: "(<urn:x" => 7, ANGLE, None;
    an_empty_list: "()" => 1, CONDITION, Some(')');
    not_alone: "(Not)" => 4, STATE, Some(')');
    not_twice: "(Not Not <urn:x>)" => 5, STATE, Some('N');
    not_at_the_end: "(Not" => 4, STATE, None;
    another_word: "(No <urn:x>)" => 1, CONDITION, Some('N');
    an_unclosed_list: "(<urn:x>" => 8, MORE, None;
    a_list_that_only_opens: "(" => 1, CONDITION, None;
    a_list_in_a_list: "((<urn:x>))" => 1, CONDITION, Some('(');
    a_second_closing_parenthesis: "(<urn:x>))" => 9, UNTAGGED_END, Some(')');
    a_comma_between_lists: "(<urn:x>), (<urn:y>)" => 9, UNTAGGED_END, Some(',');
    a_comma_between_conditions: "(<urn:x>,<urn:y>)" => 8, MORE, Some(',');
    a_resource_without_a_list: "</a>" => 4, LIST, None;
    a_resource_without_its_list: "</a> </b> (<urn:x>)" => 5, LIST, Some('<');
    rule_71_a_tag_behind_an_untagged_list: "(<urn:x>) </a> (<urn:y>)" => 10, UNTAGGED_END, Some('<');
    a_resource_without_a_list_at_the_end: "</a> (<urn:x>) </b>" => 19, LIST, None;
    junk_behind_a_tagged_list: "</a> (<urn:x>) x" => 15, TAGGED_END, Some('x');
    a_relative_resource: "<a> (<urn:x>)" => 1, RESOURCE, Some('a');
    a_resource_of_a_network_path: "<//host/a> (<urn:x>)" => 2, RESOURCE, Some('/');
    an_empty_resource: "<> (<urn:x>)" => 1, RESOURCE, Some('>');
    a_token_that_is_a_path: "(</a>)" => 2, URI, Some('/');
    an_empty_token: "(<>)" => 2, URI, Some('>');
    a_token_with_a_space: "(<urn:x y>)" => 7, ANGLE, Some(' ');
    a_token_with_a_fragment: "(<urn:x#y>)" => 7, ANGLE, Some('#');
    a_space_before_a_token: "(< urn:x>)" => 2, URI, Some(' ');
    a_half_percent_encoding: "(<urn:%4>)" => 8, "a hexadecimal digit", Some('>');
    a_half_percent_encoding_in_the_authority: "<http://h%?41b> (<urn:x>)" => 10, "a hexadecimal digit", Some('?');
    a_resource_with_a_bracket: "</[a]> (<urn:x>)" => 2, ANGLE, Some('[');
    a_bracket_behind_the_authority: "<http://h/[> (<urn:x>)" => 10, ANGLE, Some('[');
    an_unquoted_tag: "([a])" => 2, TAG, Some('a');
    a_star: "([*])" => 2, TAG, Some('*');
    a_weak_tag_in_small_letters: "([w/\"a\"])" => 2, TAG, Some('w');
    a_weak_tag_without_a_tag: "([W/a])" => 4, TAG, Some('a');
    an_unclosed_tag: "([\"a])" => 6, QUOTE, None;
    an_unclosed_bracket: "([\"a\")" => 5, "`]`", Some(')');
    a_space_behind_the_bracket: "([ \"a\"])" => 2, TAG, Some(' ');
    a_space_before_the_bracket: "([\"a\" ])" => 5, "`]`", Some(' ');
    two_tags_in_a_bracket: "([\"a\"\"b\"])" => 5, "`]`", Some('"');
}

#[test]
fn two_lines_are_malformed_even_if_each_is_right() {
    let headers = headers(&["(<urn:x>)", "(<urn:y>)"]);
    let error = IfField::from_headers(&headers).unwrap().unwrap_err();
    assert_eq!((error.line(), error.offset(), error.found()), (1, 0, Some(b'(')));
    assert_eq!(error.to_string(), "If, line 2: expected one line of the field at offset 0, found `(`");
}

#[test]
fn an_absent_field_is_none() {
    assert!(IfField::from_headers(&headers(&[])).is_none());
}

#[test]
fn a_condition_says_where_it_stands() {
    let value = HeaderValue::from_static("(<urn:x> Not [W/\"a\"])");
    let field = IfField::parse(&value).unwrap();
    let [list] = field.lists().collect::<Vec<_>>()[..] else { panic!("one list") };
    let [token, tag] = list.conditions().collect::<Vec<_>>()[..] else { panic!("two conditions") };
    assert_eq!((token.offset(), token.token(), token.is_negated()), (1, Some("urn:x"), false));
    assert_eq!((tag.offset(), tag.entity_tag(), tag.is_negated()), (9, Some(&b"W/\"a\""[..]), true));
    assert_eq!((token.entity_tag(), tag.token()), (None, None));
    assert_eq!(tag.to_string(), "Not [W/\"a\"]");
}
