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

use super::queue::{Queue, Turn, WaitedTooLong, Waiting};

/// Has the writes of one resource made one after the other within this process.
///
/// For applications whose write cannot compare and set: the layer holds the resource from before the
/// look-up until the handler's future ends, so that what the look-up found is what the write
/// replaces. Writes of one key take their turns in the order in which they came. GET, HEAD and
/// QUERY never wait. A write whose turn does not come in time is answered 503
/// ([`WaitedTooLong`](crate::RejectionKind::WaitedTooLong)) and is not made. It holds in one process; several
/// replicas need a compare-and-set, or a guard that all of them see.
///
/// The handler reads the upload during its turn, so that a slow one holds up those behind it until
/// their wait is over: [`guide::lost_updates`](crate::guide::lost_updates) shows how to read the body first. Work that
/// outlives the handler's future must hold a share of the [`Guard`](crate::Guard).
///
/// Cloned, and in every layer that was given one, it is the same queue. Give it to one layer on a
/// request's way only: a second one further in would wait for the first, until its wait is over.
/// Where a limit stands further in, such as tower's `ConcurrencyLimit`, the writes that wait keep
/// their places in it. It needs tokio's timer, and memory only for the keys of writes under way.
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
/// // A write that takes for ever holds up the next one of the same resource.
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
    /// How long a write waits for its turn, unless it is told.
    const WAIT: Duration = Duration::from_secs(10);

    /// Writes with equal keys are of one resource. The key is made of the request's head.
    ///
    /// One resource must have one key, however its path is spelled: `/plan` and `/pl%61n` are routed
    /// to the same handler by most routers, and are two keys where the path is the key.
    ///
    /// The example of [`SerializedWrites`] shows it.
    pub fn by<F, K>(key: F) -> Self
    where
        F: Fn(&Parts) -> K + Send + Sync + 'static,
        K: Clone + Eq + Hash + Send + Sync + 'static,
    {
        Self { lines: Arc::new(LinesBy { key, lines: Arc::default() }), wait: Self::WAIT }
    }

    /// How long a write waits for its turn before it is answered 503; ten seconds, if it is not told.
    ///
    /// The example of [`SerializedWrites`] shows it.
    pub fn wait_at_most(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    pub(crate) fn into_queue(self) -> Arc<dyn Queue> {
        Arc::new(self)
    }
}

impl Queue for SerializedWrites {
    fn join(&self, head: &Parts) -> Waiting {
        let place = self.lines.place(head);
        let wait = self.wait;
        Box::pin(async move {
            let semaphore = place.semaphore();
            match timeout(wait, semaphore.acquire_owned()).await {
                Ok(Ok(permit)) => Ok(Box::new(Ours { _permit: permit, _place: place }) as Turn),
                // Nobody closes the semaphore.
                Ok(Err(_)) | Err(_) => Err(WaitedTooLong),
            }
        })
    }
}

impl fmt::Debug for SerializedWrites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SerializedWrites").field("wait", &self.wait).finish_non_exhaustive()
    }
}

/// The turn of one write. The permit goes first, so that who is next finds it in the same line.
struct Ours {
    _permit: OwnedSemaphorePermit,
    _place: Box<dyn Place>,
}

/// The lines of all resources, whatever their key is.
trait Lines: Send + Sync {
    /// A place at the end of the line of the resource that the request is about.
    fn place(&self, head: &Parts) -> Box<dyn Place>;
}

trait Place: Send + Sync {
    fn semaphore(&self) -> Arc<Semaphore>;
}

struct LinesBy<F, K> {
    key: F,
    lines: Arc<Mutex<HashMap<K, Line>>>,
}

/// The writes of one resource that wait or are under way.
struct Line {
    semaphore: Arc<Semaphore>,
    places: usize,
}

impl<F, K> Lines for LinesBy<F, K>
where
    F: Fn(&Parts) -> K + Send + Sync,
    K: Clone + Eq + Hash + Send + Sync + 'static,
{
    fn place(&self, head: &Parts) -> Box<dyn Place> {
        let key = (self.key)(head);
        let mut lines = lock(&self.lines);
        let line = lines
            .entry(key.clone())
            .or_insert_with(|| Line { semaphore: Arc::new(Semaphore::new(1)), places: 0 });
        line.places += 1;
        Box::new(PlaceIn { key, semaphore: Arc::clone(&line.semaphore), lines: Arc::clone(&self.lines) })
    }
}

/// A place in a line; the line goes with the last of them.
struct PlaceIn<K: Eq + Hash> {
    key: K,
    semaphore: Arc<Semaphore>,
    lines: Arc<Mutex<HashMap<K, Line>>>,
}

impl<K: Eq + Hash + Send + Sync> Place for PlaceIn<K> {
    fn semaphore(&self) -> Arc<Semaphore> {
        Arc::clone(&self.semaphore)
    }
}

impl<K: Eq + Hash> Drop for PlaceIn<K> {
    fn drop(&mut self) {
        let mut lines = lock(&self.lines);
        if let Some(line) = lines.get_mut(&self.key) {
            line.places -= 1;
            if line.places == 0 {
                lines.remove(&self.key);
            }
        }
        if lines.is_empty() {
            // A map keeps the room that it once needed.
            *lines = HashMap::new();
        }
    }
}

fn lock<K>(lines: &Mutex<HashMap<K, Line>>) -> MutexGuard<'_, HashMap<K, Line>> {
    // A count is changed by one addition, which no panic leaves half done.
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

    use super::{Line, Lines, LinesBy, SerializedWrites, lock};
    use crate::layer::queue::Queue;

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
        assert!(Arc::ptr_eq(&one.semaphore(), &other.semaphore()), "it is one line");
        drop(one);
        assert_eq!(lock(&keys).len(), 1);
        let third = lines.place(&head("/1"));
        assert!(Arc::ptr_eq(&third.semaphore(), &other.semaphore()), "it is the same line still");
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
        let Ok(turn) = writes.join(&head("/1")).await else { panic!("nobody else writes") };
        assert!(writes.join(&head("/1")).await.is_err(), "the first one writes");
        drop(writes.join(&head("/2")));
        assert_eq!(lock(&keys).len(), 1);
        drop(turn);
        assert_at_its_start(&keys);
    }
}
