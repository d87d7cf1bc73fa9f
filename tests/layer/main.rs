//! The layer within the process, between a source and a handler.
#![allow(clippy::indexing_slicing, reason = "a member that is missing is a failure, and told as one")]

#[path = "../support/mod.rs"]
mod support;

mod auto_traits;
mod bodies;
mod close_unread;
mod codings;
mod comparison;
mod connection;
mod content;
mod content_tag;
mod contract;
mod emission;
mod existence;
mod failing_source;
mod fields_passed_on;
mod from_response;
mod malformed;
mod methods;
mod mock;
mod nested;
mod normal_checks;
mod not_modified;
mod openapi;
mod order;
mod probing;
mod properties;
mod ranges;
mod rejections;
mod requirement;
mod responders;
mod tracing_events;
mod verdict;
mod webdav;

/// `METHOD [fields], the source's result => By::Handler or By::Layer(status)`.
///
/// Makes a named test of each row.
macro_rules! answers {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*], $found:expr => $by:expr;)*) => {$(
        #[test]
        fn $name() {
            let layer = tower_precondition::PreconditionLayer::new(crate::support::finds(|| $found));
            let request = crate::support::request($method, &[$(($field, $value)),*]);
            let answer = crate::support::send(layer, request);
            assert_eq!(answer.by(), $by, "{answer:?}");
        }
    )*};
}
pub(crate) use answers;
