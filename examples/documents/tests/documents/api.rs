//! The answers to requests for documents.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    Router,
    body::{Body, Bytes},
};
use documents::{Store, app};
use http_body::Frame;
use serde_json::Value;
use tokio::sync::Barrier;

use crate::{
    on_every_store,
    support::http::{Answer, FIRST, PLAN, SECOND, ask, send, text},
};

on_every_store! {
    decision_14_a_read_has_an_entity_tag
    rule_49_each_content_coding_has_its_own_tag_and_a_write_may_name_any_of_them
    rule_23_a_read_with_the_current_tag_is_304
    rule_21_a_guarded_create_succeeds_once
    rule_66_a_write_to_an_existing_document_needs_a_condition
    a_first_put_needs_no_condition
    rules_7_16_a_stale_write_is_412
    rule_58_a_put_gets_no_validator_unless_it_is_stored_as_sent
    rule_67_a_patch_applies_whole_or_not_at_all
    no_version_is_used_twice
    decision_2_a_missing_document_is_404
    rule_2_other_refusals_win_over_preconditions
    decision_3_a_get_that_asks_for_an_upgrade_is_a_plain_get
    the_list_is_in_order
    rule_80_the_list_has_a_tag_made_of_its_rows
    decision_17_one_of_two_racing_writes_succeeds
    decision_17_one_of_two_racing_first_writes_succeeds
}

/// Returns an application in which the plan has its first version.
async fn with_plan(store: Store) -> Router {
    let app = app(store);
    let created = ask(&app, "PUT", &[("if-none-match", "*"), ("x-user", "Ada")], FIRST).await;
    assert_eq!(created.status, 201);
    app
}

async fn decision_14_a_read_has_an_entity_tag(store: Store) {
    let app = with_plan(store).await;
    let read = ask(&app, "GET", &[], "").await;
    assert_eq!((read.status.as_u16(), read.get("etag")), (200, Some("\"1\"")));
    assert!(read.get("last-modified").is_some());
    assert_eq!(read.content, FIRST);
}

async fn rule_23_a_read_with_the_current_tag_is_304(store: Store) {
    let app = with_plan(store).await;
    let unchanged = ask(&app, "GET", &[("if-none-match", "\"1\"")], "").await;
    assert_eq!((unchanged.status.as_u16(), unchanged.get("etag")), (304, Some("\"1\"")));
    assert!(unchanged.content.is_empty());
    assert_eq!(ask(&app, "GET", &[("if-none-match", "\"2\"")], "").await.status, 200);
}

async fn rule_21_a_guarded_create_succeeds_once(store: Store) {
    let app = app(store);
    let created = ask(&app, "PUT", &[("if-none-match", "*"), ("x-user", "Ada")], FIRST).await;
    assert_eq!((created.status.as_u16(), created.get("location")), (201, Some(PLAN)));
    assert_eq!(created.get("etag"), Some("\"1\""));

    let again = ask(&app, "PUT", &[("if-none-match", "*")], SECOND).await;
    assert_eq!((again.status.as_u16(), again.get("location")), (412, Some(PLAN)));
    assert_eq!(again.json()["changed_by"], "Ada");
    assert!(again.json()["changed_at"].is_string());
    assert_eq!(text(&app).await, "first");
}

async fn rule_66_a_write_to_an_existing_document_needs_a_condition(store: Store) {
    let app = with_plan(store).await;
    for (method, content) in [("PUT", SECOND), ("PATCH", "{}"), ("DELETE", "")] {
        let refused = ask(&app, method, &[], content).await;
        assert_eq!(refused.status, 428, "{method}");
        assert_eq!(refused.get("cache-control"), Some("no-store"));
    }
    assert_eq!(text(&app).await, "first");
}

async fn a_first_put_needs_no_condition(store: Store) {
    assert_eq!(ask(&app(store), "PUT", &[], FIRST).await.status, 201);
}

async fn rules_7_16_a_stale_write_is_412(store: Store) {
    let app = with_plan(store).await;
    let fresh = ask(&app, "PUT", &[("if-match", "\"1\""), ("x-user", "Grace")], SECOND).await;
    assert_eq!((fresh.status.as_u16(), fresh.get("etag")), (204, Some("\"2\"")));

    let stale = ask(&app, "PUT", &[("if-match", "\"1\"")], FIRST).await;
    assert_eq!((stale.status.as_u16(), stale.get("etag")), (412, Some("\"2\"")));
    assert_eq!(stale.json()["current_etag"], "\"2\"");
    assert_eq!(stale.json()["changed_by"], "Grace");
    assert_eq!(text(&app).await, "second");
}

async fn rule_58_a_put_gets_no_validator_unless_it_is_stored_as_sent(store: Store) {
    let app = with_plan(store).await;
    let spaced = r#"{ "text": "second", "title": "Plan" }"#;
    let replaced = ask(&app, "PUT", &[("if-match", "\"1\"")], spaced).await;
    assert_eq!(replaced.status, 204);
    assert_eq!((replaced.get("etag"), replaced.get("last-modified")), (None, None));
    assert_eq!(ask(&app, "GET", &[], "").await.content, SECOND);
}

async fn rule_67_a_patch_applies_whole_or_not_at_all(store: Store) {
    let app = with_plan(store).await;
    let stale = ask(&app, "PATCH", &[("if-match", "\"0\"")], r#"{"text":"patched"}"#).await;
    assert_eq!(stale.status, 412);
    let odd = ask(&app, "PATCH", &[("if-match", "\"1\"")], r#"{"text":"patched","title":null}"#).await;
    assert_eq!(odd.status, 422);
    assert_eq!(text(&app).await, "first");

    let patched = ask(&app, "PATCH", &[("if-match", "\"1\"")], r#"{"text":"patched"}"#).await;
    assert_eq!((patched.status.as_u16(), patched.get("etag")), (200, Some("\"2\"")));
    assert_eq!(patched.get("content-location"), Some(PLAN));
    assert_eq!(patched.content, r#"{"title":"Plan","text":"patched"}"#);
    assert_eq!(text(&app).await, "patched");
}

async fn no_version_is_used_twice(store: Store) {
    let app = with_plan(store).await;
    assert_eq!(ask(&app, "DELETE", &[("if-match", "\"1\"")], "").await.status, 204);
    assert_eq!(ask(&app, "GET", &[], "").await.status, 404);
    let created = ask(&app, "PUT", &[("if-none-match", "*")], FIRST).await;
    assert_eq!((created.status.as_u16(), created.get("etag")), (201, Some("\"2\"")));
    assert_eq!(ask(&app, "PUT", &[("if-match", "\"1\"")], SECOND).await.status, 412);
}

async fn decision_2_a_missing_document_is_404(store: Store) {
    let app = app(store);
    assert_eq!(ask(&app, "DELETE", &[("if-match", "\"1\"")], "").await.status, 404);
    assert_eq!(ask(&app, "DELETE", &[], "").await.status, 404);
    assert_eq!(ask(&app, "GET", &[("if-match", "\"1\"")], "").await.status, 404);
    assert_eq!(ask(&app, "PATCH", &[], "{}").await.status, 404);
}

async fn rule_2_other_refusals_win_over_preconditions(store: Store) {
    let app = with_plan(store).await;
    let stale = ("if-match", "\"0\"");
    let text = ("content-type", "text/plain");
    assert_eq!(ask(&app, "PUT", &[stale, text], "text").await.status, 415);
    assert_eq!(ask(&app, "PATCH", &[text], "text").await.status, 415);
    assert_eq!(ask(&app, "POST", &[stale], "").await.status, 405);
    assert_eq!(send(&app, "PUT", "/nowhere", &[stale], Body::empty()).await.status, 404);
}

/// The server speaks no other protocol, so it declines the upgrade.
async fn decision_3_a_get_that_asks_for_an_upgrade_is_a_plain_get(store: Store) {
    let app = with_plan(store).await;
    let read = ask(&app, "GET", &[("connection", "upgrade"), ("upgrade", "websocket")], "").await;
    assert_eq!((read.status.as_u16(), read.content), (200, FIRST.into()));
}

async fn the_list_is_in_order(store: Store) {
    let app = with_plan(store).await;
    send(&app, "PUT", "/documents/another%20one", &[], Body::from(SECOND)).await;
    let list = send(&app, "GET", "/documents", &[], Body::empty()).await;
    assert_eq!(list.get("cache-control"), Some("no-cache"));
    let list = list.json();
    let ids: Vec<&Value> = list.as_array().unwrap().iter().map(|listed| &listed["id"]).collect();
    assert_eq!(ids, ["another one", "plan"]);
    assert_eq!(list[1]["changed_by"], "Ada");
}

async fn rule_80_the_list_has_a_tag_made_of_its_rows(store: Store) {
    let app = with_plan(store).await;
    let read =
        async |tag: &str| send(&app, "GET", "/documents", &[("if-none-match", tag)], Body::empty()).await;
    let first = read("\"none\"").await;
    assert_eq!(first.status, 200);
    let tag = first.get("etag").unwrap().to_owned();
    let unchanged = read(&tag).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.get("etag")), (304, Some(&*tag)));
    assert!(unchanged.content.is_empty());

    // Each change of a row changes the tag, and no tag comes back.
    let mut seen = vec![tag];
    send(&app, "PUT", "/documents/another", &[], Body::from(SECOND)).await;
    seen.push(read(&seen[0]).await.get("etag").unwrap().to_owned());
    ask(&app, "PUT", &[("if-match", "\"1\"")], SECOND).await;
    seen.push(read(&seen[1]).await.get("etag").unwrap().to_owned());
    ask(&app, "DELETE", &[("if-match", "\"2\"")], "").await;
    seen.push(read(&seen[2]).await.get("etag").unwrap().to_owned());
    ask(&app, "PUT", &[("if-none-match", "*")], FIRST).await;
    let last = read(&seen[3]).await;
    assert_eq!(last.status, 200);
    seen.push(last.get("etag").unwrap().to_owned());
    let different: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(different.len(), 5, "{seen:?}");
}

/// Both writes pass the layer with the same version before the store sees either: each body
/// arrives only when both handlers wait for theirs.
async fn decision_17_one_of_two_racing_writes_succeeds(store: Store) {
    let app = with_plan(store).await;
    let (one, other) = race(&app, &[("if-match", "\"1\""), ("x-user", "Grace")]).await;
    let (made, refused) = if one.status == 204 { (one, other) } else { (other, one) };
    assert_eq!((made.status.as_u16(), made.get("etag")), (204, Some("\"2\"")));
    assert_eq!((refused.status.as_u16(), refused.get("etag")), (412, Some("\"2\"")));
    assert_eq!(refused.get("content-type"), Some("application/problem+json"));
    assert_eq!(refused.get("cache-control"), Some("no-store"));
    assert_eq!(refused.json()["current_etag"], "\"2\"");
    assert_eq!(refused.json()["changed_by"], "Grace");
    assert_eq!(text(&app).await, "second");
}

async fn decision_17_one_of_two_racing_first_writes_succeeds(store: Store) {
    let app = app(store);
    let (one, other) = race(&app, &[]).await;
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    // By now the document exists, so a write needs a condition.
    assert_eq!(statuses, [201, 428]);
}

async fn race(app: &Router, fields: &[(&str, &str)]) -> (Answer, Answer) {
    let both = Arc::new(Barrier::new(2));
    let held = || Body::new(Held::behind(Arc::clone(&both), SECOND));
    tokio::join!(send(app, "PUT", PLAN, fields, held()), send(app, "PUT", PLAN, fields, held()))
}

/// A body that arrives when the barrier opens; reading it waits at the barrier.
struct Held {
    barrier: Pin<Box<dyn Future<Output = ()> + Send>>,
    content: Option<Bytes>,
}

impl Held {
    fn behind(barrier: Arc<Barrier>, content: &'static str) -> Self {
        let barrier = Box::pin(async move {
            barrier.wait().await;
        });
        Self { barrier, content: Some(Bytes::from(content)) }
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.content.is_none() {
            return Poll::Ready(None);
        }
        ready!(self.barrier.as_mut().poll(cx));
        Poll::Ready(self.content.take().map(|content| Ok(Frame::data(content))))
    }
}

async fn rule_49_each_content_coding_has_its_own_tag_and_a_write_may_name_any_of_them(store: Store) {
    let app = with_plan(store).await;
    let short = ask(&app, "GET", &[("accept-encoding", "br")], "").await;
    assert_eq!((short.get("content-encoding"), short.get("etag")), (None, Some("\"1\"")));
    let long = format!(r#"{{"title":"Plan","text":"{}"}}"#, "long enough to be worth it ".repeat(50));
    let written = send(&app, "PUT", PLAN, &[("if-match", "\"1\"")], Body::from(long)).await;
    assert_eq!(written.status, 204);
    for coding in ["gzip", "br"] {
        let read = ask(&app, "GET", &[("accept-encoding", coding)], "").await;
        let tag = format!("\"2~{coding}\"");
        assert_eq!((read.get("content-encoding"), read.get("etag")), (Some(coding), Some(&*tag)));
        assert_eq!(read.get("x-version"), Some("2"));
        let fields = [("accept-encoding", coding), ("if-none-match", &*tag)];
        let unchanged = ask(&app, "GET", &fields, "").await;
        assert_eq!((unchanged.status.as_u16(), unchanged.get("etag")), (304, Some(&*tag)));
        assert_eq!(ask(&app, "PUT", &[("if-match", &tag.replace('2', "1"))], SECOND).await.status, 412);
    }
    assert_eq!(ask(&app, "PUT", &[("if-match", "\"2~br\"")], SECOND).await.status, 204);
}
