//! Properties of every tag, list, date and header value. The oracle says what is right.

mod dates;
mod headers;
mod lists;
mod tags;

use http::{HeaderMap, HeaderName, HeaderValue};
use precondition_oracle::{self as oracle, Tag};
use proptest::{collection::vec, prelude::*, sample::select};
use tower_precondition::{EntityTag, HttpDate};

/// Bytes between the quotes.
fn opaque() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>().prop_filter("an etagc", |&byte| oracle::is_etagc(byte)), 0..8)
}

fn tag(opaque: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Tag> {
    (any::<bool>(), opaque).prop_map(|(weak, opaque)| Tag { weak, opaque })
}

/// Builds the crate's tag with its constructors.
fn built(tag: &Tag) -> EntityTag {
    if tag.weak { EntityTag::weak(&tag.opaque) } else { EntityTag::strong(&tag.opaque) }.unwrap()
}

fn header(bytes: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(bytes).unwrap()
}

fn headers(name: &HeaderName, lines: &[Vec<u8>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name, header(line));
    }
    headers
}

/// Noise from the bytes that matter to the grammar of a list.
fn list_alphabet() -> impl Strategy<Value = Vec<u8>> {
    vec(select(b"\"W/*, \ta\\\xfc".to_vec()), 0..12)
}

/// Pieces of lists: most results are valid lists, or almost valid.
fn list_pieces() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"\"a\"",
        b"W/\"a\"",
        b"\"\"",
        b"\"\xfc,\\\"",
        b",",
        b", ",
        b" ",
        b"\t",
        b"*",
        b"\"",
        b"w/\"a\"",
    ];
    vec(select(pieces), 0..7).prop_map(|pieces| pieces.concat())
}

/// Any bytes that a header value can hold.
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    let visible = any::<u8>().prop_map(|byte| if byte == b'\t' || byte >= 0x20 { byte } else { b' ' });
    let visible = visible.prop_map(|byte| if byte == 0x7f { b'"' } else { byte });
    prop_oneof![vec(visible, 0..40), list_alphabet(), list_pieces(), date_like().prop_map(String::into_bytes),]
}

/// Writes a date in one of the three formats.
fn written(seconds: impl Strategy<Value = i64> + Clone) -> impl Strategy<Value = String> + Clone {
    (seconds, 0_usize..3).prop_map(|(seconds, format)| match format {
        0 => oracle::imf_fixdate(seconds),
        1 => oracle::rfc850(seconds),
        _ => oracle::asctime(seconds),
    })
}

/// Dates and leap seconds, some with one byte changed, the end cut off or numbers out of range.
fn date_like() -> impl Strategy<Value = String> {
    let end_of_minute = seconds().prop_map(|seconds| seconds.div_euclid(60) * 60 + 59);
    let leap_second = written(end_of_minute).prop_map(|text| text.replacen(":59 ", ":60 ", 1));
    let written = written(seconds());
    prop_oneof![
        leap_second,
        written.clone(),
        (written.clone(), 0_usize..40).prop_map(|(text, end)| text[..end.min(text.len())].to_owned()),
        (written, 0_usize..40, "[ -~]").prop_map(|(mut text, place, with)| {
            let place = place.min(text.len() - 1);
            text.replace_range(place..=place, &with);
            text
        }),
        "(Sun|Sat|Mon), [0-9]{2} (Feb|Dec) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
        "(Sunday|Monday), [0-9]{2}-(Feb|Dec)-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
        "(Sun|Mon) (Feb|Dec) [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}",
    ]
}

/// The first second of the year 0, and the last of the year 9999.
const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;

fn seconds() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![
        8 => FIRST..=LAST,
        2 => -86_400_i64..=86_400,
        1 => FIRST..=FIRST + 86_400,
        1 => LAST - 86_400..=LAST,
    ]
}

fn date(seconds: i64) -> HttpDate {
    HttpDate::from_unix_seconds(seconds).unwrap()
}
