//! A client over HTTP/2 with prior knowledge, close enough to the frames that a test sees a stream's end.

use std::{future::poll_fn, net::SocketAddr};

use bytes::{Bytes, BytesMut};
use h2::{
    Reason, RecvStream, SendStream,
    client::{ResponseFuture, SendRequest},
};
use http::{HeaderMap, Method, Request, Uri, header, uri};
use tokio::net::TcpStream;

use crate::client::Answer;

pub(crate) struct Http2 {
    streams: SendRequest<Bytes>,
}

/// A request that is not yet answered, and whose content is not yet all sent.
pub(crate) struct Stream {
    pub(crate) content: SendStream<Bytes>,
    response: ResponseFuture,
}

impl Http2 {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        let (streams, connection) = h2::client::handshake(stream).await.expect("a preface");
        tokio::spawn(connection);
        Self { streams }
    }

    pub(crate) async fn exchange(&mut self, request: Request<Bytes>) -> Answer {
        let (mut head, content) = request.into_parts();
        if !content.is_empty() {
            head.headers.insert(header::CONTENT_LENGTH, content.len().into());
        }
        let mut stream = self.open(Request::from_parts(head, ()), content.is_empty()).await;
        if !content.is_empty() {
            stream.content.send_data(content, true).expect("the stream is open");
        }
        stream.answer().await
    }

    /// Sends a head alone; `is_all` if no content follows.
    pub(crate) async fn open(&mut self, request: Request<()>, is_all: bool) -> Stream {
        let (mut head, ()) = request.into_parts();
        let mut target = uri::Parts::from(head.uri);
        // CONNECT to an authority has neither a scheme nor a path.
        if target.path_and_query.is_some() {
            target.scheme = Some(uri::Scheme::HTTP);
            target.authority = Some(uri::Authority::from_static("localhost"));
        }
        head.uri = Uri::from_parts(target).expect("a target in one of its forms");
        let streams = self.streams.clone().ready().await;
        self.streams = streams.expect("the connection is open");
        let (response, content) =
            self.streams.send_request(Request::from_parts(head, ()), is_all).expect("a stream");
        Stream { content, response }
    }

    /// Extended CONNECT may be sent only once the server's settings allow it (RFC 8441 §3):
    /// they arrive before any answer.
    pub(crate) async fn wait_for_extended_connect(&mut self) {
        let options = Request::builder().method(Method::OPTIONS).uri("/tunnel");
        self.exchange(options.body(Bytes::new()).expect("a request")).await;
        assert!(self.streams.is_extended_connect_protocol_enabled());
    }
}

impl Stream {
    /// The whole answer, whether the content was all sent or not.
    pub(crate) async fn answer(&mut self) -> Answer {
        let (head, mut body) = (&mut self.response).await.expect("an answer").into_parts();
        let mut content = BytesMut::new();
        while let Some(data) = next(&mut body).await {
            content.extend_from_slice(&data);
        }
        let trailers = body.trailers().await.expect("the stream ends in order");
        Answer {
            status: head.status,
            headers: head.headers,
            content: content.freeze(),
            trailers: trailers.unwrap_or_else(HeaderMap::new),
        }
    }

    /// The head of an answer whose content goes on; the content can still be sent.
    pub(crate) async fn begin(self) -> (http::response::Parts, SendStream<Bytes>, RecvStream) {
        let (head, body) = self.response.await.expect("an answer").into_parts();
        (head, self.content, body)
    }

    /// The reason with which the server ends the stream, while the client is still sending.
    pub(crate) async fn reset(&mut self) -> Reason {
        poll_fn(|cx| self.content.poll_reset(cx)).await.expect("the connection stays open")
    }
}

/// The next piece of content; releases the window for as much again.
pub(crate) async fn next(body: &mut RecvStream) -> Option<Bytes> {
    let data = body.data().await?.expect("the stream ends in order");
    body.flow_control().release_capacity(data.len()).expect("what came can be released");
    Some(data)
}
