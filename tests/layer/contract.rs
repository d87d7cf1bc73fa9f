//! The contract for the ways in that need no other crate: a source, the response, a HEAD, and a check in
//! the handler.

use http::Response;
use http_body_util::Full;
use tower::{Layer, service_fn};
use tower_precondition::{PreconditionLayer, Preconditions};

use crate::support::{
    contract::{Document, Got, Row, Way, contract},
    finds,
};

contract!(source);
contract!(from_response);
contract!(probing);
contract!(in_handler);

async fn source(row: &Row) {
    let document = Document::of(row);
    let layer = PreconditionLayer::new(finds(|| row.state.found()));
    row.check(Way::Source, &Got::by(layer.layer(document.clone()), row.request()).await, &document);
}

async fn from_response(row: &Row) {
    let document = Document::of(row);
    let service = PreconditionLayer::from_response().layer(document.clone());
    row.check(Way::FromResponse, &Got::by(service, row.request()).await, &document);
}

async fn probing(row: &Row) {
    let document = Document::of(row);
    let service = PreconditionLayer::probing().probe_writes().layer(document.clone());
    row.check(Way::Probing, &Got::by(service, row.request()).await, &document);
}

/// A handler that evaluates, and serves a range only if the evaluation allows it.
async fn in_handler(row: &Row) {
    let document = Document::of(row);
    let service = service_fn(|request: http::Request<String>| {
        let (mut head, _) = request.into_parts();
        let answer = match Preconditions::from_head(&head).check(row.state.found()) {
            Err(rejection) => rejection.to_response().map(Full::new),
            Ok(evaluation) => {
                if !evaluation.allows_range() {
                    head.headers.remove("range");
                }
                document.answer(head).map(Full::from)
            }
        };
        async { Ok::<Response<_>, std::convert::Infallible>(answer) }
    });
    row.check(Way::InHandler, &Got::by(service, row.request()).await, &document);
}
