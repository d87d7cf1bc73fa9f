//! Marks that a layer leaves on a request for a layer further in, or on a response for a layer further out.
//!
//! They stand in the lowest room, because the layers that share a mark do not import each other.

use http::Extensions;

/// Asks for the whole representation with its validators: a layer outside evaluates the response.
///
/// [`EntityTagLayer`](crate::EntityTagLayer) then ignores Range, and hashes the content for a HEAD too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WholeWithValidators;

impl WholeWithValidators {
    pub(crate) fn put_on(extensions: &mut Extensions) {
        extensions.insert(Self);
    }

    /// Returns whether the mark was there. It is gone then: no layer further in needs it again.
    #[cfg(feature = "content-tag")]
    pub(crate) fn take_from(extensions: &mut Extensions) -> bool {
        !extensions.is_empty() && extensions.remove::<Self>().is_some()
    }
}

/// Asks a 304 to carry Last-Modified beside ETag: a layer outside may have to remove the tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeepLastModified;

impl KeepLastModified {
    pub(crate) fn put_on(extensions: &mut Extensions) {
        extensions.insert(Self);
    }

    pub(crate) fn is_on(extensions: &Extensions) -> bool {
        !extensions.is_empty() && extensions.get::<Self>().is_some()
    }
}

/// Says that a layer outside takes the suffixes of a proxy off, and marks the tags that leave.
///
/// A layer further in must do neither again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SuffixesTakenOff;

impl SuffixesTakenOff {
    pub(crate) fn put_on(extensions: &mut Extensions) {
        extensions.insert(Self);
    }

    pub(crate) fn is_on(extensions: &Extensions) -> bool {
        !extensions.is_empty() && extensions.get::<Self>().is_some()
    }
}

/// Says that a response to HEAD was made from a GET, without its content.
///
/// A compression in between adds bytes even to empty content. So the layer outside, which asked for the validators,
/// removes all content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContentDropped;

impl ContentDropped {
    #[cfg(feature = "content-tag")]
    pub(crate) fn put_on(extensions: &mut Extensions) {
        extensions.insert(Self);
    }

    pub(crate) fn take_from(extensions: &mut Extensions) -> bool {
        !extensions.is_empty() && extensions.remove::<Self>().is_some()
    }
}

/// Says that a request named an entity tag, and that the response had no validator when it was evaluated.
///
/// A layer that adds the tag only now stands in the wrong place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EvaluatedWithoutValidator;

impl EvaluatedWithoutValidator {
    /// Only a layer that adds tags looks for the mark, to warn.
    pub(crate) fn put_on(extensions: &mut Extensions) {
        if cfg!(all(feature = "content-tag", feature = "tracing")) {
            extensions.insert(Self);
        }
    }

    #[cfg(all(feature = "content-tag", feature = "tracing"))]
    pub(crate) fn is_on(extensions: &Extensions) -> bool {
        !extensions.is_empty() && extensions.get::<Self>().is_some()
    }
}
