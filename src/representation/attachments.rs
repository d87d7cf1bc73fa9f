use std::sync::Arc;

use http::Extensions;

use super::{
    guard::{GuardHandle, Guards, HeldGuards},
    owned::Slot,
};

/// What a source hands to the handler beside the representation.
#[derive(Default)]
pub(crate) struct Attachments {
    /// Goes into the request's extensions.
    values: Extensions,
    owned: OwnedRemovals,
    guards: Guards,
}

impl Attachments {
    pub(super) fn attach<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.values.insert(value);
    }

    pub(super) fn guard<G: Send + 'static>(&mut self, guard: G) {
        self.guards.push(Box::new(guard));
    }

    pub(super) fn own<T: Send + 'static>(&mut self, value: T) {
        self.values.insert(Slot::new(value));
        self.owned.0.push(|extensions| {
            extensions.remove::<Slot<T>>();
        });
    }

    /// Puts the values into the request's extensions, and holds the guards for the handler. A guard from before
    /// the look-up is held too, and released last.
    #[cold]
    pub(crate) fn hand_on(
        attachments: Option<Box<Self>>,
        first: Option<Box<dyn Send>>,
        extensions: &mut Extensions,
    ) -> Option<Arc<HeldGuards>> {
        let guards = attachments.map(|attachments| attachments.give_to(extensions)).unwrap_or_default();
        guards.behind(first).hold(extensions)
    }

    /// Removes, from a copy of a request's extensions, the values and guards that belong to that one request.
    pub(crate) fn remove_from(copy: &mut Extensions) {
        let OwnedRemovals(removals) = copy.remove().unwrap_or_default();
        for remove in removals {
            remove(copy);
        }
        copy.remove::<GuardHandle>();
    }

    fn give_to(self, extensions: &mut Extensions) -> Guards {
        extensions.extend(self.values);
        if !self.owned.0.is_empty() {
            // An outer layer may have attached owned values too.
            let mut known = extensions.remove::<OwnedRemovals>().unwrap_or_default();
            known.0.extend(self.owned.0);
            extensions.insert(known);
        }
        self.guards
    }
}

/// How to remove each owned value from a copy of a request's extensions.
#[derive(Clone, Default)]
struct OwnedRemovals(Vec<fn(&mut Extensions)>);
