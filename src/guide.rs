//! Guides. They are part of the documentation, not of the API.

#[doc = include_str!("../docs/lost-updates.md")]
pub mod lost_updates {}

#[doc = include_str!("../docs/layer-order.md")]
pub mod layer_order {}

#[doc = include_str!("../docs/refused-uploads.md")]
pub mod refused_uploads {}
#[doc = include_str!("../docs/entity-tags.md")]
pub mod entity_tags {}

#[cfg(feature = "client")]
#[doc = include_str!("../docs/client.md")]
pub mod client {}
