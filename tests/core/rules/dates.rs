//! The three formats of a date (§5.6.7, rules 53 and 55).

use tower_precondition::{
    Condition::{IfModifiedSince, IfUnmodifiedSince},
    HttpDate,
    precondition::Ignored::InvalidDate,
};

use super::case::{MODIFIED, NOW, at, dated, fails, not_modified, proceeds, rules};

rules! {
    rule_53_imf_fixdate_is_accepted: ["GET"] { "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT" }
        against dated(MODIFIED) => not_modified();
    rule_53_rfc_850_is_accepted: ["GET"] { "if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT" }
        against dated(MODIFIED) => not_modified();
    rule_53_asctime_is_accepted: ["GET"] { "if-modified-since": "Sun Nov  6 08:49:37 1994" }
        against dated(MODIFIED) => not_modified();
    rule_53_the_given_clock_decides_the_century: ["PUT"] {
        "if-unmodified-since": "Sunday, 06-Nov-94 08:49:36 GMT",
    } against dated(MODIFIED) => fails(IfUnmodifiedSince);
}

fn parse(text: &str) -> Option<i64> {
    HttpDate::parse_at(text.as_bytes(), at(NOW)).ok().map(HttpDate::unix_seconds)
}

#[test]
fn rule_53_three_formats_are_read_and_one_is_written() {
    for text in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(parse(text), Some(MODIFIED), "{text}");
        let read: HttpDate = text.parse().unwrap();
        assert_eq!(read.to_string(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
    // The grammar lets the day of an asctime date have two digits.
    assert_eq!(parse("Sun Nov 06 08:49:37 1994"), Some(MODIFIED));
    assert_eq!(parse("Wed Nov 16 08:49:37 1994"), Some(MODIFIED + 10 * 86_400));
}

#[test]
fn rule_53_other_formats_are_not_dates() {
    for text in [
        "",
        " ",
        "0",
        "-1",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT; length=1",
        "Sun, 06 Nov 1994 08:49:37.5 GMT",
        "Sun, 06 Nov +994 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 94",
        "Sun Nov  6 08:49:37 1994 GMT",
        "1994-11-06T08:49:37Z",
        "S\u{fc}n, 06 Nov 1994 08:49:37 GMT",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

/// The format is a subset of that of RFC 5322, whose §3.3 requires it.
#[test]
fn rule_53_the_weekday_must_be_that_of_the_date() {
    assert_eq!(parse("Mon, 06 Nov 1994 08:49:37 GMT"), None);
    assert_eq!(parse("Monday, 06-Nov-94 08:49:37 GMT"), None);
    assert_eq!(parse("Mon Nov  6 08:49:37 1994"), None);
}

#[test]
fn rule_53_leap_years_have_a_29th_of_february() {
    assert_eq!(parse("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
    assert_eq!(parse("Thu, 29 Feb 1996 00:00:00 GMT"), Some(825_552_000));
    assert_eq!(parse("Thu, 01 Mar 1900 00:00:00 GMT"), Some(-2_203_891_200));
    for text in
        ["Thu, 29 Feb 1900 00:00:00 GMT", "Wed, 28 Feb 1900 24:00:00 GMT", "Mon, 29 Feb 2100 00:00:00 GMT"]
    {
        assert_eq!(parse(text), None, "{text}");
    }
}

/// Noon on Thursday 15 October 2026.
const NOON_2026: i64 = 1_792_065_600;

fn two_digits(text: &str, now: i64) -> Option<String> {
    HttpDate::parse_at(text.as_bytes(), at(now)).ok().map(|date| date.to_string())
}

#[test]
fn rule_53_two_digits_reach_exactly_fifty_years_ahead() {
    assert_eq!(at(NOON_2026).to_string(), "Thu, 15 Oct 2026 12:00:00 GMT");
    // In 2076 the day is a Thursday, in 1976 it was a Friday.
    let exactly = two_digits("Thursday, 15-Oct-76 12:00:00 GMT", NOON_2026);
    assert_eq!(exactly.as_deref(), Some("Thu, 15 Oct 2076 12:00:00 GMT"));
    let almost = two_digits("Thursday, 15-Oct-76 11:59:59 GMT", NOON_2026);
    assert_eq!(almost.as_deref(), Some("Thu, 15 Oct 2076 11:59:59 GMT"));
    let more = two_digits("Friday, 15-Oct-76 12:00:01 GMT", NOON_2026);
    assert_eq!(more.as_deref(), Some("Fri, 15 Oct 1976 12:00:01 GMT"));
    let next_day = two_digits("Saturday, 16-Oct-76 00:00:00 GMT", NOON_2026);
    assert_eq!(next_day.as_deref(), Some("Sat, 16 Oct 1976 00:00:00 GMT"));
    let next_year = two_digits("Saturday, 15-Oct-77 00:00:00 GMT", NOON_2026);
    assert_eq!(next_year.as_deref(), Some("Sat, 15 Oct 1977 00:00:00 GMT"));
}

#[test]
fn rule_53_the_weekday_must_be_that_of_the_chosen_century() {
    // 15 October is a Thursday in 2076 and a Friday in 1976.
    assert_eq!(two_digits("Friday, 15-Oct-76 12:00:00 GMT", NOON_2026), None);
    assert_eq!(two_digits("Thursday, 15-Oct-76 12:00:01 GMT", NOON_2026), None);
    // One second later, the same text is a date of the next century.
    let text = "Thursday, 15-Oct-76 12:00:01 GMT";
    let later = two_digits(text, NOON_2026 + 1);
    assert_eq!(later.as_deref(), Some("Thu, 15 Oct 2076 12:00:01 GMT"));
}

#[test]
fn rule_53_two_digits_mean_this_century_or_the_last() {
    let this_year = two_digits("Thursday, 01-Jan-26 00:00:00 GMT", NOON_2026);
    assert_eq!(this_year.as_deref(), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    let next_month = two_digits("Sunday, 15-Nov-26 12:00:00 GMT", NOON_2026);
    assert_eq!(next_month.as_deref(), Some("Sun, 15 Nov 2026 12:00:00 GMT"));
    let classic = two_digits("Sunday, 06-Nov-94 08:49:37 GMT", NOON_2026);
    assert_eq!(classic.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    let epoch = two_digits("Saturday, 01-Jan-00 00:00:00 GMT", NOON_2026);
    assert_eq!(epoch.as_deref(), Some("Sat, 01 Jan 2000 00:00:00 GMT"));

    // At the end of a century, the next year is in the next one.
    let end_of_2099 = 4_102_444_799;
    assert_eq!(at(end_of_2099).to_string(), "Thu, 31 Dec 2099 23:59:59 GMT");
    let a_second_later = two_digits("Friday, 01-Jan-00 00:00:00 GMT", end_of_2099);
    assert_eq!(a_second_later.as_deref(), Some("Fri, 01 Jan 2100 00:00:00 GMT"));

    // The clock may be before 1970.
    let in_1960 = two_digits("Saturday, 06-Nov-10 08:49:37 GMT", -288_803_423);
    assert_eq!(in_1960.as_deref(), Some("Sat, 06 Nov 2010 08:49:37 GMT"));
    let past = two_digits("Monday, 06-Nov-11 08:49:37 GMT", -288_803_423);
    assert_eq!(past.as_deref(), Some("Mon, 06 Nov 1911 08:49:37 GMT"));
}

#[test]
fn rule_53_a_second_of_60_is_in_the_grammar() {
    // A real leap second. Unix time does not count it, so it is one of its neighbours.
    for text in
        ["Sat, 31 Dec 2016 23:59:60 GMT", "Saturday, 31-Dec-16 23:59:60 GMT", "Sat Dec 31 23:59:60 2016"]
    {
        let read = HttpDate::parse_at(text.as_bytes(), at(NOON_2026)).unwrap().unix_seconds();
        assert!((1_483_228_799..=1_483_228_800).contains(&read), "{text} is {read}");
    }
    // The last second of the calendar has no next one.
    if let Ok(read) = HttpDate::parse_at(b"Fri, 31 Dec 9999 23:59:60 GMT", at(NOW)) {
        assert_eq!(read, HttpDate::MAX);
    }
}

rules! {
    rule_53_a_second_of_60_is_not_ignored: ["PUT"] { "if-unmodified-since": "Fri, 30 Jun 1972 23:59:60 GMT" }
        against dated(MODIFIED) => fails(IfUnmodifiedSince);
}

#[test]
fn rule_53_dates_before_1970_are_dates() {
    for (text, seconds) in [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ("Wed Dec 31 23:59:59 1969", -1),
        ("Fri, 13 Dec 1901 20:45:52 GMT", -2_147_483_648),
        ("Mon, 01 Jan 0001 00:00:00 GMT", -62_135_596_800),
    ] {
        assert_eq!(parse(text), Some(seconds), "{text}");
        assert_eq!(at(seconds).to_string().parse::<HttpDate>().unwrap(), at(seconds));
    }
    assert_eq!(at(-1).to_string(), "Wed, 31 Dec 1969 23:59:59 GMT");
    let rfc850 = HttpDate::parse_at(b"Wednesday, 31-Dec-69 23:59:59 GMT", at(0)).unwrap();
    assert_eq!(rfc850, at(-1));
}

#[test]
fn rule_53_the_calendar_has_the_years_0_to_9999() {
    assert_eq!(HttpDate::MIN.to_string(), "Sat, 01 Jan 0000 00:00:00 GMT");
    assert_eq!(HttpDate::MAX.to_string(), "Fri, 31 Dec 9999 23:59:59 GMT");
    assert_eq!(parse("Sat, 01 Jan 0000 00:00:00 GMT"), Some(HttpDate::MIN.unix_seconds()));
    assert_eq!(parse("Sat Jan  1 00:00:00 0000"), Some(HttpDate::MIN.unix_seconds()));
    assert_eq!(parse("Fri, 31 Dec 9999 23:59:59 GMT"), Some(HttpDate::MAX.unix_seconds()));
    assert_eq!(parse("Fri Dec 31 23:59:59 9999"), Some(HttpDate::MAX.unix_seconds()));
    // Year 0 is a leap year, as year 2000 is.
    assert_eq!(parse("Tue, 29 Feb 0000 00:00:00 GMT"), Some(HttpDate::MIN.unix_seconds() + 59 * 86_400));
    assert!(HttpDate::from_unix_seconds(HttpDate::MIN.unix_seconds() - 1).is_err());
    assert!(HttpDate::from_unix_seconds(HttpDate::MAX.unix_seconds() + 1).is_err());
    assert_eq!(parse("Sat, 01 Jan 10000 00:00:00 GMT"), None);
}

#[test]
fn rule_53_two_digits_at_the_ends_of_the_calendar_do_not_panic() {
    for now in [HttpDate::MIN, HttpDate::MAX] {
        for year in 0..100 {
            for day in ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] {
                let text = format!("{day}, 01-Jan-{year:02} 00:00:00 GMT");
                if let Ok(read) = HttpDate::parse_at(text.as_bytes(), now) {
                    let fifty_years = 51 * 366 * 86_400;
                    assert!(read.unix_seconds() - now.unix_seconds() <= fifty_years, "{text} is {read}");
                }
            }
        }
    }
    // 31 December 99 is today, so it is not in the last century.
    let last_century = HttpDate::parse_at(b"Friday, 31-Dec-99 23:59:59 GMT", HttpDate::MAX);
    assert_eq!(last_century.unwrap(), HttpDate::MAX);
}

#[test]
fn rule_55_names_of_days_and_months_are_case_sensitive() {
    for text in [
        "sun, 06 Nov 1994 08:49:37 GMT",
        "SUN, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 NOV 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "sunday, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-nov-94 08:49:37 GMT",
        "sun Nov  6 08:49:37 1994",
        "Sun nov  6 08:49:37 1994",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

rules! {
    rule_55_a_date_in_the_wrong_case_is_ignored: ["GET"] { "if-modified-since": "sun, 06 nov 1994 08:49:37 gmt" }
        against dated(MODIFIED) => proceeds().ignores(IfModifiedSince, InvalidDate);
}
