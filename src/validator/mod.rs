//! Validators ([RFC 9110 §8.8]): entity tags, modification dates, and what else describes a representation.
//!
//! [RFC 9110 §8.8]: https://www.rfc-editor.org/rfc/rfc9110#section-8.8

mod entity_tag;
mod fields;
mod http_date;
mod marks;
mod syntax;
mod validators;
mod vary;

pub use entity_tag::{EntityTag, FileTag, InvalidEntityTag, TagNumber};
#[cfg(feature = "content-tag")]
pub use entity_tag::{InvalidTagValue, TagKey};
pub use http_date::{HttpDate, InvalidHttpDate};
pub use validators::Validators;

pub(crate) use entity_tag::{TagRef, parse, scan};
pub(crate) use fields::ResponseFields;
pub(crate) use marks::{
    ContentDropped, EvaluatedWithoutValidator, KeepLastModified, SuffixesTakenOff, WholeWithValidators,
};
pub(crate) use syntax::{Expected, Found, SyntaxError};
pub(crate) use vary::complete_vary;
