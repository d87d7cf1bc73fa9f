use std::{
    fmt,
    sync::{Arc, Mutex, Weak},
};

use http::Extensions;

/// What a source holds while a request is handled, such as a lock; the last one taken goes first.
#[derive(Default)]
pub(crate) struct Guards(Vec<Box<dyn Send>>);

impl Guards {
    pub(crate) fn push(&mut self, guard: Box<dyn Send>) {
        self.0.push(guard);
    }

    /// These, taken after `first`, and so to be released before it.
    pub(crate) fn behind(mut self, first: Option<Box<dyn Send>>) -> Self {
        self.0.splice(..0, first);
        self
    }

    /// Holds them for the handler, and tells it so in the request's extensions.
    pub(crate) fn hold(self, extensions: &mut Extensions) -> Option<Arc<HeldGuards>> {
        if self.0.is_empty() {
            return None;
        }
        let held = Arc::new(HeldGuards(Mutex::new(self)));
        // A layer further out may hold guards of its own.
        let mut known = extensions.remove::<Guard>().unwrap_or(Guard(Vec::new()));
        known.0.push(Arc::downgrade(&held));
        extensions.insert(known);
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

/// Guards that are held by several, and dropped with the last of them.
///
/// Nobody looks inside: the mutex is there since a guard need not be `Sync`.
pub(crate) struct HeldGuards(#[expect(dead_code, reason = "held, not read")] Mutex<Guards>);

/// The guard under which a request is handled, as the handler sees it.
///
/// It stands in the request's extensions where the source attached a guard by
/// [`Representation::with_guard`](crate::Representation::with_guard), or the layer serialises writes.
/// The layer holds the guard itself until the handler's future ends, be it by an
/// answer, an error, a panic, or because the client has gone.
///
/// Work that outlives that future, such as a blocking task, must hold a
/// [share](Self::share) of it, or the guard is released while the work goes on.
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
/// let handler = service_fn(|request: Request<()>| async move {
///     let guard = request.extensions().get::<Guard>().expect("the source attached one");
///     let share = guard.share().expect("the handler's future has not ended");
///     std::thread::spawn(move || {
///         // The row is locked until this write is over, whoever waits for its end.
///         drop(share);
///     });
///     Ok::<_, Infallible>(Response::new(String::new()))
/// });
/// let response = layer.layer(handler).oneshot(Request::put("/").body(()).unwrap()).await.unwrap();
/// assert_eq!(response.status(), 200);
/// row.lock().await;
/// # });
/// ```
#[derive(Clone)]
pub struct Guard(Vec<Weak<HeldGuards>>);

impl Guard {
    /// Takes a share of the guard; `None` where it is released already, since the handler's future
    /// has ended and no share is left.
    ///
    /// The example of [`Guard`] shows it.
    #[must_use = "the guard is held only while the share lives"]
    pub fn share(&self) -> Option<GuardShare> {
        // A share drops them in this order: what a layer further in took goes first.
        self.0.iter().rev().map(Weak::upgrade).collect::<Option<_>>().map(GuardShare)
    }
}

/// A share of the guard under which a request is handled: it is released when the
/// handler's future has ended and the last share is gone.
///
/// The example of [`Guard`] takes one.
#[derive(Clone)]
#[must_use = "the guard is held only while the share lives"]
pub struct GuardShare(#[expect(dead_code, reason = "held, not read")] Vec<Arc<HeldGuards>>);

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl fmt::Debug for GuardShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardShare")
    }
}
