//! The document behind the layer, in each way.

use std::{convert::Infallible, future::ready};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use tower::{Layer, Service, ServiceExt, util::BoxCloneService};
use tower_http::compression::CompressionLayer;
use tower_precondition::{
    BoxError, ContentCodingLayer, EntityTagLayer, PreconditionLayer, Representation, Requirement,
    UnevaluatedWrites, ValidatorSource, Validators,
    source::{FromResponse, Probing},
};

use super::{
    handler::Handler,
    world::{State, Way, World},
};

pub(super) type Boxed =
    BoxCloneService<Request<Full<Bytes>>, Response<UnsyncBoxBody<Bytes, BoxError>>, Infallible>;

pub(super) fn service(world: &World, handler: &Handler) -> Boxed {
    let inner = handler.clone();
    match world.way {
        Way::Source => boxed(with_source(world, handler).layer(inner)),
        Way::FromResponse => boxed(from_response(world).layer(inner)),
        Way::Probing => boxed(probing(world).layer(inner)),
        Way::ContentTag => boxed(from_response(world).layer(tagging(world).layer(inner))),
        Way::Coding => {
            // Brotli and Zstandard are slow without optimizations, and no other rule holds for them.
            let compression = CompressionLayer::new().br(false).zstd(false);
            let coding = ContentCodingLayer::new();
            match world.inner {
                Way::Source => {
                    boxed(coding.layer(with_source(world, handler).layer(compression.layer(inner))))
                }
                Way::ContentTag => {
                    let tagged = tagging(world).layer(inner);
                    boxed(coding.layer(from_response(world).layer(compression.layer(tagged))))
                }
                _ => boxed(coding.layer(from_response(world).layer(compression.layer(inner)))),
            }
        }
    }
}

fn with_source(
    world: &World,
    handler: &Handler,
) -> PreconditionLayer<impl ValidatorSource<Error = Infallible, Future: Send + 'static> + Send + Sync + 'static>
{
    let (known, state) = (world.clone(), handler.state.clone());
    let source = move |_: &Parts| {
        let state = *state.lock().expect("no test panics in here");
        ready(match state {
            State::Absent => Representation::absent(),
            State::Version(_) => Validators::from_headers(&known.source.fields(state, known.now)).into(),
        })
    };
    PreconditionLayer::new(source).require(if world.requires {
        Requirement::on_writes()
    } else {
        Requirement::none()
    })
}

fn unevaluated(world: &World) -> UnevaluatedWrites {
    if world.forwards_unevaluated { UnevaluatedWrites::Forward } else { UnevaluatedWrites::Refuse }
}

fn from_response(world: &World) -> PreconditionLayer<FromResponse> {
    PreconditionLayer::from_response().unevaluated_writes(unevaluated(world))
}

fn probing(world: &World) -> PreconditionLayer<Probing> {
    let layer = PreconditionLayer::probing().unevaluated_writes(unevaluated(world));
    if world.probes_writes { layer.probe_writes() } else { layer }
}

fn tagging(world: &World) -> EntityTagLayer {
    let layer = EntityTagLayer::new().limit(world.limit);
    if world.replaces { layer.replace_validators() } else { layer }
}

fn boxed<S, B>(service: S) -> Boxed
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    BoxCloneService::new(
        service.map_response(|response| response.map(|body| body.map_err(Into::into).boxed_unsync())),
    )
}
