use http::{HeaderMap, HeaderValue, header::VARY};

use crate::{
    header_map::{add_line, set_field},
    lists::list_members,
};

const ANYTHING: &[u8] = b"*";

/// Adds to Vary the members of `addition` that it lacks. `*` stands alone.
///
/// A lost member lets a shared cache give the representation of one user to another (RFC 9110 §12.5.5, RFC 9111
/// §4.1).
pub(crate) fn complete_vary(headers: &mut HeaderMap, addition: &HeaderValue) {
    let has = |wanted: &[u8]| {
        list_members(headers, VARY).any(|member| member == ANYTHING || member.eq_ignore_ascii_case(wanted))
    };
    let line = match () {
        () if members(addition).all(has) => return,
        () if members(addition).any(|member| member == ANYTHING) => HeaderValue::from_static("*"),
        () if !members(addition).any(has) => addition.clone(),
        () => {
            let lacking: Vec<&[u8]> = members(addition).filter(|member| !has(member)).collect();
            HeaderValue::from_bytes(&lacking.join(&b", "[..])).expect("members of a list make another")
        }
    };
    match line == "*" {
        true => set_field(headers, VARY, line),
        false => add_line(headers, VARY, line),
    }
}

fn members(list: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let members = list.as_bytes().split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
    members.filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::VARY};

    use super::complete_vary;

    macro_rules! becomes {
        ($($name:ident: [$($line:literal),*], $addition:literal => [$($expected:literal),*];)*) => {$(
            #[test]
            fn $name() {
                let lines: &[&str] = &[$($line),*];
                let mut headers = HeaderMap::new();
                for line in lines {
                    headers.append(VARY, HeaderValue::from_static(line));
                }
                complete_vary(&mut headers, &HeaderValue::from_static($addition));
                let seen: Vec<_> = headers.get_all(VARY).iter().map(|line| line.to_str().unwrap()).collect();
                let expected: &[&str] = &[$($expected),*];
                assert_eq!(seen, expected);
            }
        )*};
    }

    becomes! {
        an_absent_field_is_set: [], "cookie, accept" => ["cookie, accept"];
        a_lacking_member_is_added: ["accept-encoding"], "cookie" => ["accept-encoding", "cookie"];
        a_known_member_is_not_added_again: ["Accept-Encoding, Cookie"], "cookie" => ["Accept-Encoding, Cookie"];
        only_what_is_lacking_is_added: ["accept"], "Accept, cookie,, origin" => ["accept", "cookie, origin"];
        every_line_counts: ["accept", "origin"], "origin" => ["accept", "origin"];
        anything_stays_alone: ["*"], "cookie" => ["*"];
        anything_replaces_a_list: ["accept", "cookie"], "*" => ["*"];
        anything_in_a_list_stands_alone: [], "cookie, *" => ["*"];
    }
}
