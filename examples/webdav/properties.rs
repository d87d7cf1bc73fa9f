use std::time::SystemTime;

use axum::{
    body::Bytes,
    http::{StatusCode, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use tower_precondition::{HttpDate, SubmittedTokens, Validators};

use crate::{
    Refused,
    locks::{Lock, locked},
    path::Path,
    refuse,
    tree::{Entry, Tree},
    xml::{self, DAV, Element, Name},
};

/// What a PROPFIND asks for.
enum Asked {
    All,
    Names,
    These(Vec<Name>),
}

/// PROPFIND (§9.1).
pub(crate) fn find(tree: &mut Tree, path: &Path, head: &Parts, content: &Bytes) -> Result<Response, Refused> {
    let asked = asked(content).ok_or_else(|| refuse(StatusCode::BAD_REQUEST))?;
    if tree.get(path).is_none() {
        return Err(refuse(StatusCode::NOT_FOUND));
    }
    let mut found = vec![path.clone()];
    match head.headers.get("depth").map(|depth| depth.as_bytes()) {
        Some(b"0") => {}
        Some(b"1") => found.extend(tree.members(path).map(|(member, _)| member.clone())),
        None | Some(b"infinity") => found.extend(tree.below(path).map(|(member, _)| member.clone())),
        Some(_) => return Err(refuse(StatusCode::BAD_REQUEST)),
    }
    let responses: String = found.iter().map(|path| response(tree, path, &asked)).collect();
    Ok(multistatus(&responses))
}

fn asked(content: &Bytes) -> Option<Asked> {
    if content.is_empty() {
        return Some(Asked::All);
    }
    let propfind = Element::parse(content).filter(|element| element.is(DAV, "propfind"))?;
    if let Some(prop) = propfind.child(DAV, "prop") {
        return Some(Asked::These(prop.children().map(|property| property.name.clone()).collect()));
    }
    match propfind.child(DAV, "propname") {
        Some(_) => Some(Asked::Names),
        None => propfind.child(DAV, "allprop").map(|_| Asked::All),
    }
}

fn response(tree: &mut Tree, path: &Path, asked: &Asked) -> String {
    let locks: String = tree.locks.covering(path).map(Lock::to_xml).collect();
    let Some(entry) = tree.get(path) else { return String::new() };
    let live = live(tree.validators(path), entry, &locks);
    let known = || {
        let live = live.iter().map(|(name, value)| (Name::dav(name), property(name, value)));
        live.chain(entry.properties.iter().map(|(name, element)| (name.clone(), element.clone())))
    };
    let (mut found, mut missing) = (String::new(), String::new());
    match asked {
        Asked::All => known().for_each(|(_, element)| found.push_str(&element)),
        Asked::Names => known().for_each(|(name, _)| found.push_str(&name.to_empty_xml())),
        Asked::These(names) => {
            for name in names {
                match known().find(|(other, _)| other == name) {
                    Some((_, element)) => found.push_str(&element),
                    None => missing.push_str(&name.to_empty_xml()),
                }
            }
        }
    }
    let mut parts = propstat("200 OK", &found);
    if !missing.is_empty() {
        parts.push_str(&propstat("404 Not Found", &missing));
    }
    format!("<D:response><D:href>{}</D:href>{parts}</D:response>", href(path, entry))
}

fn href(path: &Path, entry: &Entry) -> String {
    path.href(entry.content.is_none())
}

/// The properties that the server computes (§15).
fn live(validators: Option<Validators>, entry: &Entry, locks: &str) -> Vec<(&'static str, String)> {
    let entry_lock = |scope| {
        format!(
            "<D:lockentry><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
        )
    };
    let mut live = vec![
        ("creationdate", timestamp(entry.created)),
        ("lockdiscovery", locks.to_owned()),
        ("supportedlock", entry_lock("exclusive") + &entry_lock("shared")),
    ];
    match &entry.content {
        None => live.push(("resourcetype", "<D:collection/>".to_owned())),
        Some(content) => {
            live.push(("resourcetype", String::new()));
            live.push(("getcontentlength", content.len().to_string()));
            live.push(("getcontenttype", xml::escape(&entry.content_type)));
        }
    }
    if let Ok(date) = HttpDate::try_from(entry.modified) {
        live.push(("getlastmodified", date.to_string()));
    }
    if let Some(etag) = validators.as_ref().and_then(Validators::etag) {
        live.push(("getetag", xml::escape(&etag.to_string())));
    }
    live
}

/// The date and time of RFC 3339, whose parts those of an HTTP date are.
fn timestamp(time: SystemTime) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = HttpDate::try_from(time).map(|date| date.to_string()).unwrap_or_default();
    let parts: Vec<_> = date.split(' ').collect();
    match parts[..] {
        [_, day, month, year, time, _] => {
            let month = MONTHS.iter().position(|name| *name == month).unwrap_or_default() + 1;
            format!("{year}-{month:02}-{day}T{time}Z")
        }
        _ => String::new(),
    }
}

fn property(name: &str, value: &str) -> String {
    format!("<D:{name}>{value}</D:{name}>")
}

fn propstat(status: &str, properties: &str) -> String {
    format!("<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>")
}

fn multistatus(responses: &str) -> Response {
    let content = xml::document("multistatus", responses);
    (StatusCode::MULTI_STATUS, [(CONTENT_TYPE, xml::CONTENT_TYPE)], content).into_response()
}

/// PROPPATCH (§9.2): all of it, or nothing.
pub(crate) fn patch(
    tree: &mut Tree,
    path: &Path,
    head: &Parts,
    content: &Bytes,
) -> Result<Response, Refused> {
    let update = Element::parse(content).filter(|element| element.is(DAV, "propertyupdate"));
    let update = update.ok_or_else(|| refuse(StatusCode::BAD_REQUEST))?;
    let is_collection = tree.is_collection(path);
    if tree.get(path).is_none() {
        return Err(refuse(StatusCode::NOT_FOUND));
    }
    if tree.locks.blocks([path], &SubmittedTokens::of(&head.extensions)).is_some() {
        return Err(locked(&path.href(is_collection)));
    }
    let mut changes = Vec::new();
    for instruction in update.children() {
        let sets = instruction.is(DAV, "set");
        if !sets && !instruction.is(DAV, "remove") {
            continue;
        }
        let properties = instruction.child(DAV, "prop").into_iter().flat_map(Element::children);
        changes.extend(properties.map(|property| (property.name.clone(), sets.then(|| property.to_xml()))));
    }
    // Every property of `DAV:` is the server's own.
    let protected: String =
        changes.iter().filter(|(name, _)| name.space == DAV).map(|(name, _)| name.to_empty_xml()).collect();
    let others = changes.iter().filter(|(name, _)| name.space != DAV);
    let others: String = others.map(|(name, _)| name.to_empty_xml()).collect();
    let parts = match protected.is_empty() {
        true => propstat("200 OK", &others),
        false => propstat("403 Forbidden", &protected) + &propstat("424 Failed Dependency", &others),
    };
    if let (true, Some(entry)) = (protected.is_empty(), tree.get_mut(path)) {
        for (name, element) in changes {
            match element {
                Some(element) => entry.properties.insert(name, element),
                None => entry.properties.remove(&name),
            };
        }
    }
    let href = path.href(is_collection);
    Ok(multistatus(&format!("<D:response><D:href>{href}</D:href>{parts}</D:response>")))
}
