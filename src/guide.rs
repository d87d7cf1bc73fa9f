//! Guides. They are part of the documentation, not of the API.
//!
//! | question | page |
//! |---|---|
//! | How do I do this? | [`cookbook`]: complete programs, which the tests run |
//! | How is an update lost, and what prevents it? | [`lost_updates`] |
//! | Where does the layer stand among others? | [`layer_order`] |
//! | How does the answer to a refused upload arrive? | [`refused_uploads`] |
//! | What tags do FHIR, OData, lists, UUIDs and proxies need? | [`entity_tags`] |
//! | How does a client write without losing an update? | `client` |
//! | How do I test my handlers? | [`testing`] |
//! | The compiler complains. What does it mean? | [`compile_errors`] |
//! | What does this word mean? | [`glossary`] |
//! | What will the crate not do? | [`limits`] |
//! | How does it compare, and what do other libraries answer? | [`compare`] |
//! | How do I come from another library? | [`migrating`] |
//! | What does a version promise? | [`policies`] |

#[cfg(all(feature = "axum", feature = "content-tag", feature = "testing"))]
pub mod cookbook;

#[doc(alias = "transaction")]
#[doc(alias = "sqlx")]
#[doc(alias = "race")]
#[doc(alias = "lock")]
#[doc(alias = "compare-and-set")]
#[doc(alias = "optimistic locking")]
#[doc = include_str!("../docs/lost-updates.md")]
pub mod lost_updates {}

#[doc(alias = "compression")]
#[doc(alias = "cors")]
#[doc(alias = "nesting")]
#[doc(alias = "middleware order")]
#[doc = include_str!("../docs/layer-order.md")]
pub mod layer_order {}

#[doc(alias = "connection reset")]
#[doc(alias = "broken pipe")]
#[doc(alias = "upload")]
#[doc = include_str!("../docs/refused-uploads.md")]
pub mod refused_uploads {}

#[doc(alias = "nginx")]
#[doc(alias = "cloudflare")]
#[doc(alias = "apache")]
#[doc(alias = "fhir")]
#[doc(alias = "odata")]
#[doc(alias = "scim")]
#[doc(alias = "uuid")]
#[doc(alias = "weak tag")]
#[doc = include_str!("../docs/entity-tags.md")]
pub mod entity_tags {}

#[cfg(feature = "client")]
#[doc(alias = "retry")]
#[doc(alias = "idempotency-key")]
#[doc(alias = "write id")]
#[doc(alias = "reqwest")]
#[doc = include_str!("../docs/client.md")]
pub mod client {}

#[cfg(all(feature = "axum", feature = "testing"))]
#[doc(alias = "unit test")]
#[doc(alias = "mock")]
#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc(alias = "E0277")]
#[doc(alias = "E0631")]
#[doc(alias = "E0283")]
#[doc(alias = "trait bound")]
#[doc = include_str!("../docs/compile-errors.md")]
pub mod compile_errors {}

#[doc(alias = "terms")]
#[doc = include_str!("../docs/glossary.md")]
pub mod glossary {}

#[doc(alias = "out of scope")]
#[doc(alias = "non-goals")]
#[doc = include_str!("../docs/limits.md")]
pub mod limits {}

#[doc(alias = "alternatives")]
#[doc = include_str!("../docs/COMPARE.md")]
pub mod compare {}

#[cfg(feature = "axum")]
#[doc(alias = "django")]
#[doc(alias = "axum-extra")]
#[doc(alias = "typed headers")]
#[doc = include_str!("../docs/MIGRATING.md")]
pub mod migrating {}

#[doc(alias = "msrv")]
#[doc(alias = "semver")]
#[doc(alias = "roadmap")]
#[doc = include_str!("../docs/policies.md")]
pub mod policies {}
