//! The strong tag of a response with a content coding: made from the tag of the representation and
//! the coding, so that it can be taken apart again (RFC 9110 §8.8.3.3).
//!
//! | the handler's response | leaves as |
//! |---|---|
//! | `"v"` | `"v"` |
//! | `"v"`, `Content-Encoding: gzip` | `"v~gzip"` |
//! | `"v"`, `Content-Encoding: GZIP, br` | `"v~gzip+br"` |
//! | `W/"v"`, with or without a coding | `W/"v"` |
//! | `"v~gzip"` | `"v~gzip~identity"` |
//! | `"v~gzip"`, `Content-Encoding: gzip` | `"v~gzip~gzip"` |
//!
//! A tag *looks coded* if a `~` and a suffix end it. A tag of the handler that looks coded gets a
//! suffix in any case, so every tag that leaves and looks coded has one that was put there: to take
//! the last one off is all there is to decoding, and no tag of the handler can be mistaken for a
//! coded one.
//!
//! A weak tag may be shared by the codings of one representation, so it says nothing of them.

use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, ETAG},
};

use super::line::replace_line;
use crate::{
    lists::list_members,
    validator::{EntityTag, TagRef, parse},
};

const MARK: u8 = b'~';
const JOINT: u8 = b'+';
const ESCAPE: u8 = b'%';
/// No coding has this name: RFC 9110 §12.5.3 keeps it for there being none.
const UNCODED: &[u8] = b"identity";

/// The tag with which a response leaves that carries `tag` and these fields; `None` is `tag` itself.
#[cfg(test)]
pub(crate) fn encode(tag: &EntityTag, response: &HeaderMap) -> Option<EntityTag> {
    encode_tag(tag.as_tag_ref(), response)
}

/// Rewrites the ETag of a response by its Content-Encoding.
///
/// What is no entity tag stays as it is, and so do several lines: no client can use them.
/// Must not be called twice, nor on a 304 that carries the tag that its request had.
pub(crate) fn encode_response(headers: &mut HeaderMap) {
    let mut lines = headers.get_all(ETAG).into_iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return };
    let Ok(tag) = parse(line.as_bytes().trim_ascii()) else { return };
    let Some(encoded) = encode_tag(tag, headers) else { return };
    if let Some(line) = headers.get_mut(ETAG) {
        replace_line(line, encoded.into());
    }
}

fn encode_tag(tag: TagRef<'_>, response: &HeaderMap) -> Option<EntityTag> {
    let codings = list_members(response, CONTENT_ENCODING);
    let mut codings = codings.filter(|coding| !tag.weak && !coding.eq_ignore_ascii_case(UNCODED)).peekable();
    if codings.peek().is_none() && CodedTag::of(tag).is_none() {
        return None;
    }
    let mut opaque = Vec::with_capacity(tag.opaque.len() + 1 + UNCODED.len());
    opaque.extend_from_slice(tag.opaque);
    opaque.push(MARK);
    match codings.next() {
        None => opaque.extend_from_slice(UNCODED),
        Some(first) => {
            push_coding(&mut opaque, first);
            for coding in codings {
                opaque.push(JOINT);
                push_coding(&mut opaque, coding);
            }
        }
    }
    Some(TagRef { weak: tag.weak, opaque: &opaque }.to_tag())
}

/// Writes a coding as it stands in a suffix: two that differ are written differently, and none
/// looks like a mark or a joint.
pub(crate) fn push_coding(suffix: &mut Vec<u8>, coding: &[u8]) {
    let coding: &[u8] = match coding {
        // RFC 9110 §8.4.1.1 and §8.4.1.3: two names of the same.
        name if name.eq_ignore_ascii_case(b"x-compress") => b"compress",
        name if name.eq_ignore_ascii_case(b"x-gzip") => b"gzip",
        name => name,
    };
    for octet in coding.iter().map(u8::to_ascii_lowercase) {
        match octet {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => suffix.push(octet),
            _ => suffix.extend_from_slice(format!("{}{octet:02x}", ESCAPE as char).as_bytes()),
        }
    }
}

/// The tag of the representation that a tag of the client means, whatever its coding was.
pub(crate) fn decode(tag: TagRef<'_>) -> TagRef<'_> {
    CodedTag::of(tag).map_or(tag, |coded| coded.decoded)
}

/// Whether a tag is one with which a response without a coding leaves.
pub(crate) fn is_uncoded(tag: TagRef<'_>) -> bool {
    CodedTag::of(tag).is_none_or(|coded| coded.suffix == UNCODED && CodedTag::of(coded.decoded).is_some())
}

/// A tag that looks coded, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodedTag<'a> {
    pub(crate) decoded: TagRef<'a>,
    suffix: &'a [u8],
}

impl<'a> CodedTag<'a> {
    pub(crate) fn of(tag: TagRef<'a>) -> Option<Self> {
        // No suffix holds a mark, so the last one is where it begins.
        let mut parts = tag.opaque.rsplitn(2, |octet| *octet == MARK);
        let (suffix, opaque) = (parts.next()?, parts.next()?);
        let looks_coded = !suffix.is_empty() && suffix.iter().all(|octet| stands_in_suffix(*octet));
        looks_coded.then_some(Self { decoded: TagRef { weak: tag.weak, opaque }, suffix })
    }

    /// As [`push_coding`] wrote them; none where there was none.
    pub(crate) fn codings(&self) -> impl Iterator<Item = &'a [u8]> {
        self.suffix.split(|octet| *octet == JOINT).filter(|coding| *coding != UNCODED)
    }
}

/// Whether [`encode_tag`] could have written it behind the mark.
fn stands_in_suffix(octet: u8) -> bool {
    matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | JOINT | ESCAPE)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use http::{
        HeaderMap, HeaderValue,
        header::{CONTENT_ENCODING, ETAG},
    };
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::{decode, encode, encode_response, is_uncoded};
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
                encode_response(&mut headers);
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
        encode_response(&mut headers);
        assert_eq!(left_with(&headers), [b"\"v~gzip\""]);
    }

    #[test]
    fn what_is_no_etag_stays() {
        let none: [&[&[u8]]; 7] =
            [&[], &[b""], &[b"v"], &[b"\"v"], &[b"w/\"v\""], &[b"\"a\", \"b\""], &[b"\"a\"", b"\"b\""]];
        for lines in none {
            let mut headers = response(lines, &[b"gzip"]);
            encode_response(&mut headers);
            assert_eq!(left_with(&headers), lines);
        }
    }

    #[test]
    fn other_fields_stay_and_secrets_stay_secret() {
        let mut headers = response(&[b"\"v\""], &[b"GZIP"]);
        headers.get_mut(ETAG).expect("it is there").set_sensitive(true);
        encode_response(&mut headers);
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

    /// What a Content-Encoding says, without what makes no difference.
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
}
