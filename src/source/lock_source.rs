use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Uri, request::Parts};
use pin_project_lite::pin_project;

use super::Seal;
use crate::{error::BoxError, webdav::ResourceState};

/// Looks up the locks that cover a resource, and its validators, for WebDAV's `If`.
///
/// [`PreconditionLayer::webdav`](crate::PreconditionLayer::webdav) takes it. The layer asks only if the request
/// carries `If`, and once for each resource that the field names. It never asks for a URL of another server.
///
/// - The first argument is the resource: the request's target, or the path and query of a resource tag. It is as
///   the client sent it, so decode and normalize it as your router does.
/// - The second argument is the request's head. Answer [`ResourceState::unmapped`] for what its sender may not
///   read. Otherwise a 412 would tell the sender about it.
/// - Name every lock that covers the resource: its own, and those of depth infinity on the collections above it.
/// - The validators of the request's target are those that the layer's [`ValidatorSource`](crate::ValidatorSource)
///   finds. Those of the `ResourceState` count if that source tells no state, and for every other resource.
///
/// A closure over both arguments is a source. Write the types of its arguments. Its future may return anything
/// that is `Into<ResourceState>`, or a `Result` of it.
///
/// # Errors
///
/// A failed look-up is answered 503, whatever the method is. The error goes to `tracing`, never to the client.
///
/// # Example
///
/// ```
/// use http::{Request, Response, Uri, request::Parts};
/// # use tower::{Layer, ServiceExt, service_fn};
/// use tower_precondition::{EntityTag, PreconditionLayer, ResourceState};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let locks = |resource: &Uri, _: &Parts| {
///     // `/specs/` is locked with depth infinity.
///     let locked = resource.path().starts_with("/specs/");
///     async move { ResourceState::new().with_lock_tokens(locked.then_some("urn:uuid:1")) }
/// };
/// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) }).webdav(locks);
/// let handler = service_fn(|_: Request<String>| async {
///     Ok::<_, std::convert::Infallible>(Response::new(String::new()))
/// });
/// let service = layer.layer(handler);
/// let delete = |field| Request::delete("/specs/rfc2518.txt").header("if", field).body(String::new()).unwrap();
///
/// let response = service.clone().oneshot(delete("</specs/> (<urn:uuid:1>)")).await.unwrap();
/// assert_eq!(response.status(), 200);
/// let response = service.oneshot(delete("</drafts/> (<urn:uuid:1>)")).await.unwrap();
/// assert_eq!(response.status(), 412);
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot look locks up",
    label = "not a `LockSource`",
    note = "a closure must write its arguments' types, `|resource: &http::Uri, head: &http::request::Parts|`, and \
            return a future of `impl Into<ResourceState>` or of a `Result` of that"
)]
pub trait LockSource {
    /// The error of a failed look-up. It goes to `tracing`, never to the client.
    type Error: Into<BoxError>;
    /// The future of a look-up.
    type Future: Future<Output = Result<ResourceState, Self::Error>>;

    /// Starts the look-up of one resource.
    fn state(&self, resource: &Uri, head: &Parts) -> Self::Future;
}

impl<F, Fut> LockSource for F
where
    F: Fn(&Uri, &Parts) -> Fut,
    Fut: Future<Output: IntoResourceState>,
{
    type Error = <Fut::Output as IntoResourceState>::Error;
    type Future = ResourceStateFuture<Fut>;

    fn state(&self, resource: &Uri, head: &Parts) -> Self::Future {
        ResourceStateFuture { future: self(resource, head) }
    }
}

/// The output of the future that a closure over locks returns.
///
/// Implemented for everything that is `Into<ResourceState>`, and for a `Result` of it. Sealed.
#[diagnostic::on_unimplemented(
    message = "a look-up of locks cannot give `{Self}`",
    label = "not `Into<ResourceState>`, nor a `Result` of it"
)]
pub trait IntoResourceState {
    /// The error of a failed look-up.
    type Error: Into<BoxError>;

    #[doc(hidden)]
    fn into_resource_state(self, seal: Seal) -> Result<ResourceState, Self::Error>;
}

#[diagnostic::do_not_recommend]
impl<R: Into<ResourceState>> IntoResourceState for R {
    type Error = Infallible;

    fn into_resource_state(self, _: Seal) -> Result<ResourceState, Infallible> {
        Ok(self.into())
    }
}

impl<R: Into<ResourceState>, E: Into<BoxError>> IntoResourceState for Result<R, E> {
    type Error = E;

    fn into_resource_state(self, _: Seal) -> Result<ResourceState, E> {
        self.map(Into::into)
    }
}

pin_project! {
    /// The look-up of a closure that is a [`LockSource`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResourceStateFuture<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future<Output: IntoResourceState>> Future for ResourceStateFuture<F> {
    type Output = Result<ResourceState, <F::Output as IntoResourceState>::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(self.project().future.poll(cx)).into_resource_state(Seal))
    }
}
