use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{EntityTagFuture, TaggedBody};

/// A service whose 200s are tagged from their content; made by [`EntityTagLayer`](super::EntityTagLayer).
///
/// Its error is the inner service's, and it is ready when that is.
///
/// # Example
///
/// ```
/// # use tower::Layer;
/// use tower_precondition::EntityTagLayer;
///
/// let service = EntityTagLayer::new().layer("any service");
/// assert_eq!(*service.get_ref(), "any service");
/// ```
#[derive(Clone, Debug)]
pub struct EntityTagService<S> {
    inner: S,
    limit: usize,
}

impl<S> EntityTagService<S> {
    pub(super) fn new(inner: S, limit: usize) -> Self {
        Self { inner, limit }
    }

    /// The inner service.
    ///
    /// The example of [`EntityTagService`] shows it.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service, to change it.
    ///
    /// ```
    /// # use tower::Layer;
    /// # use tower_precondition::EntityTagLayer;
    /// let mut service = EntityTagLayer::new().layer(1);
    /// *service.get_mut() = 2;
    /// assert_eq!(*service.get_ref(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service, without the layer.
    ///
    /// ```
    /// # use tower::Layer;
    /// # use tower_precondition::EntityTagLayer;
    /// assert_eq!(EntityTagLayer::new().layer(1).into_inner(), 1);
    /// ```
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

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let is_tagged = sends_content(request.method());
        let response = self.inner.call(request);
        match is_tagged {
            true => EntityTagFuture::tag(response, self.limit),
            false => EntityTagFuture::forward(response),
        }
    }
}

/// Whether a 200 to this method is a representation with its content.
fn sends_content(method: &Method) -> bool {
    // RFC 10008.
    method == Method::GET || method.as_str() == "QUERY"
}
