//! The proxy in front of the program, and what it does to entity tags.

use std::str::FromStr;

use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use tower_http::compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::SizeAbove};
use tower_precondition::{ContentCodingLayer, TagComparison};

/// The longest answer that is not compressed, in bytes: compression would save no packet, and only rename its tag.
const SHORT: u64 = 1024;

/// A proxy that compresses. The program then leaves compression to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// There is none, or it leaves content and tags alone.
    #[default]
    None,
    /// nginx with `gzip on`, or Cloudflare: it sends `W/"1"` for `"1"`.
    Nginx,
    /// Apache with mod_deflate: it sends `"1-gzip"` for `"1"`.
    Apache,
}

impl Proxy {
    /// Compresses, if the proxy does not.
    pub(crate) fn compression(self) -> CompressionLayer<impl Predicate> {
        let left_to_us = move |_: StatusCode, _: Version, _: &HeaderMap, _: &Extensions| self == Self::None;
        let worth_it = DefaultPredicate::new().and(SizeAbove::new(SHORT));
        CompressionLayer::new().compress_when(worth_it.and(left_to_us))
    }

    /// Tells codings apart, this program's and the proxy's.
    pub(crate) fn codings(self) -> ContentCodingLayer {
        ContentCodingLayer::new().compare_tags(self.comparison())
    }

    pub(crate) fn comparison(self) -> TagComparison {
        match self {
            Self::None => TagComparison::new(),
            Self::Nginx => TagComparison::new().weakened_by_proxy(),
            Self::Apache => TagComparison::new().suffixed_by_proxy(["-gzip"]),
        }
    }
}

impl FromStr for Proxy {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "" => Ok(Self::None),
            "nginx" => Ok(Self::Nginx),
            "apache" => Ok(Self::Apache),
            other => Err(format!("expected `nginx` or `apache`, found `{other}`")),
        }
    }
}
