use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    time::{Duration, Instant},
};

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use tower_precondition::SubmittedTokens;

use crate::{
    Refused,
    path::Path,
    refuse,
    tree::Tree,
    xml::{self, DAV, Element},
};

/// A write lock.
#[derive(Clone)]
pub(crate) struct Lock {
    pub(crate) token: String,
    root: Path,
    root_is_collection: bool,
    /// If true, it covers everything below its root; if false, its root alone.
    infinite: bool,
    shared: bool,
    /// What the client says about who holds it.
    owner: String,
    timeout: Duration,
    ends: Instant,
}

impl Lock {
    fn covers(&self, path: &Path) -> bool {
        self.root == *path || (self.infinite && self.root.contains(path))
    }

    /// The element `activelock` (§14.1).
    pub(crate) fn to_xml(&self) -> String {
        let (scope, depth) = (if self.shared { "shared" } else { "exclusive" }, self.depth());
        format!(
            "<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:{scope}/></D:lockscope>\
             <D:depth>{depth}</D:depth>{owner}<D:timeout>Second-{seconds}</D:timeout>\
             <D:locktoken><D:href>{token}</D:href></D:locktoken>\
             <D:lockroot><D:href>{root}</D:href></D:lockroot></D:activelock>",
            owner = self.owner,
            seconds = self.timeout.as_secs(),
            token = xml::escape(&self.token),
            root = self.root.href(self.root_is_collection),
        )
    }

    fn depth(&self) -> &'static str {
        if self.infinite { "infinity" } else { "0" }
    }
}

#[derive(Default)]
pub(crate) struct Locks(Vec<Lock>);

impl Locks {
    /// The locks in whose scope a path is: its own, and those of depth infinity above it.
    pub(crate) fn covering(&mut self, path: &Path) -> impl Iterator<Item = &Lock> {
        let now = Instant::now();
        self.0.retain(|lock| lock.ends > now);
        self.0.iter().filter(move |lock| lock.covers(path))
    }

    pub(crate) fn remove_at_or_below(&mut self, path: &Path) {
        self.0.retain(|lock| lock.root != *path && !path.contains(&lock.root));
    }

    /// Returns the first of the paths that is locked, if none of its locks' tokens was submitted.
    ///
    /// One token is enough for each path: several locks on one path are shared.
    pub(crate) fn blocks<'a>(
        &mut self,
        paths: impl IntoIterator<Item = &'a Path>,
        submitted: &SubmittedTokens,
    ) -> Option<&'a Path> {
        paths.into_iter().find(|path| {
            let mut locks = self.covering(path).peekable();
            locks.peek().is_some() && !locks.any(|lock| submitted.contains(&lock.token))
        })
    }

    /// Returns whether a new lock would stand in the scope of another one that excludes it.
    fn conflicts(&mut self, path: &Path, infinite: bool, shared: bool) -> bool {
        let excludes = |lock: &Lock| !shared || !lock.shared;
        let above = self.covering(path).any(excludes);
        above || (infinite && self.0.iter().any(|lock| path.contains(&lock.root) && excludes(lock)))
    }
}

/// Answers 423, and names what is locked (§16, `lock-token-submitted`).
pub(crate) fn locked(href: &str) -> Refused {
    let content = xml::document(
        "error",
        &format!("<D:lock-token-submitted><D:href>{href}</D:href></D:lock-token-submitted>"),
    );
    refuse((StatusCode::LOCKED, [(CONTENT_TYPE, xml::CONTENT_TYPE)], content))
}

/// LOCK: makes a lock, or refreshes one (§9.10).
pub(crate) fn lock(tree: &mut Tree, path: &Path, head: &Parts, content: &Bytes) -> Result<Response, Refused> {
    let submitted = SubmittedTokens::of(&head.extensions);
    if content.is_empty() {
        return refresh(tree, path, &submitted, timeout(&head.headers));
    }
    let infinite = match head.headers.get("depth").map(|depth| depth.as_bytes()) {
        None | Some(b"infinity") => true,
        Some(b"0") => false,
        Some(_) => return Err(refuse(StatusCode::BAD_REQUEST)),
    };
    let info = Element::parse(content).ok_or_else(|| refuse(StatusCode::BAD_REQUEST))?;
    if !info.is(DAV, "lockinfo") {
        return Err(refuse(StatusCode::BAD_REQUEST));
    }
    let scope = info.child(DAV, "lockscope");
    let has = |name| scope.is_some_and(|scope| scope.child(DAV, name).is_some());
    let shared = match (has("shared"), has("exclusive")) {
        (true, false) => true,
        (false, true) => false,
        _ => return Err(refuse(StatusCode::UNPROCESSABLE_ENTITY)),
    };
    if tree.locks.conflicts(path, infinite, shared) {
        return Err(locked(&path.href(tree.is_collection(path))));
    }
    // A lock on an unmapped URL makes an empty file (§7.3), and so changes the collection.
    let created = tree.get(path).is_none();
    if created {
        let parent = path.parent().filter(|parent| tree.is_collection(parent));
        let parent = parent.ok_or_else(|| refuse(StatusCode::CONFLICT))?;
        if tree.locks.blocks([&parent], &submitted).is_some() {
            return Err(locked(&parent.href(true)));
        }
        tree.write(path, Some(Bytes::new()), "application/octet-stream".to_owned());
    }
    let timeout = timeout(&head.headers);
    let lock = Lock {
        token: new_token(),
        root: path.clone(),
        root_is_collection: tree.is_collection(path),
        infinite,
        shared,
        owner: info.child(DAV, "owner").map(Element::to_xml).unwrap_or_default(),
        timeout,
        ends: Instant::now() + timeout,
    };
    let token = format!("<{}>", lock.token);
    let content = discovery([&lock]);
    tree.locks.0.push(lock);
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [("lock-token", token.as_str()), ("content-type", xml::CONTENT_TYPE)], content)
        .into_response())
}

fn refresh(
    tree: &mut Tree,
    path: &Path,
    submitted: &SubmittedTokens,
    timeout: Duration,
) -> Result<Response, Refused> {
    let held = tree.locks.covering(path).find(|lock| submitted.contains(&lock.token));
    let token = held.map(|lock| lock.token.clone()).ok_or_else(|| refuse(StatusCode::PRECONDITION_FAILED))?;
    let lock = tree.locks.0.iter_mut().find(|lock| lock.token == token);
    let lock = lock.ok_or_else(|| refuse(StatusCode::PRECONDITION_FAILED))?;
    lock.timeout = timeout;
    lock.ends = Instant::now() + timeout;
    Ok(([(CONTENT_TYPE, xml::CONTENT_TYPE)], discovery([&*lock])).into_response())
}

/// UNLOCK (§9.11).
pub(crate) fn unlock(tree: &mut Tree, path: &Path, head: &Parts) -> Result<Response, Refused> {
    let token = head.headers.get("lock-token").and_then(|token| token.to_str().ok());
    let token = token.and_then(|token| token.trim().strip_prefix('<')?.strip_suffix('>'));
    let token = token.ok_or_else(|| refuse(StatusCode::BAD_REQUEST))?;
    let held = tree.locks.covering(path).any(|lock| lock.token == token);
    match held {
        true => {
            tree.locks.0.retain(|lock| lock.token != token);
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        false => Err(refuse(StatusCode::CONFLICT)),
    }
}

fn discovery<'a>(locks: impl IntoIterator<Item = &'a Lock>) -> String {
    let locks: String = locks.into_iter().map(Lock::to_xml).collect();
    xml::document("prop", &format!("<D:lockdiscovery>{locks}</D:lockdiscovery>"))
}

/// The time that the client asks for, an hour at most.
fn timeout(headers: &HeaderMap) -> Duration {
    let asked = headers.get("timeout").and_then(|timeout| timeout.to_str().ok()).unwrap_or_default();
    let first = asked.split(',').next().unwrap_or_default().trim();
    let seconds = match first {
        "Infinite" => 3600,
        other => other.strip_prefix("Second-").and_then(|seconds| seconds.parse().ok()).unwrap_or(600),
    };
    Duration::from_secs(seconds.min(3600))
}

/// A new UUID of random bits (RFC 9562 §5.4).
fn new_token() -> String {
    // The standard library seeds each of these from the system's random source.
    let random = || RandomState::new().build_hasher().finish();
    let (high, low) = (random(), random());
    format!(
        "urn:uuid:{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff,
    )
}
