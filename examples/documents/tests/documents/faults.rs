//! The store is unavailable.

use std::{future::ready, pin::Pin, time::Duration};

use axum::{Router, body::Body};
use documents::{
    Store, app,
    store::{Answer, Change, Entry, Limits, Listed, Revision, Storage, Stored},
};

use crate::support::{
    http::{FIRST, PLAN, SECOND, ask, send, text},
    postgres::{Postgres, leave_out, shared},
    stores::sqlite_url,
};

/// A store whose error only the log may show.
#[derive(Debug)]
struct Away;

const SECRET: &str = "password authentication failed for user documents";

fn away<T: Send + 'static>() -> Answer<'static, T> {
    Box::pin(ready(Err(SECRET.into())))
}

impl Storage for Away {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        away()
    }

    fn get<'a>(&'a self, _: &'a str) -> Answer<'a, Option<Stored>> {
        away()
    }

    fn write<'a>(&'a self, _: &'a str, _: &'a Change, _: &'a str) -> Answer<'a, Option<Revision>> {
        away()
    }

    fn history<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Entry>> {
        away()
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
}

/// Opens a store that gives up early, because these tests wait until it does. With `PROOFS=full`, as in CI, it has the
/// limits of the program.
async fn open(url: &str) -> Store {
    let limits = match std::env::var_os("PROOFS").is_some_and(|proofs| proofs == "full") {
        true => Limits::default(),
        false => Limits { connection: Duration::from_millis(500), statement: Duration::from_millis(750) },
    };
    Store::open_within(url, limits).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Every request gets 503. Sends them all at once, because each waits until the store's time limit.
async fn assert_away(app: &Router) {
    let mut sent = Vec::new();
    for (method, path, fields, content) in [
        ("GET", "/documents", &[][..], ""),
        ("GET", PLAN, &[], ""),
        ("GET", PLAN, &[("if-none-match", "\"1\"")], ""),
        ("GET", "/documents/plan/history", &[], ""),
        ("PUT", PLAN, &[], SECOND),
        ("PUT", PLAN, &[("if-match", "\"1\"")], SECOND),
        ("PUT", PLAN, &[("if-none-match", "*")], SECOND),
        ("PATCH", PLAN, &[("if-match", "\"1\"")], r#"{"text":"second"}"#),
        ("DELETE", PLAN, &[("if-match", "\"1\"")], ""),
    ] {
        let (app, path) = (app.clone(), path.to_owned());
        sent.push(tokio::spawn(async move { send(&app, method, &path, fields, Body::from(content)).await }));
    }
    for one in sent {
        let refused = one.await.unwrap();
        refused.assert_problem(503);
        assert_eq!(refused.json()["detail"], "the store is unavailable; try again later");
        assert!(refused.get("retry-after").is_some());
    }
}

#[tokio::test]
async fn decision_5_a_client_does_not_see_the_error_of_the_store() {
    assert_away(&app(Store::new(Away))).await;
}

#[tokio::test]
async fn decision_5_a_removed_file_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(open(&sqlite_url(folder.path())).await);
    assert_eq!(ask(&app, "PUT", &[], FIRST).await.status, 201);

    let [here, gone] = ["documents.sqlite", "gone"].map(|name| folder.path().join(name));
    std::fs::rename(&here, &gone).unwrap();
    assert_away(&app).await;
    std::fs::rename(&gone, &here).unwrap();
    assert_eq!(text(&app).await, "first");
    assert_eq!(ask(&app, "PUT", &[("if-match", "\"1\"")], SECOND).await.status, 204);
}

#[tokio::test]
async fn decision_5_a_locked_file_is_not_written() {
    use sqlx::{ConnectOptions, Executor};

    let folder = tempfile::tempdir().unwrap();
    let app = app(open(&sqlite_url(folder.path())).await);
    assert_eq!(ask(&app, "PUT", &[], FIRST).await.status, 201);

    let file = folder.path().join("documents.sqlite");
    let mut other = sqlx::sqlite::SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    ask(&app, "PUT", &[("if-match", "\"1\"")], SECOND).await.assert_problem(503);
    // Reads still succeed.
    assert_eq!(text(&app).await, "first");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(ask(&app, "PUT", &[("if-match", "\"1\"")], SECOND).await.status, 204);
}

/// The database gives up before the client gets 503, so the write is not made later.
#[tokio::test]
async fn decision_5_a_locked_row_is_not_written() {
    use sqlx::{Connection, Executor, PgConnection};

    let Some(server) = shared().await else { return };
    let url = server.database().await;
    let store = open(&url).await;
    let app = app(store.clone());
    assert_eq!(ask(&app, "PUT", &[], FIRST).await.status, 201);

    let mut other = PgConnection::connect(&url).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other.execute("SELECT * FROM documents FOR UPDATE").await.unwrap();
    ask(&app, "PUT", &[("if-match", "\"1\"")], SECOND).await.assert_problem(503);
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(text(&app).await, "first");
    assert_eq!(ask(&app, "PUT", &[("if-match", "\"1\"")], SECOND).await.status, 204);
    assert_eq!(store.history("plan").await.unwrap().len(), 2);
}

/// Starts its own server, because it stops it.
#[tokio::test]
async fn decision_5_the_store_reconnects_to_a_server_that_comes_back() {
    let Some(mut server) = tokio::task::spawn_blocking(Postgres::start).await.unwrap() else {
        return leave_out();
    };
    let store = open(&server.database().await).await;
    let app = app(store.clone());
    assert_eq!(ask(&app, "PUT", &[], FIRST).await.status, 201);

    server.stop();
    assert_away(&app).await;
    assert_away(&app).await;

    server.start_again();
    assert_eq!(text(&app).await, "first");
    assert_eq!(ask(&app, "PUT", &[("if-match", "\"1\"")], SECOND).await.status, 204);
    assert_eq!(store.history("plan").await.unwrap().len(), 2);
    store.close().await;
}
