//! Look-ups over extractors, and extractors.

pub(crate) mod extract;
pub(crate) mod from_fn;
