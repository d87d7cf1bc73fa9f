//! Last-Modified as it is sent.

use precondition_oracle::{imf_fixdate, parse_date};

/// Writes a date as it is sent: never later than the message (rule 44).
pub(super) fn sent(date: i64, now: i64) -> String {
    imf_fixdate(date.min(now))
}

/// Returns whether this is the date. One that the time of the message replaces may be some seconds later.
pub(super) fn is_date(told: Option<&str>, date: Option<i64>, now: i64) -> bool {
    match (told, date) {
        (Some(told), Some(date)) if date > now => {
            parse_date(told.as_bytes(), now).is_some_and(|told| (now..now + 120).contains(&told))
        }
        (told, date) => told == date.map(|date| sent(date, now)).as_deref(),
    }
}
