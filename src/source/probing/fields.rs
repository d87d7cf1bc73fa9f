use http::{
    HeaderMap,
    header::{HeaderName, VARY},
    request::Parts,
};

use crate::lists::list_members;

/// The fields of a request that its HEAD does not carry.
///
/// The HEAD carries all others, because any of them may select the state or authorize the request.
const NOT_CARRIED: [&str; 30] = [
    // Conditions: the layer evaluates them, not the service.
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
    // The condition of WebDAV, with its lock tokens (RFC 4918 §10.4), and that of CalDAV (RFC 6638 §8.3).
    "if",
    "if-schedule-tag-match",
    // The HEAD is about the whole representation.
    "range",
    // Nobody sends content after the HEAD, so nobody waits to send it.
    "expect",
    // A change of protocol is an action. The second field is a parameter of it.
    "upgrade",
    "http2-settings",
    // Parameters of WebDAV's actions (RFC 4918 §10).
    "destination",
    "overwrite",
    "depth",
    "lock-token",
    "timeout",
    // A service that knows the key would take the HEAD for the action, or replay the action's answer.
    "idempotency-key",
    // The HEAD has no content: nothing frames, describes or hashes it. Other names that start with `content-`
    // are not carried either; these are listed so that they take a bit and no allocation.
    "content-length",
    "transfer-encoding",
    "trailer",
    "content-type",
    "content-encoding",
    "content-language",
    "content-location",
    "content-range",
    "content-disposition",
    "content-digest",
    "content-md5",
    "digest",
    "repr-digest",
];

/// Fields by which a client replaces the method.
///
/// A service may let them replace the method of a HEAD too. So a request with one of them is not probed.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Returns whether the request names another method than its own, in a field or in the query.
pub(super) fn overrides_method(head: &Parts) -> bool {
    let mut parameters = head.uri.query().unwrap_or_default().split(['&', ';']);
    head.headers.keys().any(|name| METHOD_OVERRIDES.contains(&name.as_str()))
        || parameters.any(|parameter| {
            let name = parameter.split('=').next().unwrap_or_default();
            percent_decoded(name.as_bytes()).eq(*b"_method")
        })
}

/// Decodes a name as a service does: `%5Fmethod` is `_method`.
fn percent_decoded(mut text: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |octet: u8| (octet as char).to_digit(16);
    std::iter::from_fn(move || {
        let (octet, rest) = match *text {
            [b'%', high, low, ref rest @ ..] if digit(high).is_some() && digit(low).is_some() => {
                ((digit(high)? * 16 + digit(low)?) as u8, rest)
            }
            [octet, ref rest @ ..] => (octet, rest),
            [] => return None,
        };
        text = rest;
        Some(octet)
    })
}

/// The fields that a request has and its HEAD lacks.
#[derive(Debug, Default)]
pub(super) struct LackedFields {
    /// One bit for each field of [`NOT_CARRIED`].
    listed: u32,
    /// Fields about content that are not listed, and those that the user named.
    others: Vec<HeaderName>,
}

/// Returns where the list has this name.
fn listed_at(name: &str) -> Option<usize> {
    // Fast path: most names of a browser's request begin with a letter with which none of the list does.
    match name.bytes().next().is_some_and(|first| FIRST_LETTERS & letter(first) != 0) {
        true => NOT_CARRIED.iter().position(|listed| *listed == name),
        false => None,
    }
}

/// A bit for the first letter of each listed name.
const FIRST_LETTERS: u32 = {
    let (mut letters, mut rest) = (0, NOT_CARRIED.as_slice());
    while let [name, behind @ ..] = rest {
        if let [first, ..] = name.as_bytes() {
            letters |= letter(*first);
        }
        rest = behind;
    }
    letters
};

const fn letter(octet: u8) -> u32 {
    1 << (octet % 32)
}

impl LackedFields {
    /// Copies the fields that the HEAD carries, and notes the others.
    pub(super) fn of(headers: &HeaderMap, without: &[HeaderName]) -> (HeaderMap, Self) {
        let mut lacked = Self::default();
        let mut carried = HeaderMap::with_capacity(headers.keys_len());
        for (name, value) in headers {
            if !lacked.note(name, without) {
                carried.append(name, value.clone());
            }
        }
        (carried, lacked)
    }

    /// Returns whether the HEAD lacks this field of the request.
    fn note(&mut self, name: &HeaderName, without: &[HeaderName]) -> bool {
        let text = name.as_str();
        if let Some(place) = listed_at(text) {
            self.listed |= 1 << place;
            return true;
        }
        let lacks = text.starts_with("content-") || without.contains(name);
        if lacks {
            self.others.push(name.clone());
        }
        lacks
    }

    /// Returns whether the answer to the HEAD depends on a field that the HEAD lacks: its Vary names one, or is
    /// `*` (RFC 9110 §12.5.5).
    pub(super) fn select(&self, answer: &HeaderMap) -> bool {
        list_members(answer, VARY).any(|member| member == b"*" || self.contains(member))
    }

    fn contains(&self, name: &[u8]) -> bool {
        let is_name = |field: &str| field.as_bytes().eq_ignore_ascii_case(name);
        match NOT_CARRIED.iter().position(|listed| is_name(listed)) {
            Some(place) => self.listed & (1 << place) != 0,
            None => self.others.iter().any(|other| is_name(other.as_str())),
        }
    }
}
