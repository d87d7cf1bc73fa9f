//! The pattern of a list of tags says what the layer takes for well-formed.

use proptest::{prelude::*, string::string_regex};
use tower_precondition::{PreconditionLayer, Rejection, RejectionKind, Requirement};

use super::{
    document::{Described, operation},
    site::{Site, finds, locks},
};
use crate::support::{at_once, proofs, request};
use tower::{Layer, ServiceExt};

fn pattern(method: &str, name: &str) -> Option<String> {
    let description = PreconditionLayer::new(finds).require(Requirement::on_writes()).describe();
    let described = Described::by(&description, method, operation(&[]));
    let pattern = described.parameter(name)["schema"]["pattern"].as_str()?;
    Some(pattern.trim_start_matches('^').trim_end_matches('$').to_owned())
}

fn status(name: &str, value: &[u8]) -> u16 {
    let mut put = request("PUT", &[("x-state", "current")]);
    let value = http::HeaderValue::from_bytes(value).expect("a value");
    put.headers_mut().insert(http::HeaderName::from_bytes(name.as_bytes()).expect("a name"), value);
    let Ok(response) = at_once(PreconditionLayer::new(finds).layer(Site).oneshot(put));
    response.status().as_u16()
}

/// The letters of a pattern stand for bytes, as in a field.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("a letter of one byte")).collect()
}

#[test]
fn the_layer_takes_every_list_that_the_pattern_allows() {
    for name in ["If-Match", "If-None-Match"] {
        let pattern = pattern("PUT", name).expect("a pattern");
        let lists = string_regex(&pattern).expect("a pattern of strings");
        proptest!(|(list in lists)| {
            prop_assert_ne!(status(name, &bytes(&list)), 400);
        });
    }
}

#[test]
fn the_layer_takes_every_if_that_the_pattern_allows() {
    let layer = || PreconditionLayer::new(finds).webdav(locks);
    let described = Described::by(&layer().describe(), "PUT", operation(&[]));
    let pattern = described.parameter("If")["schema"]["pattern"].as_str().expect("a pattern").to_owned();
    let lists = string_regex(pattern.trim_start_matches('^').trim_end_matches('$')).expect("strings");
    // A field of this pattern is some kilobytes long.
    let cases = if proofs::are_full() { 64 } else { 8 };
    proptest!(ProptestConfig::with_cases(cases), |(list in lists)| {
        let mut put = request("PUT", &[("x-state", "current"), ("host", "example.com")]);
        put.headers_mut().insert("if", http::HeaderValue::from_bytes(&bytes(&list)).expect("a value"));
        let Ok(response) = at_once(layer().layer(Site).oneshot(put));
        let kind = response.extensions().get::<Rejection>().map(Rejection::kind);
        // A field can be well-formed and name too many resources.
        prop_assert_ne!(kind, Some(RejectionKind::MalformedField));
    });
}

#[test]
fn a_read_takes_any_text() {
    assert_eq!(pattern("GET", "If-Match"), None);
    assert_eq!(pattern("GET", "If-None-Match"), None);
}
