use std::sync::Arc;

use http::{Extensions, StatusCode};

use super::{
    guard::{GuardHandle, Guards, HeldGuards, Turn},
    owned::Slot,
};

/// What a source hands to the handler beside the representation.
#[derive(Default)]
pub(crate) struct Attachments {
    /// Goes into the request's extensions.
    values: Extensions,
    handed: FromSource,
    guards: Guards,
}

impl Attachments {
    pub(super) fn attach<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.values.insert(value);
        self.handed.values.push(remove::<T>);
    }

    pub(super) fn guard<G: Send + 'static>(&mut self, guard: G) {
        self.guards.push(Box::new(guard));
    }

    pub(super) fn own<T: Send + 'static>(&mut self, value: T) {
        self.values.insert(Slot::new(value));
        self.handed.owned.push(remove::<Slot<T>>);
    }

    /// Says that the look-up failed with this status, although the request goes on to the handler.
    #[cold]
    pub(crate) fn of_failure(status: StatusCode) -> Self {
        Self { handed: FromSource { status: Some(status), ..FromSource::default() }, ..Self::default() }
    }

    /// Puts the values into the request's extensions, and holds the guards for the handler. The turn is held
    /// too, and ends after they are released.
    #[cold]
    pub(crate) fn hand_on(
        attachments: Option<Box<Self>>,
        turn: Option<Turn>,
        extensions: &mut Extensions,
    ) -> Option<Arc<HeldGuards>> {
        let guards = attachments.map(|attachments| attachments.give_to(extensions)).unwrap_or_default();
        guards.within(turn).hold(extensions)
    }

    fn give_to(self, extensions: &mut Extensions) -> Guards {
        extensions.extend(self.values);
        if !self.handed.is_empty() {
            extensions.insert(self.handed);
        }
        self.guards
    }
}

/// What a source left in a request's extensions, and how to remove it.
#[derive(Clone, Default)]
pub(crate) struct FromSource {
    values: Vec<fn(&mut Extensions)>,
    owned: Vec<fn(&mut Extensions)>,
    /// The answer to a handler that needs what the look-up did not attach.
    status: Option<StatusCode>,
}

impl FromSource {
    /// Removes what the source of an outer layer left. It is about another representation.
    ///
    /// The guards stay: the outer layer holds them until the handler's future ends.
    // A request without extensions pays nothing.
    #[inline]
    pub(crate) fn remove_from(extensions: &mut Extensions) {
        if !extensions.is_empty() {
            Self::remove_all(extensions);
        }
    }

    fn remove_all(extensions: &mut Extensions) {
        let Some(Self { values, owned, .. }) = extensions.remove() else { return };
        for remove in values.into_iter().chain(owned) {
            remove(extensions);
        }
    }

    /// Removes, from a copy of a request's extensions, the values and guards that belong to that one request.
    pub(crate) fn remove_owned_from(copy: &mut Extensions) {
        if let Some(handed) = copy.get_mut::<Self>() {
            for remove in std::mem::take(&mut handed.owned) {
                remove(copy);
            }
        }
        copy.remove::<GuardHandle>();
    }

    /// Returns the status of a failed look-up.
    #[cfg(feature = "axum")]
    pub(crate) fn failure(extensions: &Extensions) -> Option<StatusCode> {
        extensions.get::<Self>()?.status
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.owned.is_empty() && self.status.is_none()
    }
}

fn remove<T: Send + Sync + 'static>(extensions: &mut Extensions) {
    extensions.remove::<T>();
}
