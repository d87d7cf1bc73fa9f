//! The tokens that the handler gets.

use tower_precondition::{PreconditionLayer, SubmittedTokens};

use super::{locks, request};
use crate::support::{current, finds, send};

fn submitted(method: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let layer = PreconditionLayer::new(finds(current)).webdav(locks);
    let handled = send(layer, request(method, "/locked", fields)).handled.expect("the handler ran");
    let tokens = SubmittedTokens::of(&handled.extensions);
    assert_eq!(tokens.is_empty(), tokens.iter().next().is_none());
    assert!(tokens.iter().all(|token| tokens.contains(token)));
    assert!(!tokens.contains("urn:never"));
    tokens.iter().map(str::to_owned).collect()
}

#[test]
fn rule_74_every_token_counts_as_submitted() {
    for (field, expected) in [
        ("(<urn:uuid:1>)", &["urn:uuid:1"][..]),
        // In a list that fails, behind `Not`, about another resource, and behind the list that decides.
        ("(<urn:uuid:2>) (Not <DAV:no-lock>)", &["urn:uuid:2", "DAV:no-lock"]),
        ("(Not <urn:uuid:3>)", &["urn:uuid:3"]),
        ("</a> (Not <urn:1>) </b> (<urn:2> [\"x\"])", &["urn:1", "urn:2"]),
        ("(<urn:uuid:1>) (<urn:4> <urn:5>)", &["urn:uuid:1", "urn:4", "urn:5"]),
        ("([\"1\"])", &[]),
    ] {
        for method in ["PUT", "GET", "LOCK"] {
            assert_eq!(submitted(method, &[("if", field)]), expected, "{method} {field}");
        }
    }
}

#[test]
fn without_the_field_nothing_is_submitted() {
    assert!(submitted("PUT", &[]).is_empty());
}

#[test]
fn the_set_is_shown_as_a_set() {
    let layer = PreconditionLayer::new(finds(current)).webdav(locks);
    let handled =
        send(layer, request("PUT", "/locked", &[("if", "(<urn:uuid:1>)")])).handled.expect("it ran");
    let tokens: &SubmittedTokens = handled.extensions.get().expect("the layer left it");
    assert_eq!(format!("{tokens:?}"), "{\"urn:uuid:1\"}");
}
