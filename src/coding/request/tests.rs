#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use std::time::{Duration, Instant};

use http::{
    HeaderMap, HeaderValue, Method,
    header::{
        ACCEPT_ENCODING, FROM, HOST, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
        IF_UNMODIFIED_SINCE, RANGE,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{SentTags, TagOf304, decode_headers};
use crate::{
    coding::tag::encode,
    precondition::{Condition, ConditionalFields, Decision, MethodKind, Outcome, evaluate},
    validator::{EntityTag, Validators},
};

fn header(text: impl AsRef<[u8]>) -> HeaderValue {
    HeaderValue::from_bytes(text.as_ref()).expect("a field value")
}

fn tag(text: &str) -> EntityTag {
    EntityTag::try_from(header(text)).expect("an entity tag")
}

/// A request with these lines of one field, between others.
fn request(name: &HeaderName, lines: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.append(HOST, header("a~gzip"));
    lines.iter().for_each(|line| _ = headers.append(name, header(line)));
    headers.append(FROM, header("a~gzip"));
    headers
}

/// A request for a range with these lines of one field.
fn ranged(name: &HeaderName, lines: &[&[u8]]) -> HeaderMap {
    let mut headers = request(name, lines);
    headers.append(RANGE, header("bytes=0-0"));
    headers
}

fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a [u8]> {
    headers.get_all(name).into_iter().map(HeaderValue::as_bytes).collect()
}

/// Decodes the lines of a list. The result is the same in both fields and for every method.
fn decoded_list(sent: &[&[u8]]) -> Vec<Vec<u8>> {
    let decoded = [IF_MATCH, IF_NONE_MATCH].map(|name| {
        [MethodKind::Selects, MethodKind::Changes].map(|kind| {
            let mut headers = request(&name, sent);
            let kept = decode_headers(&mut headers, kind);
            if name == IF_MATCH || kind == MethodKind::Changes || sent.is_empty() {
                assert!(kept.is_none(), "it gets no 304, or names nothing");
            }
            assert_eq!(headers.len(), sent.len() + 2);
            assert_eq!((&headers[HOST], &headers[FROM]), (&header("a~gzip"), &header("a~gzip")));
            lines(&headers, &name).into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>()
        })
    });
    let [[one, other], more] = decoded;
    assert_eq!([&one, &one, &one], [&other, &more[0], &more[1]]);
    one
}

macro_rules! lists {
    ($($name:ident: [$($sent:expr),*] => [$($meant:expr),*];)*) => {$(
        #[test]
        fn $name() {
            let sent: &[&[u8]] = &[$($sent.as_ref()),*];
            let meant: &[&[u8]] = &[$($meant.as_ref()),*];
            assert_eq!(decoded_list(sent), meant);
        }
    )*};
}

lists! {
    rule_49_a_coded_tag_means_its_state: [r#""v~gzip""#] => [r#""v""#];
    rule_49_a_plain_tag_stays: [r#""v""#] => [r#""v""#];
    rule_49_several_codings_are_one_suffix: [r#""v~gzip+br""#] => [r#""v""#];
    rule_49_a_coding_that_nobody_knows: [r#""v~x.new-1%7e""#] => [r#""v""#];
    rule_49_the_last_suffix_goes: [r#""v~gzip~br""#] => [r#""v~gzip""#];
    rule_49_a_tag_that_looks_coded_comes_back: [r#""v~gzip~identity""#] => [r#""v~gzip""#];
    rule_49_a_tag_that_looks_uncoded_comes_back: [r#""v~identity~identity""#] => [r#""v~identity""#];
    rule_49_nothing_behind_the_mark_stays: [r#""v~""#] => [r#""v~""#];
    rule_49_marks_alone_stay: [r#""~~""#] => [r#""~~""#];
    rule_49_marks_before_a_suffix_stay: [r#""~~~gzip""#] => [r#""~~""#];
    rule_49_capitals_are_no_suffix: [r#""v~GZIP""#] => [r#""v~GZIP""#];
    rule_49_an_empty_tag: [r#""~gzip""#] => [r#""""#];
    rule_49_a_weak_empty_tag: [r#"W/"~gzip""#] => [r#"W/"""#];
    rule_49_what_is_empty_stays: [r#""", W/"""#] => [r#""", W/"""#];
    rule_49_a_coded_tag_that_was_weakened: [r#"W/"v~gzip""#] => [r#"W/"v""#];
    rule_48_commas_and_backslashes_in_tags: [r#""a,b~gzip","\~br","~gzip,""#] => [r#""a,b", "\", "~gzip,""#];
    rule_48_obs_text_in_tags: [b"\"\xfc~gzip\", \"~\xfc\""] => [b"\"\xfc\", \"~\xfc\""];
    rule_51_each_line_stays_a_line: [r#""a~br""#, r#""b" ,"c""#, r#""d~br","e""#]
        => [r#""a""#, r#""b" ,"c""#, r#""d", "e""#];
    rule_52_empty_members_stay_where_nothing_changes: [r#", "a",, "b" ,"#] => [r#", "a",, "b" ,"#];
    rule_52_empty_members_of_a_changed_line_go: [r#", "a~br",, "b" ,"#, ","] => [r#""a", "b""#, ","];
    rule_14_star_stays: ["*"] => ["*"];
    rule_14_star_in_white_space_stays: [" * "] => [" * "];
    rule_19_star_beside_a_tag_is_malformed: [r#"*, "v~gzip""#] => [r#"*, "v~gzip""#];
    rule_19_star_on_another_line_is_malformed: [r#""v~gzip""#, "*"] => [r#""v~gzip""#, "*"];
    decision_4_malformed_stays: [r#""v~gzip", v"#] => [r#""v~gzip", v"#];
    decision_4_malformed_on_another_line_stays: [r#""v~gzip""#, r#""v"#] => [r#""v~gzip""#, r#""v"#];
    decision_4_two_tags_without_a_comma_stay: [r#""v~gzip" "w""#] => [r#""v~gzip" "w""#];
    decision_4_a_lower_case_w_stays: [r#"w/"v~gzip""#] => [r#"w/"v~gzip""#];
    decision_4_no_quotes_stay: ["v~gzip"] => ["v~gzip"];
    an_empty_field_stays: [""] => [""];
    an_absent_field_stays: [] => [];
}

#[test]
fn each_field_is_decoded_by_itself() {
    let (coded, malformed) = ("\"v~br\"", "\"v~br\", x");
    for (well_formed, other) in [(IF_MATCH, IF_NONE_MATCH), (IF_NONE_MATCH, IF_MATCH)] {
        let mut headers = request(&well_formed, &[coded.as_bytes()]);
        headers.append(&other, header(malformed));
        let kept = decode_headers(&mut headers, MethodKind::Selects);
        let kept = kept.map_or(0, |kept| kept.lines.len());
        assert_eq!(kept, usize::from(well_formed == IF_NONE_MATCH));
        assert_eq!(headers[well_formed], "\"v\"");
        assert_eq!(headers[other], malformed);
    }
}

#[test]
fn what_does_not_look_coded_is_not_even_copied() {
    let mut headers = ranged(&IF_NONE_MATCH, &[b"\"c~\""]);
    headers.append(IF_MATCH, header("\"a\""));
    headers.append(IF_RANGE, header("\"a\""));
    let places =
        |headers: &HeaderMap| headers.values().map(|line| line.as_bytes().as_ptr()).collect::<Vec<_>>();
    let before = places(&headers);
    assert!(decode_headers(&mut headers, MethodKind::Selects).is_none());
    assert_eq!(places(&headers), before);
}

#[test]
fn secrets_stay_secret() {
    let mut headers = HeaderMap::new();
    for name in [IF_MATCH, IF_NONE_MATCH, IF_RANGE] {
        let mut secret = header("\"v~gzip\"");
        secret.set_sensitive(true);
        headers.append(name, secret);
    }
    decode_headers(&mut headers, MethodKind::Selects);
    assert!(headers.values().all(|line| line.is_sensitive() && line != "\"v~gzip\""));
}

macro_rules! if_ranges {
    ($($name:ident: $sent:expr, $current:literal => $meant:expr;)*) => {$(
        #[test]
        fn $name() {
            let sent: &[u8] = $sent.as_ref();
            let meant: Option<&str> = $meant;
            let mut headers = ranged(&IF_RANGE, &[sent]);
            assert!(decode_headers(&mut headers, MethodKind::Selects).is_none());
            assert_eq!(lines(&headers, &IF_RANGE), Vec::from_iter(meant.map(str::as_bytes)));
            assert_eq!(headers.contains_key(RANGE), meant.is_some());

            let current = Validators::from(tag($current));
            let preconditions = ConditionalFields::from_headers(&headers);
            let evaluation = evaluate(&Method::GET, &preconditions, Some(&current));
            let expected = if meant.is_some() { Outcome::True } else { Outcome::NotPresent };
            assert_eq!(evaluation.outcome(Condition::IfRange), expected);
        }
    )*};
}

if_ranges! {
    rule_40_a_plain_tag_is_of_the_uncoded: r#""v""#, r#""v""# => Some(r#""v""#);
    rule_40_a_coded_tag_is_of_no_range: r#""v~gzip""#, r#""v""# => None;
    rule_40_a_coded_tag_is_no_tag_that_looks_coded: r#""v~gzip""#, r#""v~gzip""# => None;
    rule_40_a_tag_that_looks_coded_is_of_the_uncoded: r#""v~gzip~identity""#, r#""v~gzip""# => Some(r#""v~gzip""#);
    rule_40_an_uncoded_tag_that_nothing_carries: r#""v~identity""#, r#""v""# => None;
    rule_40_an_uncoded_tag_that_looks_like_the_current: r#""v~identity""#, r#""v~identity""# => None;
    rule_40_a_weak_tag_is_false: r#"W/"v~gzip~identity""#, r#""v~gzip""# => None;
    rule_40_a_weak_plain_tag_is_false: r#"W/"v""#, r#""v""# => None;
    rule_40_a_weakened_coded_tag_is_false: r#"W/"v~gzip""#, r#""v""# => None;
    rule_42_white_space_around_it: r#" "v~gzip~identity""#, r#""v~gzip""# => Some(r#""v~gzip""#);
    rule_43_malformed_is_false: r#""v~gzip~identity"#, r#""v~gzip""# => None;
    rule_43_a_list_is_false: r#""v~gzip~identity", "w""#, r#""v~gzip""# => None;
    rule_49_a_date_does_not_tell_codings_apart: DATE, r#""v""# => None;
    rule_43_no_date_and_no_tag_is_false: "v~gzip", r#""v""# => None;
}

#[test]
fn rule_43_two_lines_of_if_range_are_false() {
    let mut headers = ranged(&IF_RANGE, &[b"\"v~gzip~identity\"", b"\"v~gzip~identity\""]);
    decode_headers(&mut headers, MethodKind::Selects);
    assert!(!headers.contains_key(IF_RANGE) && !headers.contains_key(RANGE));
}

/// An API may define Range on writes. The tags are then those that its handlers know.
#[test]
fn a_write_keeps_range_and_its_if_range_is_decoded() {
    for (sent, meant) in [
        (DATE, DATE),
        ("\"v~gzip\"", "W/\"v~gzip\""),
        ("\"v~gzip~identity\"", "\"v~gzip\""),
        ("\"v\"", "\"v\""),
    ] {
        let mut headers = ranged(&IF_RANGE, &[sent.as_bytes()]);
        headers.append(IF_MATCH, header("\"v~gzip\""));
        decode_headers(&mut headers, MethodKind::Changes);
        assert_eq!((&headers[IF_RANGE], &headers[RANGE]), (&header(meant), &header("bytes=0-0")));
    }
}

macro_rules! ranges {
    ($($name:ident: { $($field:ident: $sent:expr),* } => $stays:literal;)*) => {$(
        #[test]
        fn $name() {
            let mut headers = HeaderMap::new();
            headers.append(RANGE, header("bytes=0-0"));
            $(headers.append($field, header($sent));)*
            decode_headers(&mut headers, MethodKind::Selects);
            assert_eq!(headers.contains_key(RANGE), $stays);
        }
    )*};
}

ranges! {
    decision_23_a_range_that_nothing_protects_stays: {} => true;
    decision_23_a_plain_tag_protects_a_range: { IF_MATCH: r#""v""# } => true;
    decision_23_an_uncoded_tag_protects_a_range: { IF_MATCH: r#""v~gzip~identity""# } => true;
    decision_23_a_coded_tag_drops_range: { IF_MATCH: r#""v~gzip""# } => false;
    decision_23_a_weak_tag_drops_range: { IF_MATCH: r#"W/"v""# } => false;
    decision_23_star_drops_range: { IF_MATCH: "*" } => false;
    decision_23_several_tags_drop_range: { IF_MATCH: r#""v", "w""# } => false;
    decision_23_a_plain_and_a_coded_tag_drop_range: { IF_MATCH: r#""v", "v~gzip""# } => false;
    decision_23_several_lines_drop_range: { IF_MATCH: r#""v""#, IF_MATCH: r#""v~br""# } => false;
    decision_23_a_malformed_list_drops_range: { IF_MATCH: r#""v"#} => false;
    decision_23_an_empty_list_drops_range: { IF_MATCH: "" } => false;
    decision_23_a_date_drops_range: { IF_UNMODIFIED_SINCE: DATE } => false;
    decision_23_a_date_beside_a_plain_tag_is_ignored: { IF_UNMODIFIED_SINCE: DATE, IF_MATCH: r#""v""# } => true;
    decision_23_a_date_beside_a_plain_if_range_does_no_harm: { IF_UNMODIFIED_SINCE: DATE, IF_RANGE: r#""v""# } => true;
    decision_23_a_coded_if_match_beside_a_plain_if_range: { IF_MATCH: r#""v~gzip""#, IF_RANGE: r#""v""# } => false;
    decision_23_a_plain_if_match_beside_a_dated_if_range: { IF_MATCH: r#""v""#, IF_RANGE: DATE } => false;
    decision_23_conditions_of_caches_protect_no_range: { IF_NONE_MATCH: r#""v~gzip""#, IF_MODIFIED_SINCE: DATE } => true;
}

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// The tag that a 304 for `current` carries, or `None` if it is the service's own or not known.
fn named(sent: Option<&SentTags>, current: &EntityTag) -> Option<EntityTag> {
    match sent?.choose(current) {
        TagOf304::Sent(tag) => Some(tag),
        TagOf304::Uncoded | TagOf304::Unknown => None,
    }
}

fn sent(lines: &[&[u8]]) -> Option<SentTags> {
    decode_headers(&mut request(&IF_NONE_MATCH, lines), MethodKind::Selects)
}

macro_rules! names {
    ($($name:ident: [$($sent:expr),*], $current:literal => $named:expr;)*) => {$(
        #[test]
        fn $name() {
            let named = named(sent(&[$($sent.as_ref()),*]).as_ref(), &tag($current));
            let named = named.as_ref().map(|tag| tag.as_header_value().as_bytes());
            let expected: Option<&str> = $named;
            assert_eq!(named, expected.map(str::as_bytes));
        }
    )*};
}

names! {
    rule_61_a_304_carries_the_tag_that_was_sent: [r#""v~gzip""#], r#""v""# => Some(r#""v~gzip""#);
    rule_61_a_304_carries_the_one_that_matched: [r#""u~gzip", "v~br""#, r#""w""#], r#""v""# => Some(r#""v~br""#);
    rule_61_a_304_carries_one_of_any_line: [r#""u""#, r#""w~gzip", "v~br""#], r#""v""# => Some(r#""v~br""#);
    rule_61_a_304_carries_the_one_that_was_sent_twice: [r#""v~gzip", "v~gzip""#, r#""v~gzip""#], r#""v""# => Some(r#""v~gzip""#);
    rule_61_a_304_carries_none_of_two_codings: [r#""v~gzip", "v~br""#], r#""v""# => None;
    rule_61_a_304_carries_none_of_a_coding_and_the_uncoded: [r#""v~gzip", "v""#], r#""v""# => None;
    rule_61_a_304_carries_none_of_two_that_look_coded: [r#""v~br~gzip", "v~br~identity""#], r#""v~br""# => None;
    rule_61_a_304_carries_none_of_a_strong_and_a_weak_one: [r#""v", W/"v""#], r#""v""# => None;
    rule_61_a_coded_one_is_not_the_uncoded: [r#""v~br~gzip", "v~br""#], r#""v~br""# => Some(r#""v~br~gzip""#);
    rule_20_a_plain_tag_that_was_weakened: [r#"W/"v""#], r#""v""# => Some(r#"W/"v""#);
    rule_20_a_weakened_one_matches: [r#"W/"v~gzip""#], r#""v""# => Some(r#"W/"v~gzip""#);
    rule_20_a_strong_one_matches_the_weak: [r#""v~gzip""#], r#"W/"v""# => Some(r#""v~gzip""#);
    an_empty_tag_is_named: [r#""~gzip""#], r#""""# => Some(r#""~gzip""#);
    nothing_is_named_where_nothing_matched: [r#""v~gzip""#], r#""w""# => None;
    nothing_is_named_by_star: ["*"], r#""v""# => None;
    nothing_is_named_by_what_is_malformed: [r#""v~gzip", v"#], r#""v""# => None;
    nothing_is_named_by_an_absent_field: [], r#""v""# => None;
    nothing_is_kept_of_one_plain_tag: [r#""v""#], r#""v""# => None;
}

macro_rules! unsent {
    ($($name:ident: { $($field:ident: $sent:expr),* }, $current:literal => $tag:ident;)*) => {$(
        #[test]
        fn $name() {
            let mut headers = HeaderMap::new();
            $(headers.append($field, header($sent));)*
            let sent = decode_headers(&mut headers, MethodKind::Selects).expect("no tag is sent, or several");
            assert_ne!(sent.number, 1, "the request is marked");
            let chosen = sent.choose(&tag($current));
            assert!(matches!(chosen, TagOf304::$tag), "{chosen:?}");
        }
    )*};
}

unsent! {
    rule_61_star_does_not_tell_the_coding: { IF_NONE_MATCH: "*" }, r#""v""# => Unknown;
    rule_61_a_date_does_not_tell_the_coding: { IF_MODIFIED_SINCE: DATE }, r#""v""# => Unknown;
    rule_61_a_coding_may_be_chosen: { IF_MODIFIED_SINCE: DATE, ACCEPT_ENCODING: "gzip, br;q=0" }, r#""v""# => Unknown;
    rule_61_any_coding_may_be_chosen: { IF_MODIFIED_SINCE: DATE, ACCEPT_ENCODING: "identity, *" }, r#""v""# => Unknown;
    rule_61_no_coding_is_accepted: { IF_MODIFIED_SINCE: DATE, ACCEPT_ENCODING: "identity" }, r#""v""# => Uncoded;
    rule_61_all_codings_are_refused: { IF_NONE_MATCH: "*", ACCEPT_ENCODING: "gzip;q=0, *;q=0" }, r#""v""# => Uncoded;
    rule_61_an_empty_field_accepts_no_coding: { IF_NONE_MATCH: "*", ACCEPT_ENCODING: "" }, r#""v""# => Uncoded;
    rule_61_a_weak_tag_is_that_of_every_coding: { IF_MODIFIED_SINCE: DATE }, r#"W/"v""# => Uncoded;
    rule_61_a_weak_tag_is_chosen_of_several: { IF_NONE_MATCH: r#""v~gzip", W/"v""# }, r#"W/"v""# => Uncoded;
}

macro_rules! negotiates {
    ($($name:ident: [$($sent:expr),*], $accepted:literal => [$($meant:expr),*], $named:expr;)*) => {$(
        #[test]
        fn $name() {
            let sent: &[&[u8]] = &[$($sent.as_ref()),*];
            let meant: &[&[u8]] = &[$($meant.as_ref()),*];
            let mut headers = request(&IF_NONE_MATCH, sent);
            headers.append(ACCEPT_ENCODING, header($accepted));
            let kept = decode_headers(&mut headers, MethodKind::Selects).expect("a tag looks coded");
            assert_eq!(lines(&headers, &IF_NONE_MATCH), meant);
            let named = named(Some(&kept), &tag("\"v\""));
            let named = named.as_ref().map(|tag| tag.as_header_value().as_bytes());
            let expected: Option<&str> = $named;
            assert_eq!(named, expected.map(str::as_bytes));
        }
    )*};
}

negotiates! {
    rule_49_a_coding_that_is_accepted: [r#""v~gzip""#], "gzip" => [r#""v""#], Some(r#""v~gzip""#);
    rule_49_a_coding_that_is_refused: [r#""v~gzip""#], "br" => [""], None;
    rule_49_a_weakened_tag_of_a_refused_coding: [r#"W/"v~gzip""#], "br" => [""], None;
    rule_49_no_coding_is_accepted: [r#""v~gzip", "v""#], "" => [r#""v""#], Some(r#""v""#);
    rule_49_the_accepted_of_two: [r#""v~gzip", "v~br""#], "br" => [r#""v""#], Some(r#""v~br""#);
    rule_49_a_refused_tag_that_looks_like_another: [r#""v~gzip~br""#], "gzip" => [""], None;
    rule_49_an_uncoded_tag_is_never_refused: [r#""v~gzip~identity""#], "" => [r#""v~gzip""#], None;
    rule_51_a_line_of_refused_tags_stays_a_line: [r#""v~gzip""#, r#""v~br" ,"w""#, r#" "x""#], "br"
        => ["", r#""v", "w""#, r#" "x""#], Some(r#""v~br""#);
}

#[test]
fn rule_25_a_list_of_refused_tags_still_shadows_the_date() {
    let mut headers = request(&IF_NONE_MATCH, &[b"\"v~gzip\""]);
    headers.append(ACCEPT_ENCODING, header("identity"));
    headers.append(IF_MODIFIED_SINCE, header("Sun, 06 Nov 1994 08:49:37 GMT"));
    decode_headers(&mut headers, MethodKind::Selects);
    let date = "Sun, 06 Nov 1994 08:49:37 GMT".parse().expect("a date");
    let current = Validators::from(tag("\"v\"")).with_last_modified(date);
    let evaluation = evaluate(&Method::GET, &ConditionalFields::from_headers(&headers), Some(&current));
    assert_eq!(evaluation.decision(), Decision::Proceed);
}

/// A write that names what must not be there is not let through by how it wants its answer.
#[test]
fn what_a_write_names_is_never_left_out() {
    for name in [IF_MATCH, IF_NONE_MATCH] {
        let mut headers = request(&name, &[b"\"v~gzip\""]);
        headers.append(ACCEPT_ENCODING, header("identity"));
        assert!(decode_headers(&mut headers, MethodKind::Changes).is_none());
        assert_eq!(headers[name], "\"v\"");
    }
}

#[test]
fn if_match_is_no_question_of_what_is_accepted() {
    let mut headers = request(&IF_MATCH, &[b"\"v~gzip\""]);
    headers.append(ACCEPT_ENCODING, header("identity"));
    decode_headers(&mut headers, MethodKind::Selects);
    assert_eq!(headers[IF_MATCH], "\"v\"");
}

#[test]
fn long_fields_cost_no_more_than_their_length() {
    let many = 30_000;
    let long_suffix = format!("\"v~{}\"", "gzip+".repeat(many));
    let long_tag = format!("\"{}\"", "~a".repeat(many));
    let members = |member: &str| vec![member; many].join(",");
    for line in [members("\"v~gzip\""), members("W/\"a~b~c\""), long_suffix, long_tag] {
        let mut headers = request(&IF_MATCH, &[line.as_bytes()]);
        headers.append(IF_NONE_MATCH, header(&line));
        (0..10_000).for_each(|_| _ = headers.append(IF_NONE_MATCH, header("\"v~br\"")));
        headers.append(IF_RANGE, header(&line));
        let codings: Vec<_> = (0..many).map(|number| format!("c{number}")).collect();
        headers.append(ACCEPT_ENCODING, header(codings.join(",") + ",*"));

        let start = Instant::now();
        let sent = decode_headers(&mut headers, MethodKind::Selects).expect("a tag looks coded");
        assert!(named(Some(&sent), &tag("\"none\"")).is_none());
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}

/// Tags of which many are equal, and many look coded.
fn near_tag() -> impl Strategy<Value = EntityTag> {
    let texts = vec!["v", "w", "", "v~gzip", "v~identity", "v~", "v~gzip~identity", "a,\\b", "~"];
    (any::<bool>(), select(texts)).prop_map(|(weak, text)| {
        if weak { EntityTag::weak(text) } else { EntityTag::strong(text) }.expect("an entity tag")
    })
}

fn coding() -> impl Strategy<Value = &'static str> {
    select(vec!["", "gzip", "br, gzip", "identity", "a~b"])
}

fn piece() -> impl Strategy<Value = &'static str> {
    select(vec!["\"", "W/", "~", "gzip", "identity", ",", " ", "*", "a", "\t", "%"])
}

fn leaving(tag: &EntityTag, coding: &'static str) -> EntityTag {
    let response = HeaderMap::from_iter([(http::header::CONTENT_ENCODING, HeaderValue::from_static(coding))]);
    encode(tag, &response).unwrap_or_else(|| tag.clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_leaves_and_comes_back_is_what_it_was(
        members in vec((near_tag(), coding(), any::<bool>()), 1..6),
        current in near_tag(),
    ) {
        let mut held: Vec<Vec<EntityTag>> = vec![Vec::new()];
        let mut headers = HeaderMap::new();
        for (tag, coding, starts_line) in &members {
            if *starts_line { held.push(Vec::new()); }
            held.last_mut().expect("a line").push(leaving(tag, coding));
        }
        for line in held.iter().filter(|line| !line.is_empty()) {
            let line: Vec<&[u8]> = line.iter().map(|tag| tag.as_header_value().as_bytes()).collect();
            headers.append(IF_MATCH, header(line.join(&b", "[..])));
            headers.append(IF_NONE_MATCH, header(line.join(&b", "[..])));
        }
        let kept = decode_headers(&mut headers, MethodKind::Selects);

        let preconditions = ConditionalFields::from_headers(&headers);
        for list in [preconditions.if_match(), preconditions.if_none_match()] {
            let meant = list.expect("it was sent").to_tags().expect("it is well-formed");
            let meant: Vec<_> = meant.iter().map(EntityTag::as_header_value).collect();
            let expected: Vec<_> = members.iter().map(|(tag, ..)| tag.as_header_value()).collect();
            prop_assert_eq!(meant, expected);
        }

        let Some(kept) = kept else { return Ok(()) };
        let of_current: Vec<_> = members.iter().filter(|(tag, ..)| tag.weak_eq(&current))
            .map(|(tag, coding, _)| leaving(tag, coding)).collect();
        let first = of_current.first().map(EntityTag::as_header_value);
        let expected = first.filter(|first| of_current.iter().all(|tag| tag.as_header_value() == *first));
        let named = named(Some(&kept), &current);
        prop_assert_eq!(named.as_ref().map(EntityTag::as_header_value), expected);
    }

    #[test]
    fn rule_40_if_range_is_true_of_the_uncoded_response_alone(
        held in near_tag(), coding in coding(), current in near_tag(),
    ) {
        let held = leaving(&held, coding);
        let mut headers = ranged(&IF_RANGE, &[held.as_header_value().as_bytes()]);
        decode_headers(&mut headers, MethodKind::Selects);
        let preconditions = ConditionalFields::from_headers(&headers);
        let validators = Validators::from(current.clone());
        let evaluation = evaluate(&Method::GET, &preconditions, Some(&validators));
        let served = headers.contains_key(RANGE) && evaluation.allows_range();
        prop_assert_eq!(served, held.strong_eq(&leaving(&current, "")));
    }

    #[test]
    fn no_line_panics_and_no_malformed_line_changes(
        sent in vec(vec(piece(), 0..9).prop_map(|pieces| pieces.concat()), 0..3),
    ) {
        let sent: Vec<&[u8]> = sent.iter().map(String::as_bytes).collect();
        for name in [IF_MATCH, IF_NONE_MATCH, IF_RANGE] {
            let mut headers = request(&name, &sent);
            let malformed = ConditionalFields::from_headers(&headers).check(&Method::PUT).is_err();
            let kept = decode_headers(&mut headers, MethodKind::Selects);
            _ = named(kept.as_ref(), &tag("\"a\""));
            prop_assert!(!malformed || lines(&headers, &name) == sent);
            prop_assert_eq!(ConditionalFields::from_headers(&headers).check(&Method::PUT).is_err(), malformed);
        }
    }
}
