use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::request::Parts;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::write_queue::{Joined, WaitedTooLong, WriteQueue};

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
/// A write that has to wait needs tokio's timer. The queue holds memory only for the keys of writes that wait or run.
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
        K: Clone + Eq + Hash + Send + Sync + 'static,
    {
        Self { lines: Arc::new(LinesBy { key, lines: Arc::default() }), wait: Self::WAIT }
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

/// The turn of one write. The permit is dropped first, so that the next write finds it in the same line.
struct HeldTurn<K: Eq + Hash> {
    _permit: OwnedSemaphorePermit,
    _place: Place<K>,
}

/// The lines of all resources, without the type of their keys.
trait Lines: Send + Sync {
    /// Joins the line for the request's resource.
    fn join(&self, head: &Parts, wait: Duration) -> Joined;
}

struct LinesBy<F, K> {
    key: F,
    lines: Arc<Mutex<HashMap<K, Line>>>,
}

/// The writes to one resource that wait or run.
struct Line {
    semaphore: Arc<Semaphore>,
    places: usize,
}

impl<F, K> Lines for LinesBy<F, K>
where
    F: Fn(&Parts) -> K + Send + Sync,
    K: Clone + Eq + Hash + Send + Sync + 'static,
{
    fn join(&self, head: &Parts, wait: Duration) -> Joined {
        let place = self.place(head);
        // Fast path: no timer, and nothing to poll.
        match Arc::clone(&place.semaphore).try_acquire_owned() {
            Ok(permit) => Joined::Turn(Box::new(HeldTurn { _permit: permit, _place: place })),
            Err(_) => Joined::Wait(Box::pin(async move {
                match timeout(wait, Arc::clone(&place.semaphore).acquire_owned()).await {
                    Ok(Ok(permit)) => Ok(Box::new(HeldTurn { _permit: permit, _place: place }) as _),
                    // The semaphore is never closed.
                    Ok(Err(_)) | Err(_) => Err(WaitedTooLong),
                }
            })),
        }
    }
}

impl<F, K> LinesBy<F, K>
where
    F: Fn(&Parts) -> K,
    K: Clone + Eq + Hash,
{
    /// Takes a place at the end of the line for the request's resource.
    fn place(&self, head: &Parts) -> Place<K> {
        let key = (self.key)(head);
        let mut lines = lock(&self.lines);
        let line = lines
            .entry(key.clone())
            .or_insert_with(|| Line { semaphore: Arc::new(Semaphore::new(1)), places: 0 });
        line.places += 1;
        Place { key, semaphore: Arc::clone(&line.semaphore), lines: Arc::clone(&self.lines) }
    }
}

/// A place in a line. The line is removed with its last place.
struct Place<K: Eq + Hash> {
    key: K,
    semaphore: Arc<Semaphore>,
    lines: Arc<Mutex<HashMap<K, Line>>>,
}

impl<K: Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut lines = lock(&self.lines);
        if let Some(line) = lines.get_mut(&self.key) {
            line.places -= 1;
            if line.places == 0 {
                lines.remove(&self.key);
            }
        }
        if lines.is_empty() {
            // A map never shrinks by itself.
            *lines = HashMap::new();
        }
    }
}

fn lock<K>(lines: &Mutex<HashMap<K, Line>>) -> MutexGuard<'_, HashMap<K, Line>> {
    // A poisoned map is whole: no panic can interrupt a change to it.
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use http::{Request, request::Parts};

    use super::{Line, LinesBy, SerializedWrites, lock};
    use crate::layer::write_queue::{Joined, WriteQueue};

    type Keys = Arc<Mutex<HashMap<String, Line>>>;

    fn head(path: &str) -> Parts {
        Request::put(path).body(()).expect("a path").into_parts().0
    }

    fn by_path(keys: &Keys) -> LinesBy<impl Fn(&Parts) -> String + use<>, String> {
        LinesBy { key: |head: &Parts| head.uri.path().to_owned(), lines: Arc::clone(keys) }
    }

    fn assert_at_its_start(keys: &Keys) {
        let keys = lock(keys);
        assert_eq!((keys.len(), keys.capacity()), (0, 0));
    }

    #[test]
    fn a_line_goes_with_the_last_place_in_it() {
        let keys = Keys::default();
        let lines = by_path(&keys);
        let [one, other] = [lines.place(&head("/1")), lines.place(&head("/1"))];
        assert!(Arc::ptr_eq(&one.semaphore, &other.semaphore), "it is one line");
        drop(one);
        assert_eq!(lock(&keys).len(), 1);
        let third = lines.place(&head("/1"));
        assert!(Arc::ptr_eq(&third.semaphore, &other.semaphore), "it is the same line still");
        drop((other, third));
        assert_at_its_start(&keys);
    }

    #[test]
    fn the_map_gives_its_room_back() {
        let keys = Keys::default();
        let lines = by_path(&keys);
        let mut places: Vec<_> = (0..1000).map(|number| lines.place(&head(&format!("/{number}")))).collect();
        assert_eq!(lock(&keys).len(), 1000);
        places.truncate(1);
        assert_eq!(lock(&keys).len(), 1);
        drop(places);
        assert_at_its_start(&keys);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_kept_of_a_turn_nor_of_a_wait() {
        let keys = Keys::default();
        let writes = SerializedWrites { lines: Arc::new(by_path(&keys)), wait: Duration::from_secs(1) };
        let Joined::Turn(turn) = writes.join(&head("/1")) else { panic!("nobody else writes") };
        let Joined::Wait(wait) = writes.join(&head("/1")) else { panic!("the first one writes") };
        assert!(wait.await.is_err(), "the first one writes still");
        drop(writes.join(&head("/2")));
        assert_eq!(lock(&keys).len(), 1);
        drop(turn);
        assert_at_its_start(&keys);
    }
}
