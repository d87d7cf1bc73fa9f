//! A client over either protocol.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, header::HeaderName};

use crate::{Protocol, http1::Http1, http2::Http2};

pub(crate) use crate::support::client::Answer;

/// One connection for one request after another.
pub(crate) enum Client {
    Http1(Http1),
    Http2(Http2),
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, protocol: Protocol) -> Self {
        match protocol {
            Protocol::Http1 => Self::Http1(Http1::connect(address).await),
            Protocol::Http2 => Self::Http2(Http2::connect(address).await),
        }
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: Request<Bytes>) -> Answer {
        match self {
            Self::Http1(connection) => connection.exchange(request).await,
            Self::Http2(connection) => connection.exchange(request).await,
        }
    }
}

impl Answer {
    /// The value of a field, or the empty text; the field must not be repeated.
    pub(crate) fn field(&self, name: HeaderName) -> &str {
        let mut lines = self.headers.get_all(&name).iter();
        let value = lines.next().map_or("", |line| line.to_str().expect("a value of visible ASCII"));
        assert!(lines.next().is_none(), "{name} stands there once: {self:?}");
        value
    }

    /// The names of all fields, in alphabetical order.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    fields: &[(HeaderName, &str)],
    content: impl Into<Bytes>,
) -> Request<Bytes> {
    let builder = Request::builder().method(method).uri(path);
    let builder = fields.iter().fold(builder, |builder, (name, value)| builder.header(name, *value));
    builder.body(content.into()).expect("a request")
}
