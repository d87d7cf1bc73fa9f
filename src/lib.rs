//! Placeholder page.
#![cfg_attr(docsrs, feature(doc_auto_cfg))]

mod condition;
mod entity_tag;
mod evaluate;
mod http_date;
mod malformed;
mod preconditions;
mod tag_list;
mod validators;

pub use condition::Condition;
pub use entity_tag::{EntityTag, InvalidEntityTag};
pub use evaluate::{Decision, Evaluation, Ignored, Outcome, evaluate};
pub use http_date::{HttpDate, InvalidHttpDate};
pub use malformed::MalformedField;
pub use preconditions::Preconditions;
pub use tag_list::TagList;
pub use validators::Validators;
