use std::sync::Arc;

use http::{Version, header, request::Parts};

use crate::lists::list_members;

/// The protocols that a GET may ask for instead of a representation (RFC 9110 §7.8): WebSocket, and those that
/// the application names.
///
/// An upgrade to any other protocol is ignored by the server, so the request is the plain GET that it also is.
#[derive(Clone, Debug, Default)]
pub(crate) struct UpgradeProtocols(Option<Arc<[String]>>);

impl UpgradeProtocols {
    /// WebSocket alone.
    pub(crate) const NONE: Self = Self(None);

    /// Names more protocols.
    pub(crate) fn extend(&mut self, protocols: impl IntoIterator<Item = String>) {
        let known = self.0.iter().flat_map(|named| named.iter()).cloned();
        self.0 = Some(known.chain(protocols).collect());
    }

    /// Returns whether the request asks for one of the protocols.
    pub(crate) fn asks(&self, head: &Parts) -> bool {
        let connection = || list_members(&head.headers, header::CONNECTION);
        head.version == Version::HTTP_11
            && connection().any(|option| option.eq_ignore_ascii_case(b"upgrade"))
            && list_members(&head.headers, header::UPGRADE).any(|protocol| self.names(protocol))
    }

    fn names(&self, protocol: &[u8]) -> bool {
        // A protocol may carry a version, as in `irc/6.9`.
        let name = protocol.split(|octet| *octet == b'/').next().unwrap_or_default();
        let is = |known: &[u8]| protocol.eq_ignore_ascii_case(known) || name.eq_ignore_ascii_case(known);
        is(b"websocket") || self.0.iter().flat_map(|named| named.iter()).any(|named| is(named.as_bytes()))
    }
}
