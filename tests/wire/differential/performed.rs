//! The right fields of an answer that the handler made and that the layer let through.

use http::HeaderMap;

use super::{
    asked::{Asked, Told, joined, members},
    codings::coded,
    compare::Findings,
    dates::{is_date, sent},
    not_modified::OF_A_304,
    oracle::conditions::is_conditional,
    world::{State, Way, World},
};

/// Returns whether Cache-Control or Expires says how long a response is fresh (rule 79).
fn says_how_long(cache_control: &[String], expires: Option<&str>) -> bool {
    let names = ["max-age", "s-maxage", "no-cache", "no-store"];
    let says = |member: &String| names.contains(&member.split('=').next().unwrap_or_default());
    expires.is_some() || cache_control.iter().any(says)
}

/// Checks the validators and the fields of caching, and that all other fields of the handler are there.
pub(super) fn check_performed(
    world: &World,
    state: State,
    asked: &Asked,
    bare: &HeaderMap,
    told: &Told,
    found: &mut Findings,
) {
    let bare = &world.shown(bare.clone());
    let own = |name: &str| joined(bare, name);
    let (mut tag, mut date) = (own("etag"), own("last-modified").and(world.handler.date(state, world.now)));
    let (mut cache_control, mut vary) =
        (members(own("cache-control").as_deref()), members(own("vary").as_deref()));
    let (mut expires, mut location) = (own("expires"), own("content-location"));
    let evaluates = world.evaluating() == Way::Source;
    let described = matches!(asked.method, "GET" | "HEAD") && matches!(told.status, 200 | 203 | 204 | 206);
    let mut adds_date = false;
    if evaluates && described {
        let source = &world.source;
        let (source_tag, source_date) = (source.tag(state), source.date(state, world.now));
        if !world.handler_differs(state) {
            tag = tag.or(source_tag);
            // Needed to combine ranges only if there is no tag (§15.3.7).
            let needed = told.status != 206 || tag.is_none() || told.headers.contains_key("last-modified");
            adds_date = date.is_none() && source_date.is_some() && needed;
            if needed {
                date = date.or(source_date);
            }
        }
        if cache_control.is_empty() {
            cache_control = members(source.cache_control);
        }
        expires = expires.or(source.expires.map(str::to_owned));
        location = location.or(source.content_location.map(str::to_owned));
        vary = members(Some(&format!("{},{}", vary.join(","), source.vary.unwrap_or_default())));
    }
    if adds_date && !says_how_long(&cache_control, expires.as_deref()) {
        let personal = asked.has("cookie") || asked.has("authorization");
        let is_public = cache_control.iter().any(|member| member == "public");
        cache_control.push(String::from("no-cache"));
        if personal && !is_public {
            cache_control.push(String::from("private"));
        }
        cache_control = members(Some(&cache_control.join(",")));
    }
    if world.evaluating() == Way::ContentTag && tag.is_none() {
        check_made_tag(world, asked, bare, told, found);
        tag = told.get("etag");
    } else if world.way == Way::Coding {
        let coding = told.get("content-encoding");
        tag = tag.map(|tag| coded(&tag, coding.as_deref().unwrap_or("identity")));
    }
    let status = told.status;
    found.equal(status, "ETag", told.get("etag"), tag);
    if !is_date(told.get("last-modified").as_deref(), date, world.now) {
        found.equal(
            status,
            "Last-Modified",
            told.get("last-modified"),
            date.map(|date| sent(date, world.now)),
        );
    }
    // Another 2xx is not the representation, so it gets no validator. More is not said of it.
    if evaluates && matches!(status, 200..300) && !described && asked.reads() {
        return;
    }
    found.equal(status, "Cache-Control", members(told.get("cache-control").as_deref()), cache_control);
    found.equal(status, "Expires", told.get("expires"), expires);
    found.equal(status, "Content-Location", told.get("content-location"), location);
    if world.way == Way::Coding && vary != ["*"] {
        // The compression adds its own member.
        let mut told = members(told.get("vary").as_deref());
        told.retain(|member| member != "accept-encoding");
        vary.retain(|member| member != "accept-encoding");
        found.equal(status, "Vary", told, vary);
    } else {
        found.equal(status, "Vary", members(told.get("vary").as_deref()), vary);
    }
    for (name, value) in bare {
        let name = name.as_str();
        if OF_A_304.contains(&name) || matches!(name, "last-modified" | "content-length" | "content-range") {
            continue;
        }
        found.equal(
            status,
            "another field of the handler",
            told.get(name),
            value.to_str().ok().map(str::to_owned),
        );
    }
}

/// Checks that `EntityTagLayer` tags the whole content of a 200, strongly, and nothing else.
fn check_made_tag(world: &World, asked: &Asked, bare: &HeaderMap, told: &Told, found: &mut Findings) {
    let tag = told.get("etag");
    let is_short = world.limit > 1000;
    let taggable = asked.reads() && is_short && told.status == 200 && !bare.contains_key("content-range");
    match tag {
        None if taggable && asked.method == "HEAD" && !is_conditional(asked, world.now) => {
            found.add("a HEAD without a condition has no tag made from content", String::new());
        }
        None if taggable => found.add("a 200 gets no tag from EntityTagLayer", String::new()),
        Some(tag) if !taggable => found.add("EntityTagLayer tags more than 200s", tag),
        Some(tag) if tag.starts_with("W/") => found.add("EntityTagLayer makes a weak tag", tag),
        _ => {}
    }
}
