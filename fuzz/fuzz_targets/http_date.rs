//! Dates: whatever the octets are, reading ends, and what was read is printed and read back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_precondition::HttpDate;

/// Fifty Gregorian years in seconds, give or take the two days that leap years move.
const FIFTY_YEARS: i64 = 18_262 * 86_400;
const TWO_DAYS: i64 = 2 * 86_400;

fuzz_target!(|input: (i64, &[u8])| {
    let (seconds, text) = input;
    let now = date_within_range(seconds);
    reads_what_it_writes(now);
    if let Ok(date) = HttpDate::parse_at(text, now) {
        // Whatever the time, a date that was read is one of four digits and does not depend on it.
        for at in [now, HttpDate::MIN, HttpDate::MAX] {
            assert_eq!(HttpDate::parse_at(date.to_string().as_bytes(), at), Ok(date));
        }
        if text.contains(&b'-') {
            is_in_the_century_of(now, date);
        }
    }
});

fn date_within_range(seconds: i64) -> HttpDate {
    let span = HttpDate::MAX.unix_seconds() - HttpDate::MIN.unix_seconds() + 1;
    let seconds = HttpDate::MIN.unix_seconds() + seconds.rem_euclid(span);
    HttpDate::from_unix_seconds(seconds).expect("it was brought into the range")
}

/// Any second of the range, in all three formats, put together here from the printed one.
fn reads_what_it_writes(date: HttpDate) {
    let printed = date.to_string();
    let words: Vec<&str> = printed.split(' ').collect();
    let [weekday, day, month, year, time, "GMT"] = *words else {
        panic!("{printed} is no IMF-fixdate");
    };
    let weekday = weekday.strip_suffix(',').expect("a comma follows the weekday");
    let long = match weekday {
        "Tue" => "Tuesday".to_owned(),
        "Wed" => "Wednesday".to_owned(),
        "Thu" => "Thursday".to_owned(),
        "Sat" => "Saturday".to_owned(),
        short => format!("{short}day"),
    };
    let padded = day.strip_prefix('0').map_or_else(|| day.to_owned(), |ones| format!(" {ones}"));
    let two_digits = year.get(2..).expect("a year has four digits");
    for text in [
        printed.clone(),
        format!("{weekday} {month} {padded} {time} {year}"),
        format!("{long}, {day}-{month}-{two_digits} {time} GMT"),
    ] {
        assert_eq!(HttpDate::parse_at(text.as_bytes(), date), Ok(date), "{text}");
    }
}

/// A two-digit year is the last one so written that is not more than 50 years ahead.
fn is_in_the_century_of(now: HttpDate, date: HttpDate) {
    let ahead = date.unix_seconds() - now.unix_seconds();
    assert!(ahead <= FIFTY_YEARS + TWO_DAYS, "{date} is read at {now}");
    // Where the window of a hundred years would reach beyond year 9999 it is shorter.
    if HttpDate::MAX.unix_seconds() - now.unix_seconds() > FIFTY_YEARS + TWO_DAYS {
        assert!(ahead > -FIFTY_YEARS - TWO_DAYS, "{date} is read at {now}");
    }
}
