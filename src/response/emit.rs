use http::Method;

/// What the layer adds to a successful answer to GET or HEAD.
///
/// ```
/// use tower_precondition::{Emit, EntityTag, PreconditionLayer};
///
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
/// // The handlers write their own ETag; GET without a condition asks no source.
/// let layer = PreconditionLayer::new(source).emit(Emit::Nothing);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let request = Request::get("/").body(String::new()).unwrap();
/// # let response = layer.layer(handler).oneshot(request).await.unwrap();
/// assert!(!response.headers().contains_key("etag"));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Emit {
    /// The source's validators and fields, where the handler set no validator itself.
    #[default]
    Validators,
    /// Nothing: the handler writes what the source would say.
    Nothing,
}

impl Emit {
    /// Whether a 200 to this method gets anything.
    ///
    /// QUERY gets nothing: what it selects depends on its content, which no source sees.
    #[inline]
    pub(crate) fn applies_to(self, method: &Method) -> bool {
        self == Self::Validators && matches!(*method, Method::GET | Method::HEAD)
    }
}
