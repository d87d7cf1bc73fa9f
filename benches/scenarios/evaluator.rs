//! `evaluate` alone on If-None-Match, compared with the typed header of the crate `headers`.

use headers::{ETag, HeaderMapExt, IfNoneMatch};
use http::{HeaderMap, HeaderValue, Method, header};
use tower_precondition::{ConditionalFields, Decision, EntityTag, Validators, evaluate};

use super::{Region, Scenario, request};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("evaluator, 1 tag", 304, || evaluated(&tags(1))),
        Scenario::new("headers, 1 tag", 304, || decoded(&tags(1))),
        Scenario::new("evaluator, 10 tags", 304, || evaluated(&tags(10))),
        Scenario::new("headers, 10 tags", 304, || decoded(&tags(10))),
        Scenario::new("evaluator, 100 tags", 304, || evaluated(&tags(100))),
        Scenario::new("headers, 100 tags", 304, || decoded(&tags(100))),
        Scenario::new("evaluator, 1,000 tags", 304, || evaluated(&tags(1_000))),
        Scenario::new("headers, 1,000 tags", 304, || decoded(&tags(1_000))),
        Scenario::new("evaluator, 39 KB of empty members", 200, || evaluated(&",".repeat(39_000))),
        Scenario::new("evaluator, 390 KB of empty members", 200, || evaluated(&",".repeat(390_000))),
    ]
}

/// Makes a list whose last tag is the current one.
fn tags(count: u64) -> String {
    let others = (1..count).map(|number| format!("\"{number:016x}\", "));
    others.chain([request::TAG.to_owned()]).collect()
}

fn head(if_none_match: &str) -> HeaderMap {
    request::head("/", [("if-none-match", if_none_match)].into_iter()).1
}

fn evaluated(if_none_match: &str) -> Region {
    let headers = head(if_none_match);
    let current = Validators::from(EntityTag::from_static(request::TAG));
    Box::new(move || {
        let preconditions = ConditionalFields::from_headers(&headers);
        match evaluate(&Method::GET, &preconditions, Some(&current)).decision() {
            Decision::NotModified => 304,
            Decision::Proceed => 200,
            Decision::Failed(_) => 412,
        }
    })
}

fn decoded(if_none_match: &str) -> Region {
    let headers = head(if_none_match);
    let mut current = HeaderMap::new();
    current.insert(header::ETAG, HeaderValue::from_static(request::TAG));
    let current: ETag = current.typed_get().expect("the tag is valid");
    Box::new(move || {
        let condition = headers.typed_get::<IfNoneMatch>();
        match condition.is_some_and(|condition| !condition.precondition_passes(&current)) {
            true => 304,
            false => 200,
        }
    })
}
