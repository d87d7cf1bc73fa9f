use http::{HeaderMap, header};

use crate::lists::quality_of;

/// Returns whether Accept gives plain text a higher quality than JSON (RFC 9110 §12.5.1).
///
/// JSON wins a draw.
pub(crate) fn prefers_plain_text(headers: &HeaderMap) -> bool {
    let mut text = Quality::default();
    let mut json = Quality::default();
    let mut problem = Quality::default();
    for line in headers.get_all(header::ACCEPT) {
        let Ok(line) = line.to_str() else { continue };
        for range in line.split(',') {
            text.consider(range, "text", "plain");
            json.consider(range, "application", "json");
            problem.consider(range, "application", "problem+json");
        }
    }
    text.value > json.value.max(problem.value)
}

/// The quality of one media type: that of the most specific range that covers it.
#[derive(Default)]
struct Quality {
    specificity: u8,
    /// In thousandths.
    value: u16,
}

impl Quality {
    fn consider(&mut self, range: &str, kind: &str, subtype: &str) {
        let mut parts = range.split(';');
        let Some((range_kind, range_subtype)) = parts.next().and_then(|range| range.trim().split_once('/'))
        else {
            return;
        };
        let is = |part: &str, wanted: &str| part.eq_ignore_ascii_case(wanted);
        let specificity = match () {
            () if is(range_kind, kind) && is(range_subtype, subtype) => 3,
            () if is(range_kind, kind) && range_subtype == "*" => 2,
            () if range_kind == "*" && range_subtype == "*" => 1,
            () => return,
        };
        if specificity > self.specificity {
            self.specificity = specificity;
            self.value = parts.find_map(quality_of).unwrap_or(1000);
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
