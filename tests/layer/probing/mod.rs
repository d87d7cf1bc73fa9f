//! `PreconditionLayer::probing()`: the layer asks the service itself, with a HEAD.

mod asked;
mod evaluated;
mod layers;
mod malformed;
mod passed_on;
mod promise;
mod readiness;
mod resource;
mod vary;
mod writes;

use http::Request;
use tower::{Layer, Service, ServiceExt};
use tower_precondition::{PreconditionLayer, ResponseBody, source::Probing};

use crate::support::{at_once, request};
use resource::{Gone, Resource};

/// Sends a request to this resource, which answers at once.
fn exchange(resource: &Resource, method: &str, fields: &[(&str, &str)]) -> http::Response<String> {
    through(layer(), resource, request(method, fields)).expect("the resource answers")
}

fn through<L, S>(
    layer: L,
    resource: &Resource,
    request: Request<String>,
) -> Result<http::Response<String>, Gone>
where
    L: Layer<Resource, Service = S>,
    S: Service<Request<String>, Response = http::Response<ResponseBody<String>>, Error = Gone>,
{
    let response = at_once(layer.layer(resource.clone()).oneshot(request))?;
    let (head, body) = response.into_parts();
    let body = at_once(http_body_util::BodyExt::collect(body)).expect("content without errors").to_bytes();
    Ok(http::Response::from_parts(head, String::from_utf8(body.into()).expect("text")))
}

/// A layer whose user promises that a HEAD performs nothing.
fn layer() -> PreconditionLayer<Probing> {
    PreconditionLayer::probing().probe_writes()
}
