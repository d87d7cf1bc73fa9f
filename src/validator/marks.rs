//! Marks that a layer leaves on a request for a layer further in.
//!
//! They stand in the lowest room, because the layers that share a mark do not import each other.

use http::Extensions;

/// Asks a 304 to carry Last-Modified beside ETag: a layer outside may have to remove the tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DateBesideTag;

impl DateBesideTag {
    pub(crate) fn put_on(extensions: &mut Extensions) {
        extensions.insert(Self);
    }

    pub(crate) fn is_on(extensions: &Extensions) -> bool {
        !extensions.is_empty() && extensions.get::<Self>().is_some()
    }
}
