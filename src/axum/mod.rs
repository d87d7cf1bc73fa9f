//! Look-ups over extractors, and extractors.

pub(crate) mod extractors;
pub(crate) mod from_fn;
