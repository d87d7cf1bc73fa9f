//! The right fields of a 304.

use precondition_oracle::Tag;

use super::{
    asked::{Asked, Told, joined, members},
    codings::{decoded, matching},
    compare::Findings,
    replaced::check_no_content,
    world::{State, Way, World},
};

/// §15.4.5: a 304 carries these where the 200 would.
pub(super) const OF_A_304: [&str; 5] = ["etag", "cache-control", "content-location", "expires", "vary"];

/// Checks that a 304 carries five fields as the 200 would, and nothing of its content (rules 61 to 63).
pub(super) fn check_304(
    world: &World,
    state: State,
    asked: &Asked,
    fresh: &Told,
    told: &Told,
    found: &mut Findings,
) {
    let evaluating = world.evaluating();
    // Another 2xx is not the representation.
    let described = matches!(fresh.status, 200 | 203 | 204);
    for name in OF_A_304.into_iter().filter(|_| described) {
        let (now, then) = (told.get(name), fresh.get(name));
        if name == "etag" && !then.as_ref().is_none_or(|tag| is_tag(tag)) {
            continue;
        }
        let same = match name {
            "vary" | "cache-control" => members(now.as_deref()) == members(then.as_deref()),
            _ => now == then,
        };
        if same || name == "etag" && world.way == Way::Coding {
            continue;
        }
        let detail = format!("304 {now:?}, 200 {then:?}");
        if name == "etag"
            && now.is_none()
            && asked.has("range")
            && evaluating == Way::FromResponse
            && !world.tags_416
        {
            found.add("a response lacks a validator that the whole has", detail);
            continue;
        }
        if evaluating == Way::Source {
            let said = world.source.fields(state, world.now);
            let handler = world.handler.fields(state, world.now);
            let source = match name {
                "vary" | "cache-control" => {
                    members(joined(&said, name).as_deref()) == members_but_coding(now.as_deref())
                }
                _ => joined(&said, name) == now,
            };
            if source && handler.contains_key(name) {
                found.add("a 304 of a source lacks what only the handler knows", detail);
                continue;
            }
            if source && name == "etag" && world.handler_differs(state) {
                found.add("a handler contradicts its source", detail);
                continue;
            }
            if source && name == "cache-control" {
                found.add("a 304 lacks the Cache-Control that the layer made up", detail);
                continue;
            }
        }
        if name == "vary" && world.way == Way::Coding {
            let both = [now, then].map(|list| members_but_coding(list.as_deref()));
            if both[0] == both[1] {
                continue;
            }
        }
        found.add(&format!("a 304 has another {name} than the 200"), detail);
    }
    if described && world.way == Way::Coding {
        check_coded_304_tag(world, state, asked, fresh, told, found);
    }
    let date = told.get("last-modified");
    let has_tag = told.get("etag").is_some_and(|tag| is_tag(&tag));
    if described && !has_tag && fresh.get("last-modified").is_some() && date.is_none() {
        found.add("a 304 has neither ETag nor Last-Modified", String::new());
    }
    if has_tag && date.is_some() && world.way != Way::Coding {
        found.add("a 304 has Last-Modified beside its ETag", String::new());
    }
    check_no_content(told, found);
    if told.headers.contains_key("content-length") || told.says_empty {
        found.add("a 304 has a Content-Length", format!("{:?}", told.get("content-length")));
    }
    if !told.content.is_empty() {
        found.add("a 304 has content", String::new());
    }
    let others = ["set-cookie", "access-control-allow-origin", "x-app"];
    if matches!(evaluating, Way::FromResponse | Way::ContentTag) {
        for name in others {
            found.equal(304, "a field that describes no content", told.get(name), fresh.get(name));
        }
    }
}

fn is_tag(text: &str) -> bool {
    Tag::parse(text.as_bytes()).is_some()
}

fn members_but_coding(list: Option<&str>) -> Vec<String> {
    let mut members = members(list);
    members.retain(|member| member != "accept-encoding");
    members
}

/// Checks that the tag is that of the 200 to the same request, the only one that the client sent, or none.
fn check_coded_304_tag(
    world: &World,
    state: State,
    asked: &Asked,
    fresh: &Told,
    told: &Told,
    found: &mut Findings,
) {
    let Some(tag) = told.get("etag") else {
        if fresh.get("etag").is_some() {
            found.add("a 304 of several codings has no tag", String::new());
        }
        return;
    };
    if fresh.get("etag").as_ref() == Some(&tag) {
        return;
    }
    let detail = format!("304 {tag}, 200 {:?}, sent {:?}", fresh.get("etag"), asked.all("if-none-match"));
    let current = fresh.get("etag").map(|tag| decoded(&tag)).unwrap_or_default();
    if matching(asked, &current) == [tag] {
        found.add("a 304 carries the tag that the client sent", detail);
    } else if world.evaluating() == Way::Source && world.handler_differs(state) {
        found.add("a handler contradicts its source", detail);
    } else {
        found.add("a 304 has another etag than the 200", detail);
    }
}
