//! An HTTP/1.1 client that reconnects when it has lost its connection.

use std::net::SocketAddr;

use axum::{
    body::Bytes,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::servers::Addresses;

pub(crate) struct Client {
    pub(crate) number: usize,
    addresses: Addresses,
    connection: Option<Connection>,
}

struct Connection {
    address: SocketAddr,
    requests: SendRequest<Full<Bytes>>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Bytes,
}

/// No answer came, although the request may have been sent.
#[derive(Debug)]
pub(crate) struct Unanswered;

impl Answer {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().expect("visible ASCII"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.content).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The version in its entity tag.
    #[track_caller]
    pub(crate) fn version(&self) -> u64 {
        let tag = self.get("etag").unwrap_or_else(|| panic!("a tag: {self:?}"));
        tag.trim_matches('"').parse().expect("a version")
    }

    /// Asserts this status, with problem details that name it.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.get("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.json()["status"], status);
    }
}

impl Client {
    pub(crate) fn new(number: usize, addresses: &Addresses) -> Self {
        Self { number, addresses: addresses.clone(), connection: None }
    }

    pub(crate) async fn put(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        content: String,
    ) -> Result<Answer, Unanswered> {
        let mut request = Request::put(path).header(header::HOST, "localhost");
        for (name, value) in [("content-type", "application/json")].iter().chain(fields) {
            request = request.header(*name, *value);
        }
        self.send(request.body(Full::from(content)).expect("a request")).await
    }

    /// Repeats the request until an answer comes: a read has no effect.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        loop {
            let request = Request::get(path).header(header::HOST, "localhost");
            if let Ok(answer) = self.send(request.body(Full::default()).expect("a request")).await {
                return answer;
            }
        }
    }

    /// Sends a request. Repeats it over another connection only if nothing was sent over the last one.
    pub(crate) async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Answer, Unanswered> {
        loop {
            let connection = self.connected().await;
            let refused = match connection.try_send_request(request).await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    let Ok(content) = body.collect().await else { return Err(self.gone()) };
                    let content = content.to_bytes();
                    return Ok(Answer { status: head.status, headers: head.headers, content });
                }
                Err(mut error) => error.take_message(),
            };
            let lost = self.gone();
            request = refused.ok_or(lost)?;
        }
    }

    fn gone(&mut self) -> Unanswered {
        self.connection = None;
        Unanswered
    }

    /// Returns a connection that is ready for a request. Connects if needed.
    pub(crate) async fn connected(&mut self) -> &mut SendRequest<Full<Bytes>> {
        loop {
            let address = self.addresses.of_client(self.number).await;
            if let Some(Connection { address: connected, requests }) = &mut self.connection
                && *connected == address
                && requests.ready().await.is_ok()
            {
                break;
            }
            self.connection = Self::connect(address).await;
        }
        &mut self.connection.as_mut().expect("it is ready").requests
    }

    /// `None` if the server is just going down.
    async fn connect(address: SocketAddr) -> Option<Connection> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(Connection { address, requests })
    }
}
