//! Run with `cargo run --example webdav`, and mount `http://127.0.0.1:3004` in a file manager.
//!
//! A WebDAV server of class 2 (RFC 4918): files and locks in memory, for everyone who can reach the address. The
//! layer judges `If` and the conditions of RFC 9110, before a handler runs. A handler answers 423 (Locked) if a
//! lock's token was not submitted.
//!
//! ```text
//! curl -i 127.0.0.1:3004/note -X PUT -d 'Start'
//! curl -i 127.0.0.1:3004/note -X LOCK -H 'Timeout: Second-600' -d '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'
//! curl -i 127.0.0.1:3004/note -X PUT -d 'Theirs'
//! curl -i 127.0.0.1:3004/note -X PUT -d 'Mine' -H 'If: (<urn:uuid:...>)'
//! ```
//!
//! | file | does |
//! |---|---|
//! | `main.rs` | the layer, its two sources, and the choice of a handler |
//! | `tree.rs` | what exists: files, collections and their dead properties |
//! | `locks.rs` | the locks, which of them cover a path, and LOCK and UNLOCK |
//! | `changes.rs` | PUT, DELETE, MKCOL, COPY and MOVE |
//! | `properties.rs` | PROPFIND and PROPPATCH |
//! | `xml.rs` | elements with their namespaces |

mod changes;
mod locks;
mod path;
mod properties;
#[cfg(test)]
mod tests;
mod tree;
mod xml;

use std::{env, error::Error};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, Limited};
use tokio::net::TcpListener;
use tower_precondition::{PreconditionLayer, Rejection, Representation, ResourceState, Verdict};

use crate::{
    path::Path,
    tree::{Shared, Tree},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3004".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app()).await?;
    Ok(())
}

fn app() -> Router {
    let tree = Shared::default();
    let found = {
        let tree = tree.clone();
        move |head: &Parts| {
            let found = representation(&tree.lock(), &head.uri);
            async move { found }
        }
    };
    let locks = {
        let tree = tree.clone();
        move |resource: &Uri, _: &Parts| {
            let state = state(&mut tree.lock(), resource);
            async move { state }
        }
    };
    let preconditions = PreconditionLayer::new(found).webdav(locks);
    Router::new().fallback(answer).layer(preconditions).with_state(tree)
}

/// Tells the layer what exists, for the conditions of RFC 9110.
fn representation(tree: &Tree, uri: &Uri) -> Representation {
    match Path::of(uri) {
        Ok(path) => Representation::from(tree.validators(&path)),
        // A check that comes before every condition.
        Err(status) => Representation::refused(status.into_response()),
    }
}

/// Tells the layer the locks and the validators of one resource, for `If`.
fn state(tree: &mut Tree, resource: &Uri) -> ResourceState {
    let Ok(path) = Path::of(resource) else { return ResourceState::unmapped() };
    let state = ResourceState::from(tree.validators(&path));
    state.with_lock_tokens(tree.locks.covering(&path).map(|lock| lock.token.clone()))
}

/// The most bytes of a file, and of every other content.
const LIMIT: usize = 64 * 1024 * 1024;

/// What a handler says instead of a success.
type Refused = Box<Response>;

fn refuse(answer: impl IntoResponse) -> Refused {
    Box::new(answer.into_response())
}

async fn answer(State(tree): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    handle(&tree, &head, body).await.unwrap_or_else(|refused| *refused)
}

async fn handle(shared: &Shared, head: &Parts, body: Body) -> Result<Response, Refused> {
    let content = read(body).await?;
    let path = Path::of(&head.uri).map_err(refuse)?;
    let mut tree = shared.lock();
    // The content took its time: a write goes on only if the target is still what the layer evaluated.
    if let Some(verdict) = head.extensions.get::<Verdict>() {
        unchanged(&tree, &path, verdict).map_err(refuse)?;
    }
    let tree = &mut *tree;
    match head.method.as_str() {
        "OPTIONS" => Ok(options()),
        "GET" | "HEAD" => read_file(tree, &path),
        "PUT" => changes::put(tree, &path, head, content),
        "DELETE" => changes::delete(tree, &path, head),
        "MKCOL" => changes::make_collection(tree, &path, head, &content),
        "COPY" | "MOVE" => changes::copy_or_move(tree, &path, head),
        "PROPFIND" => properties::find(tree, &path, head, &content),
        "PROPPATCH" => properties::patch(tree, &path, head, &content),
        "LOCK" => locks::lock(tree, &path, head, &content),
        "UNLOCK" => locks::unlock(tree, &path, head),
        _ => Err(refuse((StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, ALLOWED)]))),
    }
}

async fn read(body: Body) -> Result<Bytes, Refused> {
    match Limited::new(body, LIMIT).collect().await {
        Ok(content) => Ok(content.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(refuse(StatusCode::PAYLOAD_TOO_LARGE))
        }
        Err(_) => Err(refuse(StatusCode::BAD_REQUEST)),
    }
}

fn unchanged(tree: &Tree, path: &Path, verdict: &Verdict) -> Result<(), Rejection> {
    let now = tree.validators(path);
    let tag = |validators: Option<&tower_precondition::Validators>| {
        validators.map(|validators| validators.etag().map(ToString::to_string))
    };
    match tag(now.as_ref()) == tag(verdict.current()) {
        true => Ok(()),
        false => Err(verdict.reject(now)),
    }
}

const ALLOWED: &str = "OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, UNLOCK";

fn options() -> Response {
    let fields = [(header::ALLOW, ALLOWED), (header::HeaderName::from_static("dav"), "1, 2")];
    (fields, StatusCode::OK).into_response()
}

/// The layer adds ETag and Last-Modified.
fn read_file(tree: &Tree, path: &Path) -> Result<Response, Refused> {
    let entry = tree.get(path).ok_or_else(|| refuse(StatusCode::NOT_FOUND))?;
    match &entry.content {
        Some(content) => {
            Ok(([(header::CONTENT_TYPE, entry.content_type.as_str())], content.clone()).into_response())
        }
        None => {
            let members: Vec<_> = tree.members(path).map(|(member, _)| member.href(false) + "\n").collect();
            Ok(members.concat().into_response())
        }
    }
}

/// The method, for handlers that do two things.
fn is_move(head: &Parts) -> bool {
    head.method == Method::from_bytes(b"MOVE").unwrap_or_default()
}
