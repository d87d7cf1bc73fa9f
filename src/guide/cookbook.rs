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
//! | know a write that is sent again | `write_ids`, with feature `write-ids` |
//! | retry as a client, and send one write once | `guide::client` |
//! | stand behind nginx, Cloudflare or Apache | [`entity_tags`](super::entity_tags) |

#[doc(alias = "route")]
#[doc(alias = "quick start")]
#[doc(alias = "hash")]
#[doc(alias = "one route")]
#[doc(alias = "304")]
#[doc(alias = "hash the body")]
#[doc(alias = "no version column")]
#[doc = include_str!("../../docs/cookbook/reads.md")]
pub mod reads {}

#[doc(alias = "list")]
#[doc(alias = "collection")]
#[doc(alias = "pagination")]
#[doc(alias = "query")]
#[doc(alias = "search results")]
#[doc(alias = "collection tag")]
#[doc = include_str!("../../docs/cookbook/lists.md")]
pub mod lists {}

#[doc(alias = "PUT")]
#[doc(alias = "POST")]
#[doc(alias = "PATCH")]
#[doc(alias = "201")]
#[doc(alias = "new tag")]
#[doc(alias = "204")]
#[doc(alias = "ETag after a write")]
#[doc(alias = "json patch")]
#[doc = include_str!("../../docs/cookbook/new_tag.md")]
pub mod new_tag {}

#[doc(alias = "json merge patch")]
#[doc(alias = "rfc 7396")]
#[doc(alias = "merge patch")]
#[doc = include_str!("../../docs/cookbook/merge_patch.md")]
pub mod merge_patch {}

#[doc(alias = "sqlx")]
#[doc(alias = "i64")]
#[doc(alias = "postgresql")]
#[doc(alias = "sqlite")]
#[doc(alias = "transaction")]
#[doc(alias = "u64")]
#[doc(alias = "bigint")]
#[doc(alias = "compare-and-set")]
#[doc(alias = "optimistic concurrency")]
#[doc(alias = "optimistic locking")]
#[doc(alias = "diesel")]
#[doc(alias = "database")]
#[doc = include_str!("../../docs/cookbook/databases.md")]
pub mod databases {}

#[doc(alias = "401")]
#[doc(alias = "403")]
#[doc(alias = "authorization")]
#[doc(alias = "login")]
#[doc(alias = "auth")]
#[doc(alias = "permissions")]
#[doc = include_str!("../../docs/cookbook/authentication.md")]
pub mod authentication {}

#[doc(alias = "nest")]
#[doc(alias = "merge")]
#[doc(alias = "FromRef")]
#[doc(alias = "with_state")]
#[doc(alias = "Router<S>")]
#[doc(alias = "AppState")]
#[doc(alias = "subrouter")]
#[doc = include_str!("../../docs/cookbook/nested_routers.md")]
pub mod nested_routers {}

#[doc(alias = "ServeDir")]
#[doc(alias = "static")]
#[doc(alias = "static files")]
#[doc(alias = "download")]
#[doc = include_str!("../../docs/cookbook/files.md")]
pub mod files {}

#[doc(alias = "content negotiation")]
#[doc(alias = "per-user")]
#[doc(alias = "vary")]
#[doc(alias = "language")]
#[doc(alias = "cookie")]
#[doc(alias = "negotiation")]
#[doc(alias = "negotiated")]
#[doc(alias = "accept-language")]
#[doc(alias = "private")]
#[doc = include_str!("../../docs/cookbook/variants.md")]
pub mod variants {}

#[doc(alias = "custom 412")]
#[doc(alias = "problem details")]
#[doc(alias = "error type")]
#[doc(alias = "From<Rejection>")]
#[doc(alias = "412")]
#[doc(alias = "428")]
#[doc(alias = "ApiError")]
#[doc(alias = "error message")]
#[doc(alias = "anyhow")]
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
#[doc(alias = "HTML form")]
#[doc(alias = "browser")]
#[doc = include_str!("../../docs/cookbook/forms.md")]
pub mod forms {}

#[doc(alias = "cdn")]
#[doc(alias = "cache-control")]
#[doc(alias = "browser cache")]
#[doc(alias = "max-age")]
#[doc(alias = "s-maxage")]
#[doc(alias = "purge")]
#[doc = include_str!("../../docs/cookbook/caching.md")]
pub mod caching {}

#[doc(alias = "grpc")]
#[doc(alias = "graphql")]
#[doc(alias = "check in the handler")]
#[doc(alias = "several protocols")]
#[doc(alias = "without the layer")]
#[doc(alias = "jobs")]
#[doc = include_str!("../../docs/cookbook/other_protocols.md")]
pub mod other_protocols {}

#[cfg(feature = "write-ids")]
#[doc(alias = "retry")]
#[doc(alias = "idempotency")]
#[doc(alias = "idempotency-key")]
#[doc(alias = "write id")]
#[doc(alias = "sent twice")]
#[doc(alias = "lost answer")]
#[doc = include_str!("../../docs/cookbook/write_ids.md")]
pub mod write_ids {}
