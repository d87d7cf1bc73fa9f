use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::sync::oneshot;

/// The connections that linger, up to a number of them.
pub(super) struct Places {
    most: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    /// By number, so that the first is the oldest. Its place is lost when its sender is dropped.
    by_number: BTreeMap<u64, oneshot::Sender<()>>,
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        Self { most, taken: Mutex::default() }
    }

    /// Takes a place. If there are too many, the oldest loses its own.
    pub(super) fn take(self: Arc<Self>) -> Place {
        let (held, lost) = oneshot::channel();
        let mut taken = self.taken();
        let number = taken.next;
        taken.next += 1;
        taken.by_number.insert(number, held);
        if taken.by_number.len() > self.most {
            taken.by_number.pop_first();
        }
        drop(taken);
        Place { number, lost, places: self }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // No panic can interrupt a change to the map.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places")
            .field("most", &self.most)
            .field("taken", &self.taken().by_number.len())
            .finish()
    }
}

/// The place of one lingering connection.
pub(super) struct Place {
    number: u64,
    lost: oneshot::Receiver<()>,
    places: Arc<Places>,
}

impl Place {
    /// Is ready when a younger connection has taken the place.
    pub(super) fn poll_lost(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.lost).poll(cx).map(drop)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().by_number.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        task::{Context, Waker},
    };

    use super::{Place, Places};

    fn is_lost(place: &mut Place) -> bool {
        place.poll_lost(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn the_oldest_loses_its_place() {
        let places = Arc::new(Places::new(2));
        let [mut first, mut second, mut third] = [(); 3].map(|()| Arc::clone(&places).take());
        assert_eq!([&mut first, &mut second, &mut third].map(is_lost), [true, false, false]);
        drop(second);
        let mut fourth = Arc::clone(&places).take();
        assert_eq!([&mut third, &mut fourth].map(is_lost), [false, false]);
    }

    #[test]
    fn a_place_that_was_lost_frees_no_other() {
        let places = Arc::new(Places::new(1));
        let [first, mut second] = [(); 2].map(|()| Arc::clone(&places).take());
        drop(first);
        assert!(!is_lost(&mut second));
        assert_eq!(places.taken().by_number.len(), 1);
    }

    #[test]
    fn without_places_nobody_lingers() {
        assert!(is_lost(&mut Arc::new(Places::new(0)).take()));
    }
}
