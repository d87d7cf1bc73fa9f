//! The inner service, a service that does nothing, and the region that calls a service.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use tower::Service;

use super::{Region, Scenario, request};

pub(crate) fn scenarios() -> Vec<Scenario> {
    let empty = |name, prepare| Scenario::new(name, 200, prepare);
    let bare = |name, empty, prepare| Scenario::new(name, 200, prepare).over_empty(empty);
    vec![
        empty("empty service, GET", || served(Empty, request::get())),
        empty("empty service, If-None-Match", || served(Empty, request::get_if_none_match())),
        empty("empty service, If-Modified-Since", || served(Empty, request::get_if_modified_since())),
        empty("empty service, PUT", || served(Empty, request::put_current())),
        bare("bare service, GET", "empty service, GET", || served(Inner, request::get())),
        bare("bare service, PUT", "empty service, PUT", || served(Inner, request::put_current())),
    ]
}

/// Returns a region that calls the service and drops its response.
pub(crate) fn served<S, B>(mut service: S, request: Request<Body>) -> Region
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + 'static,
{
    let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(ready, Poll::Ready(Ok(()))), "no service here makes its caller wait");
    let mut request = Some(request);
    Box::new(move || {
        let request = request.take().expect("a region runs once");
        let answered = pin!(service.call(request)).poll(&mut Context::from_waker(Waker::noop()));
        match answered {
            Poll::Ready(Ok(response)) => response.status().as_u16(),
            Poll::Pending => unreachable!("nothing here is awaited"),
        }
    })
}

/// The same for a service that has served such a request before, because a source may learn from the first.
pub(crate) fn served_again<S, B>(mut service: S, request: fn() -> Request<Body>) -> Region
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + 'static,
{
    let first = pin!(service.call(request())).poll(&mut Context::from_waker(Waker::noop()));
    assert!(first.is_ready(), "nothing here is awaited");
    served(service, request())
}

/// A service that only drops the request.
#[derive(Clone, Copy)]
pub(crate) struct Empty;

impl<B> Service<Request<B>> for Empty {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(Ok(Response::new(Full::default())))
    }
}

/// Drops the request, and answers 1 KiB with four fields.
#[derive(Clone, Copy)]
pub(crate) struct Inner;

impl<B> Service<Request<B>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        let mut response = Response::new(Full::new(Bytes::from_static(&[b'x'; 1024])));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("1024"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("en"));
        headers.insert(header::SERVER, HeaderValue::from_static("documents"));
        ready(Ok(response))
    }
}
