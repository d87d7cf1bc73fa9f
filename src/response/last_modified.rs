use http::{
    HeaderMap, HeaderValue,
    header::{DATE, LAST_MODIFIED},
};

use crate::{
    header_map::{has_field, set_field},
    validator::HttpDate,
};

/// Inserts Last-Modified. `sent` is the text of the date, if the client sent it.
///
/// Last-Modified must not be later than the message's Date (RFC 9110 §8.8.2.1), and a server may send a Date
/// that is a second old. So if the date is recent, the Date is inserted as well.
pub(crate) fn insert_last_modified(headers: &mut HeaderMap, date: HttpDate, sent: Option<HeaderValue>) {
    // Fast path: most dates are old.
    if date.is_settled() {
        set_field(headers, LAST_MODIFIED, sent.unwrap_or_else(|| date.to_header_value()));
        return;
    }
    insert_recent(headers, date, HttpDate::now());
}

#[cold]
fn insert_recent(headers: &mut HeaderMap, date: HttpDate, now: HttpDate) {
    let date = date.min(now);
    set_field(headers, LAST_MODIFIED, date.to_header_value());
    if !date.is_settled_at(now) && !has_field(headers, DATE) {
        set_field(headers, DATE, now.to_header_value());
    }
}
