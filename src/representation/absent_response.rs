/// The response to a write whose condition is false because nothing exists.
///
/// A source that says [`absent`](crate::Representation::absent) can choose it for each request with
/// [`with_absent_response`](crate::Representation::with_absent_response). The handler does not run: a resource
/// that another request creates meanwhile stays safe.
///
/// Choose what the handler answers to the same request without a condition, because a condition must not change
/// an answer other than 2xx and 412 (RFC 9110 §13.2.1). GET, HEAD and QUERY go on to the handler whatever is
/// chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AbsentResponse {
    /// 404 to DELETE. 412 to any other method, which may create what does not exist.
    #[default]
    ByMethod,
    /// 404 to every method, such as for a PATCH that never creates.
    NotFound,
    /// 410 to every method: the resource is gone for good.
    Gone,
    /// 204 to DELETE: what the client asks for is already done. Any other method gets what [`ByMethod`](Self::ByMethod) says.
    NoContent,
}
