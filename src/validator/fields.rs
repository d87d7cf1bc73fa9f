use http::{
    HeaderMap,
    header::{CACHE_CONTROL, CONTENT_LOCATION, ETAG, EXPIRES, HeaderName, LAST_MODIFIED, VARY},
};

/// The fields that the layer may add, one bit for each that a response already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResponseFields(u8);

impl ResponseFields {
    pub(crate) const ETAG: Self = Self(1);
    pub(crate) const LAST_MODIFIED: Self = Self(1 << 1);
    pub(crate) const CACHE_CONTROL: Self = Self(1 << 2);
    pub(crate) const EXPIRES: Self = Self(1 << 3);
    pub(crate) const CONTENT_LOCATION: Self = Self(1 << 4);
    pub(crate) const VARY: Self = Self(1 << 5);
    /// ETag or Last-Modified.
    pub(crate) const VALIDATOR: Self = Self(Self::ETAG.0 | Self::LAST_MODIFIED.0);
    /// Cache-Control or Expires.
    pub(crate) const FRESHNESS: Self = Self(Self::CACHE_CONTROL.0 | Self::EXPIRES.0);
    const NONE: Self = Self(0);

    /// The fields that a 304 carries, as far as the source names them (RFC 9110 §15.4.5).
    #[cfg(feature = "utoipa")]
    pub(crate) const NAMES: [HeaderName; 6] =
        [ETAG, LAST_MODIFIED, CACHE_CONTROL, EXPIRES, CONTENT_LOCATION, VARY];

    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut names = headers.keys();
        match names.find(|name| Self::matters(name)) {
            Some(first) => Self(names.fold(Self::bit(first), |bits, name| bits | Self::bit(name))),
            None => Self::NONE,
        }
    }

    fn matters(name: &HeaderName) -> bool {
        matches!(*name, ETAG | LAST_MODIFIED | CACHE_CONTROL | EXPIRES | CONTENT_LOCATION | VARY)
    }

    fn bit(name: &HeaderName) -> u8 {
        match *name {
            ETAG => Self::ETAG.0,
            LAST_MODIFIED => Self::LAST_MODIFIED.0,
            CACHE_CONTROL => Self::CACHE_CONTROL.0,
            EXPIRES => Self::EXPIRES.0,
            CONTENT_LOCATION => Self::CONTENT_LOCATION.0,
            VARY => Self::VARY.0,
            _ => 0,
        }
    }

    pub(crate) const fn has(self, field: Self) -> bool {
        self.0 & field.0 != 0
    }
}
