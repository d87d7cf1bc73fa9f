/// Says what a 412 tells about the current representation. The default is [`Validators`](Self::Validators).
///
/// ```
/// use tower_precondition::{EntityTag, Expose, PreconditionLayer};
///
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
/// // A client may write here without being allowed to read.
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
    /// The validators, in ETag, Last-Modified and the body, with the location and extension members.
    #[default]
    Validators,
    /// Nothing: neither the validators, nor the location, nor the extension members.
    Nothing,
}
