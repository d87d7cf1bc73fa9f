use tower_layer::Layer;

use super::ContentCoding;
use crate::precondition::TagComparison;

/// Tells content codings, such as gzip, apart by their entity tags.
///
/// Put it outside a compression layer, and outside the [`PreconditionLayer`](crate::PreconditionLayer) or any
/// other service that sets an ETag. A strong tag names one sequence of bytes, so the compressed response needs
/// another tag than the plain one ([RFC 9110 §8.8.3.3]). Without that, a client joins ranges of one coding to
/// another. A compression that weakens tags instead locks its clients out: If-Match compares strongly, so they
/// can never write again.
///
/// | on the way | tag | becomes |
/// |---|---|---|
/// | out, `Content-Encoding: gzip` | `"1"` | `"1~gzip"` |
/// | out, without a coding | `"1"` | `"1"` |
/// | out, a tag that ends like a coded one | `"1.0~rc1"` | `"1.0~rc1~identity"` |
/// | in, If-Match and If-None-Match | `"1~gzip"` | `"1"` |
/// | in, If-Range on a write | `"1~gzip"` | a tag that matches nothing: ranges are of the plain content |
///
/// - Weak tags stay as they are, because codings may share them.
/// - On GET, HEAD and QUERY, a tag in If-None-Match does not count if Accept-Encoding refuses its coding: the
///   client wants content that it can read.
/// - The service inside sees the plain tags. So in the problem details of a 412, `provided` and
///   `current_etag` are plain; the client sends back the ETag of the response.
/// - Put it once on a request's way: two of them would name the coding twice.
/// - If you add it to a running service, an old tag that ends like a coded one is read as a coded one.
///
/// # Ranges
///
/// Ranges are of the plain content. A client that holds a part of the gzip coding must not get the rest of the
/// plain content, so on GET, HEAD and QUERY the layer removes Range and If-Range if the condition that protects
/// Range cannot tell codings apart. The client gets the whole, which is always lawful.
///
/// | condition | Range |
/// |---|---|
/// | none | stays; the ETag of the 206 says what it is a part of |
/// | If-Range or If-Match with one strong plain tag, such as `"1"` | stays |
/// | If-Range with a date, a weak tag or a coded tag | is removed |
/// | If-Match with `*`, a weak tag, a coded tag or several tags | is removed |
/// | If-Unmodified-Since, without the two others | is removed |
///
/// Writes keep Range, because an API may define it there. If the service inside serves ranges of content that is
/// already encoded, such as precompressed files, that content needs another tag than the plain one.
///
/// # The tag of a 304
///
/// A 304 carries `Vary: accept-encoding`, and this tag:
///
/// | the client sent | the 304 carries |
/// |---|---|
/// | exactly one tag of the current state | that tag |
/// | several tags of it, `*` or a date | the tag of the 200 if Accept-Encoding refuses every coding, or if the tag is weak; otherwise no tag, but Last-Modified if there is one |
///
/// Both rows depart from [RFC 9110 §15.4.5], by which a 304 carries the tag that the 200 would: the layer cannot
/// know which coding the 200 would have. In the first row a cache updates the response that it stored under the
/// tag. In the second, a wrong tag would let the client join ranges of one coding to another.
///
/// [RFC 9110 §8.8.3.3]: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.3
/// [RFC 9110 §15.4.5]: https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5
///
/// # Example
///
/// ```
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
/// use tower_precondition::{ContentCodingLayer, EntityTag, PreconditionLayer};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
/// // Answers as a compression layer does.
/// let compressed = service_fn(|_: Request<String>| async {
///     Response::builder().header("content-encoding", "gzip").body(String::new())
/// });
/// let service = ServiceBuilder::new()
///     .layer(ContentCodingLayer::new())
///     .layer(PreconditionLayer::new(source))
///     .service(compressed);
///
/// let response = service.clone().oneshot(Request::new(String::new())).await.unwrap();
/// assert_eq!(response.headers()["etag"], "\"1~gzip\"");
///
/// let write = Request::put("/").header("if-match", "\"1~gzip\"").body(String::new()).unwrap();
/// assert_eq!(service.oneshot(write).await.unwrap().status(), 200);
/// # });
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ContentCodingLayer {
    comparison: TagComparison,
}

impl ContentCodingLayer {
    /// Makes the layer.
    pub const fn new() -> Self {
        Self { comparison: TagComparison::new() }
    }

    /// Takes the suffixes of a proxy off too, and marks the tags that leave.
    ///
    /// Use it behind a proxy that compresses what this service did not. Of the modes only
    /// [`suffixed_by_proxy`](TagComparison::suffixed_by_proxy) has an effect here; give the others to the
    /// [`PreconditionLayer`](crate::PreconditionLayer). If both layers have suffixes, the outermost takes them off,
    /// so both can have the same comparison.
    ///
    /// ```
    /// # use tower_precondition::{ContentCodingLayer, TagComparison};
    /// let layer = ContentCodingLayer::new().compare_tags(TagComparison::new().suffixed_by_proxy(["-gzip"]));
    /// # let _ = layer;
    /// ```
    pub fn compare_tags(self, comparison: TagComparison) -> Self {
        Self { comparison }
    }
}

impl<S> Layer<S> for ContentCodingLayer {
    type Service = ContentCoding<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ContentCoding::new(inner, self.comparison.clone())
    }
}
