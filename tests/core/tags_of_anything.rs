//! Tags made of numbers, files, parts and values. The pinned vectors must never change: clients hold such tags.

use std::{
    collections::{BTreeMap, HashMap},
    num::{NonZeroI16, NonZeroI32, NonZeroI64, NonZeroU64},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use proptest::{collection::vec, prelude::*, sample::select};
use serde::Serialize;
use tower_precondition::{EntityTag, FileTag, TagKey};

macro_rules! tags {
    ($($name:ident: $tag:expr => $text:literal;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!($tag.to_string(), $text);
        }
    )*};
}

fn at(nanoseconds: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    if nanoseconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
}

fn key() -> TagKey {
    TagKey::new(*b"0123456789abcdef0123456789abcdef")
}

fn seconds(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[derive(Serialize)]
struct Row {
    id: u32,
    title: &'static str,
    price: f64,
    parent: Option<u8>,
    marks: Vec<i8>,
    open: bool,
}

const ROW: fn() -> Row =
    || Row { id: 7, title: "Plän", price: 1.5, parent: None, marks: vec![-1, 2], open: true };

tags! {
    a_signed_number: EntityTag::from_number(42_i64) => "\"42\"";
    a_negative_number: EntityTag::from_number(-42_i32) => "\"-42\"";
    the_least_number: EntityTag::from_number(i64::MIN) => "\"-9223372036854775808\"";
    the_greatest_number: EntityTag::from_number(u64::MAX) => "\"18446744073709551615\"";
    a_non_zero_number: EntityTag::from_number(NonZeroI64::MIN) => "\"-9223372036854775808\"";
    a_file: FileTag::from_parts(255, at(1_000_000_001)).weak() => "W/\"ff-3b9aca01\"";
    a_file_with_its_inode: FileTag::from_parts(255, at(16)).with_inode(10).weak() => "W/\"ff-10-a\"";
    a_file_before_1970: FileTag::from_parts(0, at(-1)).weak() => "W/\"0--1\"";
    a_file_that_was_written_just_now: FileTag::from_parts(1, seconds(10)).settled_at(seconds(11)) => "W/\"1-2540be400\"";
    a_file_that_was_left_alone: FileTag::from_parts(1, seconds(10)).settled_at(seconds(12)) => "\"1-2540be400\"";
    a_file_of_the_future: FileTag::from_parts(1, seconds(10)).settled_at(seconds(9)) => "W/\"1-2540be400\"";
    pinned_no_parts: EntityTag::from_parts([""; 0]) => "\"e1a2affd19ad2d8c005c7761dad6541eaf2de2ac403f310d2e37fc195563987b\"";
    pinned_parts: EntityTag::from_parts(["plan", "3"]) => "\"b058a333e9b465431f914bfb277f5c52c05f7e2ce7699ffdb7b669f1cf02b169\"";
    pinned_unordered_parts: EntityTag::from_unordered_parts(["plan", "3"]) => "\"dc7aa6b7967092341e50ff847f18ed21e9aa92addcbfb8fb7d41730db860c9b9\"";
    pinned_value: EntityTag::from_value(&ROW()).unwrap() => "\"85a1cfc322760f9451801408c6abb12ac16f1857ee046cdf63d17005bd20ccad\"";
    pinned_keyed_parts: key().from_parts(["plan", "3"]) => "\"6ee496854def5deccd410668d18edf02fe01e8ac502430214b487383e09e1fb3\"";
    pinned_keyed_unordered_parts: key().from_unordered_parts(["plan", "3"]) => "\"9e702d2e89c4dea94f72233489f424fbe7053af12f2a0839140fd8d77ca406c3\"";
    pinned_keyed_value: key().from_value(&ROW()).unwrap() => "\"6165dd4d041391e2fa6a3733e0bb44d870cedf6652b1a9dab9efe711f211b68b\"";
    pinned_hidden_tag: key().hide(&EntityTag::from_version(3)) => "\"b81d2b21417c7131aba2e9e70ec64187dda4bc6e52b0d9ab246f085a280916e0\"";
    pinned_hidden_weak_tag: key().hide(&EntityTag::from_static("W/\"3\"")) => "W/\"b81d2b21417c7131aba2e9e70ec64187dda4bc6e52b0d9ab246f085a280916e0\"";
}

#[test]
fn a_number_comes_back_only_as_a_type_that_holds_it() {
    let tag = EntityTag::from_number(300);
    assert_eq!(tag.number(), Some(300_i16));
    assert_eq!(tag.number(), NonZeroU64::new(300));
    assert_eq!(EntityTag::from_number(70_000).number::<u16>(), None);
    assert_eq!(EntityTag::from_number(-3).number::<u32>(), None);
    assert_eq!(EntityTag::from_number(-3).number(), NonZeroI16::new(-3));
    assert_eq!(EntityTag::from_number(0_i32).number::<NonZeroI32>(), None);
    for text in
        ["\"-0\"", "\"-01\"", "\"--1\"", "\"-\"", "\"+1\"", "W/\"-1\"", "W/\"1\"", "\"-9223372036854775809\""]
    {
        assert_eq!(text.parse::<EntityTag>().unwrap().number::<i64>(), None, "{text}");
    }
}

#[test]
fn the_text_of_a_tag_is_given_back() {
    let uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    assert_eq!(EntityTag::strong(uuid).unwrap().opaque_str(), Some(uuid));
    assert_eq!(EntityTag::weak(b"\xff").unwrap().opaque(), b"\xff");
    assert_eq!(EntityTag::weak(b"\xff").unwrap().opaque_str(), None);
    assert_eq!(EntityTag::from_static("\"\"").opaque_str(), Some(""));
    assert!(EntityTag::strong("2024-06-30 12:00:00").is_err(), "a space");
}

#[test]
fn every_difference_of_a_file_shows_in_its_tag() {
    let base = FileTag::from_parts(1, at(0x10));
    let others = [
        FileTag::from_parts(2, at(0x10)),
        FileTag::from_parts(1, at(0x11)),
        FileTag::from_parts(1, at(-0x10)),
        base.with_inode(0),
        base.with_inode(1),
        FileTag::from_parts(0x11, at(0)).with_inode(1),
    ];
    let tags: Vec<_> = [base].iter().chain(&others).map(|file| file.weak().to_string()).collect();
    let different: std::collections::BTreeSet<_> = tags.iter().collect();
    assert_eq!(different.len(), tags.len(), "{tags:?}");
}

#[test]
fn the_order_of_fields_and_of_maps_changes_no_tag() {
    #[derive(Serialize)]
    struct Other {
        b: u8,
        a: i64,
    }
    let of_struct = EntityTag::from_value(&Other { b: 2, a: 1 }).unwrap();
    let of_map = EntityTag::from_value(&BTreeMap::from([("a", 1), ("b", 2)])).unwrap();
    let of_hash_map = EntityTag::from_value(&HashMap::from([("b", 2), ("a", 1)])).unwrap();
    assert!(of_struct.strong_eq(&of_map) && of_struct.strong_eq(&of_hash_map));
}

#[test]
fn values_that_differ_have_different_tags() {
    let values = serde_json::json!([
        null, false, true, 0, 1, -1, 1.0, 1.5, -0.0, "", "1", [], [[]], ["", ""], [1, 2], [2, 1], {}, {"a": 1},
        {"a": "1"}, {"b": 1}, {"a": {"b": 1}}, {"a": 1, "b": 2}, u64::MAX, i64::MIN, "n", "null", [null], [null, null],
    ]);
    let values = values.as_array().unwrap();
    for (place, value) in values.iter().enumerate() {
        let tag = EntityTag::from_value(value).unwrap();
        assert!(!tag.is_weak());
        for (other_place, other) in values.iter().enumerate() {
            let same = tag.strong_eq(&EntityTag::from_value(other).unwrap());
            assert_eq!(same, place == other_place, "{value} {other}");
        }
    }
}

#[test]
fn a_value_without_json_is_an_error() {
    let error = EntityTag::from_value(&HashMap::from([((1, 2), 3)])).unwrap_err();
    assert!(error.to_string().starts_with("expected a value that can be serialized as JSON"), "{error}");
    assert!(EntityTag::from_value(&i128::MAX).is_err());
    assert!(!format!("{:?}", key()).contains("0123"), "the secret is not shown");
}

#[test]
fn purposes_and_keys_have_tags_of_their_own() {
    let tags = [
        EntityTag::from_parts(["a"]),
        EntityTag::from_unordered_parts(["a"]),
        EntityTag::from_value("a").unwrap(),
        key().from_parts(["a"]),
        key().from_unordered_parts(["a"]),
        key().from_value("a").unwrap(),
        key().hide(&EntityTag::from_static("\"a\"")),
        TagKey::new([0; 32]).from_parts(["a"]),
    ];
    let different: std::collections::BTreeSet<_> = tags.iter().map(ToString::to_string).collect();
    assert_eq!(different.len(), tags.len());
}

/// Few short parts, so that two lists are often equal, or differ only in where a part ends.
fn parts() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(select(b"ab\0".to_vec()), 0..3), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_are_told_apart(one in parts(), other in parts()) {
        let (left, right) = (EntityTag::from_parts(&one), EntityTag::from_parts(&other));
        prop_assert_eq!(left.strong_eq(&right), one == other);
        prop_assert_eq!(key().from_parts(&one).strong_eq(&key().from_parts(&other)), one == other);
    }

    #[test]
    fn unordered_parts_are_told_apart(one in parts(), other in parts(), shuffled in any::<prop::sample::Index>()) {
        let sorted = |parts: &[Vec<u8>]| {
            let mut parts = parts.to_vec();
            parts.sort();
            parts
        };
        let (left, right) = (EntityTag::from_unordered_parts(&one), EntityTag::from_unordered_parts(&other));
        prop_assert_eq!(left.strong_eq(&right), sorted(&one) == sorted(&other));
        let mut rotated = one.clone();
        if !rotated.is_empty() {
            let by = shuffled.index(rotated.len());
            rotated.rotate_left(by);
        }
        prop_assert!(left.strong_eq(&EntityTag::from_unordered_parts(&rotated)));
    }

    #[test]
    fn numbers_come_back(number in any::<i64>(), other in any::<i64>()) {
        let tag = EntityTag::from_number(number);
        prop_assert_eq!(tag.number(), Some(number));
        prop_assert_eq!(tag.opaque_str().unwrap().parse(), Ok(number));
        prop_assert_eq!(tag.strong_eq(&EntityTag::from_number(other)), number == other);
    }

    #[test]
    fn unsigned_numbers_are_versions(number in any::<u64>()) {
        let tag = EntityTag::from_number(number);
        prop_assert_eq!(tag.number(), Some(number));
        prop_assert!(tag.strong_eq(&EntityTag::from_version(number)));
    }

    #[test]
    fn what_stands_between_the_quotes_comes_back(weak in any::<bool>(), opaque in "[!#-~]{0,12}") {
        let made = if weak { EntityTag::weak(&opaque) } else { EntityTag::strong(&opaque) };
        let tag = made.unwrap();
        prop_assert_eq!(tag.opaque_str(), Some(&*opaque));
        prop_assert_eq!(tag.as_ref(), tag.as_header_value().as_bytes());
    }
}
