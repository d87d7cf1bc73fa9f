//! Lists and quality values, which many fields share (RFC 9110 §5.6.1, §12.4.2).

use http::{HeaderMap, header::HeaderName};

use crate::header_map::all_lines;

/// Iterates over the members of a list without quoted strings, on all its lines. Empty members are skipped.
pub(crate) fn list_members(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let lines =
        all_lines(headers, name).into_iter().flat_map(|line| line.as_bytes().split(|octet| *octet == b','));
    lines.map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

/// Parses `q=0.5` to thousandths (RFC 9110 §12.4.2). An invalid weight counts as 0.
pub(crate) fn quality_of(parameter: &[u8]) -> Option<u16> {
    let mut parts = parameter.splitn(2, |octet| *octet == b'=');
    let (name, weight) = (parts.next()?, parts.next()?);
    name.trim_ascii().eq_ignore_ascii_case(b"q").then(|| thousandths(weight.trim_ascii()))
}

/// Reads a decimal number of at most 1. Digits after the third decimal place are cut off.
fn thousandths(weight: &[u8]) -> u16 {
    let mut parts = weight.splitn(2, |octet| *octet == b'.');
    let (whole, decimals) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let digits = || decimals.iter().all(u8::is_ascii_digit);
    match whole {
        b"0" | b"" if digits() => {
            let places = decimals.iter().chain(b"000").take(3);
            places.fold(0, |number, digit| number * 10 + u16::from(*digit - b'0'))
        }
        b"1" if decimals.iter().all(|digit| *digit == b'0') => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::quality_of;

    macro_rules! weighs {
        ($($name:ident: $parameter:literal => $weight:expr;)*) => {$(
            #[test]
            fn $name() {
                assert_eq!(quality_of($parameter.as_bytes()), $weight);
            }
        )*};
    }

    weighs! {
        one: "q=1" => Some(1000);
        one_with_zeros: "q=1.000" => Some(1000);
        more_than_one: "q=1.001" => Some(0);
        nothing: "q=0" => Some(0);
        one_place: "q=0.5" => Some(500);
        three_places: "q=0.125" => Some(125);
        further_places_are_cut_off: "q=0.12599" => Some(125);
        no_digit_after_the_point: "q=0." => Some(0);
        no_digit_before_the_point: "q=.5" => Some(500);
        case_and_space: " Q = 0.5 " => Some(500);
        text: "q=high" => Some(0);
        an_exponent: "q=5e-1" => Some(0);
        a_sign: "q=-0.5" => Some(0);
        empty: "q=" => Some(0);
        a_point_alone: "q=." => Some(0);
        another_parameter: "charset=utf-8" => None;
        no_value: "q" => None;
    }
}
