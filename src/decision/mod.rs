//! The order of answers: from a request and what exists to a verdict or a rejection.

pub(crate) mod decide;
pub(crate) mod expose;
pub(crate) mod kept_request;
pub(crate) mod preconditions;
pub(crate) mod rejection;
pub(crate) mod verdict;
