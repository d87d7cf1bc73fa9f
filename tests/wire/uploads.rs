//! The server never reads a refused upload, and the client sees that.

use std::{future::poll_fn, task::Poll};

use bytes::Bytes;
use h2::Reason;
use http::{Method, Request, header};

use crate::{
    Wire,
    client::{Client, request},
    http1::Http1,
    http2::{Http2, next},
    resources::{Server, TEXT},
    tables::{on_every_wire, over_http1, over_http2},
};

on_every_wire! {
    rule_59_a_stale_upload_is_refused_before_its_first_byte;
}

over_http1! {
    rule_59_a_fresh_upload_gets_100_and_then_the_answer;
    decision_7_a_refused_upload_is_never_told_to_continue;
}

over_http2! {
    decision_7_a_refused_stream_ends_without_an_error;
    decision_19_a_short_upload_ends_without_a_reset;
    decision_7_other_streams_continue;
    decision_7_refused_uploads_leave_the_window_of_the_connection_open;
}

const LARGE: usize = 64 << 20;
/// As much as one stream may send before the server makes room.
const PIECE: &[u8] = &[b'a'; 32 << 10];

fn upload(tag: &str) -> Request<()> {
    request(Method::PUT, "/document", &[(header::IF_MATCH, tag)], "").map(drop)
}

fn large_upload(tag: &str) -> Request<()> {
    let mut request = upload(tag);
    request.headers_mut().insert(header::CONTENT_LENGTH, LARGE.into());
    request
}

/// Sends only the head, so that a server that waits for content never answers.
async fn rule_59_a_stale_upload_is_refused_before_its_first_byte(wire: Wire) {
    let (server, client) = wire.open().await;
    let mut head = large_upload("\"1\"");
    head.headers_mut().insert(header::EXPECT, "100-continue".parse().expect("a value"));
    let answer = match client {
        Client::Http1(mut connection) => {
            let fields = "host: localhost\r\nif-match: \"1\"\r\nexpect: 100-continue";
            connection
                .send(&format!("PUT /document HTTP/1.1\r\n{fields}\r\ncontent-length: {LARGE}\r\n\r\n"))
                .await;
            connection.answer(&Method::PUT).await
        }
        Client::Http2(mut connection) => connection.open(head, false).await.answer().await,
    };
    assert_eq!(answer.status, 412);
    assert!(answer.text().contains("If-Match"));
    assert_eq!(server.calls(), 0);
}

async fn rule_59_a_fresh_upload_gets_100_and_then_the_answer(wire: Wire) {
    let server = Server::start(wire.stack).await;
    let mut connection = Http1::connect(server.address).await;
    let fields = "host: localhost\r\nif-match: \"2\"\r\nexpect: 100-continue\r\ncontent-length: 5";
    connection.send(&format!("PUT /document HTTP/1.1\r\n{fields}\r\n\r\n")).await;
    assert_eq!(connection.answer(&Method::PUT).await.status, 100);
    connection.send("hello").await;
    let answer = connection.answer(&Method::PUT).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), "read 5 bytes");
    assert_eq!(server.calls(), 1);
}

/// Up to the end of the connection, the server sends one 412 and nothing else.
async fn decision_7_a_refused_upload_is_never_told_to_continue(wire: Wire) {
    let server = Server::start(wire.stack).await;
    let mut connection = Http1::connect(server.address).await;
    let fields = "host: localhost\r\nif-match: \"1\"\r\nexpect: 100-continue";
    connection.send(&format!("PUT /document HTTP/1.1\r\n{fields}\r\ncontent-length: {LARGE}\r\n\r\n")).await;
    let all = connection.rest().await;
    assert!(all.starts_with(b"HTTP/1.1 412 Precondition Failed\r\n"), "{all:?}");
    let status_lines = all.windows(9).filter(|bytes| bytes == b"HTTP/1.1 ").count();
    assert_eq!(status_lines, 1, "{all:?}");
}

/// First the whole answer, then RST_STREAM with NO_ERROR (RFC 9113 §8.1): the client may stop sending.
async fn decision_7_a_refused_stream_ends_without_an_error(wire: Wire) {
    let server = Server::start(wire.stack).await;
    let mut connection = Http2::connect(server.address).await;
    let mut stream = connection.open(large_upload("\"1\""), false).await;
    stream.content.send_data(Bytes::from_static(PIECE), false).expect("the stream is open");
    let answer = stream.answer().await;
    assert_eq!(answer.status, 412);
    assert_eq!(answer.field(header::CONTENT_LENGTH), answer.content.len().to_string());
    assert!(!answer.headers.contains_key(header::CONNECTION));
    assert_eq!(stream.reset().await, Reason::NO_ERROR);
    assert_eq!(server.calls(), 0);
}

/// Some clients take any reset for a failure, and show no status.
async fn decision_19_a_short_upload_ends_without_a_reset(wire: Wire) {
    let server = Server::start(wire.stack).await;
    let mut connection = Http2::connect(server.address).await;
    let (head, mut content, mut body) = connection.open(upload("\"1\""), false).await.begin().await;
    assert_eq!(head.status, 412);
    content.send_data(Bytes::from_static(b"short"), true).expect("the stream is open");
    while next(&mut body).await.is_some() {}
    // A reset would arrive before the next answer.
    connection.exchange(request(Method::GET, "/document", &[], "")).await;
    let reset = poll_fn(|cx| Poll::Ready(content.poll_reset(cx))).await;
    assert!(!matches!(reset, Poll::Ready(Ok(_))), "{reset:?}");
}

async fn decision_7_other_streams_continue(wire: Wire) {
    let server = Server::start(wire.stack).await;
    let mut connection = Http2::connect(server.address).await;
    let mut accepted = connection.open(upload("\"2\""), false).await;
    accepted.content.send_data(Bytes::from_static(b"before"), false).expect("the stream is open");

    let mut refused = connection.open(large_upload("\"1\""), false).await;
    assert_eq!(refused.answer().await.status, 412);
    assert_eq!(refused.reset().await, Reason::NO_ERROR);

    accepted.content.send_data(Bytes::from_static(b" and after"), true).expect("the stream is open");
    assert_eq!(accepted.answer().await.text(), "read 16 bytes");
    let answer = connection.exchange(request(Method::GET, "/document", &[], "")).await;
    assert_eq!(answer.text(), TEXT);
}

/// The refused streams together send more than the window of the connection, and the server gives it back.
async fn decision_7_refused_uploads_leave_the_window_of_the_connection_open(wire: Wire) {
    let server = Server::start(wire.stack).await;
    let mut connection = Http2::connect(server.address).await;
    // Ten at a time, because each waits a moment for the end of its content.
    for _ in 0..10 {
        let mut streams = Vec::new();
        for _ in 0..10 {
            let mut stream = connection.open(large_upload("\"1\""), false).await;
            stream.content.send_data(Bytes::from_static(PIECE), false).expect("the stream is open");
            streams.push(stream);
        }
        for mut stream in streams {
            assert_eq!(stream.answer().await.status, 412);
            assert_eq!(stream.reset().await, Reason::NO_ERROR);
        }
    }
    let mut stream = connection.open(upload("\"2\""), false).await;
    for last in [false, false, false, true] {
        stream.content.send_data(Bytes::from_static(PIECE), last).expect("the stream is open");
    }
    assert_eq!(stream.answer().await.text(), "read 131072 bytes");
    assert_eq!(server.calls(), 1);
}
