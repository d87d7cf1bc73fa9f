//! What holds for every tag, every list, every date and every header, not only for the ones in a table.

// A property fails by panicking; the slices are cut where the generator said.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod naive;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderValue, Method};
use naive::{Tag, TagField};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tower_precondition::{
    Condition, ConditionalFields, EntityTag, HttpDate, Outcome, TagList, Validators, evaluate,
};

/// Bytes that may stand between the quotes.
fn opaque() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>().prop_filter("an etagc", |&byte| naive::is_etagc(byte)), 0..8)
}

/// Few enough bytes that two tags are often equal, or differ in their case or their `W/` alone.
fn close_opaque() -> impl Strategy<Value = Vec<u8>> {
    vec(select(b"aA\\,\xfc".to_vec()), 0..3)
}

fn tag(opaque: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Tag> {
    (any::<bool>(), opaque).prop_map(|(weak, opaque)| Tag { weak, opaque })
}

/// The crate's tag, by way of its constructors.
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

/// White space that may stand around the members of a list.
fn white_space() -> impl Strategy<Value = &'static str> {
    select(vec!["", " ", "\t", "  ", " \t "])
}

/// A list as someone careless would write it, and the tags that are in it.
fn careless_list() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<Tag>)> {
    let member = prop_oneof![4 => tag(opaque()).prop_map(Some), 1 => Just(None)];
    let line = vec((white_space(), member, white_space()), 1..4);
    vec(line, 1..4).prop_map(|lines| {
        let mut printed = Vec::new();
        let mut tags = Vec::new();
        for line in lines {
            let mut members: Vec<Vec<u8>> = Vec::new();
            for (before, member, after) in line {
                let text = member.as_ref().map(naive::print_tag).unwrap_or_default();
                members.push([before.as_bytes(), &text, after.as_bytes()].concat());
                tags.extend(member);
            }
            printed.push(members.join(b",".as_slice()));
        }
        (printed, tags)
    })
}

/// Bytes from the alphabet that the grammar of a list turns on.
fn list_alphabet() -> impl Strategy<Value = Vec<u8>> {
    vec(select(b"\"W/*, \ta\\\xfc".to_vec()), 0..12)
}

/// Pieces of lists, so that well-formed and almost well-formed lists are as frequent as noise.
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

/// Any bytes that a header can hold.
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    let visible = any::<u8>().prop_map(|byte| if byte == b'\t' || byte >= 0x20 { byte } else { b' ' });
    let visible = visible.prop_map(|byte| if byte == 0x7f { b'"' } else { byte });
    prop_oneof![vec(visible, 0..40), list_alphabet(), list_pieces(), date_like().prop_map(String::into_bytes),]
}

/// Dates with one byte changed or cut short, and dates whose numbers are out of bounds.
fn date_like() -> impl Strategy<Value = String> {
    let written = (seconds(), 0_usize..3).prop_map(|(seconds, format)| match format {
        0 => naive::imf_fixdate(seconds),
        1 => naive::rfc850(seconds),
        _ => naive::asctime(seconds),
    });
    prop_oneof![
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

const METHODS: [&str; 11] =
    ["GET", "HEAD", "QUERY", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPPATCH"];

/// The crate's list against the oracle's reading of the same lines.
fn lists_agree(lines: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let expected = naive::parse_tag_field(lines);
    for name in [IF_MATCH, IF_NONE_MATCH] {
        let headers = headers(&name, lines);
        let preconditions = ConditionalFields::from_headers(&headers);
        let (condition, list): (_, Option<TagList<'_>>) = if name == IF_MATCH {
            (Condition::IfMatch, preconditions.if_match())
        } else {
            (Condition::IfNoneMatch, preconditions.if_none_match())
        };
        prop_assert_eq!(list.is_some(), expected != TagField::Absent);
        prop_assert_eq!(preconditions.contains(condition), expected != TagField::Absent);
        prop_assert_eq!(preconditions.check().is_err(), expected == TagField::Malformed);
        let Some(list) = list else { continue };

        match &expected {
            TagField::Absent => {}
            TagField::Any => prop_assert_eq!(list.is_any().ok(), Some(true)),
            TagField::Malformed => {
                // Malformed as a whole: no question about it has an answer, however far the text is sound.
                let candidate = EntityTag::from_static(r#""a""#);
                prop_assert!(list.is_any().is_err());
                prop_assert!(list.to_tags().is_err());
                prop_assert!(list.strong_match(&candidate).is_err());
                prop_assert!(list.weak_match(&candidate).is_err());
                let error = preconditions.check().unwrap_err();
                prop_assert_eq!(error.condition(), condition);
                prop_assert!(error.line() < lines.len());
                prop_assert!(error.offset() <= lines[error.line()].len());
                // What was found is what stands there.
                if let Some(found) = error.found() {
                    prop_assert_eq!(lines[error.line()].get(error.offset()), Some(&found));
                }
                prop_assert!(!error.to_string().is_empty());
            }
            TagField::List(tags) => {
                prop_assert_eq!(list.is_any().ok(), Some(false));
                let printed: Vec<Vec<u8>> = tags.iter().map(naive::print_tag).collect();
                let read: Vec<Vec<u8>> = list
                    .to_tags()
                    .unwrap()
                    .iter()
                    .map(|tag| tag.as_header_value().as_bytes().to_vec())
                    .collect();
                prop_assert_eq!(&read, &printed);

                let mut candidates = tags.clone();
                for opaque in [&b"a"[..], b"", b"\\", b"\xfc", b"zz"] {
                    candidates.push(Tag { weak: false, opaque: opaque.to_vec() });
                    candidates.push(Tag { weak: true, opaque: opaque.to_vec() });
                }
                for candidate in candidates {
                    let strong = tags.iter().any(|tag| naive::strong_match(tag, &candidate));
                    let weak = tags.iter().any(|tag| naive::weak_match(tag, &candidate));
                    let candidate = built(&candidate);
                    prop_assert_eq!(list.strong_match(&candidate).ok(), Some(strong));
                    prop_assert_eq!(list.weak_match(&candidate).ok(), Some(weak));
                }
            }
        }
    }
    Ok(())
}

/// The seconds that a two-digit year stands for: of the years that end so, the last one that is not more
/// than fifty years ahead.
fn two_digit_year(seconds: i64, now: i64) -> Option<i64> {
    let written = naive::civil(seconds);
    let now = naive::civil(now);
    let ahead = naive::seconds_of(now.year + 50, now.month, now.day, now.hour, now.minute, now.second);
    (0..=10_050)
        .rev()
        .filter(|year| year % 100 == written.year.rem_euclid(100))
        .map(|year| {
            let naive::Civil { month, day, hour, minute, second, .. } = written;
            (year, naive::seconds_of(year, month, day, hour, minute, second))
        })
        .find(|&(_, seconds)| seconds <= ahead)
        .map(|(_, seconds)| seconds)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tag_is_printed_as_it_was_built(tag in tag(opaque())) {
        let text = naive::print_tag(&tag);
        let entity_tag = built(&tag);
        prop_assert_eq!(entity_tag.is_weak(), tag.weak);
        prop_assert_eq!(entity_tag.as_header_value().as_bytes(), &text[..]);
        let value = HeaderValue::from(entity_tag);
        prop_assert_eq!(value.as_bytes(), &text[..]);
    }

    #[test]
    fn a_tag_survives_a_header_value(tag in tag(opaque())) {
        let text = naive::print_tag(&tag);
        let read = EntityTag::try_from(header(&text)).unwrap();
        prop_assert_eq!(read.is_weak(), tag.weak);
        let value = HeaderValue::from(read);
        prop_assert_eq!(value.as_bytes(), &text[..]);
    }

    #[test]
    fn an_ascii_tag_survives_its_text(weak in any::<bool>(), opaque in "[!#-~]{0,12}") {
        let text = String::from_utf8(naive::print_tag(&Tag { weak, opaque: opaque.into_bytes() })).unwrap();
        let read: EntityTag = text.parse().unwrap();
        prop_assert_eq!(read.is_weak(), weak);
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn text_is_a_tag_where_the_grammar_says_so(text in prop_oneof![header_bytes(), list_pieces()]) {
        let expected = naive::parse_tag(&text);
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
    fn only_etagc_can_be_put_between_the_quotes(opaque in vec(any::<u8>(), 0..5)) {
        let fits = opaque.iter().all(|&byte| naive::is_etagc(byte));
        prop_assert_eq!(EntityTag::strong(&opaque).is_ok(), fits);
        prop_assert_eq!(EntityTag::weak(&opaque).is_ok(), fits);
    }

    #[test]
    fn tags_are_compared_as_the_oracle_compares(a in tag(close_opaque()), b in tag(close_opaque())) {
        let (left, right) = (built(&a), built(&b));
        prop_assert_eq!(left.strong_eq(&right), naive::strong_match(&a, &b));
        prop_assert_eq!(left.weak_eq(&right), naive::weak_match(&a, &b));
        prop_assert_eq!(left.strong_eq(&right), right.strong_eq(&left));
        prop_assert_eq!(left.weak_eq(&right), right.weak_eq(&left));
        // A strong match is a weak match.
        prop_assert!(!left.strong_eq(&right) || left.weak_eq(&right));
    }

    #[test]
    fn the_weak_comparison_does_not_see_the_w(a in close_opaque(), b in close_opaque()) {
        let of = |weak, opaque: &Vec<u8>| built(&Tag { weak, opaque: opaque.clone() });
        for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
            prop_assert_eq!(of(left, &a).weak_eq(&of(right, &b)), a == b);
        }
        prop_assert!(of(false, &a).strong_eq(&of(false, &a)));
        prop_assert!(!of(true, &a).strong_eq(&of(true, &a)));
    }

    #[test]
    fn versions_are_told_apart(a in any::<u64>(), b in any::<u64>()) {
        let (left, right) = (EntityTag::from_version(a), EntityTag::from_version(b));
        prop_assert!(!left.is_weak());
        prop_assert!(left.strong_eq(&EntityTag::from_version(a)));
        prop_assert_eq!(left.weak_eq(&right), a == b);
        prop_assert!(naive::parse_tag(left.as_header_value().as_bytes()).is_some());
    }

    #[test]
    fn a_careless_list_has_the_tags_that_were_written((lines, tags) in careless_list()) {
        for name in [IF_MATCH, IF_NONE_MATCH] {
            let headers = headers(&name, &lines);
            let preconditions = ConditionalFields::from_headers(&headers);
            prop_assert!(preconditions.check().is_ok());
            let list = if name == IF_MATCH { preconditions.if_match() } else { preconditions.if_none_match() };
            let list = list.unwrap();
            prop_assert_eq!(list.is_any().ok(), Some(false));
            let read: Vec<Vec<u8>> = list
                .to_tags()
                .unwrap()
                .into_iter()
                .map(|tag| HeaderValue::from(tag).as_bytes().to_vec())
                .collect();
            prop_assert_eq!(read, tags.iter().map(naive::print_tag).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_tag_of_a_list_is_matched((lines, tags) in careless_list(), pick in any::<prop::sample::Index>()) {
        prop_assume!(!tags.is_empty());
        let tag = &tags[pick.index(tags.len())];
        let current = Validators::new().with_etag(built(tag));
        let if_none_match = headers(&IF_NONE_MATCH, &lines);
        let evaluation = evaluate(&Method::GET, &ConditionalFields::from_headers(&if_none_match), Some(&current));
        prop_assert_eq!(evaluation.outcome(Condition::IfNoneMatch), Outcome::False);

        let strong = tags.iter().any(|other| naive::strong_match(other, tag));
        let if_match = headers(&IF_MATCH, &lines);
        let evaluation = evaluate(&Method::PUT, &ConditionalFields::from_headers(&if_match), Some(&current));
        prop_assert_eq!(evaluation.outcome(Condition::IfMatch), if strong { Outcome::True } else { Outcome::False });
    }

    #[test]
    fn nothing_that_a_header_can_hold_makes_a_panic(
        fields in vec(vec(header_bytes(), 0..3), 6),
        method in select(METHODS.to_vec()),
        now in seconds(),
        weak in any::<bool>(),
    ) {
        let mut map = HeaderMap::new();
        let names = [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE, RANGE];
        for (name, lines) in names.iter().zip(&fields) {
            for line in lines {
                map.append(name, header(line));
            }
        }
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let tagged = Validators::new().with_etag(built(&Tag { weak, opaque: b"a".to_vec() }));
        let dated = tagged.clone().with_last_modified(date(now)).settled_at(date(0));
        for preconditions in [ConditionalFields::from_headers(&map), ConditionalFields::from_headers_at(&map, date(now))] {
            if let Err(error) = preconditions.check() {
                prop_assert!(!error.to_string().is_empty());
            }
            for condition in Condition::ALL {
                prop_assert_eq!(preconditions.contains(condition), match condition {
                    Condition::IfMatch => !fields[0].is_empty(),
                    Condition::IfNoneMatch => !fields[1].is_empty(),
                    Condition::IfModifiedSince => !fields[2].is_empty(),
                    Condition::IfUnmodifiedSince => !fields[3].is_empty(),
                    Condition::IfRange => !fields[4].is_empty(),
                });
            }
            prop_assert_eq!(preconditions.has_range(), !fields[5].is_empty());
            let _: Option<bool> = preconditions.if_modified_since().map(|date| date.is_ok());
            let _: Option<bool> = preconditions.if_unmodified_since().map(|date| date.is_ok());
            for current in [None, Some(&tagged), Some(&dated)] {
                let evaluation = evaluate(&method, &preconditions, current);
                for condition in Condition::ALL {
                    let absent = evaluation.outcome(condition) == Outcome::NotPresent;
                    prop_assert_eq!(absent, !preconditions.contains(condition));
                }
            }
        }
    }

    #[test]
    fn nothing_makes_a_date_panic(bytes in prop_oneof![vec(any::<u8>(), 0..40), header_bytes()], now in seconds()) {
        if let Ok(read) = HttpDate::parse_at(&bytes, date(now)) {
            prop_assert!(HttpDate::MIN <= read && read <= HttpDate::MAX);
        }
        if let Ok(text) = String::from_utf8(bytes) {
            let _: bool = text.parse::<HttpDate>().is_ok();
        }
    }

    #[test]
    fn a_date_is_printed_as_an_imf_fixdate_and_read_again(seconds in seconds()) {
        let text = date(seconds).to_string();
        prop_assert_eq!(&text, &naive::imf_fixdate(seconds));
        prop_assert_eq!(text.parse::<HttpDate>().unwrap().unix_seconds(), seconds);
    }

    #[test]
    fn every_format_of_a_date_is_read(seconds in seconds(), now in seconds()) {
        let now = date(now);
        for text in [naive::imf_fixdate(seconds), naive::asctime(seconds)] {
            let read = HttpDate::parse_at(text.as_bytes(), now).unwrap();
            prop_assert_eq!(read.unix_seconds(), seconds, "{}", text);
        }
    }

    // Dates from 49 years before to 49 years after the clock are what they are, whatever the century.
    #[test]
    fn a_two_digit_year_near_the_clock_is_read(now in seconds(), away in -49 * 365 * 86_400_i64..=49 * 365 * 86_400) {
        let seconds = now + away;
        prop_assume!((FIRST..=LAST).contains(&seconds));
        let text = naive::rfc850(seconds);
        let read = HttpDate::parse_at(text.as_bytes(), date(now)).unwrap();
        prop_assert_eq!(read.unix_seconds(), seconds, "{} at {}", text, naive::imf_fixdate(now));
    }

    // Dates around the pivot itself, and a whole century away from it. The clock stands clear of the ends
    // of the calendar and of the 29th of February, which has no anniversary.
    #[test]
    fn a_two_digit_year_turns_fifty_years_ahead(
        now in FIRST + 200 * 366 * 86_400..=LAST - 200 * 366 * 86_400,
        away in -3_i64..=3,
        unit in select(vec![1_i64, 3600, 86_400, 366 * 86_400, 17 * 366 * 86_400]),
    ) {
        let civil = naive::civil(now);
        prop_assume!((civil.month, civil.day) != (2, 29));
        let pivot =
            naive::seconds_of(civil.year + 50, civil.month, civil.day, civil.hour, civil.minute, civil.second);
        // A 29th of February may not exist in the year a century earlier.
        let written = naive::civil(pivot + away * unit);
        prop_assume!((written.month, written.day) != (2, 29));
        let expected = two_digit_year(pivot + away * unit, now).unwrap();
        let text = naive::rfc850(expected);
        let read = HttpDate::parse_at(text.as_bytes(), date(now)).unwrap();
        prop_assert_eq!(read.unix_seconds(), expected, "{} at {}", text, naive::imf_fixdate(now));
    }

    #[test]
    fn a_system_time_is_cut_to_its_second(seconds in 0_u64..=253_402_300_799, nanos in 0_u32..1_000_000_000) {
        let time: SystemTime = UNIX_EPOCH + Duration::new(seconds, nanos);
        prop_assert_eq!(HttpDate::try_from(time).unwrap().unix_seconds(), i64::try_from(seconds).unwrap());
    }

    // Before 1970 a part of a second belongs to the second before it, not to the one after it.
    #[test]
    fn a_system_time_before_1970_is_cut_downwards(back in 1_u64..=62_167_219_200, nanos in 0_u32..1_000_000_000) {
        let time: SystemTime = UNIX_EPOCH - Duration::from_secs(back) + Duration::from_nanos(nanos.into());
        prop_assert_eq!(HttpDate::try_from(time).unwrap().unix_seconds(), -i64::try_from(back).unwrap());
    }

    #[test]
    fn the_seconds_of_a_date_are_its_order(a in seconds(), b in seconds()) {
        prop_assert_eq!(date(a).cmp(&date(b)), a.cmp(&b));
        prop_assert_eq!(date(a).unix_seconds(), a);
    }

    #[test]
    fn a_date_settles_after_two_seconds(modified in seconds(), away in -5_i64..=5) {
        let now = modified + away;
        prop_assume!((FIRST..=LAST).contains(&now));
        let validators = Validators::new().with_last_modified(date(modified)).settled_at(date(now));
        prop_assert_eq!(validators.last_modified(), Some(date(modified)));
        prop_assert_eq!(validators.strong_last_modified().is_some(), away >= 2);
    }

    // Nothing is read but what one of the three formats would write for that very second: no other weekday,
    // no other case, no day that the month does not have. Only the day of an asctime date may be written
    // in two ways, and a second of 60 is the next minute or the second before it.
    #[test]
    fn only_dates_are_read(text in date_like(), now in seconds()) {
        if let Ok(read) = HttpDate::parse_at(text.as_bytes(), date(now)) {
            let again: HttpDate = read.to_string().parse().unwrap();
            prop_assert_eq!(again, read);
            if !text.contains(":60") {
                let seconds = read.unix_seconds();
                let padded = naive::asctime(seconds).replacen("  ", " 0", 1);
                let written =
                    [naive::imf_fixdate(seconds), naive::rfc850(seconds), naive::asctime(seconds), padded];
                prop_assert!(written.contains(&text), "{} was read as {}", text, read);
            }
        }
    }
}

proptest! {
    // The alphabet is small and the strings are short, so this many cases reach every corner of the grammar.
    #![proptest_config(ProptestConfig { cases: 8192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_line_is_read_as_the_oracle_reads_it(line in prop_oneof![list_alphabet(), list_pieces()]) {
        lists_agree(&[line])?;
    }

    #[test]
    fn several_lines_are_read_as_the_oracle_reads_them(
        lines in vec(prop_oneof![list_alphabet(), list_pieces()], 2..4),
    ) {
        lists_agree(&lines)?;
    }

    // The same bytes cut anywhere, also within quotes.
    #[test]
    fn a_line_cut_in_two_is_read_as_the_oracle_reads_it(
        text in prop_oneof![list_alphabet(), list_pieces()],
        cut in any::<prop::sample::Index>(),
    ) {
        let (first, second) = text.split_at(cut.index(text.len() + 1));
        lists_agree(&[first.to_vec(), second.to_vec()])?;
    }
}

/// Every string of up to five bytes of the alphabet, so that nothing short depends on luck.
#[test]
fn every_short_line_is_read_as_the_oracle_reads_it() {
    let alphabet = b"\"W/*, \ta\\\xfc";
    let mut cases = 0_u32;
    for length in 0..=5_u32 {
        for number in 0..10_usize.pow(length) {
            let mut rest = number;
            let mut line = Vec::new();
            for _ in 0..length {
                line.push(alphabet[rest % 10]);
                rest /= 10;
            }
            // Most of them are noise that differs in nothing but where it goes wrong: one field will do.
            let expected = naive::parse_tag_field(std::slice::from_ref(&line));
            let headers = headers(&IF_MATCH, std::slice::from_ref(&line));
            let list = ConditionalFields::from_headers(&headers);
            let list = list.if_match().unwrap();
            let agrees = match (&expected, list.is_any()) {
                (TagField::Malformed, Err(_)) => list.to_tags().is_err(),
                (TagField::Any, Ok(any)) => any,
                (TagField::List(tags), Ok(false)) => {
                    let read = list.to_tags().unwrap();
                    read.len() == tags.len()
                        && read
                            .iter()
                            .zip(tags)
                            .all(|(read, tag)| read.as_header_value().as_bytes() == naive::print_tag(tag))
                }
                _ => false,
            };
            assert!(agrees, "{:?} is {expected:?}", header(&line));
            cases += 1;
        }
    }
    assert_eq!(cases, 111_111);
}

/// The edges of what a `SystemTime` can say and an HTTP date cannot.
#[test]
fn a_system_time_out_of_range_is_refused() {
    let before = UNIX_EPOCH - Duration::from_secs(62_167_219_200);
    assert_eq!(HttpDate::try_from(before).unwrap(), HttpDate::MIN);
    assert!(HttpDate::try_from(before - Duration::from_nanos(1000)).is_err());
    let after = UNIX_EPOCH + Duration::from_secs(253_402_300_800);
    assert_eq!(HttpDate::try_from(after - Duration::from_nanos(1000)).unwrap(), HttpDate::MAX);
    assert!(HttpDate::try_from(after).is_err());
    assert!(HttpDate::from_unix_seconds(FIRST - 1).is_err());
    assert!(HttpDate::from_unix_seconds(LAST + 1).is_err());
    assert!(HttpDate::from_unix_seconds(i64::MIN).is_err());
    assert!(HttpDate::from_unix_seconds(i64::MAX).is_err());
}
