//! `probing()` over a socket: a body without `Default`, such as hyper's `Incoming`, is boxed outside.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tower::{Service, ServiceBuilder, service_fn};
use tower_precondition::PreconditionLayer;

/// Echoes the content of the request.
async fn document(
    request: Request<BoxBody<Bytes, hyper::Error>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_head = *request.method() == Method::HEAD;
    let content = request.into_body().collect().await.expect("the client sends it all").to_bytes();
    if is_head {
        assert!(content.is_empty(), "a HEAD has no content");
    }
    Ok(Response::builder().header("etag", "\"1\"").body(Full::new(content)).expect("a response"))
}

fn service() -> impl Service<
    Request<Incoming>,
    Response = Response<impl http_body::Body<Data = Bytes, Error: Into<tower_precondition::BoxError>> + Send>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send {
    ServiceBuilder::new()
        .map_request(|request: Request<Incoming>| request.map(BoxBody::new))
        .layer(PreconditionLayer::probing().probe_writes())
        .service(service_fn(document))
}

#[tokio::test]
async fn an_incoming_body_is_boxed_outside() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client comes");
        let service = TowerToHyperService::new(service());
        let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
        let _ended = builder.serve_connection(TokioIo::new(stream), service).await;
    });
    let stream = TokioIo::new(TcpStream::connect(address).await.expect("the server listens"));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.expect("HTTP/1.1");
    let connection = tokio::spawn(connection);
    for (method, field, tag, status, content) in [
        ("PUT", "if-match", "\"1\"", 200, "mine"),
        ("PUT", "if-match", "\"0\"", 412, "If-Match does not name"),
        ("PUT", "if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT", 501, "no modification date"),
        ("GET", "if-none-match", "\"1\"", 304, ""),
        ("GET", "if-none-match", "\"0\"", 200, "mine"),
    ] {
        let request =
            Request::builder().method(method).uri("/").header("host", "localhost").header(field, tag);
        let request = request.body(Full::new(Bytes::from_static(b"mine"))).expect("a request");
        sender.ready().await.expect("the connection is kept");
        let response = sender.send_request(request).await.expect("an answer");
        assert_eq!(response.status(), status, "{method} {field}: {tag}");
        let body = response.into_body().collect().await.expect("it all comes").to_bytes();
        let text = String::from_utf8(body.into()).expect("text");
        assert!(text.contains(content), "{text}");
    }
    drop(sender);
    connection.await.expect("it ends").expect("it ends well");
    server.await.expect("it ends");
}
