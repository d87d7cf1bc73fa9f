//! WebSockets of Axum: the handshake is a GET with Upgrade, which the layer does not evaluate.

use axum::{
    Router,
    extract::ws::{WebSocket, WebSocketUpgrade},
    routing::any,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower::Layer;
use tower_precondition::{ContentCodingLayer, PreconditionLayer};

use super::version_2;
use crate::support::client::serve;

async fn echo(upgrade: WebSocketUpgrade) -> impl axum::response::IntoResponse {
    upgrade.on_upgrade(|mut socket: WebSocket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

/// One text frame of "hi", as a client masks it (with zeros) and as a server sends it.
const SENT: &[u8] = &[0x81, 0x82, 0, 0, 0, 0, b'h', b'i'];
const RECEIVED: &[u8] = &[0x81, 0x02, b'h', b'i'];

#[tokio::test]
async fn an_echo_passes_with_any_conditions_in_the_handshake() {
    let routes = || Router::new().route("/", any(echo));
    for (name, app) in [
        ("an own source", Router::new().route("/", any(echo).layer(PreconditionLayer::new(version_2)))),
        ("probing", Router::new().fallback_service(PreconditionLayer::probing().layer(routes()))),
        ("from the response", routes().layer(PreconditionLayer::from_response())),
        (
            "outside a compression",
            routes().layer((ContentCodingLayer::new(), PreconditionLayer::new(version_2))),
        ),
    ] {
        let address = serve(app).await;
        for fields in ["", "if-none-match: \"2\"\r\n", "if-match: \"1\"\r\n", "if-none-match: \"2~gzip\"\r\n"]
        {
            let mut stream = TcpStream::connect(address).await.expect("the server listens");
            let handshake = format!(
                "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n"
            );
            stream.write_all(handshake.as_bytes()).await.expect("it is sent");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("a head"));
            }
            let head = String::from_utf8(head).expect("text");
            assert!(head.starts_with("HTTP/1.1 101 "), "{name} {fields}: {head}");
            assert!(!head.contains("etag"), "{name}: {head}");
            stream.write_all(SENT).await.expect("it is sent");
            let mut frame = [0; RECEIVED.len()];
            stream.read_exact(&mut frame).await.expect("a frame");
            assert_eq!(frame, RECEIVED, "{name} {fields}");
        }
    }
}
