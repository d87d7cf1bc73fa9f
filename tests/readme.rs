//! README's ten lines, as they stand there, and what they do.
#![cfg(feature = "axum")]

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use tower_precondition::{
    EntityTag, PreconditionLayer, Requirement, Validators, validators_from_fn_with_state,
};

// What currently exists: an async function over extractors, as for `middleware::from_fn`.
async fn lookup(State(db): State<Db>, Path(id): Path<u64>) -> Result<Option<Validators>, DbError> {
    let version: Option<u64> = db.version(id).await?;
    Ok(version.map(|version| EntityTag::from_version(version).into()))
}

fn app(db: Db) -> Router {
    let preconditions = PreconditionLayer::new(validators_from_fn_with_state(db.clone(), lookup))
        .require(Requirement::on_writes());
    let documents = get(read).put(write).delete(remove).route_layer(preconditions);
    Router::new().route("/documents/{id}", documents).with_state(db)
}

#[derive(Clone)]
struct Db;

type DbError = axum::http::StatusCode;

impl Db {
    async fn version(&self, id: u64) -> Result<Option<u64>, DbError> {
        Ok((id == 1).then_some(7))
    }
}

async fn read(Path(id): Path<u64>) -> Result<&'static str, DbError> {
    (id == 1).then_some("text").ok_or(DbError::NOT_FOUND)
}

async fn write() {}

async fn remove() {}

#[test]
fn readme_shows_this_very_code() {
    let readme = include_str!("../README.md");
    let (_, block) = readme.split_once("```rust\n").expect("README has code");
    let (code, _) = block.split_once("```").expect("the block ends");
    assert!(include_str!("readme.rs").contains(code), "README's code is not the code of this test");
}

#[tokio::test]
async fn it_does_what_readme_says() {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    for (method, field, status) in [
        ("GET", None, 200),
        ("GET", Some(("if-none-match", "\"7\"")), 304),
        ("PUT", Some(("if-match", "\"7\"")), 200),
        ("PUT", Some(("if-match", "\"6\"")), 412),
        ("PUT", Some(("if-none-match", "*")), 412),
        ("PUT", None, 428),
        ("PUT", Some(("if-match", "7")), 400),
    ] {
        let mut request = Request::builder().method(method).uri("/documents/1");
        if let Some((name, value)) = field {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).expect("a valid request");
        let response = app(Db).oneshot(request).await.expect("routers do not fail");
        assert_eq!(response.status(), status, "{method} {field:?}");
    }
}
