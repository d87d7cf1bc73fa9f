//! The constructors of entity tags that are used most, and a request under a mode of comparison.

use std::hint::black_box;

use http::Method;
use tower_precondition::{ConditionalFields, Decision, EntityTag, TagComparison, Validators};

use super::{Region, Scenario, request};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("tag of an i64", 0, || made(|| EntityTag::from_number(black_box(1_234_567_i64)))),
        Scenario::new("tag of a UUID's text", 0, || {
            made(|| {
                let uuid = black_box("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
                EntityTag::strong(uuid).expect("it fits")
            })
        }),
        Scenario::new("tag of three parts", 0, || {
            made(|| EntityTag::from_parts(black_box(["ada", "en", "1234567"])))
        }),
        Scenario::new("i64 of a tag", 0, || {
            let tag = EntityTag::from_number(1_234_567_i64);
            Box::new(move || {
                black_box(black_box(&tag).number::<i64>());
                0
            })
        }),
        Scenario::new("evaluator, a weakened tag", 200, || {
            judged(TagComparison::new().weakened_by_proxy(), "W/\"0000000000000001\"")
        }),
        Scenario::new("evaluator, a suffixed tag", 200, || {
            judged(TagComparison::new().suffixed_by_proxy(["-gzip"]), "\"0000000000000001-gzip\"")
        }),
    ]
}

fn made(make: fn() -> EntityTag) -> Region {
    Box::new(move || {
        black_box(make());
        0
    })
}

fn judged(comparison: TagComparison, if_match: &'static str) -> Region {
    let headers = request::head("/", [("if-match", if_match)].into_iter()).1;
    let current = Validators::from(EntityTag::from_static("\"0000000000000001\""));
    Box::new(move || {
        let fields = ConditionalFields::from_headers(&headers);
        match comparison.evaluate(&Method::PUT, &fields, Some(&current)).decision() {
            Decision::Proceed => 200,
            _ => 412,
        }
    })
}
