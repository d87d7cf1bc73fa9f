use http::{
    HeaderMap, HeaderValue,
    header::{DATE, LAST_MODIFIED},
};

use crate::{
    header_map::{has_field, set_field},
    validator::HttpDate,
};

/// Inserts Last-Modified, and reuses the client's text if it is the same.
///
/// Last-Modified must not be later than the message's Date (RFC 9110 §8.8.2.1), and a server may send a Date
/// that is a second old. So if the date is recent, the Date is inserted as well.
pub(crate) fn insert_last_modified(headers: &mut HeaderMap, date: HttpDate, sent: Option<HeaderValue>) {
    let now = HttpDate::now();
    let date = date.min(now);
    let text = date.to_bytes();
    let value = match sent.filter(|sent| sent.as_bytes() == text) {
        Some(sent) => sent,
        None => date.to_header_value(),
    };
    set_field(headers, LAST_MODIFIED, value);
    if !date.is_settled_at(now) && !has_field(headers, DATE) {
        set_field(headers, DATE, now.to_header_value());
    }
}
