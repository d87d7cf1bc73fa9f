use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::{ContentCodingFuture, MarkedResponse, request::decode_request, take_off_suffixes};
use crate::precondition::{MethodKind, TagComparison};

/// A service whose entity tags tell content codings apart. [`ContentCodingLayer`](super::ContentCodingLayer)
/// makes it.
///
/// It passes the inner service's errors on, and is ready when the inner service is.
#[derive(Clone, Debug)]
pub struct ContentCoding<S> {
    inner: S,
    comparison: TagComparison,
}

impl<S> ContentCoding<S> {
    pub(super) fn new(inner: S, comparison: TagComparison) -> Self {
        Self { inner, comparison }
    }

    /// Returns the inner service.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns the inner service, to change it.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Unwraps the inner service.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B, ResBody> Service<Request<B>> for ContentCoding<S>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ContentCodingFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut marked = None;
        if let Some(suffixes) = self.comparison.suffixes() {
            let (mut head, body) = request.into_parts();
            marked = MarkedResponse::to(&mut head, suffixes).map(Box::new);
            if marked.is_some() {
                take_off_suffixes(&mut head.headers, MethodKind::of(&head.method), suffixes);
            }
            request = Request::from_parts(head, body);
        }
        let sent = decode_request(&mut request);
        ContentCodingFuture::new(self.inner.call(request), sent, marked)
    }
}
