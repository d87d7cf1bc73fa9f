//! Requests sent through `/try`.

use axum::{Router, body::Body};
use documents::{Proxy, Store, app, app_behind};
use serde_json::{Value, json};

use crate::support::http::{Answer, FIRST, SECOND, ask, send, text};

async fn with_plan() -> Router {
    let app = app(Store::open("memory:").await.unwrap());
    assert_eq!(ask(&app, "PUT", &[("x-user", "Ada")], FIRST).await.status, 201);
    app
}

async fn try_out(app: &Router, tried: &Value) -> Answer {
    send(app, "POST", "/try", &[("host", "documents.example")], Body::from(tried.to_string())).await
}

async fn shown(app: &Router, method: &str, path: &str, fields: &[[&str; 2]], body: Option<&str>) -> Value {
    let tried = json!({ "method": method, "path": path, "fields": fields, "body": body });
    let answer = try_out(app, &tried).await;
    assert_eq!(answer.status, 200, "{tried}: {:?}", answer.content);
    answer.json()
}

/// The outcomes of the steps, in their order.
fn outcomes(shown: &Value) -> Vec<&str> {
    shown["steps"].as_array().unwrap().iter().map(|step| step["outcome"].as_str().unwrap()).collect()
}

fn first_line(shown: &Value) -> &str {
    shown["response"].as_str().unwrap().lines().next().unwrap()
}

const JSON: [&str; 2] = ["Content-Type", "application/json"];

#[tokio::test]
async fn rule_7_a_stale_write_is_shown_byte_by_byte() {
    let app = with_plan().await;
    let shown = shown(&app, "PUT", "/documents/plan", &[["If-match", "\"0\""], JSON], Some(SECOND)).await;
    let request = format!(
        "PUT /documents/plan HTTP/1.1\r\nHost: documents.example\r\nIf-match: \"0\"\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{SECOND}",
        SECOND.len()
    );
    assert_eq!(shown["request"], request);
    let (head, content) = shown["response"].as_str().unwrap().split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 412 Precondition Failed\r\n"), "{head}");
    assert!(head.contains("\r\netag: \"1\"\r\n") && head.contains("\r\ndate: "), "{head}");
    assert_eq!(serde_json::from_str::<Value>(content).unwrap()["changed_by"], "Ada");
    assert_eq!(outcomes(&shown), ["false", "not present", "not present", "not present", "not present"]);
    assert_eq!(
        shown["steps"][0],
        json!({
            "condition": "If-Match",
            "outcome": "false",
            "says": "it does not name the current representation, by strong comparison",
        })
    );
    assert_eq!(shown["decision"], "412 by the layer: If-Match does not name the current representation");
    assert_eq!(text(&app).await, "first");
}

#[tokio::test]
async fn rules_7_9_10_a_read_shows_which_conditions_were_ignored() {
    let app = with_plan().await;
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let fields = [
        ["If-Match", "*"],
        ["If-Unmodified-Since", date],
        ["If-None-Match", "W/\"1\""],
        ["If-Modified-Since", date],
    ];
    let shown = shown(&app, "GET", "/documents/plan", &fields, None).await;
    assert_eq!(outcomes(&shown), ["true", "ignored", "false", "ignored", "not present"]);
    assert_eq!(shown["steps"][1]["says"], "If-Match stands beside it");
    assert_eq!(shown["steps"][3]["says"], "an earlier condition decided");
    assert_eq!(first_line(&shown), "HTTP/1.1 304 Not Modified");
    assert!(!shown["response"].as_str().unwrap().contains("content-length"));
    assert_eq!(shown["decision"], "304 by the layer: the client has the current representation already");
}

#[tokio::test]
async fn a_request_sent_through_try_takes_effect() {
    let app = with_plan().await;
    let shown = shown(&app, "PUT", "/documents/plan", &[["If-Match", "\"1\""], JSON], Some(SECOND)).await;
    assert_eq!(first_line(&shown), "HTTP/1.1 204 No Content");
    assert_eq!(shown["decision"], "204 by the handler: no condition stopped it");
    assert_eq!(text(&app).await, "second");
}

#[tokio::test]
async fn each_decision_names_who_made_it() {
    let app = with_plan().await;
    let ignored = ["not present"; 5];
    for (name, method, path, fields, body, line, steps, decision) in [
        (
            "a create of what exists",
            "PUT",
            "/documents/plan",
            &[["If-None-Match", "*"], JSON][..],
            Some(SECOND),
            "412 Precondition Failed",
            &["not present", "not present", "false", "not present", "not present"][..],
            "412 by the layer: If-None-Match names what currently exists",
        ),
        (
            "no condition",
            "PUT",
            "/documents/plan",
            &[JSON],
            Some(SECOND),
            "428 Precondition Required",
            &ignored,
            "428 by the layer: the request must carry If-Match",
        ),
        (
            "a malformed list",
            "PUT",
            "/documents/plan",
            &[["If-Match", "1"], JSON],
            Some(SECOND),
            "400 Bad Request",
            &["malformed"],
            "400 by the layer: If-Match: expected an entity tag in double quotes at offset 0, found `1`",
        ),
        (
            "nothing to delete",
            "DELETE",
            "/documents/none",
            &[["If-Match", "\"1\""]],
            None,
            "404 Not Found",
            &["false", "not present", "not present", "not present", "not present"],
            "404 by the layer: nothing exists here",
        ),
        (
            "a false If, before a false If-Match",
            "PUT",
            "/documents/plan",
            &[["If", "([\"0\"]) (<urn:uuid:1>)"], ["If-Match", "\"0\""], JSON],
            Some(SECOND),
            "412 Precondition Failed",
            &["false", "ignored", "not present", "not present", "not present", "not present"],
            "412 by the layer: no list of If holds: the first one fails on [\"0\"]",
        ),
        (
            "a malformed If",
            "GET",
            "/documents/plan",
            &[["If", "(<x"]],
            None,
            "400 Bad Request",
            &["malformed"],
            "400 by the layer: If: expected an absolute URI at offset 2, found `x`",
        ),
        (
            "a true If about another document, before a false If-Match",
            "DELETE",
            "/documents/plan",
            &[["If", "</documents/n%6Fne> (Not [\"1\"])"], ["If-Match", "\"0\""]],
            None,
            "412 Precondition Failed",
            &["true", "false", "not present", "not present", "not present", "not present"],
            "412 by the layer: If-Match does not name the current representation",
        ),
        (
            "a true If alone",
            "GET",
            "/documents/none",
            &[["If", "</documents/pl%61n> ([\"1\"])"]],
            None,
            "404 Not Found",
            &["true", "not present", "not present", "not present", "not present", "not present"],
            "404 by the handler: no condition stopped it",
        ),
        (
            "no such document",
            "GET",
            "/documents/none",
            &[["If-None-Match", "\"1\""]],
            None,
            "404 Not Found",
            &["not present", "not present", "ignored", "not present", "not present"],
            "404 by the handler: no condition stopped it",
        ),
        (
            "a reading",
            "GET",
            "/documents/plan",
            &[],
            None,
            "200 OK",
            &ignored,
            "200 by the handler: the request is unconditional",
        ),
        (
            "the page",
            "HEAD",
            "/",
            &[["If-None-Match", "\"1\""]],
            None,
            "200 OK",
            &["not present", "not present", "true", "not present", "not present"],
            "200 by the handler: no condition stopped it",
        ),
        (
            "the list",
            "GET",
            "/documents",
            &[["If-None-Match", "*"]],
            None,
            "304 Not Modified",
            &["not present", "not present", "false", "not present", "not present"],
            "304 by the layer: the client has the current representation already",
        ),
        (
            "the history",
            "GET",
            "/documents/plan/history",
            &[["If-None-Match", "*"]],
            None,
            "200 OK",
            &[],
            "200: no precondition was evaluated for this answer",
        ),
        (
            "another media type",
            "PUT",
            "/documents/plan",
            &[["If-Match", "\"0\""]],
            Some("x"),
            "415 Unsupported Media Type",
            &[],
            "415: no precondition was evaluated for this answer",
        ),
        (
            "another method",
            "LOCK",
            "/documents/plan",
            &[["If-Match", "\"0\""]],
            None,
            "405 Method Not Allowed",
            &[],
            "405: no precondition was evaluated for this answer",
        ),
        (
            "no request",
            "GET",
            "/documents",
            &[["Content-Length", "x"]],
            Some("x"),
            "400 Bad Request",
            &[],
            "the server could not parse the request, so it evaluated nothing",
        ),
    ] {
        let shown = shown(&app, method, path, fields, body).await;
        assert_eq!(first_line(&shown), format!("HTTP/1.1 {line}"), "{name}");
        assert_eq!(outcomes(&shown), steps, "{name}");
        assert_eq!(shown["decision"], decision, "{name}");
    }
    assert_eq!(text(&app).await, "first");
}

#[tokio::test]
async fn a_request_that_cannot_be_sent_is_refused_with_the_reason() {
    let app = with_plan().await;
    for (method, path, field, says) in [
        ("P T", "/documents", ["A", "b"], "expected a method such as PUT, found `P T`"),
        ("", "/documents", ["A", "b"], "expected a method such as PUT, found ``"),
        ("CONNECT", "/documents", ["A", "b"], "expected a method such as PUT, found `CONNECT`"),
        ("GET", "documents", ["A", "b"], "expected a path such as /documents/plan, found `documents`"),
        ("GET", "http://a/", ["A", "b"], "expected a path such as /documents/plan, found `http://a/`"),
        ("GET", "/a b", ["A", "b"], "expected a path such as /documents/plan, found `/a b`"),
        ("GET", "/ HTTP/1.1\r\nA: b\r\n\r\n", ["A", "b"], "expected a path such as /documents/plan, found"),
        ("POST", "/try", ["A", "b"], "/try cannot send a request to itself"),
        ("POST", "/try?x", ["A", "b"], "/try cannot send a request to itself"),
        ("GET", "/", ["A b", "b"], "expected the name of a header, found `A b`"),
        ("GET", "/", ["", "b"], "expected the name of a header, found ``"),
        (
            "GET",
            "/",
            ["A", "b\r\nC: d"],
            "expected a value for A without control characters, found `b\r\nC: d`",
        ),
    ] {
        let refused = try_out(&app, &json!({ "method": method, "path": path, "fields": [field] })).await;
        refused.assert_problem(422);
        assert!(refused.json()["detail"].as_str().unwrap().starts_with(says), "{:?}", refused.content);
    }
    for tried in [
        json!({}),
        json!([]),
        json!({ "method": "GET", "path": "/", "fields": [["A"]] }),
        json!({ "method": "GET", "path": "/", "url": "" }),
    ] {
        try_out(&app, &tried).await.assert_problem(422);
    }
}

/// A request behind the first gets no answer. It could go to `/try`, which the check of the path forbids.
#[tokio::test]
async fn only_the_first_request_is_answered() {
    let app = with_plan().await;
    let second = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for fields in [&[["Content-Length", "0"]][..], &[["Content-Length", "0"], ["Connection", "keep-alive"]]] {
        let shown = shown(&app, "GET", "/documents", fields, Some(second)).await;
        assert_eq!(shown["response"].as_str().unwrap().matches("HTTP/1.1 ").count(), 1, "{shown}");
    }
}

/// The client closes its side, so the server does not wait for the rest of the body.
#[tokio::test]
async fn a_request_with_an_incomplete_body_is_answered() {
    let app = with_plan().await;
    let shown = shown(
        &app,
        "PUT",
        "/documents/plan",
        &[["If-Match", "\"1\""], ["Content-Length", "99"], JSON],
        Some("{"),
    )
    .await;
    assert_eq!(first_line(&shown), "HTTP/1.1 400 Bad Request");
    assert_eq!(text(&app).await, "first");
}

#[tokio::test]
async fn decision_21_the_steps_name_the_mode_by_which_if_match_holds() {
    for (proxy, tag, why) in [
        (Proxy::Nginx, "W/\"1\"", "a proxy may have weakened the tag"),
        (Proxy::None, "W/\"1\"", "it does not name the current representation, by strong comparison"),
    ] {
        let app = app_behind(proxy, Store::open("memory:").await.unwrap());
        assert_eq!(ask(&app, "PUT", &[("if-none-match", "*")], FIRST).await.status, 201);
        let shown = shown(&app, "DELETE", "/documents/plan", &[["If-Match", tag]], None).await;
        let says = shown["steps"][0]["says"].as_str().unwrap();
        assert!(says.contains(why), "{says}");
    }
}

#[tokio::test]
async fn a_long_answer_is_cut() {
    let app = with_plan().await;
    let long = json!({ "title": "Plan", "text": "x".repeat(900_000) }).to_string();
    assert_eq!(send(&app, "PUT", "/documents/long", &[], Body::from(long)).await.status, 201);
    let shown = shown(&app, "GET", "/documents/long", &[], None).await;
    assert_eq!(shown["response"].as_str().unwrap().len(), 256 * 1024);
}
