//! The conditional fields of a request and the table that evaluates them ([RFC 9110 §13], [RFC 6585 §3]).
//!
//! This is the pure core: it knows neither Tower nor futures, awaits nothing, and allocates nothing while
//! it decides. Call it from a handler or from another framework.
//!
//! | to | use |
//! |---|---|
//! | read the conditional fields of a request | [`ConditionalFields`] |
//! | refuse a malformed If-Match or If-None-Match with 400 | [`ConditionalFields::check`] |
//! | evaluate them in the order of §13.2.2 | [`evaluate`] |
//! | compare as FHIR, OData and SCIM do, or behind a proxy that changes tags | [`TagComparison`] |
//! | see what happened to each condition | [`Evaluation::outcome`] |
//! | require a condition, or answer 428 | [`Requirement`] |
//!
//! ```
//! use http::{HeaderMap, HeaderValue, Method, header};
//! use tower_precondition::EntityTag;
//! use tower_precondition::precondition::{Condition, ConditionalFields, Decision, evaluate};
//!
//! let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("\"1\""))]);
//! let fields = ConditionalFields::from_headers(&headers);
//! fields.check(&Method::PUT)?;
//!
//! let current = EntityTag::from_version(2).into();
//! let evaluation = evaluate(&Method::PUT, &fields, Some(&current));
//! assert_eq!(evaluation.decision(), Decision::Failed(Condition::IfMatch));
//! # Ok::<(), tower_precondition::precondition::MalformedField>(())
//! ```
//!
//! [RFC 9110 §13]: https://www.rfc-editor.org/rfc/rfc9110#section-13
//! [RFC 6585 §3]: https://www.rfc-editor.org/rfc/rfc6585#section-3

mod cache_condition;
mod comparison;
mod condition;
mod conditional_fields;
mod deviation;
mod evaluate;
mod evaluation;
mod fields;
mod malformed;
mod method;
mod requirement;
mod tag_list;
mod upgrade;

pub use comparison::TagComparison;
pub use condition::Condition;
pub use conditional_fields::ConditionalFields;
pub use deviation::Deviation;
pub use evaluate::evaluate;
pub use evaluation::{Decision, Evaluation, Ignored, Outcome};
pub use malformed::MalformedField;
pub use requirement::{RequiredCondition, Requirement, RequirementPolicy};
pub use tag_list::TagList;

pub(crate) use cache_condition::{CacheCondition, date_sent_back};
pub(crate) use comparison::{Modes, Suffixes};
pub(crate) use evaluate::evaluate_none;
pub(crate) use fields::{FieldLines, RequestFields};
pub(crate) use method::MethodKind;
pub(crate) use requirement::Carried;
pub(crate) use tag_list::Members;
pub(crate) use upgrade::UpgradeProtocols;
