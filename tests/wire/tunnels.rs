//! Requests for another protocol ask for no representation, so they pass unchanged.

use bytes::Bytes;
use h2::ext::Protocol as TunnelProtocol;
use http::{Method, Request, header};

use crate::{
    Protocol, Wire,
    http1::Http1,
    http2::{Http2, next},
    resources::{Server, Stack},
    tables::over_http2,
};

over_http2! {
    decision_3_extended_connect_passes;
}

mod decision_3_upgrades_pass {
    #[tokio::test]
    async fn web_socket_over_http1() {
        crate::in_time(Box::pin(super::web_socket_over_http1())).await;
    }

    #[tokio::test]
    async fn web_socket_over_http2() {
        crate::in_time(Box::pin(super::web_socket_over_http2())).await;
    }

    #[tokio::test]
    async fn connect_over_http1() {
        crate::in_time(Box::pin(super::connect_over_http1())).await;
    }

    #[tokio::test]
    async fn connect_over_http2() {
        crate::in_time(Box::pin(super::connect_over_http2())).await;
    }
}

/// The text `hello` in one masked frame (RFC 6455 §5.7), and unmasked, as a server sends it back.
const MASKED_HELLO: &[u8] = &[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x5f, 0x9f, 0x4d, 0x51, 0x58];
const HELLO: &[u8] = b"\x81\x05hello";

/// A false If-None-Match and a false If-Match: a layer that evaluated them would answer 304 or 412.
const FALSE_CONDITIONS: [(header::HeaderName, &str); 2] =
    [(header::IF_NONE_MATCH, "\"2\""), (header::IF_MATCH, "\"1\"")];

async fn web_socket_over_http1() {
    let server = Server::start(Stack::Axum).await;
    let mut connection = Http1::connect(server.address).await;
    let fields = FALSE_CONDITIONS.map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    connection
        .send(format!(
            "GET /socket HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n"
        ))
        .await;
    let answer = connection.answer(&Method::GET).await;
    assert_eq!(answer.status, 101);
    let names = ["connection", "date", "sec-websocket-accept", "upgrade"];
    assert_eq!(answer.names(), names);
    // The example of RFC 6455 §1.3.
    assert_eq!(answer.field(header::SEC_WEBSOCKET_ACCEPT), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    connection.send(MASKED_HELLO).await;
    assert_eq!(connection.take(HELLO.len()).await, HELLO);
    assert_eq!(server.lookups(), 1, "the source attaches what the handler needs");
}

async fn web_socket_over_http2() {
    let server = Server::start(Stack::Axum).await;
    let mut request = extended_connect("/socket", "websocket");
    request.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, "13".parse().expect("a value"));
    assert_eq!(through_tunnel(&server, request, MASKED_HELLO).await, HELLO);
}

async fn decision_3_extended_connect_passes(wire: Wire) {
    assert_eq!(wire.protocol, Protocol::Http2);
    let server = Server::start(wire.stack).await;
    let request = extended_connect("/tunnel", "echo");
    assert_eq!(through_tunnel(&server, request, b"hello").await, "hello");
}

async fn connect_over_http1() {
    let server = Server::start(Stack::Hyper).await;
    let mut connection = Http1::connect(server.address).await;
    let fields = FALSE_CONDITIONS.map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    connection.send(format!("CONNECT example.com:80 HTTP/1.1\r\nhost: example.com:80\r\n{fields}\r\n")).await;
    let answer = connection.answer(&Method::CONNECT).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.names(), ["date"]);
    connection.send("hello").await;
    assert_eq!(connection.take(5).await, "hello");
    assert_eq!(server.lookups(), 0);
}

async fn connect_over_http2() {
    let server = Server::start(Stack::Hyper).await;
    let request = with_false_conditions(Request::builder().method(Method::CONNECT).uri("example.com:80"));
    assert_eq!(through_tunnel(&server, request, b"hello").await, "hello");
}

fn extended_connect(path: &str, protocol: &'static str) -> Request<()> {
    let request = Request::builder().method(Method::CONNECT).uri(path);
    with_false_conditions(request.extension(TunnelProtocol::from_static(protocol)))
}

fn with_false_conditions(builder: http::request::Builder) -> Request<()> {
    let builder =
        FALSE_CONDITIONS.into_iter().fold(builder, |builder, (name, value)| builder.header(name, value));
    builder.body(()).expect("a request")
}

/// Opens a tunnel, asserts that the source was not asked, and returns what comes back.
async fn through_tunnel(server: &Server, request: Request<()>, sent: &'static [u8]) -> Bytes {
    let mut connection = Http2::connect(server.address).await;
    connection.wait_for_extended_connect().await;
    let (head, mut sender, mut receiver) = connection.open(request, false).await.begin().await;
    assert_eq!(head.status, 200);
    assert!(!head.headers.contains_key(header::ETAG), "{head:?}");
    sender.send_data(Bytes::from_static(sent), false).expect("the tunnel is open");
    let received = next(&mut receiver).await.expect("the tunnel is open");
    assert_eq!(server.lookups(), 0);
    received
}
