//! The steps one by one, for an editor.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower_precondition::{
    Condition,
    client::{Change, Conflict, Error, Outcome},
};

use super::script::{
    Reply::{self, Answer, Lost},
    Script, found, status, target,
};

#[tokio::test]
async fn an_editor_saves_again_and_again_without_a_read() {
    let script = Script::of([
        found("\"1\"", "a"),
        Answer(204, vec![("etag", "\"2\"")], ""),
        Answer(204, vec![("etag", "\"3\"")], ""),
    ]);
    let client = script.client();
    let seen = client.read(&target()).await.unwrap();
    let saved = client.save(&target(), seen, Change::replace("b")).await.unwrap();
    let seen = saved.made().unwrap().into_current().unwrap();
    assert_eq!(seen.content().unwrap(), "b");
    let saved = client.save(&target(), seen, Change::replace("c")).await.unwrap();
    assert!(matches!(saved, Outcome::Made(_)));
    assert_eq!(script.shown(), ["GET", "PUT If-Match: \"1\"", "PUT If-Match: \"2\""]);
}

/// `method, answer to the write => whether its tag may be used`.
macro_rules! current_after {
    ($($name:ident: $change:expr, $status:literal, $tag:literal => $current:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let script = Script::of([found("\"1\"", "a"), Answer($status, vec![("etag", $tag)], "")]);
            let client = script.client();
            let seen = client.read(&target()).await.unwrap();
            let made = client.save(&target(), seen, $change).await.unwrap().made().unwrap();
            assert_eq!(made.answer().status(), $status);
            assert_eq!(made.into_current().is_some(), $current);
        }
    )*};
}

fn patch() -> Change {
    Change::patch("{}", http::HeaderValue::from_static("application/merge-patch+json"))
}

current_after! {
    decision_24_the_tag_of_a_put_is_kept: Change::replace("b"), 200, "\"2\"" => true;
    decision_24_a_malformed_tag_is_forgotten: Change::replace("b"), 204, "2" => false;
    decision_24_the_tag_of_a_patch_names_content_that_nobody_saw: patch(), 204, "\"2\"" => false;
    decision_24_a_202_has_stored_nothing_yet: Change::replace("b"), 202, "\"2\"" => false;
}

#[tokio::test]
async fn decision_24_a_success_without_a_tag_forgets_the_tag() {
    let script = Script::of([found("\"1\"", "a"), status(204)]);
    let client = script.client();
    let seen = client.read(&target()).await.unwrap();
    let saved = client.save(&target(), seen, Change::replace("b")).await.unwrap();
    assert!(saved.made().unwrap().into_current().is_none());
}

#[tokio::test]
async fn a_conflict_has_the_problem_details() {
    let body = r#"{"title":"Precondition Failed","status":412,"detail":"It has changed.","condition":"If-Match",
        "provided":"\"1\"","current_etag":"\"2\"","changed_by":"Ada","at":7,"below":-1,"draft":false,
        "editors":["Ada","Grace"]}"#;
    let fields = vec![("content-type", "Application/Problem+JSON; charset=utf-8"), ("location", "/note/2")];
    let script = Script::of([found("\"1\"", "a"), Answer(412, fields, body)]);
    let client = script.client();
    let seen = client.read(&target()).await.unwrap();
    let error = client.save(&target(), seen, Change::replace("b")).await.unwrap_err();
    assert_eq!(script.shown(), ["GET", "PUT If-Match: \"1\""]);

    let Error::Conflict { conflict, tried } = error else { panic!("{error:?}") };
    assert_eq!(tried.conflicts(), 1);
    assert_eq!(conflict.title(), Some("Precondition Failed"));
    assert_eq!(conflict.detail(), Some("It has changed."));
    assert_eq!(conflict.condition(), Some(Condition::IfMatch));
    assert_eq!(conflict.provided(), Some("\"1\""));
    assert_eq!(conflict.current_etag().unwrap().to_string(), "\"2\"");
    assert_eq!(conflict.location().unwrap(), "/note/2");
    let member = |name| conflict.member(name).map(|value| value.to_string());
    assert_eq!(member("changed_by").as_deref(), Some("Ada"));
    assert_eq!(member("at").as_deref(), Some("7"));
    assert_eq!(member("below").as_deref(), Some("-1"));
    assert_eq!(member("draft").as_deref(), Some("false"));
    assert_eq!(member("editors"), None);
    assert_eq!(conflict.member_json("editors").as_deref(), Some(r#"["Ada","Grace"]"#));
    assert_eq!(conflict.member_names().count(), 11);
}

/// `media type, content => the names of the members`.
macro_rules! says_nothing {
    ($($name:ident: $media_type:literal, $content:literal;)*) => {$(
        #[test]
        fn $name() {
            let answer = Response::builder().status(412).header("content-type", $media_type);
            let conflict = Conflict::from_response(&answer.body(Bytes::from($content)).unwrap());
            assert_eq!(conflict.member_names().next(), None);
            assert_eq!(conflict.condition(), None);
        }
    )*};
}

says_nothing! {
    a_412_may_be_text: "text/plain", r#"{"title":"no"}"#;
    a_412_may_be_cut: "application/problem+json", r#"{"title":"no"#;
    a_412_may_be_a_list: "application/json", r#"[{"title":"no"}]"#;
}

#[tokio::test(start_paused = true)]
async fn a_save_with_a_lost_answer_is_repeated_and_its_412_is_unknown() {
    let script = Script::of([found("\"1\"", "a"), Lost, status(412)]);
    let client = script.client().ask_again_if_unknown();
    let seen = client.read(&target()).await.unwrap();
    let error = client.save(&target(), seen, Change::replace("b")).await.unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
}

#[tokio::test]
async fn the_request_alone_is_the_one_that_a_save_sends() {
    let script = Script::of([found("\"1\"", "a"), found("\"1\"", "a"), status(204)]);
    let client = script.client();
    let seen = client.read(&target()).await.unwrap();
    let request: Request<Full<Bytes>> =
        client.request(&target(), seen, &Change::replace("b")).unwrap().unwrap();
    let seen = client.read(&target()).await.unwrap();
    client.save(&target(), seen, Change::replace("b")).await.unwrap();
    let mut sent = script.requests().pop().unwrap().headers;
    let mut made = request.headers().clone();
    assert!(sent.remove("idempotency-key") != made.remove("idempotency-key"), "each intent has its own id");
    assert_eq!(sent, made);
    assert_eq!((request.method().as_str(), request.uri().path()), ("PUT", "/note"));
}

#[tokio::test]
async fn decision_24_what_was_read_is_not_written_elsewhere() {
    let script = Script::of([found("\"1\"", "a")]);
    let client = script.client();
    let seen = client.read(&target()).await.unwrap();
    let other = "http://localhost/other".parse().unwrap();
    let error = client.save(&other, seen, Change::replace("b")).await.unwrap_err();
    let Error::OtherResource { read, .. } = &error else { panic!("{error:?}") };
    assert_eq!(**read, *target().uri());
    let text = error.to_string();
    assert!(text.contains("http://localhost/note") && text.contains("http://localhost/other"), "{text}");
    assert_eq!(script.shown(), ["GET"]);
}

/// `the target's own fields, how long the record is kept, what is read => whether a 412 after a lost answer is certain`.
macro_rules! trusted {
    ($($name:ident: $fields:expr, $seconds:literal, $read:expr => $certain:literal;)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let script = Script::of([$read, Lost, status(412)]);
            let client = script.client().accept_dates().trust_write_records(Duration::from_secs($seconds));
            let mut target = target();
            for name in $fields as &[&'static str] {
                let value = http::HeaderValue::from_static("(<urn:uuid:1>)");
                target = target.with_header(http::HeaderName::from_static(name), value);
            }
            let seen = client.read(&target).await.unwrap();
            let change = match seen.exists() {
                true => Change::replace("b"),
                false => Change::create("b"),
            };
            let error = client.save(&target, seen, change).await.unwrap_err();
            assert_eq!(matches!(error, Error::Conflict { .. }), $certain, "{error:?}");
            assert_eq!(matches!(error, Error::OutcomeUnknown { .. }), !$certain, "{error:?}");
            assert_eq!(error.change_may_be_made(), !$certain);
        }
    )*};
}

fn dated() -> Reply {
    Answer(200, vec![("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")], "a")
}

trusted! {
    decision_24_a_record_tells_of_if_match: &[], 60, found("\"1\"", "a") => true;
    decision_24_no_record_is_kept: &[], 0, found("\"1\"", "a") => false;
    decision_24_a_record_knows_no_date: &[], 60, dated() => false;
    decision_24_a_resource_can_be_absent_twice: &[], 60, status(404) => false;
    decision_24_a_lock_can_end_before_the_record_is_looked_at: &["if"], 60, found("\"1\"", "a") => false;
}

#[tokio::test]
async fn decision_24_a_207_can_hold_refusals() {
    let script = Script::of([found("\"1\"", "a"), status(207)]);
    let client = script.client();
    let seen = client.read(&target()).await.unwrap();
    let error = client.save(&target(), seen, Change::delete()).await.unwrap_err();
    assert!(matches!(error, Error::Status { .. }) && error.change_may_be_made(), "{error:?}");
}

#[tokio::test]
async fn a_long_answer_ends_the_call() {
    let script = Script::of([found("\"1\"", "abcdef")]);
    let error = script.client().with_longest_content(5).read(&target()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!(script.shown(), ["GET"], "it is not asked for again");
}

#[tokio::test]
async fn the_lock_of_a_write_does_not_stand_on_the_read() {
    let script = Script::of([found("\"1\"", "a"), status(204)]);
    let target = target()
        .with_header(http::HeaderName::from_static("if"), http::HeaderValue::from_static("(<urn:uuid:1>)"));
    script.client().change(&target, |_| Ok::<_, Infallible>(Change::replace("b"))).await.unwrap();
    let requests = script.requests();
    let carrying: Vec<_> = requests.iter().filter(|request| request.get("if").is_some()).collect();
    assert_eq!(carrying.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), ["PUT"]);
}
