//! A kit to test one's own handlers and routers (feature `testing`).
//!
//! | to test | use |
//! |---|---|
//! | a handler that takes a [`Verdict`](crate::Verdict), without a router | [`verdict`] |
//! | the same, if the handler depends on a setting of the layer | [`Verdicts`] |
//! | that a router answers conditional requests as it must | [`Exchanges`] |
//!
//! Turn the feature on for tests alone. Nothing of it is then in the program that you ship:
//!
//! ```toml
//! [dev-dependencies]
//! tower-precondition = { version = "0.1", features = ["testing"] }
//! ```

mod exchanges;
mod verdict;

pub use exchanges::Exchanges;
pub use verdict::{Verdicts, verdict};
