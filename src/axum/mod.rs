//! Look-ups over Axum's extractors, and extractors for what the layer leaves in a request (feature `axum`).
//!
//! | to | use |
//! |---|---|
//! | make a source of an async function | [`validators_from_fn`], [`validators_from_fn_with_state`] |
//! | take the row that the source attached | [`Attached`] |
//! | take a value that cannot be cloned | [`Owned`](crate::Owned) |
//! | read the evaluation in a handler that writes | [`Verdict`](crate::Verdict) |
//! | hold the lock longer than the handler | [`Guard`](crate::Guard) |
//! | check preconditions in the handler | [`Preconditions`](crate::Preconditions) |
//! | send validators with a body | [`Validators`](crate::Validators), in front of the body |
//! | answer with a rejection | [`Rejection`](crate::Rejection), as it is |

mod extractors;
mod from_fn;
mod lent_head;
mod responses;

pub use extractors::{Attached, MissingExtension};
pub use from_fn::{
    FromFn, IntoRepresentationOrResponse, OverExtractors, RepresentationFn, validators_from_fn,
    validators_from_fn_with_state,
};
