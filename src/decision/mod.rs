//! The order of answers: from a request and what exists to a verdict or a rejection.

pub(crate) mod decide;
pub(crate) mod expose;
pub(crate) mod kept_head;
pub(crate) mod rejection;
pub(crate) mod request_preconditions;
pub(crate) mod verdict;
