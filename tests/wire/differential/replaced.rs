//! An answer in the place of another, which carries nothing of its content.

use super::{
    asked::{Asked, Told},
    codings::decoded,
    compare::Findings,
    dates::{is_date, sent},
    handler::DESCRIPTIONS,
    oracle::Expected,
    world::{Way, World},
};

/// Fields that frame or name the content.
const OF_CONTENT: [&str; 3] = ["content-type", "content-encoding", "content-range"];

/// Checks that the answer carries nothing of the content of the one that it replaces.
pub(super) fn check_no_content(told: &Told, found: &mut Findings) {
    let names = DESCRIPTIONS.iter().map(|(name, _)| *name).chain(OF_CONTENT);
    for name in names {
        let own = told.status != 304 && name == "content-type";
        if told.headers.contains_key(name) && !own {
            found.add(&format!("a {} has the {name} of what it replaces", told.status), String::new());
        }
    }
}

/// Checks a 4xx or 5xx that the layer makes.
pub(super) fn check_rejection(
    world: &World,
    asked: &Asked,
    expected: &Expected,
    told: &Told,
    found: &mut Findings,
) {
    let status = told.status;
    found.equal(status, "Cache-Control", told.get("cache-control"), Some(String::from("no-store")));
    let is_problem = told.get("content-type").as_deref() == Some("application/problem+json");
    if !is_problem {
        found.add("a rejection has no problem details", format!("{:?}", told.get("content-type")));
    }
    check_no_content(told, found);
    if asked.method != "HEAD" {
        let problem: serde_json::Value = serde_json::from_slice(&told.content).unwrap_or_default();
        found.equal(status, "the member status", problem["status"].as_u64(), Some(u64::from(status)));
        let named = problem["condition"].as_str();
        if matches!(status, 400 | 412) && named != expected.condition {
            found.add(
                "a rejection names another condition",
                format!("{named:?}, not {:?}", expected.condition),
            );
        }
        let length = told.get("content-length");
        if length.is_some_and(|length| length != told.content.len().to_string()) {
            found.add("a rejection has a wrong length", String::new());
        }
    }
    let (tag, date) =
        if status == 412 { (&expected.current_tag, expected.current_date) } else { (&None, None) };
    let shown = told.get("etag").map(|tag| match world.way {
        Way::Coding => decoded(&tag),
        _ => tag,
    });
    found.equal(status, "ETag", shown, tag.clone());
    if !is_date(told.get("last-modified").as_deref(), date, world.now) {
        found.equal(
            status,
            "Last-Modified",
            told.get("last-modified"),
            date.map(|date| sent(date, world.now)),
        );
    }
}
