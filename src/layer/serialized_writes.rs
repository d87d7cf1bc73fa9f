use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::request::Parts;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::write_queue::{Joined, WaitedTooLong, WriteQueue};
use crate::representation::{Line, Turn};

/// Runs writes to the same resource one at a time, within this process.
///
/// Use it if your store has no compare-and-set. The layer holds the resource from before the look-up until the
/// handler's future ends, so the write replaces the state that was evaluated. Several processes need a
/// compare-and-set, or a guard that all of them see.
///
/// - Writes with equal keys take turns in the order of arrival. GET, HEAD and QUERY never wait.
/// - A write that waits too long is answered 503 ([`WaitedTooLong`](crate::RejectionKind::WaitedTooLong)) and
///   is not made.
/// - The handler reads the upload during its turn, so a slow upload holds up the writes behind it. The
///   [guide](crate::guide::lost_updates) shows how to read the body first.
/// - Work that outlives the handler's future must hold a [`Guard`](crate::Guard).
/// - A clone is the same queue. Give it to one layer on a request's way: a second layer further in would wait
///   for the first until it gives up.
/// - If a concurrency limit stands further in, waiting writes hold their places in it.
///
/// A write that has to wait needs tokio's timer. The queue holds only the keys of writes that wait or run. It keeps a
/// table for 14 keys, and gives a larger one back when no write waits or runs.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use http::request::Parts;
/// use tower_precondition::{EntityTag, PreconditionLayer, SerializedWrites};
///
/// let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned())
///     .wait_at_most(Duration::from_millis(1));
/// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) })
///     .serialize_writes(writes);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let handler = service_fn(|_: Request<String>| std::future::pending::<Result<Response<String>, std::convert::Infallible>>());
/// # let service = layer.layer(handler);
/// # let put = || Request::put("/plan").body(String::new()).unwrap();
/// // A write that never ends holds up the next one to the same resource.
/// let first = tokio::spawn(service.clone().oneshot(put()));
/// tokio::task::yield_now().await;
/// assert_eq!(service.oneshot(put()).await.unwrap().status(), 503);
/// # first.abort();
/// # });
/// ```
#[derive(Clone)]
#[must_use]
pub struct SerializedWrites {
    lines: Arc<dyn Lines>,
    wait: Duration,
}

impl SerializedWrites {
    /// The default wait.
    const WAIT: Duration = Duration::from_secs(10);

    /// Makes a queue for each key. The closure makes the key from the request's head.
    ///
    /// A resource must have one key, however its path is spelled. Most routers send `/plan` and `/pl%61n` to the
    /// same handler, but the two paths are different keys.
    pub fn by<F, K>(key: F) -> Self
    where
        F: Fn(&Parts) -> K + Send + Sync + 'static,
        K: Eq + Hash + Send + Sync + 'static,
    {
        Self { lines: Arc::new(LinesBy { key, places: Arc::default() }), wait: Self::WAIT }
    }

    /// Sets how long a write waits for its turn before it is answered 503. The default is ten seconds.
    pub fn wait_at_most(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    pub(super) fn into_queue(self) -> Arc<dyn WriteQueue> {
        Arc::new(self)
    }
}

impl WriteQueue for SerializedWrites {
    fn join(&self, head: &Parts) -> Joined {
        self.lines.join(head, self.wait)
    }
}

impl fmt::Debug for SerializedWrites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SerializedWrites").field("wait", &self.wait).finish_non_exhaustive()
    }
}

/// The lines of all resources, without the type of their keys.
trait Lines: Send + Sync {
    /// Joins the line for the request's resource.
    fn join(&self, head: &Parts, wait: Duration) -> Joined;
}

struct LinesBy<F, K: Eq + Hash> {
    key: F,
    places: Arc<Places<K>>,
}

impl<F, K> Lines for LinesBy<F, K>
where
    F: Fn(&Parts) -> K + Send + Sync,
    K: Eq + Hash + Send + Sync + 'static,
{
    fn join(&self, head: &Parts, wait: Duration) -> Joined {
        let place = Places::take((self.key)(head), &self.places);
        // Fast path: no timer, and nothing to poll.
        match place.line.semaphore.try_acquire().map(SemaphorePermit::forget) {
            Ok(()) => Joined::Turn(place.into_turn()),
            Err(_) => Joined::Wait(Box::pin(async move {
                let permit = timeout(wait, place.line.semaphore.acquire()).await;
                match permit.map(|acquired| acquired.map(SemaphorePermit::forget)) {
                    Ok(Ok(())) => Ok(place.into_turn()),
                    // The semaphore is never closed.
                    Ok(Err(_)) | Err(_) => Err(WaitedTooLong),
                }
            })),
        }
    }
}

/// The line for one resource, which is found by its key.
struct LineAt<K: Eq + Hash> {
    key: K,
    /// Has one permit, or none while a write runs.
    semaphore: Semaphore,
    places: Arc<Places<K>>,
}

impl<K: Eq + Hash> PartialEq for LineAt<K> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Eq + Hash> Eq for LineAt<K> {}

impl<K: Eq + Hash> Hash for LineAt<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl<K: Eq + Hash + Send + Sync> Line for LineAt<K> {
    fn end_turn(&self) {
        // Before the place is left, so that the next write finds the permit in the same line.
        self.semaphore.add_permits(1);
        self.places.leave(self);
    }
}

/// The lines with the number of their places. A line is removed with its last place.
struct Places<K: Eq + Hash>(Mutex<HashMap<Arc<LineAt<K>>, usize>>);

impl<K: Eq + Hash> Places<K> {
    /// The number of lines for which there is always room, so that a write alone allocates no table.
    const ROOM: usize = 14;

    /// Takes a place at the end of the line with this key.
    fn take(key: K, places: &Arc<Self>) -> Place<K> {
        let line = Arc::new(LineAt { key, semaphore: Semaphore::new(1), places: Arc::clone(places) });
        let line = match places.lock().entry(line) {
            Entry::Occupied(mut number) => {
                *number.get_mut() += 1;
                Arc::clone(number.key())
            }
            Entry::Vacant(number) => {
                let line = Arc::clone(number.key());
                number.insert(1);
                line
            }
        };
        Place { line, is_passed_on: false }
    }

    fn leave(&self, line: &LineAt<K>) {
        let mut lines = self.lock();
        if let Some(number) = lines.get_mut(line) {
            *number -= 1;
            if *number == 0 {
                lines.remove(line);
            }
        }
        if lines.is_empty() {
            // A map never shrinks by itself.
            lines.shrink_to(Self::ROOM);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<LineAt<K>>, usize>> {
        // A poisoned map is whole: no panic can interrupt a change to it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Default for Places<K> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::with_capacity(Self::ROOM)))
    }
}

/// A place in a line.
struct Place<K: Eq + Hash> {
    line: Arc<LineAt<K>>,
    /// The turn leaves the place.
    is_passed_on: bool,
}

impl<K: Eq + Hash + Send + Sync + 'static> Place<K> {
    /// Makes the turn of the write that holds the permit.
    fn into_turn(mut self) -> Turn {
        self.is_passed_on = true;
        Turn::in_line(Arc::clone(&self.line) as _)
    }
}

impl<K: Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        if !self.is_passed_on {
            self.line.places.leave(&self.line);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use http::{Request, request::Parts};

    use super::{LinesBy, Place, Places, SerializedWrites};
    use crate::layer::write_queue::{Joined, WriteQueue};

    type PlacesByPath = Arc<Places<String>>;

    fn head(path: &str) -> Parts {
        Request::put(path).body(()).expect("a path").into_parts().0
    }

    fn by_path(places: &PlacesByPath) -> LinesBy<impl Fn(&Parts) -> String + use<>, String> {
        LinesBy { key: |head: &Parts| head.uri.path().to_owned(), places: Arc::clone(places) }
    }

    fn take(path: &str, places: &PlacesByPath) -> Place<String> {
        Places::take(path.to_owned(), places)
    }

    fn assert_at_its_start(places: &PlacesByPath) {
        let lines = places.lock();
        let new = PlacesByPath::default();
        assert_eq!((lines.len(), lines.capacity()), (0, new.lock().capacity()));
    }

    #[test]
    fn a_line_goes_with_the_last_place_in_it() {
        let places = PlacesByPath::default();
        let [one, other] = [take("/1", &places), take("/1", &places)];
        assert!(Arc::ptr_eq(&one.line, &other.line), "it is one line");
        drop(one);
        assert_eq!(places.lock().len(), 1);
        let third = take("/1", &places);
        assert!(Arc::ptr_eq(&third.line, &other.line), "it is the same line still");
        let line = Arc::downgrade(&third.line);
        drop((other, third));
        assert!(line.upgrade().is_none(), "its key is dropped with it");
        assert_at_its_start(&places);
    }

    #[test]
    fn a_map_that_has_not_grown_keeps_its_table() {
        let places = PlacesByPath::default();
        let capacity = places.lock().capacity();
        assert_eq!(capacity, Places::<String>::ROOM, "the documentation names this number");
        let held: Vec<_> = (0..capacity).map(|number| take(&number.to_string(), &places)).collect();
        assert_eq!(places.lock().capacity(), capacity);
        drop(held);
        assert_at_its_start(&places);
    }

    #[test]
    fn a_map_that_has_grown_gives_its_room_back() {
        let places = PlacesByPath::default();
        let mut held: Vec<_> = (0..1000).map(|number| take(&number.to_string(), &places)).collect();
        assert_eq!(places.lock().len(), 1000);
        held.truncate(1);
        assert_eq!(places.lock().len(), 1);
        drop(held);
        assert_at_its_start(&places);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_kept_of_a_turn_nor_of_a_wait() {
        let places = PlacesByPath::default();
        let writes = SerializedWrites { lines: Arc::new(by_path(&places)), wait: Duration::from_secs(1) };
        let Joined::Turn(turn) = writes.join(&head("/1")) else { panic!("nobody else writes") };
        let Joined::Wait(wait) = writes.join(&head("/1")) else { panic!("the first one writes") };
        assert!(wait.await.is_err(), "the first one writes still");
        drop(writes.join(&head("/2")));
        assert_eq!(places.lock().len(), 1);
        drop(turn);
        assert_at_its_start(&places);
    }
}
