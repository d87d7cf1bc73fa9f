//! `EntityTagLayer`, compared with the same content drained and hashed by hand.
//!
//! The difference is the layer's cost.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use tower::{Layer, Service};
use tower_precondition::EntityTagLayer;

use super::{Region, Scenario, frames::Frames};

const KIBIBYTE: usize = 1024;
const LIMIT: usize = 1024 * 1024;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let row = |name, prepare| Scenario::new(name, 200, prepare);
    vec![
        row("drained, 1 KiB", || drained(Content(KIBIBYTE), ignore)),
        row("drained and hashed, 1 KiB", || drained(Content(KIBIBYTE), hash())),
        row("tagged, 1 KiB", || drained(tagged(KIBIBYTE), ignore)).over_bare("drained and hashed, 1 KiB"),
        row("drained and hashed, 64 KiB", || drained(Content(64 * KIBIBYTE), hash())),
        row("tagged, 64 KiB", || drained(tagged(64 * KIBIBYTE), ignore))
            .over_bare("drained and hashed, 64 KiB"),
        row("drained and hashed, 1 MiB", || drained(Content(LIMIT), hash())),
        row("tagged, 1 MiB", || drained(tagged(LIMIT), ignore)).over_bare("drained and hashed, 1 MiB"),
        row("drained, 1 MiB and one byte", || drained(Content(LIMIT + 1), ignore)),
        row("too long for a tag", || drained(tagged(LIMIT + 1), ignore))
            .over_bare("drained, 1 MiB and one byte"),
    ]
}

fn tagged(
    length: usize,
) -> impl Service<Request<()>, Response = Response<impl Body<Data = Bytes>>, Error = Infallible> {
    EntityTagLayer::new().layer(Content(length))
}

/// Returns a region that calls the service and takes its content frame by frame, as a server does.
fn drained<S, B>(mut service: S, mut take: impl FnMut(Option<&[u8]>) + 'static) -> Region
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible> + 'static,
    B: Body<Data = Bytes>,
{
    Box::new(move || {
        let context = &mut Context::from_waker(Waker::noop());
        let Poll::Ready(Ok(response)) = pin!(service.call(Request::new(()))).poll(context) else {
            unreachable!("nothing here is awaited");
        };
        let (head, body) = response.into_parts();
        let mut body = pin!(body);
        while !body.is_end_stream() {
            match body.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => take(frame.data_ref().map(Bytes::as_ref)),
                Poll::Ready(None) => break,
                _ => unreachable!("nothing here is awaited, or fails"),
            }
        }
        take(None);
        head.status.as_u16()
    })
}

fn ignore(data: Option<&[u8]>) {
    black_box(data);
}

/// Hashes each piece of data, and formats the hash at the end.
fn hash() -> impl FnMut(Option<&[u8]>) {
    let mut begun = None;
    move |data| {
        let hasher = begun.get_or_insert_with(blake3::Hasher::new);
        match data {
            Some(data) => drop(hasher.update(data)),
            None => drop(black_box(hasher.finalize().to_hex())),
        }
    }
}

/// Answers this many bytes, with their type and length.
#[derive(Clone, Copy)]
struct Content(usize);

impl Service<Request<()>> for Content {
    type Response = Response<Frames>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Frames>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let mut response = Response::new(Frames { left: self.0 });
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::CONTENT_LENGTH, self.0.into());
        ready(Ok(response))
    }
}
