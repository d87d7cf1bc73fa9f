use std::collections::BTreeMap;

use http::{HeaderMap, header::ACCEPT_ENCODING};

use super::tag::{CodedTag, UNCODED, push_coding};
use crate::{
    header_map::has_field,
    lists::{list_members, quality_of},
};

/// The content codings that a request accepts (RFC 9110 §12.5.3).
///
/// A sorted map, so that a long Accept-Encoding with a long list of tags costs no product of the two.
#[derive(Debug)]
pub(super) struct AcceptedCodings {
    /// Each name as [`push_coding`] writes it, and whether it is accepted.
    listed: BTreeMap<Vec<u8>, bool>,
    unlisted: bool,
}

impl AcceptedCodings {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        // Without the field every coding is accepted; with an empty field none is.
        let unlisted = !has_field(headers, ACCEPT_ENCODING);
        let mut accepted = Self { listed: BTreeMap::new(), unlisted };
        for member in list_members(headers, ACCEPT_ENCODING) {
            let mut parts = member.split(|octet| *octet == b';');
            let coding = parts.next().unwrap_or_default().trim_ascii();
            let weight = parts.find_map(quality_of);
            let welcome = weight != Some(0);
            if coding == b"*" {
                accepted.unlisted = welcome;
            } else {
                let mut name = Vec::with_capacity(coding.len());
                push_coding(&mut name, coding);
                accepted.listed.insert(name, welcome);
            }
        }
        accepted
    }

    /// Returns whether every coding is refused, so that the response can have none.
    pub(super) fn admit_none(&self) -> bool {
        !self.unlisted && self.listed.iter().all(|(name, welcome)| !welcome || name == UNCODED)
    }

    /// Returns whether all codings of the tag are accepted.
    pub(super) fn admit(&self, coded: &CodedTag<'_>) -> bool {
        coded.codings().all(|coding| self.listed.get(coding).copied().unwrap_or(self.unlisted))
    }
}

#[cfg(test)]
mod tests;
