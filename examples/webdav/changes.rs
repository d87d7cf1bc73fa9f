use axum::{
    body::Bytes,
    http::{StatusCode, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use tower_precondition::{SubmittedTokens, webdav::NamedResource};

use crate::{Refused, is_move, locks::locked, path::Path, refuse, tree::Tree, xml};

pub(crate) fn put(tree: &mut Tree, path: &Path, head: &Parts, content: Bytes) -> Result<Response, Refused> {
    if tree.is_collection(path) {
        return Err(refuse(StatusCode::METHOD_NOT_ALLOWED));
    }
    if head.headers.contains_key("content-range") {
        return Err(refuse(StatusCode::BAD_REQUEST));
    }
    let created = tree.get(path).is_none();
    may_write(tree, path, head)?;
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    tree.write(path, Some(content), content_type.unwrap_or("application/octet-stream").to_owned());
    let status = if created { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    Ok((status, tree.validators(path).unwrap_or_default(), ()).into_response())
}

pub(crate) fn make_collection(
    tree: &mut Tree,
    path: &Path,
    head: &Parts,
    content: &Bytes,
) -> Result<Response, Refused> {
    if tree.get(path).is_some() {
        return Err(refuse(StatusCode::METHOD_NOT_ALLOWED));
    }
    if !content.is_empty() {
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    may_write(tree, path, head)?;
    tree.write(path, None, String::new());
    Ok(StatusCode::CREATED.into_response())
}

pub(crate) fn delete(tree: &mut Tree, path: &Path, head: &Parts) -> Result<Response, Refused> {
    if tree.get(path).is_none() {
        return Err(refuse(StatusCode::NOT_FOUND));
    }
    let depth = head.headers.get("depth").map(|depth| depth.as_bytes());
    if tree.is_collection(path) && !matches!(depth, None | Some(b"infinity")) {
        return Err(refuse(StatusCode::BAD_REQUEST));
    }
    may_remove(tree, path, head)?;
    tree.remove(path);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// COPY and MOVE (§9.8, §9.9).
pub(crate) fn copy_or_move(tree: &mut Tree, path: &Path, head: &Parts) -> Result<Response, Refused> {
    let to = destination(path, head)?;
    let shallow = match head.headers.get("depth").map(|depth| depth.as_bytes()) {
        None | Some(b"infinity") => false,
        Some(b"0") => true,
        Some(_) => return Err(refuse(StatusCode::BAD_REQUEST)),
    };
    if tree.get(path).is_none() {
        return Err(refuse(StatusCode::NOT_FOUND));
    }
    if to == *path || path.contains(&to) || to.contains(path) {
        return Err(refuse(StatusCode::FORBIDDEN));
    }
    if is_move(head) {
        may_remove(tree, path, head)?;
    }
    let overwrites = tree.get(&to).is_some();
    if overwrites {
        if head.headers.get("overwrite").is_some_and(|overwrite| overwrite == "F") {
            return Err(refuse(StatusCode::PRECONDITION_FAILED));
        }
        may_remove(tree, &to, head)?;
        replace(tree, &to);
    } else {
        may_write(tree, &to, head)?;
    }
    let below: Vec<_> = match shallow && !is_move(head) {
        true => Vec::new(),
        false => tree.below(path).map(|(member, entry)| (member.clone(), entry.clone())).collect(),
    };
    let copied = tree.get(path).cloned().map(|entry| (path.clone(), entry)).into_iter().chain(below);
    for (from, entry) in copied {
        tree.copy(entry, &from.moved(path, &to));
    }
    if is_move(head) {
        // The locks do not move with it (§7.6).
        tree.remove(path);
    }
    Ok(if overwrites { StatusCode::NO_CONTENT } else { StatusCode::CREATED }.into_response())
}

/// Removes what a copy replaces. A lock on it stays, and covers what comes (§9.8.4 and §7.6).
fn replace(tree: &mut Tree, path: &Path) {
    let locks = std::mem::take(&mut tree.locks);
    tree.remove(path);
    tree.locks = locks;
}

fn destination(path: &Path, head: &Parts) -> Result<Path, Refused> {
    let named = head.headers.get("destination").and_then(|destination| destination.to_str().ok());
    let named = named.ok_or_else(|| refuse(StatusCode::BAD_REQUEST))?;
    match NamedResource::of(Some(named), head) {
        NamedResource::Target => Ok(path.clone()),
        NamedResource::Path(named) => {
            let uri = named.parse().map_err(|_| refuse(StatusCode::BAD_REQUEST))?;
            Path::of(&uri).map_err(refuse)
        }
        _ => Err(refuse(StatusCode::BAD_GATEWAY)),
    }
}

/// Refuses a write of one resource: its parent must exist, and the tokens of its locks must be there. A new member
/// changes its collection as well (§7.4).
fn may_write(tree: &mut Tree, path: &Path, head: &Parts) -> Result<(), Refused> {
    let parent = path.parent().filter(|parent| tree.is_collection(parent));
    let parent = parent.ok_or_else(|| refuse(StatusCode::CONFLICT))?;
    let submitted = SubmittedTokens::of(&head.extensions);
    if tree.locks.blocks([path], &submitted).is_some() {
        return Err(locked(&path.href(tree.is_collection(path))));
    }
    match tree.get(path).is_none() && tree.locks.blocks([&parent], &submitted).is_some() {
        true => Err(locked(&parent.href(true))),
        false => Ok(()),
    }
}

/// Refuses the removal of a resource: it changes its collection, itself and all below.
fn may_remove(tree: &mut Tree, path: &Path, head: &Parts) -> Result<(), Refused> {
    // The root stays.
    let parent = path.parent().ok_or_else(|| refuse(StatusCode::FORBIDDEN))?;
    let submitted = SubmittedTokens::of(&head.extensions);
    for changed in [path, &parent] {
        if tree.locks.blocks([changed], &submitted).is_some() {
            return Err(locked(&changed.href(tree.is_collection(changed))));
        }
    }
    let below: Vec<_> = tree.below(path).map(|(member, _)| member.clone()).collect();
    match tree.locks.blocks(&below, &submitted) {
        None => Ok(()),
        // Nothing was removed; the answer names the member that is locked (§9.6.1).
        Some(member) => {
            let href = member.href(tree.is_collection(member));
            let content = xml::document(
                "multistatus",
                &format!(
                    "<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 423 Locked</D:status></D:response>"
                ),
            );
            Err(refuse((StatusCode::MULTI_STATUS, [(CONTENT_TYPE, xml::CONTENT_TYPE)], content)))
        }
    }
}
