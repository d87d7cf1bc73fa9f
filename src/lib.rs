//! Placeholder page.
#![cfg_attr(docsrs, feature(doc_auto_cfg))]

mod accept;
mod body;
mod condition;
mod entity_tag;
mod evaluate;
mod events;
#[cfg(feature = "axum")]
mod from_fn;
mod future;
mod http_date;
mod layer;
mod malformed;
mod member;
mod order;
mod preconditions;
mod problem;
mod rejection;
mod requirement;
mod respond;
mod service;
mod settings;
mod source;
mod tag_list;
mod validators;
mod verdict;

pub use body::ResponseBody;
pub use condition::Condition;
pub use entity_tag::{EntityTag, InvalidEntityTag};
pub use evaluate::{Decision, Evaluation, Ignored, Outcome, evaluate};
#[cfg(feature = "axum")]
pub use from_fn::{FromFn, LookupFn, LookupResponse, validators_from_fn, validators_from_fn_with_state};
pub use future::ResponseFuture;
pub use http_date::{HttpDate, InvalidHttpDate};
pub use layer::PreconditionLayer;
pub use malformed::MalformedField;
pub use member::MemberValue;
pub use preconditions::Preconditions;
pub use problem::ProblemDetails;
pub use rejection::{Rejection, RejectionKind, RejectionResponder};
pub use requirement::{RequiredCondition, Requirement, RequirementPolicy};
pub use service::Precondition;
pub use settings::{Emit, Expose};
pub use source::{BoxError, IntoLookup, Lookup, Representation, ValidatorSource};
pub use tag_list::TagList;
pub use validators::Validators;
pub use verdict::Verdict;
