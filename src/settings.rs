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

/// What a 412 tells of the current representation.
///
/// ```
/// use tower_precondition::{EntityTag, Expose, PreconditionLayer};
///
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
/// // Who may write here may not learn what is there.
/// let layer = PreconditionLayer::new(source).expose(Expose::Nothing);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let request = Request::put("/").header("if-match", "\"0\"").body(String::new()).unwrap();
/// # let response = layer.layer(handler).oneshot(request).await.unwrap();
/// assert_eq!(response.status(), 412);
/// assert!(!response.headers().contains_key("etag"));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expose {
    /// Its validators, in ETag, Last-Modified and the body.
    #[default]
    Validators,
    /// Neither its validators, nor its location, nor what the source added.
    Nothing,
}

/// What becomes of a write whose precondition the layer cannot judge, since nothing tells it what
/// the precondition is to be compared with.
///
/// ```
/// use tower_precondition::{PreconditionLayer, UnjudgedWrites};
///
/// // The handlers compare and set by If-Match themselves.
/// let layer = PreconditionLayer::from_response().unjudged_writes(UnjudgedWrites::Forward);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let put = || Request::put("/").header("if-match", "\"0\"").body(String::new()).unwrap();
/// assert_eq!(layer.layer(handler).oneshot(put()).await.unwrap().status(), 200);
/// // By default they are not called.
/// let layer = PreconditionLayer::from_response();
/// assert_eq!(layer.layer(handler).oneshot(put()).await.unwrap().status(), 501);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnjudgedWrites {
    /// It is not made: 501, or 503 where trying again may help, with a body that says what is missing.
    #[default]
    Refuse,
    /// It goes on to the handler as it came, which must judge it itself.
    Forward,
}
