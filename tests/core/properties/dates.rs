//! Dates, and the times that they come from.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use precondition_oracle as oracle;
use proptest::{collection::vec, prelude::*, sample::select};
use tower_precondition::{HttpDate, Validators};

use super::{FIRST, LAST, date, date_like, header_bytes, seconds};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_date_parser_panic(bytes in prop_oneof![vec(any::<u8>(), 0..40), header_bytes()], now in seconds()) {
        if let Ok(read) = HttpDate::parse_at(&bytes, date(now)) {
            prop_assert!(HttpDate::MIN <= read && read <= HttpDate::MAX);
        }
        if let Ok(text) = String::from_utf8(bytes) {
            let _: bool = text.parse::<HttpDate>().is_ok();
        }
    }

    #[test]
    fn a_date_is_written_as_an_imf_fixdate_and_read_again(seconds in seconds()) {
        let text = date(seconds).to_string();
        prop_assert_eq!(&text, &oracle::imf_fixdate(seconds));
        prop_assert_eq!(text.parse::<HttpDate>().unwrap().unix_seconds(), seconds);
    }

    #[test]
    fn every_format_of_a_date_is_read(seconds in seconds(), now in seconds()) {
        let now = date(now);
        for text in [oracle::imf_fixdate(seconds), oracle::asctime(seconds)] {
            let read = HttpDate::parse_at(text.as_bytes(), now).unwrap();
            prop_assert_eq!(read.unix_seconds(), seconds, "{}", text);
        }
    }

    // From 49 years before the clock to 49 years after it, the year has only one meaning.
    #[test]
    fn a_two_digit_year_near_the_clock_is_read(now in seconds(), away in -49 * 365 * 86_400_i64..=49 * 365 * 86_400) {
        let seconds = now + away;
        prop_assume!((FIRST..=LAST).contains(&seconds));
        let text = oracle::rfc850(seconds);
        let read = HttpDate::parse_at(text.as_bytes(), date(now)).unwrap();
        prop_assert_eq!(read.unix_seconds(), seconds, "{} at {}", text, oracle::imf_fixdate(now));
    }

    // Dates near the limit, and far from it. The clock is not near the ends of the calendar, and not on
    // 29 February: most years have no such day.
    #[test]
    fn a_two_digit_year_is_at_most_fifty_years_ahead(
        now in FIRST + 200 * 366 * 86_400..=LAST - 200 * 366 * 86_400,
        away in -3_i64..=3,
        unit in select(vec![1_i64, 3600, 86_400, 366 * 86_400, 17 * 366 * 86_400]),
    ) {
        let civil = oracle::civil(now);
        prop_assume!((civil.month, civil.day) != (2, 29));
        let pivot =
            oracle::seconds_of(civil.year + 50, civil.month, civil.day, civil.hour, civil.minute, civil.second);
        // 29 February may not exist a century earlier.
        let written = oracle::civil(pivot + away * unit);
        prop_assume!((written.month, written.day) != (2, 29));
        let oracle::Civil { month, day, hour, minute, second, .. } = written;
        let year = oracle::full_year(written, now).unwrap();
        let expected = oracle::seconds_of(year, month, day, hour, minute, second);
        let text = oracle::rfc850(expected);
        let read = HttpDate::parse_at(text.as_bytes(), date(now)).unwrap();
        prop_assert_eq!(read.unix_seconds(), expected, "{} at {}", text, oracle::imf_fixdate(now));
    }

    #[test]
    fn a_system_time_is_truncated_to_its_second(seconds in 0_u64..=253_402_300_799, nanos in 0_u32..1_000_000_000) {
        let time: SystemTime = UNIX_EPOCH + Duration::new(seconds, nanos);
        prop_assert_eq!(HttpDate::try_from(time).unwrap().unix_seconds(), i64::try_from(seconds).unwrap());
    }

    #[test]
    fn a_system_time_before_1970_is_rounded_down(back in 1_u64..=62_167_219_200, nanos in 0_u32..1_000_000_000) {
        let time: SystemTime = UNIX_EPOCH - Duration::from_secs(back) + Duration::from_nanos(nanos.into());
        prop_assert_eq!(HttpDate::try_from(time).unwrap().unix_seconds(), -i64::try_from(back).unwrap());
    }

    #[test]
    fn dates_are_ordered_by_their_seconds(a in seconds(), b in seconds()) {
        prop_assert_eq!(date(a).cmp(&date(b)), a.cmp(&b));
        prop_assert_eq!(date(a).unix_seconds(), a);
    }

    #[test]
    fn a_date_is_strong_after_two_seconds(modified in seconds(), away in -5_i64..=5) {
        let now = modified + away;
        prop_assume!((FIRST..=LAST).contains(&now));
        let validators = Validators::new().with_last_modified(date(modified)).settled_at(date(now));
        prop_assert_eq!(validators.last_modified(), Some(date(modified)));
        prop_assert_eq!(validators.strong_last_modified().is_some(), away >= 2);
    }

    // The oracle accepts only what one of the formats writes for that very second.
    #[test]
    fn the_oracle_reads_the_same_dates(text in date_like(), now in seconds()) {
        let read = HttpDate::parse_at(text.as_bytes(), date(now)).ok();
        let expected = oracle::parse_date(text.trim_ascii().as_bytes(), now);
        prop_assert_eq!(read.map(HttpDate::unix_seconds), expected, "{} at {}", text, oracle::imf_fixdate(now));
        if let Some(read) = read {
            prop_assert_eq!(read.to_string().parse::<HttpDate>().unwrap(), read);
        }
    }
}

#[test]
fn a_system_time_out_of_range_is_an_error() {
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
