use http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};

use super::AcceptedCodings;
use crate::{coding::tag::CodedTag, validator::EntityTag};

macro_rules! admits {
    ($($name:ident: [$($line:literal),*], $tag:literal => $admitted:literal;)*) => {$(
        #[test]
        fn $name() {
            let lines: &[&[u8]] = &[$($line.as_ref()),*];
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_bytes(line).expect("a field value"));
            }
            let tag = EntityTag::strong($tag).expect("an entity tag");
            let coded = CodedTag::of(tag.as_tag_ref()).expect("it looks coded");
            assert_eq!(AcceptedCodings::of(&headers).admit(&coded), $admitted);
        }
    )*};
}

admits! {
    without_the_field_any: [], "v~gzip" => true;
    an_empty_field_none: [""], "v~gzip" => false;
    an_empty_field_what_is_uncoded: [""], "v~gzip~identity" => true;
    one_that_is_listed: ["br, gzip"], "v~gzip" => true;
    one_that_is_not_listed: ["br"], "v~gzip" => false;
    one_on_the_second_line: ["br", "gzip"], "v~gzip" => true;
    one_of_no_weight: ["gzip;q=0, br"], "v~gzip" => false;
    one_of_no_weight_in_long: ["gzip ; Q=0.000"], "v~gzip" => false;
    one_of_little_weight: ["gzip;q=0.001"], "v~gzip" => true;
    one_of_a_bad_weight: ["gzip;q=high"], "v~gzip" => false;
    star_is_any: ["*"], "v~gzip" => true;
    star_is_none_that_is_listed: ["gzip;q=0, *"], "v~gzip" => false;
    star_of_no_weight_is_none: ["identity;q=1, *;q=0"], "v~gzip" => false;
    star_of_no_weight_is_none_but_the_listed: ["*;q=0, gzip"], "v~gzip" => true;
    case_does_not_matter: ["GZip"], "v~gzip" => true;
    x_gzip_is_gzip: ["x-gzip"], "v~gzip" => true;
    all_of_several: ["gzip, br"], "v~gzip+br" => true;
    not_all_of_several: ["gzip"], "v~gzip+br" => false;
    what_is_escaped: ["a~b"], "v~a%7eb" => true;
    odd_text_is_harmless: [";;,/,q=,*;", b"gzip;\xfc"], "v~gzip" => true;
}
