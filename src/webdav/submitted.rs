use std::fmt;

use http::{Extensions, HeaderValue};

use super::IfField;

/// The state tokens that a request submits in `If`: all of them, evaluated or not (§10.4.1).
///
/// A write to a locked resource must submit the lock's token (§7). The field is true without it if it is absent, or
/// is about something else. So the handler answers 423 (Locked) if the token is not in this set.
///
/// The layer puts it into the extensions of every request whose `If` it judged. [`of`](Self::of) returns an empty
/// set for the others. With feature `axum` it is an extractor.
///
/// ```
/// use http::{Request, Response, StatusCode, request::Parts};
/// # use tower::{Layer, ServiceExt, service_fn};
/// use tower_precondition::{EntityTag, PreconditionLayer, ResourceState, SubmittedTokens};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let locks = |_: &http::Uri, _: &Parts| async { ResourceState::new().with_lock_token("urn:uuid:1") };
/// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) }).webdav(locks);
/// let handler = service_fn(|request: Request<String>| async move {
///     let status = match SubmittedTokens::of(request.extensions()).contains("urn:uuid:1") {
///         true => StatusCode::NO_CONTENT,
///         false => StatusCode::LOCKED,
///     };
///     Response::builder().status(status).body(String::new())
/// });
/// let service = layer.layer(handler);
/// let put = |field| Request::put("/").header("if", field).body(String::new()).unwrap();
///
/// let owner = service.clone().oneshot(put("(<urn:uuid:1>)")).await.unwrap();
/// assert_eq!(owner.status(), 204);
/// let stranger = service.clone().oneshot(Request::put("/").body(String::new()).unwrap()).await.unwrap();
/// assert_eq!(stranger.status(), 423);
/// let mistaken = service.oneshot(put("(<urn:uuid:2>)")).await.unwrap();
/// assert_eq!(mistaken.status(), 412);
/// # });
/// ```
#[derive(Clone, Default)]
pub struct SubmittedTokens {
    line: Option<HeaderValue>,
}

impl SubmittedTokens {
    /// Takes a line that was read before. It shares the line's bytes.
    pub(crate) fn in_line(line: &HeaderValue) -> Self {
        Self { line: Some(line.clone()) }
    }

    /// Returns the tokens that the layer put into a request's extensions, or none.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Iterates over the tokens, in the order of the field.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.line.iter().flat_map(|line| IfField::well_formed(line).tokens())
    }

    /// Returns whether the request submits this token, by exact comparison.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.iter().any(|submitted| submitted == token)
    }

    /// Returns whether the request submits no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl fmt::Debug for SubmittedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
