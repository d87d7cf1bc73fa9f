//! What describes a representation: an entity tag, a modification date (RFC 9110 §8.8).

mod entity_tag;
mod fields;
mod http_date;
mod syntax;
mod validators;

pub use entity_tag::{EntityTag, InvalidEntityTag};
pub(crate) use entity_tag::{TagRef, parse, scan};
pub(crate) use fields::ResponseFields;
pub use http_date::{HttpDate, InvalidHttpDate};
pub(crate) use syntax::{Expected, Found, SyntaxError};
pub use validators::Validators;
