//! The contract of every store.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use documents::{
    Store,
    store::{Change, ChangeKind, Document, Revision},
};

use crate::{
    on_every_store,
    support::{postgres::shared, stores},
};

on_every_store! {
    a_store_starts_empty
    a_created_document_is_read_as_it_was_written
    an_existing_document_is_not_created_again
    a_change_of_another_version_changes_nothing
    a_deleted_document_is_gone
    no_version_is_used_twice
    a_change_after_a_deletion_changes_nothing
    every_change_is_in_the_history
    the_list_is_in_the_order_of_bytes
    any_text_is_kept
    one_of_racing_creations_succeeds
    one_of_racing_changes_succeeds
    one_of_racing_changes_and_deletions_succeeds
    a_write_that_is_never_awaited_changes_nothing
}

fn document(text: &str) -> Document {
    Document { title: "Plan".to_owned(), text: text.to_owned() }
}

fn replace(version: u64, text: &str) -> Change {
    Change::Replace { version, document: document(text) }
}

fn patch(version: u64, text: &str) -> Change {
    Change::Patch { version, document: document(text) }
}

async fn write(store: &Store, change: Change) -> Option<Revision> {
    store.write("plan", &change, "Ada").await.unwrap()
}

async fn create(store: &Store) -> Revision {
    write(store, Change::Create(document("first"))).await.expect("nothing was there")
}

/// The text and the version; `None` if there is no document.
async fn current(store: &Store) -> Option<(String, u64)> {
    let stored = store.get("plan").await.unwrap()?;
    Some((stored.document.text, stored.revision.version))
}

async fn history(store: &Store) -> Vec<(ChangeKind, u64)> {
    let history = store.history("plan").await.unwrap();
    history.into_iter().map(|entry| (entry.what, entry.revision.version)).collect()
}

async fn a_store_starts_empty(store: Store) {
    assert_eq!(store.get("plan").await.unwrap(), None);
    assert!(store.list().await.unwrap().is_empty());
    assert!(store.history("plan").await.unwrap().is_empty());
    for change in [replace(1, "x"), patch(0, "x"), Change::Delete { version: 1 }] {
        assert_eq!(write(&store, change).await, None);
    }
    assert!(store.history("plan").await.unwrap().is_empty());
}

async fn a_created_document_is_read_as_it_was_written(store: Store) {
    let before = SystemTime::now() - Duration::from_secs(5);
    let created = create(&store).await;
    assert_eq!((created.version, created.changed_by.as_str()), (1, "Ada"));
    assert!(created.changed_at > before && created.changed_at < before + Duration::from_secs(60));

    let stored = store.get("plan").await.unwrap().unwrap();
    assert_eq!((stored.document, &stored.revision), (document("first"), &created));
    let listed = &store.list().await.unwrap()[0];
    assert_eq!((listed.id.as_str(), listed.title.as_str(), &listed.revision), ("plan", "Plan", &created));
    assert_eq!(store.history("plan").await.unwrap()[0].revision, created);
}

async fn an_existing_document_is_not_created_again(store: Store) {
    create(&store).await;
    assert_eq!(write(&store, Change::Create(document("second"))).await, None);
    assert_eq!(current(&store).await, Some(("first".to_owned(), 1)));
    assert_eq!(history(&store).await, [(ChangeKind::Created, 1)]);
}

async fn a_change_of_another_version_changes_nothing(store: Store) {
    create(&store).await;
    assert_eq!(write(&store, replace(1, "second")).await.unwrap().version, 2);
    for version in [0, 1, 3] {
        for change in [replace(version, "x"), patch(version, "x"), Change::Delete { version }] {
            assert_eq!(write(&store, change.clone()).await, None, "{change:?}");
        }
    }
    assert_eq!(current(&store).await, Some(("second".to_owned(), 2)));
    assert_eq!(history(&store).await, [(ChangeKind::Created, 1), (ChangeKind::Replaced, 2)]);
}

async fn a_deleted_document_is_gone(store: Store) {
    create(&store).await;
    assert!(write(&store, Change::Delete { version: 1 }).await.is_some());
    assert_eq!(current(&store).await, None);
    assert!(store.list().await.unwrap().is_empty());
    assert_eq!(write(&store, Change::Delete { version: 1 }).await, None);
    assert_eq!(history(&store).await, [(ChangeKind::Created, 1), (ChangeKind::Deleted, 1)]);
}

async fn no_version_is_used_twice(store: Store) {
    for version in 1..=3 {
        assert_eq!(create(&store).await.version, version);
        assert!(write(&store, Change::Delete { version }).await.is_some());
    }
    assert_eq!(create(&store).await.version, 4);
    assert_eq!(write(&store, patch(4, "x")).await.unwrap().version, 5);
}

async fn a_change_after_a_deletion_changes_nothing(store: Store) {
    create(&store).await;
    write(&store, Change::Delete { version: 1 }).await.unwrap();
    assert_eq!(write(&store, replace(1, "x")).await, None);
    create(&store).await;
    assert_eq!(write(&store, replace(1, "x")).await, None);
    assert_eq!(current(&store).await, Some(("first".to_owned(), 2)));
}

async fn every_change_is_in_the_history(store: Store) {
    create(&store).await;
    write(&store, replace(1, "second")).await.unwrap();
    let patched = store.write("plan", &patch(2, "third"), "Grace").await.unwrap().unwrap();
    write(&store, Change::Delete { version: 3 }).await.unwrap();
    create(&store).await;
    store.write("other", &Change::Create(document("")), "Ada").await.unwrap().unwrap();

    let expected = [
        (ChangeKind::Created, 1),
        (ChangeKind::Replaced, 2),
        (ChangeKind::Patched, 3),
        (ChangeKind::Deleted, 3),
        (ChangeKind::Created, 4),
    ];
    assert_eq!(history(&store).await, expected);
    let history = store.history("plan").await.unwrap();
    assert_eq!((history[2].revision.changed_by.as_str(), &history[2].revision), ("Grace", &patched));
}

async fn the_list_is_in_the_order_of_bytes(store: Store) {
    for id in ["b", "ä", "B", "a b", "a"] {
        store.write(id, &Change::Create(document("")), "Ada").await.unwrap().unwrap();
    }
    let ids: Vec<String> = store.list().await.unwrap().into_iter().map(|listed| listed.id).collect();
    assert_eq!(ids, ["B", "a", "a b", "b", "ä"]);
}

async fn any_text_is_kept(store: Store) {
    let texts =
        ["", "'; DROP TABLE documents; --", "?1 $1", "line\r\nline\ttab", "\u{1f600} e\u{301}", "\u{1}"];
    for text in texts.map(str::to_owned).into_iter().chain([text_of_a_mebibyte()]) {
        store
            .write(&text.chars().take(9).collect::<String>(), &Change::Create(document(&text)), &text[..0])
            .await
            .unwrap()
            .unwrap();
        let stored = store.get(&text.chars().take(9).collect::<String>()).await.unwrap().unwrap();
        assert!(stored.document.text == text);
    }
}

fn text_of_a_mebibyte() -> String {
    "x".repeat(1024 * 1024)
}

async fn one_of_racing_creations_succeeds(store: Store) {
    let changes = (0..16).map(|number| Change::Create(document(&number.to_string())));
    let made = race(&store, changes).await;
    assert_eq!(made, [1]);
    assert_eq!(history(&store).await, [(ChangeKind::Created, 1)]);
    // The same after a deletion.
    write(&store, Change::Delete { version: 1 }).await.unwrap();
    let changes = (0..16).map(|number| Change::Create(document(&number.to_string())));
    assert_eq!(race(&store, changes).await, [2]);
}

async fn one_of_racing_changes_succeeds(store: Store) {
    create(&store).await;
    for version in 1..=10 {
        let changes = (0..8).map(|number| replace(version, &number.to_string()));
        assert_eq!(race(&store, changes).await, [version + 1]);
    }
    let versions: BTreeSet<u64> = history(&store).await.into_iter().map(|(_, version)| version).collect();
    assert_eq!(versions.len(), 11);
}

async fn one_of_racing_changes_and_deletions_succeeds(store: Store) {
    create(&store).await;
    let changes = (0..16).map(|number| match number % 2 {
        0 => Change::Delete { version: 1 },
        _ => replace(1, "second"),
    });
    assert_eq!(race(&store, changes).await.len(), 1);
    assert_eq!(history(&store).await.len(), 2);
}

/// Makes all changes at once, and returns the versions of those that succeeded.
async fn race(store: &Store, changes: impl Iterator<Item = Change>) -> Vec<u64> {
    let racing: Vec<_> = changes
        .map(|change| {
            let store = store.clone();
            tokio::spawn(async move { write(&store, change).await })
        })
        .collect();
    let mut made = Vec::new();
    for one in racing {
        made.extend(one.await.unwrap().map(|revision| revision.version));
    }
    made
}

async fn a_write_that_is_never_awaited_changes_nothing(store: Store) {
    drop(store.write("plan", &Change::Create(document("first")), "Ada"));
    assert_eq!(current(&store).await, None);
}

/// Replicas that start together all start, and keep the documents that exist.
#[tokio::test]
async fn several_instances_may_open_a_new_sqlite_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    open_at_once(&stores::sqlite_url(folder.path())).await;
}

#[tokio::test]
async fn several_instances_may_open_a_new_postgres_database_at_once() {
    if let Some(postgres) = shared().await {
        open_at_once(&postgres.database().await).await;
    }
}

async fn open_at_once(url: &str) {
    let opening: Vec<_> = (0..8)
        .map(|_| url.to_owned())
        .map(|url| tokio::spawn(async move { stores::open(&url).await }))
        .collect();
    let mut opened = Vec::new();
    for one in opening {
        opened.push(one.await.unwrap());
    }
    create(&opened[0]).await;
    for store in &opened {
        assert_eq!(current(store).await, Some(("first".to_owned(), 1)));
    }
    for store in &opened {
        store.close().await;
    }
    assert_eq!(current(&stores::open(url).await).await, Some(("first".to_owned(), 1)));
}

#[tokio::test]
async fn a_url_of_no_store_is_refused() {
    for url in [
        "",
        "documents.sqlite",
        "mysql://localhost",
        "sqlite::memory:",
        "sqlite:/no/such/folder/documents.sqlite",
    ] {
        assert!(Store::open(url).await.is_err(), "{url}");
    }
}
