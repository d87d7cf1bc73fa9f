//! What describes a representation: an entity tag, a modification date (RFC 9110 §8.8).

pub(crate) mod entity_tag;
pub(crate) mod fields;
pub(crate) mod http_date;
pub(crate) mod syntax;
pub(crate) mod validators;
