//! Compares `HttpDate` with the `httpdate` crate, whose calendar starts in 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, header::IF_MODIFIED_SINCE};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use tower_precondition::{ConditionalFields, HttpDate};

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rule_53_httpdate_writes_and_reads_the_same_dates(seconds in 0..=HttpDate::MAX.unix_seconds()) {
        let time: SystemTime = UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs());
        let theirs = httpdate::fmt_http_date(time);
        let ours = HttpDate::from_unix_seconds(seconds)?;
        prop_assert_eq!(ours.to_string(), &*theirs);
        prop_assert_eq!(theirs.parse::<HttpDate>()?, ours);
    }
}

#[test]
fn rule_53_httpdate_writes_the_same_day_for_800_years() {
    const DAY: u64 = 86_400;
    for day in 0..2 * 146_097 {
        let time = UNIX_EPOCH + Duration::from_secs(day * DAY + day % DAY);
        let ours = HttpDate::try_from(time).expect("the years 1970 to 2770");
        assert_eq!(ours.to_string(), httpdate::fmt_http_date(time));
    }
}

/// Every octet is looked at. Two neighbours change at once, because the parser reads several octets together.
#[test]
fn rule_53_a_text_that_is_read_is_the_text_of_its_date() {
    const TEXT: &[u8; 29] = b"Sun, 06 Nov 1994 08:49:37 GMT";
    let now = HttpDate::MIN;
    let mut read = 0;
    for at in 0..TEXT.len() - 1 {
        for octets in 0..=u16::MAX {
            let mut text = *TEXT;
            text[at..at + 2].copy_from_slice(&octets.to_le_bytes());
            if let Ok(date) = HttpDate::parse_at(&text, now) {
                read += 1;
                let leap_second = &text[23..25] == b"60";
                assert!(
                    leap_second || date.to_string().as_bytes() == text,
                    "{date}: {}",
                    text.escape_ascii()
                );
            }
        }
    }
    // 28 times the text itself, and the other years, hours, minutes, seconds and days.
    assert!(read > 200, "{read}");
}

/// The time that decides the century is the one given, not the clock's.
#[test]
fn rule_53_the_given_time_decides_the_century() {
    let text = HeaderValue::from_static("Wednesday, 01-Jan-76 00:00:00 GMT");
    let headers = HeaderMap::from_iter([(IF_MODIFIED_SINCE, text)]);
    for (now, year) in [("Thu, 01 Jan 2026 00:00:00 GMT", 2076), ("Wed, 31 Dec 2025 23:59:59 GMT", 1976)] {
        let now = now.parse().expect("a date");
        let read = ConditionalFields::from_headers_at(&headers, now).if_modified_since();
        let date = read.expect("it is there");
        match year {
            2076 => assert_eq!(date.expect("a date").to_string(), "Wed, 01 Jan 2076 00:00:00 GMT"),
            // In 1976 it was a Thursday.
            _ => assert!(date.is_err()),
        }
    }
}

#[test]
fn a_date_is_the_system_time_of_its_second() {
    for seconds in [-1, 0, 1, 784_111_777, HttpDate::MIN.unix_seconds(), HttpDate::MAX.unix_seconds()] {
        let date = HttpDate::from_unix_seconds(seconds).expect("in range");
        let time = SystemTime::from(date);
        assert_eq!(HttpDate::try_from(time), Ok(date));
        let distance = Duration::from_secs(seconds.unsigned_abs());
        assert_eq!(if seconds < 0 { time + distance } else { time - distance }, UNIX_EPOCH);
    }
}
