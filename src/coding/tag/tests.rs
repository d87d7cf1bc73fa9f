#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_ENCODING, ETAG},
};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{decode, encode, encode_etag, is_uncoded};
use crate::validator::{EntityTag, TagRef};

fn header(text: impl AsRef<[u8]>) -> HeaderValue {
    HeaderValue::from_bytes(text.as_ref()).expect("a field value")
}

fn response(etags: &[&[u8]], codings: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    etags.iter().for_each(|etag| _ = headers.append(ETAG, header(etag)));
    codings.iter().for_each(|coding| _ = headers.append(CONTENT_ENCODING, header(coding)));
    headers
}

fn left_with(headers: &HeaderMap) -> Vec<&[u8]> {
    headers.get_all(ETAG).into_iter().map(HeaderValue::as_bytes).collect()
}

fn decoded(tag: &EntityTag) -> EntityTag {
    decode(tag.as_tag_ref()).to_tag()
}

macro_rules! leaves {
    ($($name:ident: $etag:expr, [$($coding:expr),*] => $left:expr;)*) => {$(
        #[test]
        fn $name() {
            let (etag, left): (&[u8], &[u8]) = ($etag.as_ref(), $left.as_ref());
            let mut headers = response(&[etag], &[$($coding.as_ref()),*]);
            let tag = EntityTag::try_from(header(etag)).expect("an entity tag");
            let encoded = encode(&tag, &headers);
            assert_eq!(encoded.is_none(), etag == left);
            let encoded = encoded.unwrap_or(tag);
            assert_eq!(encoded.as_header_value().as_bytes(), left);
            encode_etag(&mut headers);
            assert_eq!(left_with(&headers), [left]);
            assert_eq!(decoded(&encoded).as_header_value().as_bytes(), etag);
        }
    )*};
}

leaves! {
    rule_49_a_coding_has_a_tag_of_its_own: r#""v""#, ["gzip"] => r#""v~gzip""#;
    rule_49_without_a_coding_the_tag_stays: r#""v""#, [] => r#""v""#;
    rule_49_identity_is_no_coding: r#""v""#, ["identity"] => r#""v""#;
    rule_49_identity_in_capitals_is_no_coding: r#""v""#, ["Identity"] => r#""v""#;
    rule_49_identity_beside_a_coding_is_none: r#""v""#, ["identity, br"] => r#""v~br""#;
    rule_49_an_empty_content_encoding_is_none: r#""v""#, [""] => r#""v""#;
    rule_49_empty_members_are_none: r#""v""#, [" ,\t, gzip ,"] => r#""v~gzip""#;
    rule_49_capitals_are_the_same_coding: r#""v""#, ["GZIP"] => r#""v~gzip""#;
    rule_49_x_gzip_is_gzip: r#""v""#, ["X-GZip"] => r#""v~gzip""#;
    rule_49_x_compress_is_compress: r#""v""#, ["x-compress"] => r#""v~compress""#;
    rule_49_several_codings_in_their_order: r#""v""#, ["gzip, br"] => r#""v~gzip+br""#;
    rule_49_several_codings_over_several_lines: r#""v""#, ["gzip", "br,zstd"] => r#""v~gzip+br+zstd""#;
    rule_49_a_coding_that_nobody_knows: r#""v""#, ["x.new-1"] => r#""v~x.new-1""#;
    rule_49_a_joint_in_a_coding_is_escaped: r#""v""#, ["gzip+br"] => r#""v~gzip%2bbr""#;
    rule_49_a_mark_in_a_coding_is_escaped: r#""v""#, ["a~b"] => r#""v~a%7eb""#;
    rule_49_an_escape_in_a_coding_is_escaped: r#""v""#, ["a%7eb"] => r#""v~a%257eb""#;
    rule_49_what_no_tag_may_hold_is_escaped: r#""v""#, ["a \"b"] => r#""v~a%20%22b""#;
    rule_49_every_escape_is_of_two_digits: r#""v""#, ["a\tb"] => r#""v~a%09b""#;
    rule_49_obs_text_in_a_coding_is_escaped: r#""v""#, [b"\xfc"] => r#""v~%fc""#;
    rule_49_an_empty_tag: r#""""#, ["gzip"] => r#""~gzip""#;
    rule_49_an_empty_tag_stays: r#""""#, [] => r#""""#;
    rule_48_commas_backslashes_and_obs_text_stay: b"\"a,\\b\xfc\"", ["br"] => b"\"a,\\b\xfc~br\"";
    rule_47_a_weak_tag_is_shared_by_codings: r#"W/"v""#, ["gzip"] => r#"W/"v""#;
    rule_47_an_empty_weak_tag_is_shared_by_codings: r#"W/"""#, ["gzip"] => r#"W/"""#;
    rule_47_a_weak_tag_that_looks_coded: r#"W/"v~gzip""#, ["br"] => r#"W/"v~gzip~identity""#;
    rule_47_a_weak_tag_that_looks_coded_without_one: r#"W/"v~gzip""#, [] => r#"W/"v~gzip~identity""#;
    rule_49_a_tag_that_looks_coded: r#""v~gzip""#, [] => r#""v~gzip~identity""#;
    rule_49_a_tag_that_looks_coded_is_coded: r#""v~gzip""#, ["gzip"] => r#""v~gzip~gzip""#;
    rule_49_a_tag_that_looks_uncoded: r#""v~identity""#, [] => r#""v~identity~identity""#;
    rule_49_a_tag_that_looks_uncoded_is_coded: r#""v~identity""#, ["br"] => r#""v~identity~br""#;
    rule_49_a_tag_that_looks_coded_is_served_as_identity: r#""v~br""#, ["identity"] => r#""v~br~identity""#;
    rule_49_nothing_behind_the_mark: r#""v~""#, [] => r#""v~""#;
    rule_49_nothing_behind_the_mark_is_coded: r#""v~""#, ["gzip"] => r#""v~~gzip""#;
    rule_49_marks_alone: r#""~~""#, [] => r#""~~""#;
    rule_49_marks_alone_are_coded: r#""~~""#, ["gzip"] => r#""~~~gzip""#;
    rule_49_a_suffix_alone: r#""~gzip""#, [] => r#""~gzip~identity""#;
    rule_49_capitals_are_no_suffix: r#""v~GZIP""#, [] => r#""v~GZIP""#;
    rule_49_a_slash_is_no_suffix: r#""v~a/b""#, [] => r#""v~a/b""#;
}

#[test]
fn an_etag_in_white_space_is_an_etag() {
    let mut headers = response(&[b" \"v\"\t"], &[b"gzip"]);
    encode_etag(&mut headers);
    assert_eq!(left_with(&headers), [b"\"v~gzip\""]);
}

#[test]
fn what_is_no_etag_stays() {
    let none: [&[&[u8]]; 7] =
        [&[], &[b""], &[b"v"], &[b"\"v"], &[b"w/\"v\""], &[b"\"a\", \"b\""], &[b"\"a\"", b"\"b\""]];
    for lines in none {
        let mut headers = response(lines, &[b"gzip"]);
        encode_etag(&mut headers);
        assert_eq!(left_with(&headers), lines);
    }
}

#[test]
fn other_fields_stay_and_secrets_stay_secret() {
    let mut headers = response(&[b"\"v\""], &[b"GZIP"]);
    headers.get_mut(ETAG).expect("it is there").set_sensitive(true);
    encode_etag(&mut headers);
    assert_eq!(headers[CONTENT_ENCODING], "GZIP");
    assert_eq!(headers.len(), 2);
    assert!(headers[ETAG].is_sensitive());
}

fn etagc() -> impl Strategy<Value = u8> {
    prop_oneof![
        3 => select(b"~~~aA+%.-,\\".to_vec()),
        1 => any::<u8>().prop_filter("an etagc", |octet| *octet > b' ' && !matches!(octet, b'"' | 0x7f)),
    ]
}

/// Tags of which many end as coded ones do.
fn tag() -> impl Strategy<Value = EntityTag> {
    let tail = select(vec!["", "~gzip", "~identity", "~br~gzip", "~identity~identity", "~", "~x%2b"]);
    (any::<bool>(), vec(etagc(), 0..6), tail).prop_map(|(weak, mut opaque, tail)| {
        opaque.extend_from_slice(tail.as_bytes());
        TagRef { weak, opaque: &opaque }.to_tag()
    })
}

/// Content-Encoding over several lines, near each other and far from any grammar.
fn codings() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let piece = prop_oneof![
        4 => select(vec!["gzip", "GZIP", "x-gzip", "br", "identity", ",", ", ", "+", "~", "%2b", "%"])
            .prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>()
            .prop_filter("in a field", |octet| *octet >= b' ' && *octet != 0x7f)
            .prop_map(|octet| vec![octet]),
    ];
    vec(vec(piece, 0..5).prop_map(|pieces| pieces.concat()), 0..3)
}

/// Normalizes a Content-Encoding: lower case, `x-gzip` as `gzip`, no `identity` and no empty members.
fn meaning(codings: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let all = codings.join(&b","[..]).to_ascii_lowercase();
    let members = all.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
    let codings = members.filter(|member| !member.is_empty() && *member != b"identity");
    codings.map(|coding| if coding == b"x-gzip" { b"gzip" } else { coding }.to_vec()).collect()
}

fn encoded(tag: &EntityTag, codings: &[Vec<u8>]) -> EntityTag {
    let lines: Vec<&[u8]> = codings.iter().map(Vec::as_slice).collect();
    encode(tag, &response(&[], &lines)).unwrap_or_else(|| tag.clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decoding_undoes_encoding(tag in tag(), codings in codings()) {
        let back = decoded(&encoded(&tag, &codings));
        prop_assert_eq!(back.as_header_value(), tag.as_header_value());
    }

    #[test]
    fn rule_49_equal_tags_are_of_one_tag_and_one_coding(
        tags in (tag(), tag()),
        same_tag in any::<bool>(),
        codings in (codings(), codings()),
    ) {
        let (one, other) = if same_tag { (&tags.0, &tags.0) } else { (&tags.0, &tags.1) };
        let left = [encoded(one, &codings.0), encoded(other, &codings.1)];
        let same_coding = meaning(&codings.0) == meaning(&codings.1) || one.is_weak();
        let same = one.as_header_value() == other.as_header_value() && same_coding;
        prop_assert_eq!(left[0].as_header_value() == left[1].as_header_value(), same);
    }

    #[test]
    fn a_tag_of_an_uncoded_response_is_known_as_one(tag in tag(), codings in codings()) {
        let uncoded = meaning(&codings).is_empty() || tag.is_weak();
        prop_assert_eq!(is_uncoded(encoded(&tag, &codings).as_tag_ref()), uncoded);
    }

    #[test]
    fn whatever_is_taken_for_uncoded_is_what_an_uncoded_response_carries(tag in tag()) {
        let again = encoded(&decoded(&tag), &[]);
        prop_assert_eq!(is_uncoded(tag.as_tag_ref()), again.as_header_value() == tag.as_header_value());
    }
}
