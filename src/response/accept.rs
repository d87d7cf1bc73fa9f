use http::{HeaderMap, header};

use crate::{header_map::all_lines, lists::quality_of};

/// Returns whether Accept prefers plain text to problem details in JSON (RFC 9110 §12.5.1).
pub(crate) fn prefers_plain_text(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|line| may_name_a_type(line.as_bytes()))
        && weighs_text_more(headers)
}

/// Returns false if no range names text or JSON, so that all types weigh the same.
///
/// Fast path: in `text/plain`, `application/json` and their like, one of these letters or a star follows the slash.
/// In a browser's field that is so of `*/*` alone. A fold, and not `any`: the compiler then tests many bytes at once.
fn may_name_a_type(line: &[u8]) -> bool {
    let from = |start| line.get(start..).unwrap_or_default();
    let threes = from(0).iter().zip(from(1)).zip(from(2));
    threes.fold(false, |found, ((before, slash), after)| {
        // In lower case; no other letter becomes one of the three.
        let after = after | 0x20;
        let is_type = (after == b'*') | (after == b'p') | (after == b'j');
        found | ((*slash == b'/') & (*before != b'*') & is_type)
    })
}

/// The media ranges of Accept that cover plain text, JSON or problem details.
const MEDIA_RANGES: [(&[u8], MediaRange); 6] = [
    (b"*/*", MediaRange { specificity: 1, text: true, json: true, problem: true }),
    (b"text/*", MediaRange { specificity: 2, text: true, json: false, problem: false }),
    (b"application/*", MediaRange { specificity: 2, text: false, json: true, problem: true }),
    (b"text/plain", MediaRange { specificity: 3, text: true, json: false, problem: false }),
    (b"application/json", MediaRange { specificity: 3, text: false, json: true, problem: false }),
    (b"application/problem+json", MediaRange { specificity: 3, text: false, json: false, problem: true }),
];

/// A media range: the more specific one of two wins (RFC 9110 §12.5.1). The rest says which types it covers.
struct MediaRange {
    specificity: u8,
    text: bool,
    json: bool,
    problem: bool,
}

fn weighs_text_more(headers: &HeaderMap) -> bool {
    let mut text = Quality::default();
    let mut json = Quality::default();
    let mut problem = Quality::default();
    for line in all_lines(headers, header::ACCEPT) {
        for member in line.as_bytes().split(|octet| *octet == b',') {
            let mut parts = member.split(|octet| *octet == b';');
            let name = parts.next().unwrap_or_default().trim_ascii();
            let Some((_, range)) = MEDIA_RANGES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))
            else {
                continue;
            };
            let weight = parts.find_map(quality_of).unwrap_or(1000);
            for (quality, is_covered) in
                [(&mut text, range.text), (&mut json, range.json), (&mut problem, range.problem)]
            {
                if is_covered {
                    quality.consider(range.specificity, weight);
                }
            }
        }
    }
    text.value > json.value.max(problem.value)
}

/// The quality of one media type: that of the most specific range that names it.
#[derive(Default)]
struct Quality {
    specificity: u8,
    value: u16,
}

impl Quality {
    fn consider(&mut self, specificity: u8, value: u16) {
        if specificity > self.specificity {
            *self = Self { specificity, value };
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::prefers_plain_text;

    macro_rules! accepts {
        ($($name:ident: $($line:literal),* => $text:literal;)*) => {$(
            #[test]
            fn $name() {
                let lines: &[&str] = &[$($line),*];
                let lines = lines.iter().map(|line| (header::ACCEPT, HeaderValue::from_static(line)));
                let mut headers = HeaderMap::new();
                headers.extend(lines.map(|(name, line)| (Some(name), line)));
                assert_eq!(prefers_plain_text(&headers), $text);
            }
        )*};
    }

    accepts! {
        nothing_said_is_json: => false;
        anything_is_json: "*/*" => false;
        text_alone: "text/plain" => true;
        any_text: "text/*" => true;
        case_does_not_matter: "Text/PLAIN" => true;
        a_browser_gets_json: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" => false;
        equal_is_json: "application/json, text/plain, */*" => false;
        json_below_text: "application/json;q=0.5, text/plain" => true;
        text_below_json: "text/plain;q=0.5, application/problem+json;q=0.6" => false;
        the_specific_range_wins: "text/plain;q=0.1, */*" => false;
        text_refused: "text/plain;q=0, application/xml" => false;
        a_bad_weight_counts_nothing: "text/plain;q=high" => false;
        second_line_counts: "application/xml", "text/plain" => true;
        other_parameters_pass: "text/plain;charset=utf-8;q=0.9, */*;q=0.1" => true;
        odd_text_is_harmless: ";;,/,q=,*" => false;
    }
}
