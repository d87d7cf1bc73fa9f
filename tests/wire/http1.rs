//! A client that writes and reads HTTP/1.1 byte by byte, so that a test sees everything that is sent.

use std::{net::SocketAddr, str::FromStr};

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::client::Answer;

pub(crate) struct Http1 {
    stream: TcpStream,
    /// The received bytes that no caller has taken yet.
    received: BytesMut,
}

impl Http1 {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        Self { stream, received: BytesMut::new() }
    }

    pub(crate) async fn exchange(&mut self, request: Request<Bytes>) -> Answer {
        let (head, content) = request.into_parts();
        let mut text = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", head.method, head.uri);
        for (name, value) in &head.headers {
            text += &format!("{name}: {}\r\n", value.to_str().expect("a value of visible ASCII"));
        }
        if !content.is_empty() {
            text += &format!("content-length: {}\r\n", content.len());
        }
        text += "\r\n";
        self.send([text.as_bytes(), &content].concat()).await;
        self.answer(&head.method).await
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("the server reads");
    }

    /// The next answer, whole. An interim one, such as `100 Continue`, is an answer of its own.
    pub(crate) async fn answer(&mut self, method: &Method) -> Answer {
        let (status, headers) = self.head().await;
        let mut trailers = HeaderMap::new();
        // RFC 9112 §6.3.
        let has_none = *method == Method::HEAD
            || *method == Method::CONNECT && status.is_success()
            || status.is_informational()
            || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
        let content = if has_none {
            Bytes::new()
        } else if let Some(coding) = headers.get(header::TRANSFER_ENCODING) {
            assert_eq!(coding, "chunked");
            self.chunks(&mut trailers).await
        } else {
            let length = headers.get(header::CONTENT_LENGTH).expect("a length, or chunks");
            self.take(length.to_str().expect("digits").parse().expect("a length")).await
        };
        Answer { status, headers, content, trailers }
    }

    /// All bytes until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> Bytes {
        while self.receive().await {}
        self.received.split().freeze()
    }

    /// The next bytes.
    pub(crate) async fn take(&mut self, length: usize) -> Bytes {
        while self.received.len() < length {
            assert!(self.receive().await, "the connection ends within {:?}", self.received);
        }
        self.received.split_to(length).freeze()
    }

    async fn head(&mut self) -> (StatusCode, HeaderMap) {
        let first = self.line().await;
        let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).map(StatusCode::from_str);
        let status = status.unwrap_or_else(|| panic!("a status line, not {first:?}")).expect("a status");
        (status, self.fields().await)
    }

    async fn fields(&mut self) -> HeaderMap {
        let mut fields = HeaderMap::new();
        loop {
            let line = self.line().await;
            if line.is_empty() {
                return fields;
            }
            let (name, value) = line.split_once(':').expect("a field");
            fields.append(
                HeaderName::from_str(name).expect("a name"),
                HeaderValue::from_str(value.trim()).expect("a value"),
            );
        }
    }

    async fn chunks(&mut self, trailers: &mut HeaderMap) -> Bytes {
        let mut content = BytesMut::new();
        loop {
            let length = usize::from_str_radix(&self.line().await, 16).expect("the length of a chunk");
            if length == 0 {
                *trailers = self.fields().await;
                return content.freeze();
            }
            content.extend_from_slice(&self.take(length).await);
            assert_eq!(self.line().await, "");
        }
    }

    async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.received.windows(2).position(|bytes| bytes == b"\r\n") {
                let line = self.received.split_to(end);
                self.received.advance(2);
                return String::from_utf8(line.to_vec()).expect("ASCII");
            }
            assert!(self.receive().await, "the connection ends within a line: {:?}", self.received);
        }
    }

    /// Reads more, and says whether there was any.
    async fn receive(&mut self) -> bool {
        self.stream.read_buf(&mut self.received).await.expect("the server ends the connection in order") > 0
    }
}
