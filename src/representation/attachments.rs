use http::Extensions;

use super::{guard::Guards, owned::Slot};

/// What a source hands to the handler beside the representation.
#[derive(Default)]
pub(crate) struct Attachments {
    /// Goes into the request's extensions.
    pub(crate) values: Extensions,
    owned: OfOneRequest,
    pub(crate) guards: Guards,
}

impl Attachments {
    pub(crate) fn own<T: Send + 'static>(&mut self, value: T) {
        self.values.insert(Slot::new(value));
        self.owned.0.push(|extensions| {
            extensions.remove::<Slot<T>>();
        });
    }

    /// Puts the values into the request's extensions, and returns the guards for the layer to hold.
    pub(crate) fn give_to(self, extensions: &mut Extensions) -> Guards {
        extensions.extend(self.values);
        if !self.owned.0.is_empty() {
            // An outer layer may have attached owned values too.
            let mut known = extensions.remove::<OfOneRequest>().unwrap_or_default();
            known.0.extend(self.owned.0);
            extensions.insert(known);
        }
        self.guards
    }
}

/// Removes, from a copy of a request's extensions, the values that belong to that one request.
#[derive(Clone, Default)]
pub(crate) struct OfOneRequest(Vec<fn(&mut Extensions)>);

impl OfOneRequest {
    pub(crate) fn remove_from(copy: &mut Extensions) {
        let Self(removals) = copy.remove().unwrap_or_default();
        for remove in removals {
            remove(copy);
        }
    }
}
