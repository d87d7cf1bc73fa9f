use bytes::Bytes;
use http::{Response, request::Parts};

use crate::decision::Rejection;

/// Renders a [`Rejection`] as a response. A closure is a responder.
///
/// Use one to answer with your own error format, such as HTML. The responder chooses the body, its type, and
/// the status. The layer then adds the current validators and Location of a 412, `Cache-Control: no-store`,
/// and `Connection: close` if the request's content stays unread.
///
/// ```
/// use http::{Response, header, request::Parts};
/// use tower_precondition::{EntityTag, PreconditionLayer, Rejection};
///
/// let source = |_: &Parts| async { EntityTag::from_version(2) };
/// let layer = PreconditionLayer::new(source).with_rejection_response(|rejection: &Rejection, _: &Parts| {
///     let mut response = Response::new(format!("<p>{rejection}</p>"));
///     *response.status_mut() = rejection.kind().status();
///     response.headers_mut().insert(header::CONTENT_TYPE, "text/html".parse().unwrap());
///     response
/// });
/// # use http::Request;
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let request = Request::put("/").header("if-match", "\"1\"").body(String::new()).unwrap();
/// # let response = layer.layer(handler).oneshot(request).await.unwrap();
/// assert_eq!(response.status(), 412);
/// assert_eq!(response.headers()["content-type"], "text/html");
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot render a rejection",
    label = "not a `RejectionResponder`",
    note = "a closure must write its arguments' types, `|rejection: &Rejection, head: &http::request::Parts|`, \
            and return an `http::Response` whose body is `Into<Bytes>`, such as a `String`"
)]
pub trait RejectionResponder {
    /// The body: text or bytes in memory.
    type Body: Into<Bytes>;

    /// Makes the response. `head` is the request's.
    ///
    /// If the handler made the rejection, such as with [`Verdict::reject`](crate::Verdict::reject), `head` has
    /// only the method, target and version, the conditional fields, Range, Accept and Accept-Language. If you
    /// read no other field, a rejection of the layer and one of a handler look the same.
    fn respond(&self, rejection: &Rejection, head: &Parts) -> Response<Self::Body>;
}

impl<F, B> RejectionResponder for F
where
    F: Fn(&Rejection, &Parts) -> Response<B>,
    B: Into<Bytes>,
{
    type Body = B;

    fn respond(&self, rejection: &Rejection, head: &Parts) -> Response<B> {
        self(rejection, head)
    }
}
