//! An application and its clients, over HTTP/1.1 on the loopback interface.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A server on a port of its own; it ends when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(app: Router) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("it serves until it is ended");
        });
        Self { address, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection to a server.
pub(crate) struct Client {
    requests: SendRequest<Full<Bytes>>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The number in a tag that was made of a version.
    pub(crate) fn version(&self) -> u64 {
        let tag = self.tag().unwrap_or_else(|| panic!("a tag: {self:?}"));
        tag.trim_matches('"').parse().expect("a version")
    }

    pub(crate) fn tag(&self) -> Option<&str> {
        self.headers.get(header::ETAG).map(|tag| tag.to_str().expect("visible ASCII"))
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let (requests, connection) = handshake(TokioIo::new(stream)).await.expect("a connection");
        tokio::spawn(connection);
        Self { requests }
    }

    pub(crate) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        condition: Option<(&str, &str)>,
        content: String,
    ) -> Answer {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
        let request =
            condition.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        self.requests.ready().await.expect("the connection is open");
        let request = request.body(Full::from(content)).expect("a request");
        let (head, body) = self.requests.send_request(request).await.expect("an answer").into_parts();
        let content = body.collect().await.expect("content").to_bytes();
        let text = String::from_utf8(content.into()).expect("text");
        Answer { status: head.status, headers: head.headers, text }
    }
}
