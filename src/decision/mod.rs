//! The order of answers: from a request and what exists to a verdict or a rejection.

mod decide;
mod expose;
mod kept_request;
mod preconditions;
mod rejection;
mod verdict;

pub(crate) use decide::{Decided, check_head, decide};
pub use expose::Expose;
pub(crate) use kept_request::KeptRequest;
pub use preconditions::Preconditions;
pub use rejection::{Rejection, RejectionKind};
pub use verdict::Verdict;
