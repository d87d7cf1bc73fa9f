use std::sync::Arc;

#[cfg(feature = "write-ids")]
use http::request::Parts;

use super::write_queue::WriteQueue;
#[cfg(feature = "write-ids")]
use crate::{
    decision::{WriteIdentity, WriteIds},
    precondition::RequestFields,
};

/// What the layer does with a write before the look-up.
#[derive(Clone, Default)]
pub(super) struct BeforeWrites {
    /// Runs the writes to one resource one at a time.
    pub(super) queue: Option<Arc<dyn WriteQueue>>,
    #[cfg(feature = "write-ids")]
    pub(super) ids: Option<WriteIds>,
}

#[cfg(feature = "write-ids")]
impl BeforeWrites {
    /// Puts the identity of a write into its extensions. Returns whether it has one.
    pub(super) fn identify(&self, head: &mut Parts, fields: RequestFields) -> bool {
        let Some(ids) = &self.ids else { return false };
        match ids.identity_of_write(head, fields) {
            Some(identity) => {
                head.extensions.insert(identity);
                true
            }
            None => {
                // One of an outer layer, which reads ids by other rules.
                head.extensions.remove::<WriteIdentity>();
                false
            }
        }
    }
}
