//! The layer with the layers of tower-http, each on the side that `docs/layer-order.md` names,
//! and around services that it must leave alone.

mod browsers;
mod composition;
mod grpc;
mod limits;
mod panics;
mod proxy;
mod tracing;
mod web_sockets;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    routing::{MethodRouter, get},
};
use http::{Request, Response, request::Parts};
use tower_precondition::{EntityTag, PreconditionLayer, Representation};

/// Version 2 of every path.
fn version_2(_: &Parts) -> Ready<EntityTag> {
    ready(EntityTag::from_version(2))
}

/// How often something was called.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicUsize>);

impl Calls {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }

    /// A handler that is counted.
    fn route(&self) -> MethodRouter {
        let calls = self.clone();
        let handler = move || {
            calls.count();
            ready("text")
        };
        get(handler.clone()).put(handler)
    }

    /// A source that is counted, and finds version 2.
    fn source(&self) -> impl Fn(&Parts) -> Ready<EntityTag> + Clone + Send + Sync + 'static {
        let calls = self.clone();
        move |head: &Parts| {
            calls.count();
            version_2(head)
        }
    }
}

/// `/document` behind the layer, which finds version 2 of it.
fn documents() -> Router {
    Router::new().route("/document", Calls::default().route().route_layer(PreconditionLayer::new(version_2)))
}

fn request(method: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let request = Request::builder().method(method).uri("/document");
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::empty()).expect("a request")
}

async fn answers_text(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::from("text")))
}

/// Version 2, as a representation that can hold a guard.
fn something() -> Representation {
    EntityTag::from_version(2).into()
}
