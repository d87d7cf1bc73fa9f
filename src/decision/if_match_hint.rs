use std::fmt;

use http::HeaderValue;

use crate::{
    precondition::{Condition, FieldLines, TagList},
    validator::{EntityTag, TagRef},
};

/// The codings that proxies name at the end of a tag.
const CODINGS: [&str; 4] = ["br", "deflate", "gzip", "zstd"];

/// Why no tag of an If-Match can match, if the tags show it.
#[derive(Debug)]
pub(super) enum IfMatchHint {
    /// The client sent the current tag as a weak one.
    Weakened,
    WeakTag,
    CurrentIsWeak,
    /// The client sent the current tag with this at its end.
    Suffix(String),
}

impl IfMatchHint {
    /// Reads the lines of a false If-Match. `current` is the current tag, if it may be shown.
    pub(super) fn of<'a>(
        lines: impl Iterator<Item = &'a HeaderValue>,
        current: Option<&EntityTag>,
    ) -> Option<Self> {
        let mut hint = None;
        for line in lines {
            let list = TagList::new(Condition::IfMatch, FieldLines::One(line));
            // A malformed line is a 400, unless a handler of a GET asks.
            let _ = list.read(|tag| {
                if hint.is_none() {
                    hint = Self::about(tag, current.map(EntityTag::as_tag_ref));
                }
            });
        }
        hint
    }

    fn about(sent: TagRef<'_>, current: Option<TagRef<'_>>) -> Option<Self> {
        match current {
            Some(current) if sent.weak && !current.weak && sent.weak_eq(current) => Some(Self::Weakened),
            _ if sent.weak => Some(Self::WeakTag),
            Some(current) if current.weak => Some(Self::CurrentIsWeak),
            Some(current) => {
                let suffix = std::str::from_utf8(sent.opaque.strip_prefix(current.opaque)?).ok()?;
                // Apache appends `-gzip`, others `;gzip` or `--gzip`.
                let coding = suffix.trim_start_matches(['-', ';']);
                // The client chooses the text, so only these are repeated to it.
                let is_suffix = matches!(suffix.len() - coding.len(), 1 | 2) && CODINGS.contains(&coding);
                is_suffix.then(|| Self::Suffix(suffix.to_owned()))
            }
            None => None,
        }
    }
}

impl fmt::Display for IfMatchHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weakened => f.write_str(
                "a weak entity tag never matches in If-Match, and a proxy seems to have made the current one weak",
            ),
            Self::WeakTag => f.write_str("a weak entity tag never matches in If-Match"),
            Self::CurrentIsWeak => {
                f.write_str("the current entity tag is weak, and a weak one never matches in If-Match")
            }
            Self::Suffix(suffix) => {
                write!(f, "a proxy seems to have appended {suffix} to the current entity tag")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::IfMatchHint;
    use crate::validator::EntityTag;

    macro_rules! hints {
        ($($name:ident: [$($line:literal),*], $current:expr => $hint:expr;)*) => {$(
            #[test]
            fn $name() {
                let lines = [$(HeaderValue::from_static($line)),*];
                let current: Option<&str> = $current;
                let current = current.map(|tag| tag.parse::<EntityTag>().unwrap());
                let hint = IfMatchHint::of(lines.iter(), current.as_ref()).map(|hint| hint.to_string());
                let expected: Option<&str> = $hint;
                assert_eq!(hint.as_deref(), expected);
            }
        )*};
    }

    hints! {
        an_older_tag_needs_no_hint: ["\"1\""], Some("\"2\"") => None;
        a_weak_tag: ["\"1\", W/\"0\""], Some("\"2\"") => Some("a weak entity tag never matches in If-Match");
        a_weak_tag_if_nothing_is_shown: ["W/\"1\""], None => Some("a weak entity tag never matches in If-Match");
        a_weakened_tag: ["W/\"1\""], Some("\"1\"") => Some(
            "a weak entity tag never matches in If-Match, and a proxy seems to have made the current one weak"
        );
        a_weak_current_tag: ["\"1\""], Some("W/\"1\"") => Some(
            "the current entity tag is weak, and a weak one never matches in If-Match"
        );
        a_suffix_of_apache: ["\"1-gzip\""], Some("\"1\"") => Some(
            "a proxy seems to have appended -gzip to the current entity tag"
        );
        another_suffix_on_a_second_line: ["\"0\"", "\"1;gzip\""], Some("\"1\"") => Some(
            "a proxy seems to have appended ;gzip to the current entity tag"
        );
        a_suffix_of_two_hyphens: ["\"1--gzip\""], Some("\"1\"") => Some(
            "a proxy seems to have appended --gzip to the current entity tag"
        );
        more_hyphens_are_no_suffix: ["\"1---gzip\""], Some("\"1\"") => None;
        a_longer_version_is_no_suffix: ["\"12\""], Some("\"1\"") => None;
        another_tag_with_a_hyphen_is_no_suffix: ["\"1-2\""], Some("\"1\"") => None;
    }
}
