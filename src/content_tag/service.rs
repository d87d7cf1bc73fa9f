use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{
    EntityTagFuture, TaggedBody,
    request::{OwnValidators, Treatment},
};

/// A service that tags its 200s from their content. [`EntityTagLayer`](super::EntityTagLayer) makes it.
///
/// It passes the inner service's errors on, and is ready when the inner service is.
#[derive(Clone, Debug)]
pub struct EntityTagService<S> {
    inner: S,
    limit: usize,
    own: OwnValidators,
}

impl<S> EntityTagService<S> {
    pub(super) fn new(inner: S, limit: usize, own: OwnValidators) -> Self {
        Self { inner, limit, own }
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

impl<S, B, ResBody> Service<Request<B>> for EntityTagService<S>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    ResBody: Body<Data = Bytes>,
{
    type Response = Response<TaggedBody<ResBody>>;
    type Error = S::Error;
    type Future = EntityTagFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let treatment = Treatment::of(&mut request, self.limit, self.own);
        EntityTagFuture::new(self.inner.call(request), treatment)
    }
}
