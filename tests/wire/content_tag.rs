//! `EntityTagLayer` over sockets, with HTTP/1.1 and HTTP/2.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body as AxumBody, routing::get};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body::Frame;
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::{Layer, service_fn};
use tower_precondition::{EntityTagLayer, PreconditionLayer};

use crate::{
    Protocol, in_time,
    support::{
        bodies::{Channel, Sender, channel},
        client::Client,
    },
};

fn send(sender: &Sender, text: &'static str) {
    sender.send(Ok(Frame::data(Bytes::from_static(text.as_bytes())))).expect("the body is read");
}

fn send_trailers(sender: &Sender, name: &'static str) {
    let trailers =
        HeaderMap::from_iter([(header::HeaderName::from_static(name), HeaderValue::from_static("0"))]);
    sender.send(Ok(Frame::trailers(trailers))).expect("the body is read");
}

/// Serves this answer to one request.
async fn serve(answer: Response<Channel>) -> TcpStream {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("the listener is bound");
    let answer = Arc::new(Mutex::new(Some(answer)));
    let service = EntityTagLayer::new().layer(service_fn(move |request: Request<Incoming>| {
        let answer = answer.lock().expect("no test panics in here").take().expect("one request is sent");
        async move {
            if answer.status() == http::StatusCode::SWITCHING_PROTOCOLS {
                tokio::spawn(echo(hyper::upgrade::on(request)));
            }
            Ok::<_, Infallible>(answer)
        }
    }));
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("the test connects");
        // The test may give the body an error, or cut the connection off.
        let _ = auto::Builder::new(TokioExecutor::new())
            .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
            .await;
    });
    TcpStream::connect(address).await.expect("the server listens")
}

async fn echo(upgraded: impl Future<Output = hyper::Result<hyper::upgrade::Upgraded>>) {
    let mut stream = TokioIo::new(upgraded.await.expect("a 101 makes it a tunnel"));
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes).await.expect("the client sends four");
    stream.write_all(&bytes).await.expect("the client reads them");
}

/// Sends a request, and returns the head of the answer and the body that is still to come.
async fn ask(protocol: Protocol, method: &str, answer: Response<Channel>) -> Response<Incoming> {
    let stream = TokioIo::new(serve(answer).await);
    let request = Request::builder().method(method).header(header::TE, "trailers");
    let empty = Empty::<Bytes>::new();
    match protocol {
        Protocol::Http1 => {
            let (mut sender, connection) = http1::handshake(stream).await.expect("a connection");
            tokio::spawn(connection);
            let request = request.uri("/").header(header::HOST, "localhost").body(empty).expect("a request");
            sender.send_request(request).await.expect("an answer")
        }
        Protocol::Http2 => {
            let (mut sender, connection) =
                http2::handshake(TokioExecutor::new(), stream).await.expect("a connection");
            tokio::spawn(connection);
            let request = request.uri("http://localhost/").body(empty).expect("a request");
            sender.send_request(request).await.expect("an answer")
        }
    }
}

async fn next(response: &mut Response<Incoming>) -> Option<Result<Frame<Bytes>, hyper::Error>> {
    response.body_mut().frame().await
}

async fn next_text(response: &mut Response<Incoming>) -> Bytes {
    next(response).await.expect("a frame").expect("no error").into_data().expect("data")
}

macro_rules! on_both {
    ($($case:ident;)+) => {$(
        mod $case {
            use crate::{Protocol, in_time, support::run};

            #[test]
            fn http1() {
                run(Box::pin(in_time(Box::pin(super::$case(Protocol::Http1)))));
            }

            #[test]
            fn http2() {
                run(Box::pin(in_time(Box::pin(super::$case(Protocol::Http2)))));
            }
        }
    )+};
}

on_both! {
    a_stream_of_events_is_not_held_back;
    the_head_comes_before_the_first_event;
    a_body_of_known_length_is_tagged;
    trailers_arrive;
    an_error_arrives_after_the_frames_before_it;
}

async fn a_stream_of_events_is_not_held_back(protocol: Protocol) {
    let (sender, body) = channel(None);
    send(&sender, "data: 1\n\n");
    let mut response = ask(protocol, "GET", Response::new(body)).await;
    assert!(!response.headers().contains_key("etag"));
    assert_eq!(next_text(&mut response).await, "data: 1\n\n");
    // The server sends the second event only now, so the layer did not hold the first back for it.
    send(&sender, "data: 2\n\n");
    assert_eq!(next_text(&mut response).await, "data: 2\n\n");
    drop(sender);
    assert!(response.into_body().collect().await.expect("an end").to_bytes().is_empty());
}

async fn the_head_comes_before_the_first_event(protocol: Protocol) {
    let (sender, body) = channel(None);
    let mut response = ask(protocol, "GET", Response::new(body)).await;
    send(&sender, "data: 1\n\n");
    assert_eq!(next_text(&mut response).await, "data: 1\n\n");
}

async fn a_body_of_known_length_is_tagged(protocol: Protocol) {
    let (sender, body) = channel(Some(10));
    let pauses = Arc::clone(&body.pauses);
    let response = tokio::spawn(ask(protocol, "GET", Response::new(body)));
    pauses.notified().await;
    send(&sender, "two ");
    pauses.notified().await;
    send(&sender, "pieces");
    drop(sender);
    let mut response = response.await.expect("no panic");
    assert!(response.headers().contains_key("etag"));
    assert_eq!(response.headers()["content-length"], "10");
    let content = response.body_mut().collect().await.expect("a whole body").to_bytes();
    assert_eq!(content, "two pieces");
}

async fn trailers_arrive(protocol: Protocol) {
    let (sender, body) = channel(None);
    send(&sender, "text");
    send_trailers(&sender, "x-checksum");
    drop(sender);
    let mut answer = Response::new(body);
    answer.headers_mut().insert(header::TRAILER, HeaderValue::from_static("x-checksum"));
    let response = ask(protocol, "GET", answer).await;
    assert!(response.headers().contains_key("etag"));
    assert!(!response.headers().contains_key("content-length"));
    let collected = response.into_body().collect().await.expect("a whole body");
    assert_eq!(collected.trailers().expect("trailers")["x-checksum"], "0");
    assert_eq!(collected.to_bytes(), "text");
}

async fn an_error_arrives_after_the_frames_before_it(protocol: Protocol) {
    let (sender, body) = channel(None);
    send(&sender, "text");
    let mut response = ask(protocol, "GET", Response::new(body)).await;
    assert_eq!(next_text(&mut response).await, "text");
    sender.send(Err(io::Error::other("the disk is gone"))).expect("the body is read");
    assert!(next(&mut response).await.expect("the stream did not end").is_err());
}

/// The layer sends a HEAD with a condition inward as GET, and drops the content.
#[tokio::test]
async fn rule_56_a_head_with_a_condition_has_the_length_of_its_get_if_there_is_one() {
    let known = || async { "text" };
    // It never pauses, so it is hashed, and its length is not known before.
    let stream = || async {
        let (sender, body) = channel(None);
        send(&sender, "text");
        AxumBody::new(body)
    };
    let layers = || (PreconditionLayer::from_response(), EntityTagLayer::new());
    let app = Router::new().route("/known", get(known)).route("/stream", get(stream)).layer(layers());
    for client in Client::both(app).await {
        for (path, length) in [("/known", Some("4")), ("/stream", None)] {
            let of_get = client.ask("GET", path, &[]).await;
            let head = client.ask("HEAD", path, &[("if-none-match", "\"0\"")]).await;
            assert_eq!((head.status.as_u16(), head.text()), (200, ""), "{path}");
            assert_eq!(head.get("content-length"), length, "{path}");
            assert_eq!(head.etag(), of_get.etag(), "{path}");
            let same = client.ask("HEAD", path, &[("if-none-match", of_get.etag())]).await;
            assert_eq!((same.status.as_u16(), same.get("content-length")), (304, None), "{path}");
        }
    }
}

/// gRPC is a POST whose answer pauses and has its status in the trailers.
#[tokio::test]
async fn grpc_is_untouched() {
    in_time(Box::pin(async {
        let (sender, body) = channel(None);
        let mut answer = Response::new(body);
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        let mut response = ask(Protocol::Http2, "POST", answer).await;
        assert!(!response.headers().contains_key("etag"));
        send(&sender, "\0\0\0\0\x04text");
        assert_eq!(next_text(&mut response).await, "\0\0\0\0\x04text");
        send_trailers(&sender, "grpc-status");
        drop(sender);
        let trailers = next(&mut response).await.expect("trailers").expect("no error");
        assert_eq!(trailers.trailers_ref().expect("trailers")["grpc-status"], "0");
    }))
    .await;
}

#[tokio::test]
async fn an_upgrade_passes_unchanged() {
    in_time(Box::pin(async {
        let (_sender, body) = channel(Some(0));
        let mut answer = Response::new(body);
        *answer.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        answer.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("echo"));
        let stream = TokioIo::new(serve(answer).await);
        let (mut sender, connection) = http1::handshake(stream).await.expect("a connection");
        tokio::spawn(connection.with_upgrades());
        let request = Request::get("/").header(header::HOST, "localhost");
        let request = request.header(header::CONNECTION, "upgrade").header(header::UPGRADE, "echo");
        let response = sender.send_request(request.body(Empty::<Bytes>::new()).expect("a request")).await;
        let response = response.expect("an answer");
        assert_eq!(response.status(), 101);
        assert!(!response.headers().contains_key("etag"));
        let mut tunnel = TokioIo::new(hyper::upgrade::on(response).await.expect("a tunnel"));
        tunnel.write_all(b"ping").await.expect("the server reads");
        let mut bytes = [0; 4];
        tunnel.read_exact(&mut bytes).await.expect("the server writes");
        assert_eq!(&bytes, b"ping");
    }))
    .await;
}
