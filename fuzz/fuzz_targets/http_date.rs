//! Reads arbitrary bytes as a date. The oracle reads the same date, and the date survives being written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use precondition_oracle as oracle;
use tower_precondition::HttpDate;

fuzz_target!(|input: (i64, &[u8])| {
    let (seconds, text) = input;
    let now = date_within_range(seconds);
    reads_what_it_writes(now);
    let read = HttpDate::parse_at(text, now);
    let expected = oracle::parse_date(text.trim_ascii(), now.unix_seconds());
    assert_eq!(read.as_ref().ok().map(|date| date.unix_seconds()), expected);
    if let Ok(date) = read {
        // An IMF-fixdate has a four-digit year, so the clock does not matter.
        for at in [now, HttpDate::MIN, HttpDate::MAX] {
            assert_eq!(HttpDate::parse_at(date.to_string().as_bytes(), at), Ok(date));
        }
    }
});

fn date_within_range(seconds: i64) -> HttpDate {
    let span = HttpDate::MAX.unix_seconds() - HttpDate::MIN.unix_seconds() + 1;
    let seconds = HttpDate::MIN.unix_seconds() + seconds.rem_euclid(span);
    HttpDate::from_unix_seconds(seconds).expect("it was brought into the range")
}

/// The crate writes the date as the oracle does, and reads all three formats of it.
fn reads_what_it_writes(date: HttpDate) {
    let seconds = date.unix_seconds();
    assert_eq!(date.to_string(), oracle::imf_fixdate(seconds));
    for text in [oracle::imf_fixdate(seconds), oracle::asctime(seconds), oracle::rfc850(seconds)] {
        assert_eq!(HttpDate::parse_at(text.as_bytes(), date), Ok(date), "{text}");
    }
}
