//! Services without a source. They make no content if `from_response()` or `probing()` answers 304.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum::{
    body::Body as AxumBody,
    middleware::{Next, from_fn},
    response::Response as AxumResponse,
};
use bytes::Bytes;
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use tower::{Layer, Service};
use tower_precondition::PreconditionLayer;

use super::{Region, Scenario, frames::Frames, request};

const KIBIBYTE: usize = 1024;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let whole = |name, prepare| Scenario::new(name, 200, prepare);
    let not_modified = |name, prepare, bare| Scenario::new(name, 304, prepare).over_bare(bare);
    vec![
        whole("its 200, 1 KiB", || sent(Document(KIBIBYTE), request::get_if_none_match())),
        not_modified("304 in place of it, 1 KiB", || from_response(KIBIBYTE), "its 200, 1 KiB"),
        not_modified(
            "from_fn with typed fields, 304 in place of it, 1 KiB",
            || sent(from_fn(in_place).layer(Document(KIBIBYTE)), request::get_if_none_match()),
            "its 200, 1 KiB",
        ),
        whole("its 200, 64 KiB", || sent(Document(64 * KIBIBYTE), request::get_if_none_match())),
        not_modified("304 in place of it, 64 KiB", || from_response(64 * KIBIBYTE), "its 200, 64 KiB"),
        whole("its 200, 1 MiB", || sent(Document(1024 * KIBIBYTE), request::get_if_none_match())),
        not_modified("304 in place of it, 1 MiB", || from_response(1024 * KIBIBYTE), "its 200, 1 MiB"),
        not_modified(
            "304 by a HEAD, 1 MiB",
            || {
                sent(
                    PreconditionLayer::probing().layer(Document(1024 * KIBIBYTE)),
                    request::get_if_none_match(),
                )
            },
            "its 200, 1 MiB",
        ),
        whole("its 200 without a condition, 1 KiB", || sent(Document(KIBIBYTE), request::get())),
        whole("from_response, without a condition, 1 KiB", || {
            sent(PreconditionLayer::from_response().layer(Document(KIBIBYTE)), request::get())
        })
        .over_bare("its 200 without a condition, 1 KiB"),
        whole("probing, without a condition, 1 KiB", || {
            sent(PreconditionLayer::probing().layer(Document(KIBIBYTE)), request::get())
        })
        .over_bare("its 200 without a condition, 1 KiB"),
    ]
}

/// Turns a 200 into a 304 if the client has its tag, as a careful user would write it.
async fn in_place(request: Request<AxumBody>, next: Next) -> AxumResponse {
    let given = request.headers().typed_get::<IfNoneMatch>();
    let mut response = next.run(request).await;
    let tag = response.headers().typed_get::<ETag>();
    if given.zip(tag).is_some_and(|(given, tag)| !given.precondition_passes(&tag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = AxumBody::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

fn from_response(length: usize) -> Region {
    sent(PreconditionLayer::from_response().layer(Document(length)), request::get_if_none_match())
}

/// Returns a region that calls the service and takes its content frame by frame, as a server does.
fn sent<S, B>(mut service: S, request: Request<AxumBody>) -> Region
where
    S: Service<Request<AxumBody>, Response = Response<B>, Error = Infallible> + 'static,
    B: Body<Data = Bytes>,
{
    let mut request = Some(request);
    Box::new(move || {
        let context = &mut Context::from_waker(Waker::noop());
        let request = request.take().expect("a region runs once");
        let Poll::Ready(Ok(response)) = pin!(service.call(request)).poll(context) else {
            unreachable!("nothing here is awaited");
        };
        let (head, body) = response.into_parts();
        let mut body = pin!(body);
        while !body.is_end_stream() {
            match body.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => drop(black_box(frame)),
                Poll::Ready(None) => break,
                _ => unreachable!("nothing here is awaited, or fails"),
            }
        }
        head.status.as_u16()
    })
}

/// Answers this many bytes with a tag, and only the head to HEAD.
#[derive(Clone, Copy)]
struct Document(usize);

impl Service<Request<AxumBody>> for Document {
    type Response = Response<Frames>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Frames>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<AxumBody>) -> Self::Future {
        let left = if *request.method() == Method::HEAD { 0 } else { self.0 };
        let mut response = Response::new(Frames { left });
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::CONTENT_LENGTH, self.0.into());
        headers.insert(header::ETAG, HeaderValue::from_static(request::TAG));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        ready(Ok(response))
    }
}
