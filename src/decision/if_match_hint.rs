use std::fmt;

use http::HeaderValue;

use crate::{
    precondition::{Condition, FieldLines, Modes, TagList},
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
        modes: Option<&Modes>,
    ) -> Option<Self> {
        let mut hint = None;
        for line in lines.filter(|line| may_hint(line, current)) {
            let list = TagList::new(Condition::IfMatch, FieldLines::One(line));
            // A malformed line is a 400, unless a handler of a GET asks.
            let _ = list.read(&mut |tag| {
                if hint.is_none() {
                    hint = Self::about(tag, current.map(EntityTag::as_tag_ref));
                }
            });
        }
        hint.filter(|hint| match hint {
            Self::Weakened | Self::WeakTag => !modes.is_some_and(Modes::weak_tags_match),
            Self::CurrentIsWeak => !modes.is_some_and(Modes::compare_weakly),
            Self::Suffix(_) => !modes.is_some_and(Modes::take_suffixes_off),
        })
    }

    #[cfg(feature = "tracing")]
    pub(super) fn is_about_weak_tags(&self) -> bool {
        !matches!(self, Self::Suffix(_))
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

/// Fast path: a hint is about a weak tag, or about one that is longer than the current one.
fn may_hint(line: &HeaderValue, current: Option<&EntityTag>) -> bool {
    // A fold, and not `contains`: the compiler then tests many bytes at once.
    line.as_bytes().iter().fold(false, |found, octet| found | (*octet == b'W'))
        || current.is_some_and(|current| current.is_weak() || line.len() > current.as_ref().len())
}

impl fmt::Display for IfMatchHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weakened => f.write_str(
                "a weak entity tag never matches in If-Match, and a proxy seems to have made the current one weak \
                 (the server's setting `TagComparison::weakened_by_proxy` allows for that)",
            ),
            Self::WeakTag => f.write_str(
                "a weak entity tag never matches in If-Match (unless the server sets \
                 `TagComparison::weak_by_protocol`, or `weakened_by_proxy` for a strong current tag)",
            ),
            Self::CurrentIsWeak => f.write_str(
                "the current entity tag is weak, and a weak one never matches in If-Match (unless the server sets \
                 `TagComparison::weak_by_protocol`)",
            ),
            Self::Suffix(suffix) => write!(
                f,
                "a proxy seems to have appended {suffix} to the current entity tag (the server's setting \
                 `TagComparison::suffixed_by_proxy` takes it off)",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::IfMatchHint;
    use crate::{precondition::TagComparison, validator::EntityTag};

    fn hint(lines: &[&'static str], current: Option<&str>, comparison: &TagComparison) -> Option<String> {
        let lines: Vec<_> = lines.iter().map(|line| HeaderValue::from_static(line)).collect();
        let current = current.map(|tag| tag.parse::<EntityTag>().expect("an entity tag"));
        IfMatchHint::of(lines.iter(), current.as_ref(), comparison.modes()).map(|hint| hint.to_string())
    }

    macro_rules! hints {
        ($($name:ident: [$($line:literal),*], $current:expr => $hint:expr;)*) => {$(
            #[test]
            fn $name() {
                let expected: Option<&str> = $hint;
                assert_eq!(hint(&[$($line),*], $current, &TagComparison::new()).as_deref(), expected);
            }
        )*};
    }

    const WEAK: &str = "a weak entity tag never matches in If-Match (unless the server sets \
                        `TagComparison::weak_by_protocol`, or `weakened_by_proxy` for a strong current tag)";

    hints! {
        an_older_tag_needs_no_hint: ["\"1\""], Some("\"2\"") => None;
        a_weak_tag: ["\"1\", W/\"0\""], Some("\"2\"") => Some(WEAK);
        a_weak_tag_if_nothing_is_shown: ["W/\"1\""], None => Some(WEAK);
        a_weakened_tag: ["W/\"1\""], Some("\"1\"") => Some(
            "a weak entity tag never matches in If-Match, and a proxy seems to have made the current one weak \
             (the server's setting `TagComparison::weakened_by_proxy` allows for that)"
        );
        a_weak_current_tag: ["\"1\""], Some("W/\"1\"") => Some(
            "the current entity tag is weak, and a weak one never matches in If-Match (unless the server sets \
             `TagComparison::weak_by_protocol`)"
        );
        a_suffix_of_apache: ["\"1-gzip\""], Some("\"1\"") => Some(
            "a proxy seems to have appended -gzip to the current entity tag (the server's setting \
             `TagComparison::suffixed_by_proxy` takes it off)"
        );
        another_suffix_on_a_second_line: ["\"0\"", "\"1;gzip\""], Some("\"1\"") => Some(
            "a proxy seems to have appended ;gzip to the current entity tag (the server's setting \
             `TagComparison::suffixed_by_proxy` takes it off)"
        );
        a_suffix_of_two_hyphens: ["\"1--gzip\""], Some("\"1\"") => Some(
            "a proxy seems to have appended --gzip to the current entity tag (the server's setting \
             `TagComparison::suffixed_by_proxy` takes it off)"
        );
        more_hyphens_are_no_suffix: ["\"1---gzip\""], Some("\"1\"") => None;
        a_longer_version_is_no_suffix: ["\"12\""], Some("\"1\"") => None;
        another_tag_with_a_hyphen_is_no_suffix: ["\"1-2\""], Some("\"1\"") => None;
    }

    #[test]
    fn a_mode_that_is_set_is_no_hint() {
        let protocol = TagComparison::new().weak_by_protocol();
        let proxy = TagComparison::new().weakened_by_proxy();
        let suffix = TagComparison::new().suffixed_by_proxy(["-br"]);
        assert_eq!(hint(&["W/\"1\""], Some("\"2\""), &protocol), None);
        assert_eq!(hint(&["\"1\""], Some("W/\"2\""), &protocol), None);
        assert_eq!(hint(&["W/\"1\""], Some("\"2\""), &proxy), None);
        assert!(hint(&["\"1\""], Some("W/\"1\""), &proxy).is_some(), "it matches by the protocol alone");
        assert_eq!(hint(&["\"1-gzip\""], Some("\"1\""), &suffix), None);
    }
}
