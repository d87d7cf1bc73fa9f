use tower_layer::Layer;

use super::{EntityTagService, request::OwnValidators};

/// Adds a strong `ETag`, made from the content, to the 200s of any service.
///
/// Use it for a service that sets no validators, or [none that you can trust](Self::replace_validators). If you
/// put it inside [`PreconditionLayer::from_response`](crate::PreconditionLayer::from_response), clients get 304
/// instead of content that they already hold.
///
/// ```
/// # use std::convert::Infallible;
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// use tower_precondition::{EntityTagLayer, PreconditionLayer};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let answering = |text: &'static str| {
///     service_fn(move |_| async move { Ok::<_, Infallible>(Response::new(text.to_owned())) })
/// };
/// let layer = EntityTagLayer::new();
/// let get = || Request::get("/").body(String::new()).unwrap();
///
/// let response = layer.layer(answering("text")).oneshot(get()).await.unwrap();
/// let again = layer.layer(answering("text")).oneshot(get()).await.unwrap();
/// let other = layer.layer(answering("another text")).oneshot(get()).await.unwrap();
/// assert_eq!(response.headers()["etag"], again.headers()["etag"]);
/// assert_ne!(response.headers()["etag"], other.headers()["etag"]);
///
/// let service = PreconditionLayer::from_response().layer(layer.layer(answering("text")));
/// let held = Request::get("/").header("if-none-match", &response.headers()["etag"]).body(String::new()).unwrap();
/// assert_eq!(service.oneshot(held).await.unwrap().status(), 304);
/// # });
/// ```
///
/// # What gets a tag
///
/// A response gets a tag if all of this holds. Otherwise it passes unchanged.
///
/// 1. The method is GET or QUERY. The tag of a QUERY is that of the response to its content. A HEAD has no
///    content to hash, but see below.
/// 2. The status is 200.
/// 3. The response has no `ETag` and no `Content-Range`. A handler's own tag stays, also in the trailers. If you
///    want to drop it, use [`replace_validators`](Self::replace_validators).
/// 4. The content is at most as long as the [limit](Self::limit). If the body or `Content-Length` tells a
///    greater size, the layer reads nothing.
/// 5. The content does not pause, unless its length is known. A body of unknown length may be a stream of
///    events that lasts for hours, so the layer gives up at its first pause.
/// 6. The content ends without an error, in at most 64 frames and one more for every 256 bytes of the limit.
///
/// If the layer gives up, the response continues at once, without a tag. In every case the body keeps its frames,
/// size hints, trailers and errors.
///
/// # Inside `from_response()`
///
/// If a request to [`PreconditionLayer::from_response`](crate::PreconditionLayer::from_response) has a condition,
/// that layer needs the tag of the whole. So this layer then does more, and still calls the service once:
///
/// - It removes Range, and the client gets the whole: a 206 or 416 tells nothing of the whole content.
/// - It sends a HEAD to the service as GET, hashes the content and drops it. The client gets the fields of the
///   GET with its Content-Length.
///
/// # The tag
///
/// The tag is strong: a BLAKE3 hash, in hexadecimal, of the content and of every line of `Content-Type` and
/// `Content-Encoding`. It covers those two because a strong tag names one sequence of bytes and their meaning
/// ([RFC 9110 §8.8.3.3]). How the content is split into frames does not matter. A later release may make other
/// tags; each client then downloads the content once more, and no old tag names other content.
///
/// The hash must resist collisions. Otherwise an author could prepare two versions with one tag, show the first
/// and publish the second. Caches would keep the first as valid, and a reader's write with `If-Match` would
/// overwrite the second unseen.
///
/// # What it costs
///
/// - The handler runs and makes its content for a 304 too, and inside `from_response()` also for a HEAD with a
///   condition. The layer saves the transfer; a source that knows the version of a row saves both.
/// - Inside `from_response()`, a request with Range and a condition gets the whole.
/// - The response starts when its content has ended, not with the first frame.
/// - The layer holds the frames of each response, without copying them: at most about twice the limit and one
///   frame.
/// - The hash runs on the task that polls the response, frame by frame.
/// - The `blake3` crate uses a C compiler. On x86 it builds without one, but is slower; on 64-bit ARM it needs
///   one.
///
/// # The limits
///
/// - A write that passes `If-Match` can still lose a race: see
///   [`guide::lost_updates`](crate::guide::lost_updates).
/// - If the content fails, a server may send nothing of the response, because the error follows at once.
/// - Streams, content beyond the limit and statuses other than 200 get no tag. Inside `from_response()`, an
///   `If-None-Match` with tags never matches them, and an `If-Match` with tags is false on a 200.
/// - A HEAD without a condition gets no tag, and neither does the HEAD of
///   [`probing`](crate::PreconditionLayer::probing).
/// - A handler that writes the time, or a token, into its content gets another tag each time.
/// - Outside a compression layer it tags each coding by itself. Inside one, it tags the plain content, and
///   [`ContentCodingLayer`](crate::ContentCodingLayer) must tell the codings apart.
///
/// [RFC 9110 §8.8.3.3]: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.3
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct EntityTagLayer {
    limit: usize,
    own: OwnValidators,
}

impl EntityTagLayer {
    /// Makes a layer that tags content of up to 1 MiB.
    pub const fn new() -> Self {
        Self { limit: 1024 * 1024, own: OwnValidators::Keep }
    }

    /// Sets the limit, in bytes. Longer content gets no tag.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use http::{Request, Response};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # use tower_precondition::EntityTagLayer;
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let service = EntityTagLayer::new()
    ///     .limit(4)
    ///     .layer(service_fn(|text: Request<String>| async { Ok::<_, Infallible>(Response::new(text.into_body())) }));
    /// let get = |text: &str| Request::get("/").body(text.to_owned()).unwrap();
    /// assert!(service.clone().oneshot(get("four")).await.unwrap().headers().contains_key("etag"));
    /// assert!(!service.oneshot(get("fifth")).await.unwrap().headers().contains_key("etag"));
    /// # });
    /// ```
    pub const fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Replaces the service's ETag and Last-Modified, instead of keeping them.
    ///
    /// Use it if the service makes them from something that does not change with the content, such as the times
    /// of files that a reproducible build or an archive sets. Do not use it if the service evaluates If-Match on
    /// writes by its own tags: clients no longer see those.
    ///
    /// - No response keeps an `ETag` or `Last-Modified` of the service, whatever the method and the status. So a
    ///   response that the layer cannot tag has none.
    /// - On GET, HEAD and QUERY the layer removes the conditions from the request. The service would compare them
    ///   with its own validators, and answer 304 to changed content. If-Match, If-Unmodified-Since and If-Range
    ///   take Range along, so the service answers with the whole.
    /// - A 206 to a Range without a condition has no validators, so no client can join it to another part.
    ///
    /// The layer itself evaluates nothing: put it inside
    /// [`PreconditionLayer::from_response`](crate::PreconditionLayer::from_response).
    ///
    /// ```
    /// # use http::{Request, Response};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// use tower_precondition::{EntityTagLayer, PreconditionLayer};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// // Its tag is that of the file's time, which is the same for every version.
    /// let files = |content: &'static str| {
    ///     service_fn(move |_| async move { Response::builder().header("etag", "\"1970\"").body(content.to_owned()) })
    /// };
    /// let layers = |content| {
    ///     let tags = EntityTagLayer::new().replace_validators();
    ///     PreconditionLayer::from_response().layer(tags.layer(files(content)))
    /// };
    /// let response = layers("old").oneshot(Request::new(String::new())).await.unwrap();
    /// let tag = &response.headers()["etag"];
    /// let held = || Request::get("/").header("if-none-match", tag).body(String::new()).unwrap();
    /// assert_eq!(layers("old").oneshot(held()).await.unwrap().status(), 304);
    /// assert_eq!(layers("new").oneshot(held()).await.unwrap().status(), 200);
    /// # });
    /// ```
    pub const fn replace_validators(mut self) -> Self {
        self.own = OwnValidators::Replace;
        self
    }
}

/// Tags content of up to 1 MiB.
impl Default for EntityTagLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for EntityTagLayer {
    type Service = EntityTagService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EntityTagService::new(inner, self.limit, self.own)
    }
}
