//! gRPC by tonic, without generated code: POST over HTTP/2, whose messages and trailers do not change.
//!
//! Under `from_response()`, `probing()` and a source: a gRPC call carries no
//! condition, and a POST without one passes.

use std::convert::Infallible;

use axum::{Router, body::Body};
use bytes::{Buf, BufMut};
use http::{Request, Uri, uri::PathAndQuery};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tonic::{
    Code, Response, Status, Streaming,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{BoxStream, tokio_stream},
};
use tower::{Layer, service_fn};
use tower_precondition::{ContentCodingLayer, PreconditionLayer};

use super::version_2;
use crate::support::client::serve;

/// Messages that are text.
#[derive(Clone, Default)]
struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = String;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, text: String, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(text.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = String;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<String>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        let text = String::from_utf8(bytes.into()).map_err(|_| Status::invalid_argument("expected UTF-8"))?;
        Ok(Some(text))
    }
}

/// Greets the name that it gets; an empty one is an error.
#[derive(Clone)]
struct Greet;

impl tonic::server::UnaryService<String> for Greet {
    type Response = String;
    type Future = std::future::Ready<Result<Response<String>, Status>>;

    fn call(&mut self, request: tonic::Request<String>) -> Self::Future {
        let name = request.into_inner();
        std::future::ready(match name.as_str() {
            "" => Err(Status::failed_precondition("nobody to greet")),
            name => Ok(Response::new(format!("hello, {name}"))),
        })
    }
}

/// Greets every name, and ends with an error.
#[derive(Clone)]
struct GreetAll;

impl tonic::server::StreamingService<String> for GreetAll {
    type Response = String;
    type ResponseStream = BoxStream<String>;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<Response<Self::ResponseStream>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<Streaming<String>>) -> Self::Future {
        Box::pin(async move {
            let mut names = request.into_inner();
            let mut answers = Vec::new();
            while let Some(name) = names.message().await? {
                answers.push(Ok(format!("hello, {name}")));
            }
            answers.push(Err(Status::out_of_range("that was everyone")));
            let answers: BoxStream<String> = Box::pin(tokio_stream::iter(answers));
            Ok(Response::new(answers))
        })
    }
}

async fn greeter(request: Request<Body>) -> Result<http::Response<tonic::body::Body>, Infallible> {
    let mut server = tonic::server::Grpc::new(Text);
    Ok(match request.uri().path() {
        "/Greeter/Greet" => server.unary(Greet, request).await,
        _ => server.streaming(GreetAll, request).await,
    })
}

#[tokio::test]
async fn calls_and_streams_pass() {
    let service = || service_fn(greeter);
    for (name, app) in [
        ("alone", Router::new().fallback_service(service())),
        ("an own source", Router::new().fallback_service(PreconditionLayer::new(version_2).layer(service()))),
        ("probing", Router::new().fallback_service(PreconditionLayer::probing().layer(service()))),
        (
            "from the response",
            Router::new().fallback_service(PreconditionLayer::from_response().layer(service())),
        ),
        (
            "outside a compression",
            Router::new().fallback_service(
                (ContentCodingLayer::new(), PreconditionLayer::new(version_2)).layer(service()),
            ),
        ),
    ] {
        let origin: Uri = format!("http://{}", serve(app).await).parse().expect("an address");
        let http2 = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        let mut client = tonic::client::Grpc::with_origin(http2, origin);

        client.ready().await.expect("it is always ready");
        let greet = PathAndQuery::from_static("/Greeter/Greet");
        let answer = client.unary(tonic::Request::new("Ada".to_owned()), greet.clone(), Text).await;
        assert_eq!(answer.expect("a greeting").into_inner(), "hello, Ada", "{name}");
        let failed = client.unary(tonic::Request::new(String::new()), greet, Text).await;
        let status = failed.expect_err("nobody to greet");
        assert_eq!(
            (status.code(), status.message()),
            (Code::FailedPrecondition, "nobody to greet"),
            "{name}"
        );

        let names = tokio_stream::iter(["Ada".to_owned(), "Grace".to_owned()]);
        let greet_all = PathAndQuery::from_static("/Greeter/GreetAll");
        let answer = client.streaming(tonic::Request::new(names), greet_all, Text).await;
        let mut answers = answer.expect("a stream").into_inner();
        for expected in ["hello, Ada", "hello, Grace"] {
            assert_eq!(answers.message().await.expect("a message").as_deref(), Some(expected), "{name}");
        }
        // The status is in the trailers.
        assert_eq!(answers.message().await.expect_err("its end").code(), Code::OutOfRange, "{name}");
    }
}
