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
//! | What does a conditional answer tell a stranger, and how are holes reported? | [`security`] |

#[cfg(all(feature = "axum", feature = "content-tag", feature = "testing"))]
pub mod cookbook;

#[doc(alias = "transaction")]
#[doc(alias = "sqlx")]
#[doc(alias = "race")]
#[doc(alias = "lock")]
#[doc(alias = "compare-and-set")]
#[doc(alias = "optimistic locking")]
#[doc(alias = "lost update")]
#[doc(alias = "stale write")]
#[doc(alias = "conflict")]
#[doc(alias = "409")]
#[doc(alias = "last write wins")]
#[doc(alias = "replica")]
#[doc = include_str!("../docs/lost-updates.md")]
pub mod lost_updates {}

#[doc(alias = "compression")]
#[doc(alias = "cors")]
#[doc(alias = "nesting")]
#[doc(alias = "middleware order")]
#[doc(alias = "where to put the layer")]
#[doc(alias = "tower-http")]
#[doc(alias = "gzip")]
#[doc(alias = "brotli")]
#[doc(alias = "ServiceBuilder")]
#[doc(alias = "trace")]
#[doc = include_str!("../docs/layer-order.md")]
pub mod layer_order {}

#[doc(alias = "connection reset")]
#[doc(alias = "broken pipe")]
#[doc(alias = "upload")]
#[doc(alias = "Expect: 100-continue")]
#[doc(alias = "413")]
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
#[doc(alias = "compressing proxy")]
#[doc(alias = "reverse proxy")]
#[doc(alias = "W/")]
#[doc(alias = "timestamp")]
#[doc(alias = "xmin")]
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
#[doc(alias = "test kit")]
#[doc(alias = "integration test")]
#[doc(alias = "tokio::test")]
#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc(alias = "E0277")]
#[doc(alias = "E0631")]
#[doc(alias = "E0283")]
#[doc(alias = "trait bound")]
#[doc(alias = "compile error")]
#[doc(alias = "does not compile")]
#[doc(alias = "misplaced")]
#[doc(alias = "500")]
#[doc(alias = "Handler is not satisfied")]
#[doc = include_str!("../docs/compile-errors.md")]
pub mod compile_errors {}

#[doc(alias = "terms")]
#[doc(alias = "words")]
#[doc(alias = "strong comparison")]
#[doc(alias = "selected representation")]
#[doc = include_str!("../docs/glossary.md")]
pub mod glossary {}

#[doc(alias = "out of scope")]
#[doc(alias = "non-goals")]
#[doc(alias = "what it will not do")]
#[doc(alias = "scope")]
#[doc(alias = "WebSocket")]
#[doc = include_str!("../docs/limits.md")]
pub mod limits {}

#[doc(alias = "alternatives")]
#[doc(alias = "comparison")]
#[doc(alias = "nginx and Go")]
#[doc(alias = "conformance")]
#[doc = include_str!("../docs/COMPARE.md")]
pub mod compare {}

#[cfg(feature = "axum")]
#[doc(alias = "django")]
#[doc(alias = "axum-extra")]
#[doc(alias = "typed headers")]
#[doc(alias = "migrate")]
#[doc(alias = "move from")]
#[doc(alias = "tower-http ServeDir")]
#[doc(alias = "actix")]
#[doc(alias = "etag-actix-middleware")]
#[doc(alias = "axum-conditional-requests")]
#[doc(alias = "loco")]
#[doc(alias = "dav-server")]
#[doc(alias = "golang")]
#[doc(alias = "http.ServeContent")]
#[doc(alias = "dav_methods")]
#[doc(alias = "port from")]
#[doc = include_str!("../docs/MIGRATING.md")]
pub mod migrating {}

#[doc(alias = "msrv")]
#[doc(alias = "semver")]
#[doc(alias = "roadmap")]
#[doc(alias = "versions")]
#[doc(alias = "1.0")]
#[doc(alias = "dependencies")]
#[doc = include_str!("../docs/policies.md")]
pub mod policies {}

#[doc(alias = "vulnerability")]
#[doc(alias = "oracle")]
#[doc(alias = "information leak")]
#[doc = include_str!("../SECURITY.md")]
pub mod security {}
