//! Properties that hold for every response.

use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::select};
use tower_precondition::EntityTagLayer;

use super::{answer, response, tag_of};
use crate::support::bodies::{End, Length, Script, Step, all_of, trailers};

/// Short, so that two contents are often equal and often as long as the limit.
fn content() -> impl Strategy<Value = Vec<u8>> {
    vec(select(b"ab\0".to_vec()), 0..6)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => content().prop_map(|content| Step::Data(content.into())),
        2 => Just(Step::Pause),
        1 => Just(trailers("x-checksum", "1")),
        1 => Just(trailers("etag", "\"1\"")),
        1 => Just(Step::Error("lost")),
    ]
}

fn script() -> impl Strategy<Value = Script> {
    let length = select(vec![Length::Exact, Length::AtLeast, Length::Unknown]);
    let end = select(vec![End::Foretold, End::Unknown]);
    (length, end, vec(step(), 0..8)).prop_map(|(length, end, steps)| Script::new(length, end, steps))
}

/// A response of a handler, with or without a declared length.
fn handled() -> impl Strategy<Value = (u16, Vec<(&'static str, String)>, Script)> {
    let status = prop_oneof![6 => Just(200), 1 => select(vec![203, 206, 304, 404, 412])];
    let fields = vec(
        select(vec![
            ("etag", "\"1\""),
            ("content-range", "bytes 0-1/2"),
            ("content-type", "text/plain"),
            ("vary", "*"),
        ]),
        0..2,
    );
    (status, fields, any::<bool>(), script()).prop_map(|(status, fields, declares, body)| {
        let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        if declares {
            fields.push(("content-length", body.bytes().to_string()));
        }
        (status, fields, body)
    })
}

fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// Returns whether the response should get a tag, by the numbered rules of the docs.
fn is_tagged(method: &str, status: u16, fields: &[(&str, &str)], body: &Script, limit: u64) -> bool {
    let has = |name| fields.iter().any(|(field, _)| *field == name);
    let is_known = matches!(body.length, Length::Exact) || has("content-length");
    let is_fine = |step: &Step| match step {
        Step::Data(_) => true,
        Step::Trailers(trailers) => !trailers.contains_key("etag"),
        Step::Error(_) => false,
        Step::Pause => is_known,
    };
    ["GET", "QUERY"].contains(&method)
        && status == 200
        && !has("etag")
        && !has("content-range")
        && body.bytes() <= limit
        && body.steps.iter().all(is_fine)
}

/// The same bytes, cut at other places.
fn cut(mut content: Bytes, cuts: &[usize]) -> Vec<Step> {
    let mut steps = Vec::new();
    for at in cuts {
        steps.push(Step::Data(content.split_to(*at.min(&content.len()))));
    }
    steps.push(Step::Data(content));
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_response_passes_unchanged_but_for_its_tag(
        method in select(vec!["GET", "GET", "GET", "QUERY", "HEAD", "PUT"]),
        (status, fields, body) in handled(),
        limit in 0_usize..24,
    ) {
        let fields = borrowed(&fields);
        let bare = response(status, &fields, body);
        let mut after = answer(EntityTagLayer::new().limit(limit), method, bare.clone());
        let (before, body) = bare.into_parts();
        if !before.headers.contains_key("etag") {
            after.head.headers.remove("etag");
        }
        prop_assert_eq!(after.head.status, before.status);
        prop_assert_eq!(after.head.headers, before.headers);
        prop_assert_eq!(all_of(after.body), all_of(body));
    }

    #[test]
    fn a_response_is_tagged_as_the_rules_say(
        method in select(vec!["GET", "GET", "GET", "QUERY", "HEAD", "PUT"]),
        (status, fields, body) in handled(),
        limit in 0_usize..24,
    ) {
        let fields = borrowed(&fields);
        let expected = is_tagged(method, status, &fields, &body, limit as u64);
        let after = answer(EntityTagLayer::new().limit(limit), method, response(status, &fields, body));
        let tag = after.head.headers.get("etag").filter(|tag| *tag != "\"1\"");
        prop_assert_eq!(tag.is_some(), expected);
    }

    #[test]
    fn one_tag_for_one_content_type_and_coding(
        (lines, content) in covered(),
        (other_lines, other_content) in covered(),
        cuts in vec(0_usize..4, 0..3),
    ) {
        let tag = tag_of(&borrowed(&lines), Script::known(cut(content.clone().into(), &cuts)));
        let other = tag_of(&borrowed(&other_lines), Script::unknown(cut(other_content.clone().into(), &[])));
        prop_assert_eq!(tag == other, (lines, content) == (other_lines, other_content));
    }
}

/// Returns the lines of the covered fields, those of the type first, and the content.
fn covered() -> impl Strategy<Value = (Vec<(&'static str, String)>, Vec<u8>)> {
    let line = |name| select(vec!["", "a", "b", "ab"]).prop_map(move |value| (name, value.to_owned()));
    let lines = (vec(line("content-type"), 0..3), vec(line("content-encoding"), 0..3))
        .prop_map(|(types, codings)| [types, codings].concat());
    (lines, vec(select(b"ab".to_vec()), 0..3))
}
