//! Counts the statements that each request sends to the database.
#![allow(clippy::unwrap_used, reason = "a panic is a test's way to fail")]

mod support;

use documents::{Store, app};

use crate::support::{
    http::{FIRST, SECOND, ask, content_digest},
    statements::Statements,
    stores,
};

/// One test, because the subscriber sees the statements of the whole program.
#[tokio::test]
async fn a_read_is_one_statement_and_a_write_is_two() {
    let statements = Statements::of_this_program();
    let sqlite = stores::sqlite().await.unwrap();
    count(&statements, "SQLite", sqlite.store.clone()).await;
    if let Some(postgres) = stores::postgres().await {
        count(&statements, "PostgreSQL", postgres.store.clone()).await;
    }
}

async fn count(statements: &Statements, database: &str, store: Store) {
    let app = app(store);
    // Opens the connections, so that no statement of their set-up counts below.
    ask(&app, "PUT", &[], FIRST).await;
    ask(&app, "GET", &[], "").await;

    let patch = r#"{"text":"third"}"#;
    let digest = content_digest(SECOND);
    let again = |tag| [("if-match", tag), ("idempotency-key", "\"a\""), ("content-digest", &digest)];
    let (made, lied) = (again("\"1\""), again("\"0\""));
    let removed = [("if-match", "\"4\""), ("idempotency-key", "\"b\"")];
    for (name, method, fields, content, status, reads, writes) in [
        ("a read", "GET", &[][..], "", 200, 1, 0),
        ("a read of what the client has", "GET", &[("if-none-match", "\"1\"")], "", 304, 1, 0),
        ("a read of what it has not", "GET", &[("if-none-match", "\"0\"")], "", 200, 1, 0),
        ("a malformed write", "PUT", &[("if-match", "1")], SECOND, 400, 0, 0),
        ("an unconditional write", "PUT", &[], SECOND, 428, 1, 0),
        ("a create of what exists", "PUT", &[("if-none-match", "*")], SECOND, 412, 1, 0),
        ("a stale write", "PUT", &[("if-match", "\"0\"")], SECOND, 412, 1, 0),
        ("a stale patch", "PATCH", &[("if-match", "\"0\"")], patch, 412, 1, 0),
        ("a stale deletion", "DELETE", &[("if-match", "\"0\"")], "", 412, 1, 0),
        ("a write with an id", "PUT", &made, SECOND, 204, 1, 1),
        ("the same again", "PUT", &made, SECOND, 204, 1, 0),
        ("its id with another tag", "PUT", &lied, SECOND, 412, 1, 0),
        ("a write", "PUT", &[("if-match", "\"2\"")], SECOND, 204, 1, 1),
        ("a patch", "PATCH", &[("if-match", "\"3\"")], patch, 200, 1, 1),
        ("a deletion with an id", "DELETE", &removed, "", 204, 1, 1),
        ("the same deletion again", "DELETE", &removed, "", 204, 1, 0),
        ("a deletion of what is gone", "DELETE", &[("if-match", "\"4\"")], "", 404, 1, 0),
        ("a creation after a deletion", "PUT", &[("if-none-match", "*")], FIRST, 201, 1, 1),
    ] {
        statements.take();
        assert_eq!(ask(&app, method, fields, content).await.status, status, "{database}: {name}");
        // The pool may open another connection, which sets its PRAGMAs.
        let mut sent = statements.take();
        sent.retain(|statement| !statement.starts_with("PRAGMA"));
        let read = sent.iter().filter(|statement| statement.starts_with("SELECT")).count();
        assert_eq!((read, sent.len() - read), (reads, writes), "{database}: {name}: {sent:#?}");
    }
}
