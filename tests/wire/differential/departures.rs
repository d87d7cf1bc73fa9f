//! The differences that the docs name. All others fail the tests.

use super::world::Way;

/// A kind of difference, and the sentence of the docs that names it.
pub(super) struct Departure {
    pub(super) kind: &'static str,
    /// A way in which the generated cases show it.
    pub(super) shown_by: Way,
    /// The file of the docs, and the sentence.
    docs: (&'static str, &'static str),
}

pub(super) const DEPARTURES: [Departure; 8] = [
    Departure {
        kind: "a 304 of a source lacks what only the handler knows",
        shown_by: Way::Source,
        docs: (LIB, "A 304 of a source does not carry a Cache-Control or Vary that only the handler knows."),
    },
    Departure {
        kind: "a handler contradicts its source",
        shown_by: Way::Source,
        docs: (
            LIB,
            "If the handler's ETag or Last-Modified is not the source's, it gets no further validator.",
        ),
    },
    Departure {
        kind: "a 304 lacks the Cache-Control that the layer made up",
        shown_by: Way::Source,
        docs: (LIB, "It does not carry the Cache-Control that the layer adds to the 200"),
    },
    Departure {
        kind: "a response lacks a validator that the whole has",
        shown_by: Way::FromResponse,
        docs: (LAYER, "may lack a validator that the whole response has. A missing one is then unknown"),
    },
    Departure {
        kind: "a HEAD without a condition has no tag made from content",
        shown_by: Way::ContentTag,
        docs: (CONTENT_TAG, "A HEAD without a condition gets no tag"),
    },
    Departure {
        kind: "a 304 carries the tag that the client sent",
        shown_by: Way::Coding,
        docs: (CODING, "Both rows depart from [RFC 9110 §15.4.5]"),
    },
    Departure {
        kind: "a 304 of several codings has no tag",
        shown_by: Way::Coding,
        docs: (CODING, "Both rows depart from [RFC 9110 §15.4.5]"),
    },
    Departure {
        kind: "two changes within one second share a date",
        shown_by: Way::FromResponse,
        docs: (VALIDATORS, "two changes can share its second"),
    },
];

const LIB: &str = include_str!("../../../src/lib.rs");
const LAYER: &str = include_str!("../../../src/layer/layer.rs");
const CONTENT_TAG: &str = include_str!("../../../src/content_tag/layer.rs");
const CODING: &str = include_str!("../../../src/coding/layer.rs");
const VALIDATORS: &str = include_str!("../../../src/validator/validators.rs");

/// What a doc comment says, on one line.
fn text_of(docs: &str) -> String {
    let lines =
        docs.lines().map(|line| line.trim_start().trim_start_matches("//!").trim_start_matches("///"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_docs_name_every_departure() {
    for Departure { kind, docs: (file, sentence), .. } in &DEPARTURES {
        assert!(text_of(file).contains(sentence), "no docs say {sentence:?} of: {kind}");
    }
}
