//! Lists and weights, as many fields have them (RFC 9110 §5.6.1, §12.4.2).

use http::{HeaderMap, header::HeaderName};

/// The members of a list in which nothing is quoted, over all its lines; empty ones are passed over.
pub(crate) fn list_members(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let lines =
        headers.get_all(name).into_iter().flat_map(|line| line.as_bytes().split(|octet| *octet == b','));
    lines.map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

/// `q=0.5`, in thousandths; a weight that is not one counts as nothing.
pub(crate) fn quality_of(parameter: &str) -> Option<u16> {
    let (name, weight) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let weight = weight.trim().parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight));
    Some((weight.unwrap_or(0.0) * 1000.0) as u16)
}
