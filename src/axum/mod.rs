//! Look-ups over extractors, and extractors.

mod extractors;
mod from_fn;

pub use extractors::{Attached, MissingExtension, Taken};
pub use from_fn::{FromFn, LookupFn, LookupResponse, validators_from_fn, validators_from_fn_with_state};
