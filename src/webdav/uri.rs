//! The URIs of the field (RFC 3986): the end of one, and whether it is of the allowed form.

use super::malformed::{Expected, MalformedIf};

/// Finds the `>` behind an absolute URI that begins at `start`.
pub(super) fn absolute_uri_end(text: &[u8], start: usize) -> Result<usize, MalformedIf> {
    let Some(colon) = scheme_end(text.get(start..).unwrap_or_default()) else {
        return Err(MalformedIf::new(text, start, Expected::AbsoluteUri));
    };
    rest_end(text, start + colon + 1)
}

/// Finds the `>` behind a `Simple-ref` (RFC 4918 §8.3): an absolute URI, or an absolute path with its query.
pub(super) fn simple_ref_end(text: &[u8], start: usize) -> Result<usize, MalformedIf> {
    let rest = text.get(start..).unwrap_or_default();
    match rest {
        // `//` begins a reference to another host, which is not an absolute path.
        [b'/', b'/', ..] => Err(MalformedIf::new(text, start + 1, Expected::Resource)),
        [b'/', ..] => end(text, start, false),
        _ => match scheme_end(rest) {
            Some(colon) => rest_end(text, start + colon + 1),
            None => Err(MalformedIf::new(text, start, Expected::Resource)),
        },
    }
}

/// Returns the length of the scheme in front of a colon.
fn scheme_end(text: &[u8]) -> Option<usize> {
    let in_scheme = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.');
    let length = text.iter().take_while(|octet| in_scheme(octet)).count();
    let starts = text.first().is_some_and(u8::is_ascii_alphabetic);
    (starts && text.get(length) == Some(&b':')).then_some(length)
}

/// Reads what is behind the colon of the scheme.
fn rest_end(text: &[u8], start: usize) -> Result<usize, MalformedIf> {
    match text.get(start..).unwrap_or_default() {
        [b'/', b'/', ..] => end(text, start + 2, true),
        _ => end(text, start, false),
    }
}

/// Finds the `>`. Brackets stand only around an address in the authority, which a slash or a query ends.
fn end(text: &[u8], start: usize, mut in_authority: bool) -> Result<usize, MalformedIf> {
    let mut at = start;
    loop {
        match text.get(at) {
            Some(b'>') => return Ok(at),
            Some(b'%') => {
                for digit in [at + 1, at + 2] {
                    if !text.get(digit).is_some_and(u8::is_ascii_hexdigit) {
                        return Err(MalformedIf::new(text, digit, Expected::HexDigit));
                    }
                }
                at += 3;
            }
            Some(b'[' | b']') if in_authority => at += 1,
            Some(octet) if is_uri(*octet) => {
                in_authority &= !matches!(octet, b'/' | b'?');
                at += 1;
            }
            _ => return Err(MalformedIf::new(text, at, Expected::ClosingAngle)),
        }
    }
}

/// `unreserved`, `sub-delims`, and the delimiters of a path and a query. An absolute URI has no fragment.
fn is_uri(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
                | b'/'
                | b'?'
        )
}
