//! Which answers close the connection, and which leave it usable.

use http::{Method, header};

use crate::{
    Wire,
    client::request,
    http1::Http1,
    resources::{Server, TEXT},
    tables::{on_every_wire, over_http1},
};

on_every_wire! {
    rule_63_a_304_leaves_the_connection_usable;
    decision_7_a_small_put_that_is_refused_leaves_the_connection_usable;
}

over_http1! {
    decision_7_an_answer_that_leaves_content_unread_closes_the_connection;
    decision_19_chunks_that_come_with_the_head_leave_the_connection_usable;
    decision_7_a_handler_that_reads_the_content_keeps_the_connection;
    decision_7_http_1_0_gets_connection_close_too;
}

async fn rule_63_a_304_leaves_the_connection_usable(wire: Wire) {
    let (server, mut client) = wire.open().await;
    for method in [Method::GET, Method::HEAD] {
        let fields = [(header::IF_NONE_MATCH, "\"2\"")];
        let answer = client.exchange(request(method, "/document", &fields, "")).await;
        assert_eq!(answer.status, 304);
        assert!(!answer.headers.contains_key(header::CONNECTION));
        let answer = client.exchange(request(Method::GET, "/document", &[], "")).await;
        assert_eq!(answer.text(), TEXT);
    }
    assert_eq!(server.calls(), 2);
}

async fn decision_7_a_small_put_that_is_refused_leaves_the_connection_usable(wire: Wire) {
    let (server, mut client) = wire.open().await;
    let cases = [
        ("/document", &[(header::IF_MATCH, "1")] as &[_], 400),
        ("/document", &[(header::IF_MATCH, "\"1\"")], 412),
        ("/guarded", &[], 428),
        ("/broken", &[], 503),
    ];
    for (path, fields, status) in cases {
        let answer = client.exchange(request(Method::PUT, path, fields, "a small change")).await;
        assert_eq!(answer.status, status);
        assert!(!answer.headers.contains_key(header::CONNECTION), "{answer:?}");
        let answer = client.exchange(request(Method::GET, "/document", &[], "")).await;
        assert_eq!(answer.text(), TEXT);
    }
    assert_eq!(server.calls(), cases.len());
}

/// Sends only the head, so that the end of the connection cannot overtake the answer.
async fn decision_7_an_answer_that_leaves_content_unread_closes_the_connection(wire: Wire) {
    let cases = [
        ("PUT /document", "if-match: 1", 400),
        ("PUT /document", "if-match: \"1\"", 412),
        ("GET /document", "if-none-match: \"2\"", 304),
        ("HEAD /document", "if-match: \"1\"", 412),
        ("PUT /guarded", "accept: */*", 428),
        ("PUT /broken", "accept: */*", 503),
        ("DELETE /absent", "if-match: *", 404),
    ];
    let announced = [
        "content-length: 67108864",
        "content-length: 2",
        "transfer-encoding: chunked",
        "content-length: 2\r\nexpect: 100-continue",
    ];
    let server = Server::start(wire.stack).await;
    for (target, condition, status) in cases {
        for content in announced {
            let mut connection = Http1::connect(server.address).await;
            connection
                .send(&format!("{target} HTTP/1.1\r\nhost: localhost\r\n{condition}\r\n{content}\r\n\r\n"))
                .await;
            let method = target.split(' ').next().and_then(|method| method.parse().ok()).expect("a method");
            let answer = connection.answer(&method).await;
            assert_eq!(answer.status, status, "{target} {content}");
            assert_eq!(answer.field(header::CONNECTION), "close", "{target} {content}");
            assert_eq!(connection.rest().await, "", "{target} {content}");
        }
    }
    assert_eq!(server.calls(), 0);
}

async fn decision_19_chunks_that_come_with_the_head_leave_the_connection_usable(wire: Wire) {
    let server = Server::start(wire.stack).await;
    let mut connection = Http1::connect(server.address).await;
    let head = "PUT /document HTTP/1.1\r\nhost: localhost\r\nif-match: \"1\"\r\ntransfer-encoding: chunked";
    for _ in 0..3 {
        connection.send(&format!("{head}\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")).await;
        let answer = connection.answer(&Method::PUT).await;
        assert_eq!(answer.status, 412);
        assert!(!answer.headers.contains_key(header::CONNECTION), "{answer:?}");
    }
    assert_eq!(server.calls(), 0);
}

async fn decision_7_a_handler_that_reads_the_content_keeps_the_connection(wire: Wire) {
    let (server, mut client) = wire.open().await;
    for _ in 0..2 {
        let put = request(Method::PUT, "/document", &[(header::IF_MATCH, "\"2\"")], vec![b'a'; 100_000]);
        let answer = client.exchange(put).await;
        assert_eq!(answer.text(), "read 100000 bytes");
        assert!(!answer.headers.contains_key(header::CONNECTION));
    }
    assert_eq!(server.calls(), 2);
}

async fn decision_7_http_1_0_gets_connection_close_too(wire: Wire) {
    let server = Server::start(wire.stack).await;
    let mut connection = Http1::connect(server.address).await;
    let head = "PUT /document HTTP/1.0\r\nif-match: \"1\"\r\nconnection: keep-alive\r\n";
    connection.send(&format!("{head}content-length: 67108864\r\n\r\n")).await;
    let text = String::from_utf8(connection.rest().await.to_vec()).expect("UTF-8");
    assert!(text.starts_with("HTTP/1.0 412 "), "{text}");
    // Hyper adds the `keep-alive` of the request; `close` overrides it (RFC 9112 §9.3).
    let options = text.lines().find_map(|line| line.strip_prefix("connection: ")).unwrap_or_default();
    assert!(options.split(", ").any(|option| option == "close"), "{text}");
    assert_eq!(server.calls(), 0);
}
