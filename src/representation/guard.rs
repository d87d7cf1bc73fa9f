use std::{
    fmt, iter,
    sync::{Arc, Mutex, Weak},
};

use http::Extensions;

/// The turn of one write in its line. The next write starts when it is dropped.
pub(crate) struct Turn(Arc<dyn Line>);

/// A line of writes.
pub(crate) trait Line: Send + Sync {
    /// Lets the next write start.
    fn end_turn(&self);
}

impl Turn {
    /// Says that it is a write's turn in this line.
    #[cfg(feature = "serialize-writes")]
    pub(crate) fn in_line(line: Arc<dyn Line>) -> Self {
        Self(line)
    }
}

impl Drop for Turn {
    // Saves 5 instructions of a write in a layer that judges locks.
    #[cold]
    fn drop(&mut self) {
        self.0.end_turn();
    }
}

/// The guards of one source, such as locks. The last one added is released first, and the turn ends last.
#[derive(Default)]
pub(super) struct Guards {
    // Dropped in this order. Nearly every source that has guards has one, which needs no list.
    rest: Vec<Box<dyn Send>>,
    first: Option<Box<dyn Send>>,
    turn: Option<Turn>,
}

impl Guards {
    pub(super) fn push(&mut self, guard: Box<dyn Send>) {
        match self.first {
            None => self.first = Some(guard),
            Some(_) => self.rest.push(guard),
        }
    }

    /// Holds the turn within which the guards were taken.
    pub(super) fn within(mut self, turn: Option<Turn>) -> Self {
        self.turn = turn;
        self
    }

    /// Holds the guards for the handler, and leaves a handle in the request's extensions.
    pub(super) fn hold(self, extensions: &mut Extensions) -> Option<Arc<HeldGuards>> {
        if self.first.is_none() && self.turn.is_none() {
            return None;
        }
        let held = Arc::new(HeldGuards(Mutex::new(self)));
        // An outer layer may hold guards of its own.
        let outer = extensions.remove::<GuardHandle>().map(Box::new);
        extensions.insert(GuardHandle { held: Arc::downgrade(&held), outer });
        Some(held)
    }
}

impl Drop for Guards {
    fn drop(&mut self) {
        while let Some(guard) = self.rest.pop() {
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
#[derive(Clone)]
pub(super) struct GuardHandle {
    held: Weak<HeldGuards>,
    outer: Option<Box<Self>>,
}

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
        let innermost: &GuardHandle = extensions.get()?;
        // Dropped in this order: the guards of an inner layer first.
        let handles = iter::successors(Some(innermost), |inner| inner.outer.as_deref());
        handles.map(|handle| handle.held.upgrade()).collect::<Option<_>>().map(Self)
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
