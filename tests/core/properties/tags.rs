//! Entity tags.

use http::HeaderValue;
use precondition_oracle::{self as oracle, Tag};
use proptest::{collection::vec, prelude::*, sample::select};
use tower_precondition::EntityTag;

use super::{built, header, header_bytes, list_pieces, opaque, tag};

/// Few kinds of bytes: two tags are often equal, or differ only in case or in `W/`.
fn close_opaque() -> impl Strategy<Value = Vec<u8>> {
    vec(select(b"aA\\,\xfc".to_vec()), 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tag_is_written_as_it_was_built(tag in tag(opaque())) {
        let text = Tag::to_bytes(&tag);
        let entity_tag = built(&tag);
        prop_assert_eq!(entity_tag.is_weak(), tag.weak);
        prop_assert_eq!(entity_tag.as_header_value().as_bytes(), &text[..]);
        let value = HeaderValue::from(entity_tag);
        prop_assert_eq!(value.as_bytes(), &text[..]);
    }

    #[test]
    fn a_tag_survives_a_header_value(tag in tag(opaque())) {
        let text = Tag::to_bytes(&tag);
        let read = EntityTag::try_from(header(&text)).unwrap();
        prop_assert_eq!(read.is_weak(), tag.weak);
        let value = HeaderValue::from(read);
        prop_assert_eq!(value.as_bytes(), &text[..]);
    }

    #[test]
    fn an_ascii_tag_survives_its_text(weak in any::<bool>(), opaque in "[!#-~]{0,12}") {
        let text = String::from_utf8(Tag::to_bytes(&Tag { weak, opaque: opaque.into_bytes() })).unwrap();
        let read: EntityTag = text.parse().unwrap();
        prop_assert_eq!(read.is_weak(), weak);
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn the_oracle_accepts_the_same_tags(text in prop_oneof![header_bytes(), list_pieces()]) {
        let expected = Tag::parse(&text);
        match EntityTag::try_from(header(&text)) {
            Ok(read) => {
                prop_assert_eq!(read.as_header_value().as_bytes(), &text[..]);
                prop_assert_eq!(Some(read.is_weak()), expected.map(|tag| tag.weak));
            }
            Err(error) => {
                prop_assert_eq!(expected, None);
                prop_assert!(error.offset() <= text.len());
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn constructors_accept_only_etagc(opaque in vec(any::<u8>(), 0..5)) {
        let fits = opaque.iter().all(|&byte| oracle::is_etagc(byte));
        prop_assert_eq!(EntityTag::strong(&opaque).is_ok(), fits);
        prop_assert_eq!(EntityTag::weak(&opaque).is_ok(), fits);
    }

    #[test]
    fn the_oracle_compares_tags_alike(a in tag(close_opaque()), b in tag(close_opaque())) {
        let (left, right) = (built(&a), built(&b));
        prop_assert_eq!(left.strong_eq(&right), a.strong_match(&b));
        prop_assert_eq!(left.weak_eq(&right), a.weak_match(&b));
        prop_assert_eq!(left.strong_eq(&right), right.strong_eq(&left));
        prop_assert_eq!(left.weak_eq(&right), right.weak_eq(&left));
        // A strong match is a weak match.
        prop_assert!(!left.strong_eq(&right) || left.weak_eq(&right));
    }

    #[test]
    fn the_weak_comparison_ignores_the_w(a in close_opaque(), b in close_opaque()) {
        let of = |weak, opaque: &Vec<u8>| built(&Tag { weak, opaque: opaque.clone() });
        for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
            prop_assert_eq!(of(left, &a).weak_eq(&of(right, &b)), a == b);
        }
        prop_assert!(of(false, &a).strong_eq(&of(false, &a)));
        prop_assert!(!of(true, &a).strong_eq(&of(true, &a)));
    }

    #[test]
    fn different_versions_make_different_tags(a in any::<u64>(), b in any::<u64>()) {
        let (left, right) = (EntityTag::from_version(a), EntityTag::from_version(b));
        prop_assert!(!left.is_weak());
        prop_assert!(left.strong_eq(&EntityTag::from_version(a)));
        prop_assert_eq!(left.weak_eq(&right), a == b);
        prop_assert!(Tag::parse(left.as_header_value().as_bytes()).is_some());
    }
}
