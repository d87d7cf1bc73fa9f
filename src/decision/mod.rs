//! The order of answers: from a request and the current state to a verdict or a rejection.
//!
//! | letter | answer | decided by |
//! |---|---|---|
//! | A | 400: If-Match or If-None-Match is malformed, on a method that may change state | [`Case::check_head`] |
//! | B | 428: the requirement is not met, as far as the head tells | [`Case::check_head`] |
//! | C | what the look-up says: a refusal, a deferral, a failure (503); then 412 if WebDAV's If is false | the layer |
//! | C | then 201 or 204: this very write was already made | [`Case::already_made`] |
//! | D | 404, or what the source chooses: a DELETE whose condition is false because nothing exists | [`Case::decide`] |
//! | E | 428: the resource exists and `existing_only` asks for a condition, or the only accepted condition was ignored | [`Case::decide`] |
//! | F | 412 or 304, by the steps of RFC 9110 §13.2.2 | [`Case::decide`] |

mod case;
mod expose;
mod if_match_hint;
mod kept_request;
mod preconditions;
mod rejection;
mod rejection_kind;
mod verdict;
#[cfg(feature = "write-ids")]
mod write_identity;
#[cfg(feature = "write-ids")]
mod write_ids;

pub use expose::Expose;
pub use preconditions::Preconditions;
pub use rejection::Rejection;
pub use rejection_kind::RejectionKind;
pub use verdict::Verdict;
#[cfg(feature = "write-ids")]
pub use write_identity::WriteIdentity;
#[cfg(feature = "write-ids")]
pub use write_ids::WriteIds;

pub(crate) use case::{Case, Decided};
pub(crate) use kept_request::KeptRequest;
