//! The contract for a look-up over extractors.

use axum::{
    Router,
    body::Body,
    extract::{Path, State as Extracted},
    routing::any_service,
};
use tower_precondition::{PreconditionLayer, Representation, validators_from_fn_with_state};

use crate::support::contract::{Document, Got, Row, State, Way, contract};

contract!(extractors);

async fn lookup(Extracted(state): Extracted<State>, Path(id): Path<u64>) -> Representation {
    assert_eq!(id, 7);
    state.found()
}

async fn extractors(row: &Row) {
    let document = Document::of(row);
    let layer = PreconditionLayer::new(validators_from_fn_with_state(row.state, lookup));
    let app = Router::new().route("/documents/{id}", any_service(document.clone()).layer(layer));
    row.check(Way::Extractors, &Got::by(app, row.request().map(Body::from)).await, &document);
}
