//! The contract over sockets.

use axum::Router;
use bytes::Bytes;
use tower::Layer;
use tower_precondition::PreconditionLayer;

use crate::{
    Protocol,
    client::Client,
    in_time,
    support::{
        client::serve,
        contract::{Answer, Document, Got, Row, TEXT, Way, contract},
        finds, request,
    },
};

contract!(http1);
contract!(http2);

async fn http1(row: &Row) {
    over(Protocol::Http1, row).await;
}

async fn http2(row: &Row) {
    over(Protocol::Http2, row).await;
}

async fn over(protocol: Protocol, row: &Row) {
    in_time(Box::pin(async {
        let document = Document::of(row);
        let state = row.state;
        let layer = PreconditionLayer::new(finds(move || state.found()));
        let app = Router::new().fallback_service(layer.layer(document.clone()));
        let mut client = Client::connect(serve(app).await, protocol).await;
        let answer = client.exchange(row.request().map(Bytes::from)).await;
        assert!(answer.trailers.is_empty());
        let got = Got { status: answer.status.as_u16(), headers: answer.headers, content: answer.content };
        row.check(Way::Sockets, &got, &document);
        if row.answer == Answer::NotModified {
            // Bytes after a 304 would be read as part of the next answer.
            let next = client.exchange(request("GET", &[]).map(Bytes::from)).await;
            assert_eq!((next.status.as_u16(), next.text()), (200, TEXT));
        }
    }))
    .await;
}
