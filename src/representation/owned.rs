use std::sync::{Arc, Mutex, PoisonError};

use http::Extensions;

/// Passes a value that cannot be cloned from the source to the handler, such as a transaction.
///
/// The source attaches it with [`Representation::with_owned`](crate::Representation::with_owned); the handler
/// takes it once. If nothing takes it, it is dropped with the request: a transaction then rolls back. Use
/// [`with_attached`](crate::Representation::with_attached) for values that can be cloned.
///
/// With feature `axum` it is an extractor, and so is `Option<Owned<T>>`.
///
/// # Example
///
/// ```
/// # use http::{Request, Response, request::Parts};
/// # use tower::{ServiceExt, service_fn, Layer};
/// # use std::convert::Infallible;
/// use tower_precondition::{EntityTag, Owned, PreconditionLayer, Representation};
///
/// struct Transaction(u64);
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let layer = PreconditionLayer::new(|_: &Parts| async {
///     Representation::from(EntityTag::from_version(1)).with_owned(Transaction(7))
/// });
/// let handler = service_fn(|request: Request<String>| async move {
///     let Owned(Transaction(id)) = Owned::take_from(request.extensions()).expect("the source began it");
///     assert_eq!(id, 7);
///     assert!(Owned::<Transaction>::take_from(request.extensions()).is_none());
///     Ok::<_, Infallible>(Response::new(String::new()))
/// });
/// layer.layer(handler).oneshot(Request::put("/").body(String::new()).unwrap()).await.unwrap();
/// # });
/// ```
#[derive(Debug)]
pub struct Owned<T>(pub T);

impl<T: Send + 'static> Owned<T> {
    /// Takes the value out of a request's extensions.
    ///
    /// Call this instead of `extensions.get::<Owned<T>>()`, which finds nothing. Returns `None` if the source
    /// attached no such value, or if it was taken before.
    #[must_use = "a value that is taken and not kept is dropped"]
    pub fn take_from(extensions: &Extensions) -> Option<Self> {
        let Slot(value) = extensions.get::<Slot<T>>()?;
        value.lock().unwrap_or_else(PoisonError::into_inner).take().map(Self)
    }
}

/// Holds the value in the extensions, which only take what can be cloned.
pub(super) struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Slot<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
