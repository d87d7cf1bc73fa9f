//! Clients of one application: within the process, over a socket, and curl.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Stdio,
};

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::curl::run_curl;

/// A way to the application.
#[derive(Clone)]
pub(crate) enum Client {
    InProcess(Router),
    /// HTTP/1.1, a connection for each request.
    Socket(SocketAddr),
}

/// One HTTP/1.1 connection, for one request after another.
pub(crate) struct Connection(SendRequest<Body>);

/// A complete response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Bytes,
    pub(crate) trailers: HeaderMap,
}

impl Client {
    /// Both ways to one application.
    pub(crate) async fn both(app: Router) -> [Self; 2] {
        [Self::InProcess(app.clone()), Self::Socket(serve(app).await)]
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(request(method, path, fields, Body::empty())).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        match self {
            Self::InProcess(app) => {
                let Ok(response) = app.clone().oneshot(request).await;
                Answer::read(response.map(Body::new)).await
            }
            Self::Socket(address) => Connection::open(*address).await.send(request).await,
        }
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let (requests, connection) = handshake(TokioIo::new(stream)).await.expect("a connection");
        // If the connection fails, so does the exchange.
        tokio::spawn(connection);
        Self(requests)
    }

    pub(crate) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        content: String,
    ) -> Answer {
        self.send(request(method, path, fields, content.into())).await
    }

    async fn send(&mut self, request: Request<Body>) -> Answer {
        self.0.ready().await.expect("the connection is open");
        let response = self.0.send_request(request).await.expect("an answer");
        Answer::read(response.map(Body::new)).await
    }
}

fn request(method: &str, path: &str, fields: &[(&str, &str)], content: Body) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(content).expect("a request")
}

impl Answer {
    async fn read(response: http::Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("the answer comes to its end");
        let trailers = body.trailers().cloned().unwrap_or_default();
        Self { status: head.status, headers: head.headers, content: body.to_bytes(), trailers }
    }

    /// The value of a field; it must not be repeated.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.get_all(name).iter();
        let line = lines.next()?;
        assert!(lines.next().is_none(), "expected one line of {name}: {self:?}");
        Some(line.to_str().expect("a value of visible ASCII"))
    }

    pub(crate) fn etag(&self) -> &str {
        self.get("etag").expect("an entity tag")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.content).expect("content in UTF-8")
    }
}

/// Serves an application on a free port, until the test's runtime ends.
pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("the listener is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Returns curl's output for a request, or `None` if curl is not installed.
pub(crate) async fn curl(address: SocketAddr, path: &str, arguments: &[&str]) -> Option<String> {
    let url = format!("http://{address}{path}");
    let output = run_curl(&[arguments, &[&url]].concat(), Stdio::null()).await?;
    assert!(output.status.success(), "curl: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("curl prints text"))
}
