use http::{
    HeaderMap, HeaderValue,
    header::{CACHE_CONTROL, EXPIRES},
};

use crate::header_map::{add_line, all_lines, has_field};

/// Adds `no-cache` if nothing says how long the response is fresh: caches would guess from Last-Modified
/// (RFC 9111 §4.2.2).
///
/// Adds `private` too if the request carried credentials: else a shared cache may store what is one user's.
pub(super) fn forbid_guessing(headers: &mut HeaderMap, credentials: bool) {
    if has_field(headers, EXPIRES) {
        return;
    }
    let mut private = credentials;
    for line in all_lines(headers, CACHE_CONTROL) {
        for directive in directives(line.as_bytes()) {
            match directive.split(|octet| *octet == b'=').next() {
                Some(name) if is_freshness(name, directive) => return,
                // With field names, as in `private="set-cookie"`, it is about those fields alone.
                Some(name) if name.eq_ignore_ascii_case(b"public") => private = false,
                Some(name) if directive == name && name.eq_ignore_ascii_case(b"private") => private = false,
                _ => {}
            }
        }
    }
    add_line(headers, CACHE_CONTROL, no_cache(private));
}

pub(super) fn no_cache(private: bool) -> HeaderValue {
    HeaderValue::from_static(if private { "private, no-cache" } else { "no-cache" })
}

/// Returns whether the directive says how long the response is fresh. `private`, `public` and the like do not.
fn is_freshness(name: &[u8], directive: &[u8]) -> bool {
    let is = |wanted: &[u8]| name.eq_ignore_ascii_case(wanted);
    // `no-cache="set-cookie"` is about that field alone.
    is(b"max-age") || is(b"s-maxage") || is(b"no-store") || (is(b"no-cache") && directive == name)
}

/// Iterates over the directives of a line. A comma in a quoted string separates nothing.
fn directives(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let mut escaped = false;
    let separates = move |octet: &u8| {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' => return !quoted,
            _ => {}
        }
        false
    };
    line.split(separates).map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::forbid_guessing;

    macro_rules! says {
        ($($name:ident: [$($line:literal),*], $credentials:literal => $added:expr;)*) => {$(
            #[test]
            fn $name() {
                let lines: &[&str] = &[$($line),*];
                let mut headers = HeaderMap::new();
                for line in lines {
                    headers.append(header::CACHE_CONTROL, HeaderValue::from_static(line));
                }
                forbid_guessing(&mut headers, $credentials);
                let added: Option<&str> = $added;
                let mut seen = headers.get_all(header::CACHE_CONTROL).iter().map(|line| line.to_str().unwrap());
                assert!(seen.by_ref().take(lines.len()).eq(lines.iter().copied()), "what was said stays");
                assert_eq!(seen.next(), added);
            }
        )*};
    }

    says! {
        nothing: [], false => Some("no-cache");
        nothing_to_a_user: [], true => Some("private, no-cache");
        max_age: ["max-age=60"], true => None;
        max_age_in_capitals_on_a_second_line: ["private", "Max-Age=60"], true => None;
        s_maxage: ["s-maxage=60"], true => None;
        no_store: ["no-store"], true => None;
        no_cache: ["private, no-cache"], true => None;
        no_cache_of_a_field_says_nothing_of_the_rest: ["no-cache=\"set-cookie\""], false => Some("no-cache");
        private_is_no_freshness: ["private"], true => Some("no-cache");
        private_of_a_field_leaves_the_rest_shared: ["private=\"set-cookie\""], true => Some("private, no-cache");
        public_is_no_freshness: ["public"], true => Some("no-cache");
        no_transform_is_no_freshness: ["no-transform"], true => Some("private, no-cache");
        a_comma_in_quotes_separates_nothing: ["ext=\"a, max-age=60\""], false => Some("no-cache");
        a_quote_in_quotes_ends_nothing: ["ext=\"a\\\", max-age=60\""], false => Some("no-cache");
        an_empty_line: [""], false => Some("no-cache");
    }
}
