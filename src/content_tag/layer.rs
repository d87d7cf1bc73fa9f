use tower_layer::Layer;

use super::EntityTagService;

/// Tags the 200s of any service with a strong `ETag` made from their content.
///
/// A service that sets no validators gets them without a change. Under
/// [`PreconditionLayer::from_response`](crate::PreconditionLayer::from_response), which evaluates
/// what the handler answered, that gives 304 to any handler: the client's copy is confirmed, and
/// the content is not sent again.
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
/// let get = || Request::get("/").body(()).unwrap();
///
/// let response = layer.layer(answering("text")).oneshot(get()).await.unwrap();
/// let again = layer.layer(answering("text")).oneshot(get()).await.unwrap();
/// let other = layer.layer(answering("another text")).oneshot(get()).await.unwrap();
/// assert_eq!(response.headers()["etag"], again.headers()["etag"]);
/// assert_ne!(response.headers()["etag"], other.headers()["etag"]);
///
/// let service = PreconditionLayer::from_response().layer(layer.layer(answering("text")));
/// let held = Request::get("/").header("if-none-match", &response.headers()["etag"]).body(()).unwrap();
/// assert_eq!(service.oneshot(held).await.unwrap().status(), 304);
/// # });
/// ```
///
/// # What gets a tag
///
/// All of this must hold. What gets no tag passes as it came.
///
/// 1. The method is GET or QUERY. The tag of a QUERY covers the answer to its content. A HEAD has
///    no content to make a tag of, and that of no content would be a wrong one.
/// 2. The status is 200.
/// 3. The response has neither an `ETag`, which is kept, nor a `Content-Range`. A tag that the
///    handler sends in the trailers is kept too.
/// 4. The content is no longer than the [limit](Self::limit). Where the size is known beforehand,
///    from the body or from `Content-Length`, nothing of a longer one is read.
/// 5. The content does not pause, unless its length is known. A body of unknown length may be a
///    stream of events that goes on for hours, so it is given up where it first has to be waited for.
/// 6. The content ends without an error, and comes in no more pieces than 64 and one for each
///    256 octets of the limit.
///
/// A body that is given up goes on at once, without a tag. Tagged or given up, it arrives as it
/// came: the same frames with the same size hints, the same trailers, the same error.
///
/// # The tag
///
/// It is a BLAKE3 hash, in hexadecimal digits, over the content and every line of `Content-Type`
/// and `Content-Encoding`: a strong tag names one sequence of octets and what they
/// mean, so another coding needs another tag ([RFC 9110 §8.8.3.3]). How the content is cut into
/// frames does not matter. A later release may make other tags, which costs each client one
/// download; no earlier tag will then name other content.
///
/// The hash resists collisions, and that is no luxury. With one that does not, an author can
/// prepare two versions that have one tag, show the first, and put the second in its place: caches
/// keep the first for valid, and a write with `If-Match`, made by someone who read the first,
/// overwrites the second unseen.
///
/// # What it costs
///
/// - The handler still runs, and its content is still produced, for a 304 too. What is saved is
///   the transfer. A source that knows the version of a row saves both.
/// - The response begins when its content has ended, no longer with the first frame.
/// - Each response under way holds the frames of its content, none of them copied, and what lists
///   them: never more than about twice the limit, and one frame.
/// - The hash runs on the task that polls the response, frame by frame.
/// - The build wants a C compiler for the `blake3` crate: on x86 it does without, only slower; on
///   64-bit ARM it needs one.
///
/// # The limits
///
/// - A tag says what was sent. A write that `If-Match` let through can still lose a race:
///   [`guide::lost_updates`](crate::guide::lost_updates) says how not to lose it.
/// - An error of the content follows at once on what came before it, so a server may send nothing
///   of the response, where it would have sent its beginning.
/// - A HEAD gets no tag, so nothing can be compared with one there: `from_response` answers it with
///   200 where `If-None-Match` would match the content, and
///   [`probing`](crate::PreconditionLayer::probing), which asks by HEAD, finds none.
/// - A handler that writes the time, or a token, into its content gets another tag each time.
/// - Outside a compression layer it tags what is sent, each coding for itself. Inside of one the
///   tag is that of the content before compression, and the compression layer must change it.
///
/// [RFC 9110 §8.8.3.3]: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.3
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct EntityTagLayer {
    limit: usize,
}

impl EntityTagLayer {
    /// A layer that tags content of up to 1 MiB.
    ///
    /// The example of [`EntityTagLayer`] shows it.
    pub const fn new() -> Self {
        Self { limit: 1024 * 1024 }
    }

    /// Tags content of up to so many octets.
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
    pub const fn limit(mut self, octets: usize) -> Self {
        self.limit = octets;
        self
    }
}

/// A layer that tags content of up to 1 MiB.
impl Default for EntityTagLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for EntityTagLayer {
    type Service = EntityTagService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EntityTagService::new(inner, self.limit)
    }
}
