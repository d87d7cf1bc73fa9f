//! A client that lost an answer sends its write again, with the same id: it is told of its success. Nobody is told
//! of a success that was not theirs.

use axum::{Router, body::Body};
use documents::{
    Store, app,
    store::{Change, Document, Once},
};
use sqlx::{
    Connection, PgConnection, SqlSafeStr, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    query_scalar,
};

use crate::{
    on_every_store,
    support::{
        http::{Answer, FIRST, PLAN, SECOND, ask, content_digest, send, text},
        postgres::shared,
        stores,
    },
};

const THIRD: &str = r#"{"title":"Plan","text":"third"}"#;
/// As long as `SECOND`.
const ALIKE: &str = r#"{"title":"Plan","text":"tenths"}"#;

/// Sends a write with an id. An empty value takes a field away.
async fn write(
    app: &Router,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    content: &'static str,
) -> Answer {
    let digest = content_digest(content);
    let length = content.len().to_string();
    let given = [
        ("x-user", "ada"),
        ("idempotency-key", "\"a\""),
        ("content-digest", &digest),
        ("content-length", &length),
    ];
    let kept = given.iter().filter(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    let fields: Vec<_> = kept.chain(fields.iter().filter(|(_, value)| !value.is_empty())).copied().collect();
    send(app, method, path, &fields, Body::from(content)).await
}

/// Version 1 is Ada's, and so is version 2, which she wrote with the id `a`. Version 3 is Grace's.
async fn story(store: Store) -> Router {
    let app = app(store);
    assert_eq!(ask(&app, "PUT", &[("if-none-match", "*"), ("x-user", "ada")], FIRST).await.status, 201);
    let second = write(&app, "PUT", PLAN, &[("if-match", "\"1\"")], SECOND).await;
    assert_eq!((second.status.as_u16(), second.get("etag")), (204, Some("\"2\"")));
    assert_eq!(ask(&app, "PUT", &[("if-match", "\"2\""), ("x-user", "grace")], THIRD).await.status, 204);
    app
}

/// `METHOD path [changed fields] content => status` of the second request after the story. Each is a test on every
/// store, and so are those that `also` names.
macro_rules! repeated {
    (also [$($more:ident)*];
        $($name:ident: $method:literal $path:expr, [$($field:literal: $value:expr),*], $content:expr => $status:literal;)*) => {
        on_every_store! { $($name)* $($more)* }
        $(async fn $name(store: Store) {
            let app = story(store).await;
            let changed: &[(&str, &str)] = &[$(($field, $value)),*];
            let fields = match changed.iter().any(|(name, _)| *name == "if-match") {
                true => changed.to_vec(),
                false => [&[("if-match", "\"1\"")], changed].concat(),
            };
            let answer = write(&app, $method, $path, &fields, $content).await;
            assert_eq!(answer.status, $status, "{:?}", answer.content);
            assert_eq!(text(&app).await, "third", "nothing is written");
            match $status {
                204 => assert_eq!(answer.get("etag"), None, "another version is current"),
                _ => assert!(answer.content.len() > 20, "it says why"),
            }
        })*
    };
}

repeated! {
    also [
        decision_20_the_answer_has_its_tag_while_it_is_current
        decision_20_a_body_that_is_not_stored_as_sent_has_no_tag
        decision_20_a_creation_is_told_again_and_not_made_again
        decision_20_a_deletion_is_told_again
        decision_20_a_patch_is_told_again
        decision_20_if_is_judged_of_a_repeated_write
        decision_20_an_id_on_another_document_is_another_write
        decision_20_of_two_at_once_one_is_made_and_both_are_told
        decision_20_a_refused_write_is_not_recorded
        decision_20_an_unconditional_write_is_asked_for_a_condition_again
        the_store_refuses_an_identity_that_it_knows
    ];
    decision_20_the_same_request_again: "PUT" PLAN, [], SECOND => 204;
    decision_20_another_id: "PUT" PLAN, ["idempotency-key": "\"b\""], SECOND => 412;
    decision_20_no_id: "PUT" PLAN, ["idempotency-key": ""], SECOND => 412;
    decision_20_two_lines_of_ids: "PUT" PLAN, ["idempotency-key": "\"a\"", "idempotency-key": "\"a\""], SECOND => 412;
    decision_20_another_sender: "PUT" PLAN, ["x-user": "grace"], SECOND => 412;
    decision_20_no_sender: "PUT" PLAN, ["x-user": ""], SECOND => 412;
    decision_20_another_tag: "PUT" PLAN, ["if-match": "\"0\""], SECOND => 412;
    decision_20_another_condition: "PUT" PLAN, ["if-match": "", "if-none-match": "*"], SECOND => 412;
    decision_20_another_target: "PUT" "/documents/plan?draft", [], SECOND => 412;
    decision_20_another_method: "DELETE" PLAN, [], SECOND => 412;
    decision_20_another_length: "PUT" PLAN, [], THIRD => 412;
    decision_20_another_content_of_the_same_length: "PUT" PLAN, [], ALIKE => 412;
    decision_20_no_digest: "PUT" PLAN, ["content-digest": ""], SECOND => 412;
    decision_20_another_type: "PUT" PLAN, ["content-type": "application/json; charset=utf-8"], SECOND => 412;
}

async fn history(app: &Router) -> usize {
    send(app, "GET", "/documents/plan/history", &[], Body::empty()).await.json().as_array().unwrap().len()
}

async fn created(store: Store) -> Router {
    let app = app(store);
    let created =
        write(&app, "PUT", PLAN, &[("if-none-match", "*"), ("idempotency-key", "\"c\"")], FIRST).await;
    assert_eq!(created.status, 201);
    app
}

async fn decision_20_the_answer_has_its_tag_while_it_is_current(store: Store) {
    let app = created(store).await;
    let first = write(&app, "PUT", PLAN, &[("if-match", "\"1\"")], SECOND).await;
    let again = write(&app, "PUT", PLAN, &[("if-match", "\"1\"")], SECOND).await;
    assert_eq!((again.status, again.get("etag")), (first.status, Some("\"2\"")));
    assert_eq!(again.get("last-modified"), first.get("last-modified"));
    assert_eq!(history(&app).await, 2);
}

async fn decision_20_a_body_that_is_not_stored_as_sent_has_no_tag(store: Store) {
    let app = created(store).await;
    for _ in 0..2 {
        let spaced = r#"{ "title": "Plan", "text": "second" }"#;
        let told = write(&app, "PUT", PLAN, &[("if-match", "\"1\"")], spaced).await;
        assert_eq!((told.status.as_u16(), told.get("etag")), (204, None));
    }
    assert_eq!(history(&app).await, 2);
}

async fn decision_20_a_creation_is_told_again_and_not_made_again(store: Store) {
    let app = created(store).await;
    let creation = [("if-none-match", "*"), ("idempotency-key", "\"c\"")];
    let again = write(&app, "PUT", PLAN, &creation, FIRST).await;
    assert_eq!(
        (again.status.as_u16(), again.get("etag"), again.get("location")),
        (201, Some("\"1\""), Some(PLAN))
    );

    assert_eq!(write(&app, "DELETE", PLAN, &[("if-match", "\"1\"")], "").await.status, 204);
    let again = write(&app, "PUT", PLAN, &creation, FIRST).await;
    assert_eq!((again.status.as_u16(), again.get("etag"), again.get("location")), (201, None, Some(PLAN)));
    assert_eq!(ask(&app, "GET", &[], "").await.status, 404, "it stays deleted");
}

async fn decision_20_a_deletion_is_told_again(store: Store) {
    let app = created(store).await;
    for _ in 0..2 {
        assert_eq!(write(&app, "DELETE", PLAN, &[("if-match", "\"1\"")], "").await.status, 204);
    }
    assert_eq!(
        write(&app, "DELETE", PLAN, &[("if-match", "\"1\""), ("idempotency-key", "b")], "").await.status,
        404
    );
    assert_eq!(history(&app).await, 2);
}

async fn decision_20_a_patch_is_told_again(store: Store) {
    let app = created(store).await;
    let patch = r#"{"text":"second"}"#;
    let first = write(&app, "PATCH", PLAN, &[("if-match", "\"1\"")], patch).await;
    let again = write(&app, "PATCH", PLAN, &[("if-match", "\"1\"")], patch).await;
    assert_eq!([first.status.as_u16(), again.status.as_u16()], [200, 204]);
    assert_eq!(again.get("etag"), first.get("etag"));
    assert_eq!(history(&app).await, 2);
}

async fn decision_20_if_is_judged_of_a_repeated_write(store: Store) {
    let app = created(store).await;
    let unmapped = [("if-match", "\"1\""), ("if", "</documents/other> (Not [\"1\"])")];
    for _ in 0..2 {
        assert_eq!(write(&app, "PUT", PLAN, &unmapped, SECOND).await.status, 204);
    }
    let other = [("if-match", "\"1\""), ("if", "</documents/other> (Not [\"2\"])")];
    assert_eq!(write(&app, "PUT", PLAN, &other, SECOND).await.status, 412, "another If is another write");
    let created = [("if-none-match", "*"), ("idempotency-key", "b")];
    assert_eq!(write(&app, "PUT", "/documents/other", &created, FIRST).await.status, 201);
    assert_eq!(
        write(&app, "PUT", PLAN, &unmapped, SECOND).await.status,
        412,
        "a false If is never a success"
    );
    assert_eq!(history(&app).await, 2);
}

async fn decision_20_an_id_on_another_document_is_another_write(store: Store) {
    let app = created(store).await;
    let other = write(
        &app,
        "PUT",
        "/documents/other",
        &[("if-none-match", "*"), ("idempotency-key", "\"c\"")],
        FIRST,
    )
    .await;
    assert_eq!(other.status, 201);
    let read = send(&app, "GET", "/documents/other", &[], Body::empty()).await;
    assert_eq!(read.status, 200);
}

async fn decision_20_of_two_at_once_one_is_made_and_both_are_told(store: Store) {
    let app = created(store).await;
    for round in 0..20 {
        let tag = format!("\"{}\"", round + 1);
        let id = format!("\"round {round}\"");
        let fields = [("if-match", tag.as_str()), ("idempotency-key", &id)];
        let (one, other) = tokio::join!(
            write(&app, "PUT", PLAN, &fields, SECOND),
            write(&app, "PUT", PLAN, &fields, SECOND),
        );
        let next = format!("\"{}\"", round + 2);
        for told in [one, other] {
            assert_eq!(
                (told.status.as_u16(), told.get("etag")),
                (204, Some(next.as_str())),
                "{:?}",
                told.content
            );
        }
        assert_eq!(history(&app).await, round + 2);
    }
}

async fn decision_20_a_refused_write_is_not_recorded(store: Store) {
    let app = created(store).await;
    let fields = [("if-match", "\"0\"")];
    for _ in 0..2 {
        assert_eq!(write(&app, "PUT", PLAN, &fields, SECOND).await.status, 412);
    }
}

async fn decision_20_an_unconditional_write_is_asked_for_a_condition_again(store: Store) {
    let app = app(store);
    assert_eq!(write(&app, "PUT", PLAN, &[], FIRST).await.status, 201);
    assert_eq!(write(&app, "PUT", PLAN, &[], FIRST).await.status, 428);
}

async fn the_store_refuses_an_identity_that_it_knows(store: Store) {
    let document = Document { title: String::new(), text: "first".to_owned() };
    let once = Once { identity: &[7; 32], with_validators: true };
    let create = Change::Create(document.clone());
    let made = store.write_once("plan", &create, "ada", once).await.unwrap().unwrap();
    let (stored, record) = store.look_up("plan", once.identity).await.unwrap();
    assert_eq!(stored.unwrap().revision, made);
    let record = record.unwrap();
    assert_eq!((record.from, record.made, record.with_validators), (None, Some((1, made.changed_at)), true));
    assert_eq!(store.look_up("plan", &[8; 32]).await.unwrap().1, None);
    assert_eq!(store.look_up("other", once.identity).await.unwrap(), (None, None));

    store.write("plan", &Change::Delete { version: 1 }, "grace").await.unwrap().unwrap();
    // Nothing exists, so the change itself would be made.
    assert_eq!(store.write_once("plan", &create, "ada", once).await.unwrap(), None);
    let (stored, record) = store.look_up("plan", once.identity).await.unwrap();
    assert_eq!((stored, record.is_some()), (None, true));
    assert!(store.write("plan", &create, "ada").await.unwrap().is_some());
    let replace = Change::Replace { version: 2, document };
    assert_eq!(store.write_once("plan", &replace, "ada", once).await.unwrap(), None);
    assert_eq!(store.history("plan").await.unwrap().len(), 3, "the history has nothing of it either");
}

/// After 24 hours a retry is a conflict again, and its record makes room.
async fn assert_forgotten(store: Store, age: &'static str, mut run: impl AsyncFnMut(&'static str) -> i64) {
    let app = story(store).await;
    run(age).await;
    assert_eq!(write(&app, "PUT", PLAN, &[("if-match", "\"1\"")], SECOND).await.status, 412);
    let next = [("if-match", "\"3\""), ("idempotency-key", "\"b\"")];
    assert_eq!(write(&app, "PUT", PLAN, &next, SECOND).await.status, 204);
    assert_eq!(run("SELECT count(*) FROM recent_writes").await, 1);
}

#[tokio::test]
async fn decision_20_after_24_hours_in_sqlite() {
    let opened = stores::sqlite().await.unwrap();
    let url = stores::sqlite_url(opened.folder.as_ref().unwrap().path());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let age = "UPDATE recent_writes SET made_at = made_at - 86400000 RETURNING 1";
    assert_forgotten(opened.store.clone(), age, async |statement| {
        query_scalar(statement).fetch_one(&mut connection).await.unwrap()
    })
    .await;
}

#[tokio::test]
async fn decision_20_after_24_hours_in_postgresql() {
    let Some(server) = shared().await else { return };
    let url = server.database().await;
    let store = stores::open(&url).await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let age = "UPDATE recent_writes SET made_at = made_at - interval '24 hours' RETURNING 1::bigint";
    assert_forgotten(store, age, async |statement| {
        query_scalar(statement).fetch_one(&mut connection).await.unwrap()
    })
    .await;
}

#[tokio::test]
async fn a_file_of_before_records_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let url = stores::sqlite_url(folder.path());
    let mut connection = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
    let first = include_str!("../../migrations/sqlite/0001_documents.sql").into_sql_str();
    let first = Migration::new(1, "documents".into(), MigrationType::Simple, first, false);
    Migrator::with_migrations(vec![first]).run_direct(None, &mut connection, false).await.unwrap();
    let known = "INSERT INTO documents VALUES ('plan', 1, 'Plan', 'first', 'created', 'ada', 0)";
    sqlx::query(known).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let app = app(stores::open(&url).await);
    for _ in 0..2 {
        let told = write(&app, "PUT", PLAN, &[("if-match", "\"1\"")], SECOND).await;
        assert_eq!((told.status.as_u16(), told.get("etag")), (204, Some("\"2\"")));
    }
    assert_eq!(history(&app).await, 2);
}
