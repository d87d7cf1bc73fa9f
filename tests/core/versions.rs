//! Versions in entity tags: what `from_version` writes, `version` reads.

use http::HeaderValue;
use tower_precondition::EntityTag;

#[test]
fn every_digit_of_a_version_is_written() {
    for version in [0, 1, 9, 10, 11, 42, 99, 100, 101, 1_000, 9_876_543_210, u64::MAX - 1, u64::MAX] {
        let tag = EntityTag::from_version(version);
        assert_eq!(tag.to_string(), format!("\"{version}\""));
        assert_eq!(tag.version(), Some(version));
        assert!(!tag.is_weak());
    }
}

macro_rules! have_no_version {
    ($($name:ident: $tag:literal;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(EntityTag::from_static($tag).version(), None);
        }
    )*};
}

have_no_version! {
    a_weak_tag_has_no_version: "W/\"42\"";
    a_leading_zero_is_no_version: "\"042\"";
    two_zeros_are_no_version: "\"00\"";
    a_sign_is_no_version: "\"+42\"";
    an_empty_tag_has_no_version: "\"\"";
    a_letter_is_no_version: "\"4a\"";
    one_more_than_the_greatest_is_no_version: "\"18446744073709551616\"";
}

#[test]
fn a_tag_of_a_borrowed_value_is_the_tag_of_the_value() {
    let value = HeaderValue::from_static("W/\"a\"");
    let tag = EntityTag::try_from(&value).expect("an entity tag");
    assert_eq!(tag.as_header_value(), &value);
    let error = EntityTag::try_from(&HeaderValue::from_static("a")).expect_err("it has no quotes");
    assert_eq!(error.offset(), 0);
}
