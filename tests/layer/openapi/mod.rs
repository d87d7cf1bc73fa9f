//! The description of a layer in an OpenAPI document (feature `utoipa`), and the layer that it describes.

mod agreement;
mod by_hand;
mod document;
mod patterns;
mod site;
mod table;
