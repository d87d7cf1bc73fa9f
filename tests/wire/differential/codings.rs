//! The right answer behind the coding layer, where each coding of a representation has a tag of its own.

use super::{
    asked::{Asked, Told},
    oracle::{Expected, Fate, conditions::CONDITIONS, expect_plain},
    world::{State, Way, World},
};

const CODINGS: [&str; 3] = ["gzip", "deflate", "identity"];

/// Returns the tag of one coding of a representation. A weak tag stays as it is.
pub(super) fn coded(tag: &str, coding: &str) -> String {
    let plain = tag.trim_end_matches('"');
    // A plain tag that ends like a coded one says so.
    if tag.starts_with("W/") || coding == "identity" && !plain.contains('~') {
        return tag.to_owned();
    }
    format!("{plain}~{coding}\"")
}

/// Returns `"1"` for `"1~gzip"`. A tag that names no coding stays.
pub(super) fn decoded(tag: &str) -> String {
    match tag.rsplit_once('~') {
        Some((plain, _)) if !tag.starts_with("W/") => format!("{plain}\""),
        _ => tag.to_owned(),
    }
}

/// Returns the plain tag and the coding if the member names the current representation, also weakened.
fn named(member: &str, current: &str) -> Option<(String, &'static str)> {
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let coding = CODINGS.into_iter().find(|coding| opaque(&coded(current, coding)) == opaque(member))?;
    let is_weak = member.starts_with("W/");
    Some((if is_weak { format!("W/{}", opaque(current)) } else { opaque(current) }, coding))
}

/// Returns the members of If-None-Match that name the current representation, each of them once.
pub(super) fn matching(asked: &Asked, current: &str) -> Vec<String> {
    let lists = asked.all("if-none-match");
    let members = lists.iter().flat_map(|list| split(list)).filter(|member| named(member, current).is_some());
    let mut members: Vec<_> = members.map(str::to_owned).collect();
    members.sort();
    members.dedup();
    members
}

/// Reads the tags without their coding. Ranges are of the plain content.
pub(super) fn expect(world: &World, state: State, asked: &Asked, fresh: &Told) -> Expected {
    let made = fresh.get("etag").map(|tag| decoded(&tag));
    let current = match world.inner {
        Way::Source => world.source.tag(state),
        _ => world.handler.tag(state).filter(|_| !world.replaces).or_else(|| made.clone()),
    };
    let current = current.unwrap_or_default();
    let accepted = asked.all("accept-encoding");
    let mut plain = asked.by(asked.method);
    for (name, value) in &mut plain.fields {
        match *name {
            "if-match" => *value = plain_list(value, &current, None),
            // A client cannot use a coding that it refuses.
            "if-none-match" => {
                *value = plain_list(value, &current, asked.reads().then_some(&accepted[..]));
            }
            // A coded tag names bytes that no range can be cut from.
            "if-range" if value.contains('"') => *value = plain_tag(value, &current, Some(&["identity"])),
            _ => {}
        }
    }
    let mut expected = expect_plain(world, state, &plain, made);
    // Range may go whenever its condition cannot tell codings apart, and a whole answer is always right.
    if asked.reads() && asked.has("range") && expected.range == Fate::Kept {
        let conditional = CONDITIONS[..4].iter().any(|name| asked.has(name));
        if conditional || asked.has("if-range") && plain.all("if-range") != [current.as_str()] {
            plain.fields.retain(|(name, _)| !matches!(*name, "range" | "if-range"));
            let whole = expect_plain(world, state, &plain, fresh.get("etag").map(|tag| decoded(&tag)));
            expected.range = Fate::Either;
            expected.statuses.extend(whole.statuses);
            expected.condition = expected.condition.or(whole.condition);
            expected.current_tag = expected.current_tag.or(whole.current_tag);
            expected.current_date = expected.current_date.or(whole.current_date);
        }
    }
    expected
}

fn plain_list(list: &str, current: &str, accepted: Option<&[&str]>) -> String {
    split(list).into_iter().map(|member| plain_tag(member, current, accepted)).collect::<Vec<_>>().join(", ")
}

/// Returns the plain tag if the member names the current representation in a coding that the client accepts.
fn plain_tag(member: &str, current: &str, accepted: Option<&[&str]>) -> String {
    // All codings share a weak tag.
    if current.starts_with("W/") {
        return member.to_owned();
    }
    match named(member, current) {
        Some((tag, coding)) if accepted.is_none_or(|accepted| accepts(accepted, coding)) => tag,
        // No client was given the plain tag as it is.
        None if member.trim_start_matches("W/") != current.trim_start_matches("W/") => member.to_owned(),
        _ => String::from("\"names-nothing\""),
    }
}

/// Splits at commas outside quotes.
fn split(list: &str) -> Vec<&str> {
    let mut in_quotes = false;
    let members = list.split(|letter| {
        in_quotes ^= letter == '"';
        letter == ',' && !in_quotes
    });
    members.map(str::trim).collect()
}

/// Returns whether Accept-Encoding allows a coding (§12.5.3). Without the field every coding is allowed.
fn accepts(lines: &[&str], coding: &str) -> bool {
    if lines.is_empty() {
        return true;
    }
    let joined = lines.join(",");
    let allows = |name: &str| {
        let members =
            joined.split(',').map(|member| member.trim().split_once(';').unwrap_or((member.trim(), "")));
        let weight = members.filter(|(member, _)| *member == name).map(|(_, weight)| weight).next()?;
        Some(weight.trim() != "q=0")
    };
    allows(coding).or_else(|| allows("*")).unwrap_or(coding == "identity")
}
