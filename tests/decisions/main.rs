//! The decisions of the design and the rules of the specifications that need the whole
//! layer, each shown in a test that carries its number.
//!
//! Nothing here waits: a source, a handler and a layer between them, polled once.
#![allow(clippy::indexing_slicing, reason = "a member that is missing is a failure, and told as one")]

#[path = "../support/mod.rs"]
mod support;

mod bodies;
mod codings;
mod connection;
mod content;
mod emission;
mod existence;
mod failing_source;
mod fields_passed_on;
mod malformed;
mod methods;
mod nested;
mod normal_checks;
mod not_modified;
mod order;
mod ranges;
mod rejections;
mod responders;
mod verdict;

/// Who answers: `METHOD [fields], what the source finds => By::Handler or By::Layer(status)`.
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
