//! The recipe `databases` of the cookbook, over SQLite and over PostgreSQL: this very program.

use axum::{Router, body::Body, http::Method};
use tower_precondition::testing::Exchanges;

use crate::support::{http::send, postgres as server, stores};

mod over_sqlite {
    type Pool = sqlx::SqlitePool;
    include!("recipe/notes.rs");

    pub(super) fn routes(db: Pool) -> Router {
        app(db)
    }
}

mod over_postgres {
    type Pool = sqlx::PgPool;
    include!("recipe/notes.rs");

    pub(super) fn routes(db: Pool) -> Router {
        app(db)
    }
}

/// The table, as the recipe makes it.
fn table() -> &'static str {
    recipe().split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of SQL")
}

fn recipe() -> &'static str {
    include_str!("../../../../docs/cookbook/databases.md")
}

#[test]
fn the_recipe_is_this_program() {
    let (_, block) = recipe().split_once("```rust,ignore\n").expect("the recipe has a program");
    let (program, _) = block.split_once("```").expect("the block ends");
    let (pool, program) = program.split_once("\n\n").expect("the type of the pool stands first");
    assert!(pool.starts_with("type Pool = sqlx::SqlitePool;"));
    assert_eq!(program, include_str!("recipe/notes.rs"));
}

async fn is_right(app: Router) {
    let put = async |condition: (&str, &str), content: &'static str| {
        send(&app, "PUT", "/notes/1", &[condition], Body::from(content)).await
    };
    let first = ("if-none-match", "*");
    let (one, other) = tokio::join!(put(first, "mine"), put(first, "hers"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 412], "of two first writes one is made");

    let exchanges =
        Exchanges::of("/notes/1").with_write(Method::PUT, "text/plain", "new").conditions_required();
    exchanges.play::<Body, _, _>(app.clone()).await;

    let based_on_second = ("if-match", "\"2\"");
    let (one, two, three) =
        tokio::join!(put(based_on_second, "1"), put(based_on_second, "2"), put(based_on_second, "3"));
    let mut answers = [one, two, three];
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers.each_ref().map(|answer| answer.status.as_u16()), [204, 412, 412]);
    for answer in &answers {
        assert_eq!(answer.get("etag"), Some("\"3\""), "each answer names the version that is there");
    }
    assert_eq!(send(&app, "GET", "/notes/9", &[], Body::empty()).await.status, 404);
}

#[tokio::test]
async fn it_runs_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}?mode=rwc", stores::sqlite_url(folder.path()));
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query(table()).execute(&pool).await.unwrap();
    is_right(over_sqlite::routes(pool)).await;
}

#[tokio::test]
async fn it_runs_on_postgresql() {
    let Some(server) = server::shared().await else { return };
    let pool = sqlx::PgPool::connect(&server.database().await).await.unwrap();
    sqlx::query(table()).execute(&pool).await.unwrap();
    is_right(over_postgres::routes(pool)).await;
}
