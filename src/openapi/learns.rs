use std::{
    any::{Any, TypeId},
    convert::Infallible,
};

#[cfg(feature = "webdav")]
use crate::source::{LockSource, WithLocks};
use crate::{
    representation::UnevaluatedWrites,
    source::{FromResponse, Probing, ValidatorSource},
};

/// The source of a layer that can be described.
///
/// Implemented for every [`ValidatorSource`], and for the sources of
/// [`probing`](crate::PreconditionLayer::probing) and `webdav`. Sealed.
#[diagnostic::on_unimplemented(message = "`{Self}` is not the source of a layer", label = "not a source")]
pub trait DescribedSource: 'static {
    #[doc(hidden)]
    fn learns(&self) -> Learns;
}

/// How a layer learns what exists, as far as its answers depend on it.
///
/// No other crate can name it, which seals [`DescribedSource`].
#[derive(Clone, Copy, Debug)]
pub struct Learns {
    pub(super) from: StateFrom,
    /// Whether a look-up can fail.
    pub(super) fails: bool,
    /// Whether WebDAV's `If` is judged.
    pub(super) judges_if: bool,
    /// Whether the look-up of a lock can fail.
    pub(super) locks_fail: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateFrom {
    LookUp,
    /// The response, which comes too late for a write.
    Response(UnevaluatedWrites),
    /// A HEAD for each read.
    Head(UnevaluatedWrites),
    /// A HEAD for each read and write.
    HeadBeforeWrites(UnevaluatedWrites),
}

impl Learns {
    const fn from(from: StateFrom) -> Self {
        Self { from, fails: false, judges_if: false, locks_fail: false }
    }
}

impl<V: ValidatorSource + 'static> DescribedSource for V {
    fn learns(&self) -> Learns {
        // `FromResponse` is a `ValidatorSource` too.
        match (self as &dyn Any).downcast_ref() {
            Some(FromResponse { writes }) => Learns::from(StateFrom::Response(*writes)),
            None => Learns { fails: can_fail::<V::Error>(), ..Learns::from(StateFrom::LookUp) },
        }
    }
}

impl DescribedSource for Probing {
    fn learns(&self) -> Learns {
        Learns::from(match self.probes_writes {
            true => StateFrom::HeadBeforeWrites(self.writes),
            false => StateFrom::Head(self.writes),
        })
    }
}

#[cfg(feature = "webdav")]
impl<V: DescribedSource, L: LockSource + 'static> DescribedSource for WithLocks<V, L> {
    fn learns(&self) -> Learns {
        Learns { judges_if: true, locks_fail: can_fail::<L::Error>(), ..self.source().learns() }
    }
}

/// Returns false for the error that cannot be.
fn can_fail<E: 'static>() -> bool {
    TypeId::of::<E>() != TypeId::of::<Infallible>()
}
