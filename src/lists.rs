//! Lists and quality values, which many fields share (RFC 9110 §5.6.1, §12.4.2).

use http::{HeaderMap, header::HeaderName};

/// Iterates over the members of a list without quoted strings, on all its lines. Empty members are skipped.
pub(crate) fn list_members(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let lines =
        headers.get_all(name).into_iter().flat_map(|line| line.as_bytes().split(|octet| *octet == b','));
    lines.map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

/// Parses `q=0.5` to thousandths. An invalid weight counts as 0.
pub(crate) fn quality_of(parameter: &str) -> Option<u16> {
    let (name, weight) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let weight = weight.trim().parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight));
    Some((weight.unwrap_or(0.0) * 1000.0) as u16)
}
