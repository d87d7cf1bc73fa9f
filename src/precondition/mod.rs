//! What a request asks, and the table that answers it (RFC 9110 §13, RFC 6585 §3). Pure: no Tower, no futures.

pub(crate) mod condition;
pub(crate) mod conditional_fields;
pub(crate) mod evaluate;
pub(crate) mod evaluation;
pub(crate) mod field_lines;
pub(crate) mod fields;
pub(crate) mod malformed;
pub(crate) mod method;
pub(crate) mod requirement;
pub(crate) mod tag_list;
