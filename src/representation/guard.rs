use std::{
    fmt,
    sync::{Arc, Mutex, Weak},
};

use http::Extensions;

/// The guards of one source, such as locks. The last one added is released first.
#[derive(Default)]
pub(super) struct Guards(Vec<Box<dyn Send>>);

impl Guards {
    pub(super) fn push(&mut self, guard: Box<dyn Send>) {
        self.0.push(guard);
    }

    /// Puts `first` in front of these guards, so that it is released after them.
    pub(super) fn behind(mut self, first: Option<Box<dyn Send>>) -> Self {
        self.0.splice(..0, first);
        self
    }

    /// Holds the guards for the handler, and leaves a handle in the request's extensions.
    pub(super) fn hold(self, extensions: &mut Extensions) -> Option<Arc<HeldGuards>> {
        if self.0.is_empty() {
            return None;
        }
        let held = Arc::new(HeldGuards(Mutex::new(self)));
        // An outer layer may hold guards of its own.
        let mut handle = extensions.remove::<GuardHandle>().unwrap_or_default();
        handle.0.push(Arc::downgrade(&held));
        extensions.insert(handle);
        Some(held)
    }
}

impl Drop for Guards {
    fn drop(&mut self) {
        while let Some(guard) = self.0.pop() {
            drop(guard);
        }
    }
}

/// Guards that are released when the last holder drops them.
///
/// The mutex makes them `Sync`, which a guard need not be. Nothing reads them.
pub(crate) struct HeldGuards(#[expect(dead_code, reason = "held, not read")] Mutex<Guards>);

/// Finds the guards of a request without holding them.
///
/// It is weak, because a copy of the extensions may live longer than the handler's future.
#[derive(Clone, Default)]
pub(super) struct GuardHandle(Vec<Weak<HeldGuards>>);

/// Holds the locks under which a request is handled.
///
/// A request has guards if its source attached one with
/// [`Representation::with_guard`](crate::Representation::with_guard), or if the layer serializes writes. The
/// layer holds them until the handler's future ends: by a response, an error, a panic or cancellation.
///
/// Take a `Guard` for work that outlives that future, such as a blocking task. Otherwise the lock is
/// released while the work goes on. The lock is released when the future has ended and every `Guard` is
/// dropped. With feature `axum` it is an extractor, and so is `Option<Guard>`.
///
/// # Example
///
/// ```
/// # use http::{Request, Response, request::Parts};
/// # use tower::{ServiceExt, service_fn, Layer};
/// # use std::{convert::Infallible, sync::Arc};
/// use tower_precondition::{EntityTag, Guard, PreconditionLayer, Representation};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let row = Arc::new(tokio::sync::Mutex::new("text"));
/// let lock = Arc::clone(&row);
/// let layer = PreconditionLayer::new(move |_: &Parts| {
///     let lock = Arc::clone(&lock);
///     async move { Representation::from(EntityTag::from_version(1)).with_guard(lock.lock_owned().await) }
/// });
/// let handler = service_fn(|request: Request<String>| async move {
///     let guard = Guard::from_extensions(request.extensions()).expect("the source attached one");
///     std::thread::spawn(move || {
///         // The row stays locked until this write is over, even if the client is gone.
///         drop(guard);
///     });
///     Ok::<_, Infallible>(Response::new(String::new()))
/// });
/// let response = layer.layer(handler).oneshot(Request::put("/").body(String::new()).unwrap()).await.unwrap();
/// assert_eq!(response.status(), 200);
/// row.lock().await;
/// # });
/// ```
#[derive(Clone)]
#[must_use = "the lock is held only while the guard lives"]
pub struct Guard(#[expect(dead_code, reason = "held, not read")] Vec<Arc<HeldGuards>>);

impl Guard {
    /// Holds the locks of a request.
    ///
    /// Call this instead of `extensions.get::<Guard>()`, which finds nothing: the extensions hold no lock. Returns
    /// `None` if the request has no guard, or if it was released: the handler's future has ended and no `Guard`
    /// is left.
    #[must_use = "the lock is held only while the guard lives"]
    pub fn from_extensions(extensions: &Extensions) -> Option<Self> {
        let GuardHandle(held) = extensions.get()?;
        // Dropped in this order: the guards of an inner layer first.
        held.iter().rev().map(Weak::upgrade).collect::<Option<_>>().map(Self)
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
