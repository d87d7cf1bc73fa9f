use std::sync::Arc;

use crate::validator::{EntityTag, TagRef};

/// Marks a tag that ends like one with a suffix. It is the mark of a coded tag too, for no coding.
const MARK: &[u8] = b"~identity";

/// The suffixes that a proxy appends to tags when it compresses.
///
/// | the current tag | is sent as | comes back as |
/// |---|---|---|
/// | `"1"` | `"1"` | `"1"` or `"1-gzip"` |
/// | `"1-gzip"` | `"1-gzip~identity"` | `"1-gzip~identity"` or `"1-gzip~identity-gzip"` |
///
/// A tag that is sent never ends in a suffix. So the longest suffix of a tag that comes back is the proxy's, and
/// what is left is the tag that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Suffixes(Arc<[Box<[u8]>]>);

impl Suffixes {
    /// Takes the list of the user. An empty one is `None`.
    pub(super) fn new(suffixes: impl IntoIterator<Item = impl AsRef<str>>) -> Option<Self> {
        let mut listed: Vec<Box<[u8]>> = Vec::new();
        for suffix in suffixes {
            let suffix = suffix.as_ref();
            assert!(
                is_suffix(suffix),
                "`{suffix}` cannot be a suffix: see `TagComparison::suffixed_by_proxy`"
            );
            listed.push(suffix.as_bytes().into());
        }
        // The longest first.
        listed.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        (!listed.is_empty()).then(|| Self(listed.into()))
    }

    /// Returns what is left of a tag if its longest listed suffix is taken off.
    pub(crate) fn taken_off<'a>(&self, opaque: &'a [u8]) -> Option<&'a [u8]> {
        self.0.iter().find_map(|suffix| opaque.strip_suffix(&**suffix))
    }

    /// Returns whether a tag would be taken for another one, or for a marked one, if it were sent as it is.
    fn is_mistakable(&self, opaque: &[u8]) -> bool {
        opaque.ends_with(MARK) || self.looks_suffixed(opaque)
    }

    /// Returns whether a tag ends in a suffix, or would with the begin of another one behind it.
    pub(crate) fn looks_suffixed(&self, opaque: &[u8]) -> bool {
        self.taken_off(opaque).is_some() || self.0.iter().any(|suffix| self.runs_into(opaque, suffix))
    }

    /// Returns whether a longer suffix than the appended one would be taken off: `"1-"` with `-gzip` ends in
    /// `--gzip`.
    fn runs_into(&self, opaque: &[u8], appended: &[u8]) -> bool {
        let longer = self.0.iter().take_while(|suffix| suffix.len() > appended.len());
        longer.filter_map(|suffix| suffix.strip_suffix(appended)).any(|begin| opaque.ends_with(begin))
    }

    /// Returns whether the current tag is sent as `given`.
    pub(super) fn is_sent_as(&self, current: &[u8], given: &[u8]) -> bool {
        match self.is_mistakable(current) {
            false => given == current,
            true => given.strip_suffix(MARK) == Some(current),
        }
    }

    /// Returns the marked tag, if `tag` must be marked.
    pub(crate) fn to_send(&self, tag: TagRef<'_>) -> Option<EntityTag> {
        self.is_mistakable(tag.opaque)
            .then(|| TagRef { weak: tag.weak, opaque: &[tag.opaque, MARK].concat() }.to_tag())
    }

    /// Returns the tag of this server that a client's tag means.
    pub(crate) fn meant<'a>(&self, given: TagRef<'a>) -> TagRef<'a> {
        let sent = self.taken_off(given.opaque).unwrap_or(given.opaque);
        TagRef { weak: given.weak, opaque: sent.strip_suffix(MARK).unwrap_or(sent) }
    }
}

/// A suffix begins with no letter and no digit, and has no mark, so that none can begin within a mark.
fn is_suffix(suffix: &str) -> bool {
    suffix.bytes().next().is_some_and(|first| !first.is_ascii_alphanumeric())
        && !suffix.contains("identity")
        && EntityTag::strong(suffix).is_ok()
}

#[cfg(test)]
mod tests;
