//! Recipes. Each is a complete program, which the tests run, with the features `axum`, `content-tag` and `testing`.
//!
//! | to | see |
//! |---|---|
//! | answer 304 on one route | [`reads`] |
//! | tag a list or a page of a search | [`lists`] |
//! | send the new tag after PUT, POST and PATCH | [`new_tag`] |
//! | apply a JSON Merge Patch | [`merge_patch`] |
//! | compare and set in SQL, or write in a transaction | [`databases`], [`lost_updates`](super::lost_updates) |
//! | authenticate first | [`authentication`] |
//! | use `Router<S>`, `FromRef`, `nest` | [`nested_routers`] |
//! | serve files | [`files`] |
//! | tell users, languages and media types apart | [`variants`] |
//! | answer 412 in your own format, with your own error type | [`rejections`] |
//! | describe all of this in OpenAPI | `openapi` (feature `utoipa`) |
//! | protect an HTML form | [`forms`] |
//! | say how long caches and CDNs keep an answer | [`caching`] |
//! | serve HTTP, gRPC and jobs from one domain | [`other_protocols`] |
//! | retry, and send one write once | `guide::client` |
//! | stand behind nginx, Cloudflare or Apache | [`entity_tags`](super::entity_tags) |

#[doc(alias = "route")]
#[doc(alias = "quick start")]
#[doc(alias = "hash")]
#[doc = include_str!("../../docs/cookbook/reads.md")]
pub mod reads {}

#[doc(alias = "collection")]
#[doc(alias = "pagination")]
#[doc(alias = "query")]
#[doc = include_str!("../../docs/cookbook/lists.md")]
pub mod lists {}

#[doc(alias = "PUT")]
#[doc(alias = "POST")]
#[doc(alias = "PATCH")]
#[doc(alias = "201")]
#[doc = include_str!("../../docs/cookbook/new_tag.md")]
pub mod new_tag {}

#[doc(alias = "json merge patch")]
#[doc(alias = "rfc 7396")]
#[doc = include_str!("../../docs/cookbook/merge_patch.md")]
pub mod merge_patch {}

#[doc(alias = "sqlx")]
#[doc(alias = "i64")]
#[doc(alias = "postgresql")]
#[doc(alias = "sqlite")]
#[doc(alias = "transaction")]
#[doc = include_str!("../../docs/cookbook/databases.md")]
pub mod databases {}

#[doc(alias = "401")]
#[doc(alias = "403")]
#[doc(alias = "authorization")]
#[doc(alias = "login")]
#[doc = include_str!("../../docs/cookbook/authentication.md")]
pub mod authentication {}

#[doc(alias = "nest")]
#[doc(alias = "merge")]
#[doc(alias = "FromRef")]
#[doc(alias = "with_state")]
#[doc = include_str!("../../docs/cookbook/nested_routers.md")]
pub mod nested_routers {}

#[doc(alias = "ServeDir")]
#[doc(alias = "static")]
#[doc = include_str!("../../docs/cookbook/files.md")]
pub mod files {}

#[doc(alias = "content negotiation")]
#[doc(alias = "per-user")]
#[doc(alias = "vary")]
#[doc(alias = "language")]
#[doc = include_str!("../../docs/cookbook/variants.md")]
pub mod variants {}

#[doc(alias = "custom 412")]
#[doc(alias = "problem details")]
#[doc(alias = "error type")]
#[doc(alias = "From<Rejection>")]
#[doc = include_str!("../../docs/cookbook/rejections.md")]
pub mod rejections {}

#[cfg(feature = "utoipa")]
#[doc(alias = "swagger")]
#[doc(alias = "utoipa")]
#[doc(alias = "schema")]
#[doc = include_str!("../../docs/cookbook/openapi.md")]
pub mod openapi {}

#[doc(alias = "html")]
#[doc(alias = "htmx")]
#[doc = include_str!("../../docs/cookbook/forms.md")]
pub mod forms {}

#[doc(alias = "cdn")]
#[doc(alias = "cache-control")]
#[doc(alias = "browser cache")]
#[doc = include_str!("../../docs/cookbook/caching.md")]
pub mod caching {}

#[doc(alias = "grpc")]
#[doc(alias = "graphql")]
#[doc(alias = "check in the handler")]
#[doc = include_str!("../../docs/cookbook/other_protocols.md")]
pub mod other_protocols {}
