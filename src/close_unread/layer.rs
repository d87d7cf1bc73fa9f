use tower_layer::Layer;

use super::CloseUnread;

/// Adds `Connection: close` to an answer of 3xx to 5xx that left the request's content unread.
///
/// Over HTTP/1.x, unread content stands before the next request on the connection, so the server must close it.
/// A client that is not told may lose its next request with the connection, and cannot know whether that request
/// was performed. So the layer says it for every service inside: for a 401, a 405, a 413, and for a 412 of a
/// handler. Over HTTP/2 a stream ends alone, and the field is forbidden: the layer adds nothing.
///
/// - Put it outside all other layers, around the whole router. What an outer layer answers, it cannot see.
/// - The content is unread if its body was dropped before its end. A body that is still held counts as read: the
///   answer may depend on it.
/// - The server must then close in stages, or a reset can overtake the answer: see `lingering_close`.
/// - The service inside gets a [`WatchedBody`](super::WatchedBody). Axum accepts it as it is.
///
/// [`PreconditionLayer`](crate::PreconditionLayer) says it for its own answers, also without this layer.
///
/// # Example
///
/// ```
/// # use http::{Request, Response, StatusCode};
/// # use tower::{Layer, ServiceExt, service_fn};
/// use tower_precondition::{CloseUnreadLayer, close_unread::WatchedBody};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let handler = service_fn(|upload: Request<WatchedBody<String>>| async move {
///     drop(upload);
///     Response::builder().status(StatusCode::PAYLOAD_TOO_LARGE).body(String::new())
/// });
/// let upload = Request::put("/").header("content-length", "7").body(String::from("content")).unwrap();
/// let response = CloseUnreadLayer::new().layer(handler).oneshot(upload).await.unwrap();
/// assert_eq!(response.headers()["connection"], "close");
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
#[non_exhaustive]
pub struct CloseUnreadLayer;

impl CloseUnreadLayer {
    /// Makes the layer.
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for CloseUnreadLayer {
    type Service = CloseUnread<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CloseUnread::new(inner)
    }
}
