//! What a request asks, and the table that answers it (RFC 9110 §13, RFC 6585 §3). Pure: no Tower, no futures.

mod condition;
mod conditional_fields;
mod evaluate;
mod evaluation;
mod field_lines;
mod fields;
mod malformed;
mod method;
mod requirement;
mod tag_list;

pub use condition::Condition;
pub use conditional_fields::ConditionalFields;
pub use evaluate::evaluate;
pub(crate) use evaluate::evaluate_none;
pub use evaluation::{Decision, Evaluation, Ignored, Outcome};
pub(crate) use field_lines::FieldLines;
pub(crate) use fields::RequestFields;
pub use malformed::MalformedField;
pub use method::may_change_state;
pub(crate) use method::{MethodKind, is_upgrade, takes_range};
pub(crate) use requirement::Carried;
pub use requirement::{RequiredCondition, Requirement, RequirementPolicy};
pub use tag_list::TagList;
