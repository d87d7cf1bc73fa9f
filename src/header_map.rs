//! One field of a header map, read or written.
//!
//! The methods of [`HeaderMap`] are generic over the form of the name, and the compiler copies them into every part of
//! a program that calls them. These functions take one form, so that a program has them once.

use http::{
    HeaderMap, HeaderValue,
    header::{GetAll, HeaderName},
};

/// Returns the first line.
#[inline(never)]
pub(crate) fn first_line(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    headers.get(name)
}

/// Returns all lines.
#[inline(never)]
pub(crate) fn all_lines(headers: &HeaderMap, name: HeaderName) -> GetAll<'_, HeaderValue> {
    headers.get_all(name)
}

#[inline(never)]
pub(crate) fn has_field(headers: &HeaderMap, name: HeaderName) -> bool {
    headers.contains_key(name)
}

/// Writes the field, and replaces its lines.
#[inline(never)]
pub(crate) fn set_field(headers: &mut HeaderMap, name: HeaderName, line: HeaderValue) {
    headers.insert(name, line);
}

/// Writes all fields of the other map, and replaces their lines.
pub(crate) fn set_fields_of(headers: &mut HeaderMap, from: &HeaderMap) {
    for name in from.keys() {
        let mut lines = all_lines(from, name.clone()).into_iter();
        if let Some(first) = lines.next() {
            set_field(headers, name.clone(), first.clone());
        }
        for line in lines {
            add_line(headers, name.clone(), line.clone());
        }
    }
}

/// Writes one more line.
#[inline(never)]
pub(crate) fn add_line(headers: &mut HeaderMap, name: HeaderName, line: HeaderValue) {
    headers.append(name, line);
}

#[inline(never)]
pub(crate) fn remove_field(headers: &mut HeaderMap, name: HeaderName) {
    headers.remove(name);
}
