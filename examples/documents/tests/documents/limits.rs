//! Refusals that have nothing to do with preconditions.

use axum::body::Body;
use documents::{Store, app};
use serde_json::json;

use crate::{
    on_every_store,
    support::http::{FIRST, PLAN, SECOND, ask, send},
};

on_every_store! {
    every_refusal_is_a_problem_document
    rule_1_a_refusal_by_the_head_wins_over_412
    a_document_that_a_store_cannot_keep_is_refused
    a_write_without_a_name_is_anonymous
}

/// A stale condition: alone, it gets 412.
const STALE: (&str, &str) = ("if-match", "\"0\"");

async fn every_refusal_is_a_problem_document(store: Store) {
    let app = app(store);
    assert_eq!(ask(&app, "PUT", &[], FIRST).await.status, 201);
    let fresh = ("if-match", "\"1\"");
    let plain = ("content-type", "text/plain");
    let long = format!("/documents/{}", "x".repeat(101));
    for (name, method, path, fields, content, status) in [
        ("no such document", "GET", "/documents/none", &[][..], "", 404),
        ("no such history", "GET", "/documents/none/history", &[], "", 404),
        ("nothing to patch", "PATCH", "/documents/none", &[], "{}", 404),
        ("nothing to delete", "DELETE", "/documents/none", &[], "", 404),
        ("no such path", "GET", "/nowhere", &[], "", 404),
        ("no id", "GET", "/documents/", &[], "", 404),
        ("another method", "POST", PLAN, &[], "", 405),
        ("another method of the page", "DELETE", "/", &[], "", 405),
        ("another method to try out", "GET", "/try", &[], "", 405),
        ("another media type", "PUT", PLAN, &[fresh, plain], FIRST, 415),
        ("another media type to try out", "POST", "/try", &[plain], "{}", 415),
        ("no JSON", "PUT", PLAN, &[fresh], "{", 422),
        ("no document", "PUT", PLAN, &[fresh], r#"{"title":"Plan"}"#, 422),
        ("more than a document", "PUT", PLAN, &[fresh], r#"{"title":"","text":"","more":1}"#, 422),
        ("no patch", "PATCH", PLAN, &[fresh], "", 422),
        ("a patch that leaves no document", "PATCH", PLAN, &[fresh], r#"{"title":null}"#, 422),
        ("a long id", "GET", &long, &[], "", 400),
        ("a long id of a write", "PUT", &long, &[], FIRST, 400),
        ("a control character in an id", "GET", "/documents/a%00b", &[], "", 400),
        ("an id that is no text", "GET", "/documents/%ff", &[], "", 400),
        ("an id of a history that is no text", "GET", "/documents/%ff/history", &[], "", 400),
    ] {
        let refused = send(&app, method, path, fields, Body::from(content)).await;
        println!("{name}: {:?}", refused.content);
        refused.assert_problem(status);
    }
    let stored = ask(&app, "GET", &[], "").await;
    assert_eq!((stored.get("etag"), stored.content.as_ref()), (Some("\"1\""), FIRST.as_bytes()));
}

async fn rule_1_a_refusal_by_the_head_wins_over_412(store: Store) {
    let app = app(store);
    assert_eq!(ask(&app, "PUT", &[], FIRST).await.status, 201);
    assert_eq!(ask(&app, "PUT", &[STALE], SECOND).await.status, 412);
    let name = "x".repeat(101);
    for (field, status) in [
        (("content-type", "text/plain"), 415),
        (("content-length", "1048577"), 413),
        (("x-user", name.as_str()), 400),
    ] {
        ask(&app, "PUT", &[STALE, field], SECOND).await.assert_problem(status);
    }
    let patch = ask(&app, "PATCH", &[STALE, ("content-type", "application/json")], "{}").await;
    assert_eq!(patch.get("accept-patch"), Some("application/merge-patch+json"));
    let put = ask(&app, "PUT", &[STALE, ("content-type", "text/plain")], "{}").await;
    assert_eq!(put.get("accept"), Some("application/json"));
}

async fn a_document_that_a_store_cannot_keep_is_refused(store: Store) {
    let app = app(store);
    let zero = json!({ "title": "Plan", "text": "a\0b" }).to_string();
    send(&app, "PUT", PLAN, &[], Body::from(zero)).await.assert_problem(422);
    // The head announces no length.
    let long = json!({ "title": "Plan", "text": "x".repeat(1024 * 1024) }).to_string();
    send(&app, "PUT", PLAN, &[], Body::from(long)).await.assert_problem(413);
    let most = json!({ "title": "Plan", "text": "x".repeat(1024 * 1024 - 64) }).to_string();
    assert_eq!(send(&app, "PUT", PLAN, &[], Body::from(most)).await.status, 201);
    let zero = json!({ "text": "a\0b" }).to_string();
    send(&app, "PATCH", PLAN, &[("if-match", "\"1\"")], Body::from(zero)).await.assert_problem(422);
}

async fn a_write_without_a_name_is_anonymous(store: Store) {
    let app = app(store);
    assert_eq!(ask(&app, "PUT", &[], FIRST).await.status, 201);
    assert_eq!(ask(&app, "PATCH", &[("if-match", "*"), ("x-user", "Ada")], "{}").await.status, 200);
    assert_eq!(ask(&app, "DELETE", &[("if-match", "\"2\""), ("x-user", "Grace")], "").await.status, 204);
    let history = send(&app, "GET", "/documents/plan/history", &[], Body::empty()).await.json();
    let lines: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (&line["version"], &line["what"], &line["changed_by"]))
        .collect();
    let expected = [(1, "created", "anonymous"), (2, "patched", "Ada"), (2, "deleted", "Grace")];
    assert_eq!(lines.len(), expected.len());
    for (line, (version, what, who)) in lines.iter().zip(expected) {
        assert_eq!(*line, (&json!(version), &json!(what), &json!(who)));
    }
}
