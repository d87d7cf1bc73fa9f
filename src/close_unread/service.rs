use std::task::{Context, Poll};

use http::{
    Request, Response, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    request::Parts,
};
use http_body::Body;
use tower_service::Service;

use super::{CloseUnreadFuture, WatchedBody};

/// A service whose answers say when they leave content unread. [`CloseUnreadLayer`](super::CloseUnreadLayer)
/// makes it.
///
/// It passes the inner service's errors on, and is ready when the inner service is.
#[derive(Clone, Debug)]
pub struct CloseUnread<S> {
    inner: S,
}

impl<S> CloseUnread<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner }
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

impl<S, B, ResBody> Service<Request<B>> for CloseUnread<S>
where
    S: Service<Request<WatchedBody<B>>, Response = Response<ResBody>>,
    B: Body,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CloseUnreadFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, body) = request.into_parts();
        let (body, fate) = match announces_content(&head) && !body.is_end_stream() {
            true => {
                let (body, fate) = WatchedBody::watched(body);
                (body, Some(fate))
            }
            false => (WatchedBody::unwatched(body), None),
        };
        CloseUnreadFuture::new(self.inner.call(Request::from_parts(head, body)), fate)
    }
}

/// Returns whether content follows the head on the connection (RFC 9112 §6).
fn announces_content(head: &Parts) -> bool {
    let headers = &head.headers;
    head.version <= Version::HTTP_11
        && (headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING))
}
