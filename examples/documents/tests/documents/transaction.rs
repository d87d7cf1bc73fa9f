//! The handler writes in the transaction in which the look-up read the version.
//!
//! The guide `docs/lost-updates.md` shows the code for SQLite.

use std::time::Duration;

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::put,
};
use documents::Store;
use sqlx::{PgPool, SqlitePool, pool::PoolOptions, query, query_scalar};
use tempfile::TempDir;
use tower_precondition::{
    EntityTag, Owned, PreconditionLayer, Representation, validators_from_fn_with_state,
};

use crate::support::{
    http::{FIRST, ask, text},
    postgres as server, stores,
};

type Transaction = sqlx::Transaction<'static, sqlx::Sqlite>;

async fn lookup(State(db): State<SqlitePool>, Path(id): Path<String>) -> Result<Representation, DbError> {
    // IMMEDIATE takes the write lock before the look-up reads.
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await?;
    let version: Option<i64> = query_scalar("SELECT version FROM documents WHERE id = $1")
        .bind(id)
        .fetch_optional(&mut *transaction)
        .await?;
    Ok(Representation::from(version.map(EntityTag::from_number)).with_owned(transaction))
}

async fn write(
    Owned(mut transaction): Owned<Transaction>,
    Path(id): Path<String>,
    text: String,
) -> Result<StatusCode, DbError> {
    let made = query("UPDATE documents SET text = $2, version = version + 1 WHERE id = $1")
        .bind(id)
        .bind(text)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(if made.rows_affected() == 1 { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
}

#[derive(Debug)]
struct DbError;

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        eprintln!("{error}");
        Self
    }
}

impl IntoResponse for DbError {
    fn into_response(self) -> Response {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

/// The same over PostgreSQL, which can lock one row.
mod over_postgres {
    use super::*;

    type Transaction = sqlx::Transaction<'static, sqlx::Postgres>;

    pub(super) async fn lookup(
        State(db): State<PgPool>,
        Path(id): Path<String>,
    ) -> Result<Representation, DbError> {
        let mut transaction = db.begin().await?;
        let version: Option<i64> = query_scalar("SELECT version FROM documents WHERE id = $1 FOR UPDATE")
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await?;
        Ok(Representation::from(version.map(EntityTag::from_number)).with_owned(transaction))
    }

    pub(super) async fn write(
        Owned(mut transaction): Owned<Transaction>,
        Path(id): Path<String>,
        text: String,
    ) -> Result<StatusCode, DbError> {
        let made = query("UPDATE documents SET text = $2, version = version + 1 WHERE id = $1")
            .bind(id)
            .bind(text)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(if made.rows_affected() == 1 { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
    }
}

/// Writes in its transaction and does not commit it.
async fn forget(Owned(mut transaction): Owned<Transaction>, Path(id): Path<String>) {
    let forgotten = query("UPDATE documents SET text = 'forgotten', version = version + 1 WHERE id = $1");
    assert_eq!(forgotten.bind(id).execute(&mut *transaction).await.unwrap().rows_affected(), 1);
}

async fn ignore() {}

/// The writes over a pool, and the example's own application over the same database.
struct Opened {
    writes: Router,
    documents: Router,
    /// SQLite's file is in it.
    _folder: Option<TempDir>,
}

/// Opens a pool of so many connections, over a plan with version 1.
async fn sqlite(connections: u32) -> Option<Opened> {
    let stores::Opened { store, folder } = stores::sqlite().await?;
    let pool = pool(connections).connect(&stores::sqlite_url(folder.as_ref()?.path())).await.unwrap();
    let layer = PreconditionLayer::new(validators_from_fn_with_state(pool.clone(), lookup));
    let routes = put(write).post(forget).delete(ignore).route_layer(layer);
    let writes = Router::new().route("/documents/{id}", routes).with_state(pool);
    Some(Opened { writes, documents: with_a_plan(store).await, _folder: folder })
}

/// `None` if PostgreSQL is not installed.
async fn postgres(connections: u32) -> Option<Opened> {
    let url = server::shared().await?.database().await;
    let documents = with_a_plan(stores::open(&url).await).await;
    let pool: PgPool = pool(connections).connect(&url).await.unwrap();
    let layer = PreconditionLayer::new(validators_from_fn_with_state(pool.clone(), over_postgres::lookup));
    let routes = put(over_postgres::write).delete(ignore).route_layer(layer);
    let writes = Router::new().route("/documents/{id}", routes).with_state(pool);
    Some(Opened { writes, documents, _folder: None })
}

/// Opens all connections at once, so that the first request does not end before the second has one.
fn pool<DB: sqlx::Database>(connections: u32) -> PoolOptions<DB> {
    let pool = PoolOptions::new().min_connections(connections).max_connections(connections);
    // If a request leaks its connection, the next one fails soon.
    pool.acquire_timeout(Duration::from_secs(5))
}

async fn with_a_plan(store: Store) -> Router {
    let documents = documents::app(store);
    assert_eq!(ask(&documents, "PUT", &[("if-none-match", "*")], FIRST).await.status, 201);
    documents
}

async fn status(app: &Router, method: &str, etag: &str, content: &'static str) -> u16 {
    ask(app, method, &[("if-match", etag)], content).await.status.as_u16()
}

async fn a_write_is_committed(opened: Opened) {
    assert_eq!(status(&opened.writes, "PUT", "\"1\"", "second").await, 204);
    assert_eq!(text(&opened.documents).await, "second");
    assert_eq!(status(&opened.writes, "PUT", "\"2\"", "third").await, 204);
    assert_eq!(text(&opened.documents).await, "third");
}

async fn a_refused_write_leaves_the_connection_free(opened: Opened) {
    assert_eq!(status(&opened.writes, "PUT", "\"7\"", "refused").await, 412);
    assert_eq!(text(&opened.documents).await, "first");
    assert_eq!(status(&opened.writes, "PUT", "\"1\"", "second").await, 204);
}

async fn a_handler_that_does_not_take_the_transaction_leaves_the_connection_free(opened: Opened) {
    assert_eq!(status(&opened.writes, "DELETE", "\"1\"", "").await, 200);
    assert_eq!(text(&opened.documents).await, "first");
    assert_eq!(status(&opened.writes, "PUT", "\"1\"", "second").await, 204);
}

async fn of_writes_based_on_one_version_one_is_made(opened: Opened) {
    let put = |content| status(&opened.writes, "PUT", "\"1\"", content);
    let (one, two, three) = tokio::join!(put("one"), put("two"), put("three"));
    let mut statuses = [one, two, three];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 412, 412]);
}

macro_rules! on_both_databases {
    ($($test:ident over $connections:literal;)*) => {
        on_both_databases! { @each sqlite [$($test $connections)*] }
        on_both_databases! { @each postgres [$($test $connections)*] }
    };
    (@each $database:ident [$($test:ident $connections:literal)*]) => {
        mod $database {
            $(
                #[tokio::test]
                async fn $test() {
                    if let Some(opened) = super::$database($connections).await {
                        // A leaked transaction can hold its row lock for ever.
                        let test = tokio::time::timeout(std::time::Duration::from_secs(30), super::$test(opened));
                        test.await.expect("every request gets an answer");
                    }
                }
            )*
        }
    };
}

on_both_databases! {
    a_write_is_committed over 1;
    a_refused_write_leaves_the_connection_free over 1;
    a_handler_that_does_not_take_the_transaction_leaves_the_connection_free over 1;
    of_writes_based_on_one_version_one_is_made over 3;
}

#[tokio::test]
async fn a_write_that_the_handler_does_not_commit_is_rolled_back() {
    let opened = sqlite(1).await.unwrap();
    assert_eq!(status(&opened.writes, "POST", "\"1\"", "").await, 200);
    assert_eq!(text(&opened.documents).await, "first");
    assert_eq!(status(&opened.writes, "PUT", "\"1\"", "second").await, 204);
}

#[test]
fn the_guide_shows_this_very_code() {
    let guide = include_str!("../../../../docs/lost-updates.md");
    let (_, block) = guide.split_once("```rust,ignore\n").expect("the guide has the recipe");
    let (code, _) = block.split_once("```").expect("the block ends");
    let (imports, code) = code.split_once("\n\n").expect("the imports stand first");
    assert!(imports.starts_with("use "));
    assert!(include_str!("transaction.rs").contains(code), "not the code of this test: {code}");
}
