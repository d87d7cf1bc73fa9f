//! `X-Policy`: the conditions that the request must carry.

use http::{Method, request::Parts};
use serde::Deserialize;
use tower_precondition::{RequiredCondition, Requirement};

use crate::field::read;

const FIELD: &str = "X-Policy";

#[derive(Deserialize)]
struct Policy {
    require: Require,
    methods: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Require {
    IfMatch,
    Any,
}

/// Returns the requirement for one request.
///
/// If the policy cannot be read, every method requires a condition.
pub(crate) fn required(head: &Parts) -> Requirement {
    match read(&head.headers, FIELD) {
        None => Requirement::none(),
        Some(Ok(policy)) => requirement(policy),
        Some(Err(_)) => if_match().for_methods([head.method.clone()]),
    }
}

fn requirement(Policy { require, methods }: Policy) -> Requirement {
    let requirement = match require {
        Require::IfMatch => if_match(),
        Require::Any => if_match()
            .also(RequiredCondition::IfNoneMatchTags)
            .also(RequiredCondition::IfNoneMatchAny)
            .also(RequiredCondition::IfUnmodifiedSince),
    };
    match methods {
        None => requirement,
        // No request has an invalid method name, so such a name requires nothing.
        Some(methods) => requirement
            .for_methods(methods.iter().filter_map(|method| Method::from_bytes(method.as_bytes()).ok())),
    }
}

/// PUT, PATCH and DELETE must carry If-Match, with tags or `*`.
fn if_match() -> Requirement {
    Requirement::on_writes().except(RequiredCondition::IfNoneMatchAny)
}
