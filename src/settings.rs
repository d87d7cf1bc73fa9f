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

/// What content codings, such as gzip, mean to the entity tags that a client sees.
///
/// Where the layer stands outside a compression, what is sent is not what the tag of the
/// representation names, and a strong tag must not name both (RFC 9110 §8.8.3.3).
///
/// ```
/// use tower_precondition::{ContentCodings, EntityTag, PreconditionLayer};
///
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
/// let layer = PreconditionLayer::new(source).content_codings(ContentCodings::InEntityTags);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// // As a compression answers.
/// let compressed = service_fn(|_: Request<String>| async {
///     Response::builder().header("content-encoding", "gzip").body(String::new())
/// });
/// let service = layer.layer(compressed);
/// let response = service.clone().oneshot(Request::new(String::new())).await.unwrap();
/// assert_eq!(response.headers()["etag"], "\"1~gzip\"");
///
/// // It means the representation, and so does the tag of any other coding of it.
/// let write = Request::put("/").header("if-match", "\"1~gzip\"").body(String::new()).unwrap();
/// assert_eq!(service.oneshot(write).await.unwrap().status(), 200);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentCodings {
    /// Nothing: the layer stands inside the compression, or there is none.
    #[default]
    Ignored,
    /// A strong tag leaves with the name of the coding: `"1"` as `"1~gzip"`.
    ///
    /// In If-Match and If-None-Match the tag of any coding means the representation, but for If-None-Match on GET, HEAD and
    /// QUERY where Accept-Encoding refuses that coding: the client wants content that it can read. If-Range
    /// compares exactly, since ranges are of the content without a coding. A 304 carries the tag that the client sent,
    /// and `Vary: accept-encoding`. The handler sees the tags of the representation.
    ///
    /// A tag of the handler's own that ends like a coded one, such as `"1.0~rc1"`, leaves as `"1.0~rc1~identity"`. One
    /// that clients hold from before this was set is taken for a coded one.
    InEntityTags,
}
