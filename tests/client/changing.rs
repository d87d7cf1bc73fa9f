//! One call of `change`: the requests that leave, and the result.

use std::num::NonZeroU32;

use tower_precondition::client::{Change, Client, Error, Outcome, Seen};

use super::script::{
    Reply::{self, Answer, Lost},
    Script, found, status, target,
};

/// Appends an `x`, or creates `x`.
fn append(seen: &Seen) -> Result<Change, &'static str> {
    Ok(match seen.content() {
        Some(content) => Change::replace([content.as_ref(), b"x"].concat()),
        None => Change::create("x"),
    })
}

type Result_ = Result<Outcome, Error<&'static str>>;

fn name(result: &Result_) -> &'static str {
    match result {
        Ok(Outcome::Made(_)) => "made",
        Ok(Outcome::LeftAlone { .. }) => "left alone",
        Ok(_) => "another outcome",
        Err(Error::Function { .. }) => "function",
        Err(Error::NoValidator { .. }) => "no validator",
        Err(Error::WeakTag { .. }) => "weak tag",
        Err(Error::DoesNotFit { .. }) => "does not fit",
        Err(Error::Conflict { .. }) => "conflict",
        Err(Error::SameState { .. }) => "same state",
        Err(Error::OutcomeUnknown { .. }) => "outcome unknown",
        Err(Error::ConditionRequired { .. }) => "condition required",
        Err(Error::Status { .. }) => "status",
        Err(Error::Unreachable { .. }) => "unreachable",
        Err(Error::DeadlinePassed { .. }) => "deadline passed",
        Err(_) => "another error",
    }
}

type Scripted = Client<Script, http_body_util::Full<bytes::Bytes>>;

/// `settings, function, the server's replies => the requests => the result`.
macro_rules! changes {
    ($($name:ident: $settings:expr, $function:expr, [$($reply:expr),* $(,)?] => [$($request:literal),*] => $result:literal;)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let script = Script::of([$($reply),*]);
            let settings: fn(Scripted) -> Scripted = $settings;
            let result: Result_ = settings(script.client()).change(&target(), $function).await;
            let expected: &[&str] = &[$($request),*];
            assert_eq!(script.shown(), expected, "{result:?}");
            assert_eq!(name(&result), $result, "{result:?}");
        }
    )*};
}

fn as_it_is(client: Scripted) -> Scripted {
    client
}

fn conflict() -> Reply {
    status(412)
}

changes! {
    decision_24_a_write_names_what_the_function_saw: as_it_is, append,
        [found("\"1\"", "a"), status(204)] => ["GET", "PUT If-Match: \"1\""] => "made";
    decision_24_a_create_names_that_nothing_was_there: as_it_is, append,
        [status(404), status(201)] => ["GET", "PUT If-None-Match: *"] => "made";
    a_410_says_that_nothing_is_there: as_it_is, append,
        [status(410), status(201)] => ["GET", "PUT If-None-Match: *"] => "made";
    decision_24_after_a_412_the_new_state_is_read_past_caches: as_it_is, append,
        [found("\"1\"", "a"), conflict(), found("\"2\"", "b"), status(204)]
        => ["GET", "PUT If-Match: \"1\"", "GET Cache-Control: no-cache", "PUT If-Match: \"2\""] => "made";
    decision_24_the_tag_of_the_412_is_not_used: as_it_is, append,
        [found("\"1\"", "a"), Answer(412, vec![("etag", "\"2\"")], ""), found("\"3\"", "b"), status(204)]
        => ["GET", "PUT If-Match: \"1\"", "GET Cache-Control: no-cache", "PUT If-Match: \"3\""] => "made";
    decision_24_without_a_validator_nothing_is_written: as_it_is, append,
        [Answer(200, vec![], "a")] => ["GET"] => "no validator";
    decision_24_a_malformed_tag_is_no_validator: as_it_is, append,
        [found("1", "a")] => ["GET"] => "no validator";
    decision_24_with_a_weak_tag_nothing_is_written: as_it_is, append,
        [found("W/\"1\"", "a")] => ["GET"] => "weak tag";
    decision_24_with_a_date_alone_nothing_is_written: as_it_is, append,
        [Answer(200, vec![("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")], "a")] => ["GET"] => "no validator";
    a_weak_tag_is_sent_if_the_server_compares_weakly: Client::accept_weak_tags, append,
        [found("W/\"1\"", "a"), status(204)] => ["GET", "PUT If-Match: W/\"1\""] => "made";
    a_date_is_sent_if_dates_will_do: Client::accept_dates, append,
        [Answer(200, vec![("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")], "a"), status(204)]
        => ["GET", "PUT If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"] => "made";
    a_strong_tag_is_better_than_a_date: Client::accept_dates, append,
        [Answer(200, vec![("etag", "\"1\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")], "a"), status(204)]
        => ["GET", "PUT If-Match: \"1\""] => "made";
    a_date_stands_in_for_a_weak_tag: Client::accept_dates, append,
        [Answer(200, vec![("etag", "W/\"1\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")], "a"), status(204)]
        => ["GET", "PUT If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"] => "made";
    decision_24_the_same_state_after_a_412_is_an_error: as_it_is, append,
        [found("\"1\"", "a"), conflict(), found("\"1\"", "a")]
        => ["GET", "PUT If-Match: \"1\"", "GET Cache-Control: no-cache"] => "same state";
    the_same_tag_weakened_is_the_same_state: as_it_is, append,
        [found("\"1\"", "a"), conflict(), found("W/\"1\"", "a")]
        => ["GET", "PUT If-Match: \"1\"", "GET Cache-Control: no-cache"] => "same state";
    a_server_that_compares_strongly_is_found_out: Client::accept_weak_tags, append,
        [found("W/\"1\"", "a"), conflict(), found("W/\"1\"", "a")]
        => ["GET", "PUT If-Match: W/\"1\"", "GET Cache-Control: no-cache"] => "same state";
    nothing_twice_is_the_same_state: as_it_is, append,
        [status(404), conflict(), status(404)]
        => ["GET", "PUT If-None-Match: *", "GET Cache-Control: no-cache"] => "same state";
    a_state_can_come_back_if_tags_are_hashes: as_it_is, append,
        [found("\"a\"", "a"), conflict(), found("\"b\"", "b"), conflict(), found("\"a\"", "a"), status(204)]
        => ["GET", "PUT If-Match: \"a\"", "GET Cache-Control: no-cache", "PUT If-Match: \"b\"",
            "GET Cache-Control: no-cache", "PUT If-Match: \"a\""] => "made";
    a_resource_can_cease_to_exist_again: as_it_is, append,
        [status(404), conflict(), found("\"1\"", "a"), conflict(), status(404), status(201)]
        => ["GET", "PUT If-None-Match: *", "GET Cache-Control: no-cache", "PUT If-Match: \"1\"",
            "GET Cache-Control: no-cache", "PUT If-None-Match: *"] => "made";
    nothing_is_sent_to_leave_it_alone: as_it_is, |_: &Seen| Ok(Change::leave_alone()),
        [found("\"1\"", "a")] => ["GET"] => "left alone";
    to_leave_it_alone_needs_no_validator: as_it_is, |_: &Seen| Ok(Change::leave_alone()),
        [Answer(200, vec![], "a")] => ["GET"] => "left alone";
    the_error_of_the_function_ends_the_call: as_it_is, |_: &Seen| Err("no"),
        [found("\"1\"", "a")] => ["GET"] => "function";
    a_delete_is_conditional: as_it_is, |_: &Seen| Ok(Change::delete()),
        [found("\"1\"", "a"), status(204)] => ["GET", "DELETE If-Match: \"1\""] => "made";
    nothing_need_not_be_deleted: as_it_is, |_: &Seen| Ok(Change::delete()),
        [status(404)] => ["GET"] => "left alone";
    a_patch_is_conditional: as_it_is,
        |_: &Seen| Ok(Change::patch("{}", http::HeaderValue::from_static("application/merge-patch+json"))),
        [found("\"1\"", "a"), status(204)] => ["GET", "PATCH If-Match: \"1\""] => "made";
    nothing_cannot_be_replaced: as_it_is, |_: &Seen| Ok(Change::replace("x")),
        [status(404)] => ["GET"] => "does not fit";
    what_exists_cannot_be_created: as_it_is, |_: &Seen| Ok(Change::create("x")),
        [found("\"1\"", "a")] => ["GET"] => "does not fit";
    a_428_is_an_error: as_it_is, append,
        [found("\"1\"", "a"), status(428)] => ["GET", "PUT If-Match: \"1\""] => "condition required";
    other_statuses_to_a_write_come_back: as_it_is, append,
        [found("\"1\"", "a"), status(409)] => ["GET", "PUT If-Match: \"1\""] => "status";
    other_statuses_to_a_read_come_back: as_it_is, append,
        [status(403)] => ["GET"] => "status";
    a_part_is_no_state: as_it_is, append,
        [Answer(206, vec![("etag", "\"1\"")], "a")] => ["GET"] => "status";
    decision_24_a_redirected_read_shows_no_state: as_it_is, append,
        [Answer(307, vec![("location", "/other"), ("etag", "\"1\"")], "")] => ["GET"] => "status";
    a_redirected_write_comes_back: as_it_is, append,
        [found("\"1\"", "a"), Answer(307, vec![("location", "/other")], "")]
        => ["GET", "PUT If-Match: \"1\""] => "status";
    a_lost_read_is_read_again: as_it_is, append,
        [Lost, found("\"1\"", "a"), status(204)] => ["GET", "GET", "PUT If-Match: \"1\""] => "made";
    a_lost_write_is_sent_again: as_it_is, append,
        [found("\"1\"", "a"), Lost, status(204)]
        => ["GET", "PUT If-Match: \"1\"", "PUT If-Match: \"1\""] => "made";
    a_write_that_never_ends_is_sent_again: as_it_is, append,
        [found("\"1\"", "a"), Reply::Never, status(204)]
        => ["GET", "PUT If-Match: \"1\"", "PUT If-Match: \"1\""] => "made";
    decision_24_a_412_after_a_lost_answer_is_unknown: as_it_is, append,
        [found("\"1\"", "a"), Lost, conflict()]
        => ["GET", "PUT If-Match: \"1\"", "PUT If-Match: \"1\""] => "outcome unknown";
    any_refusal_after_a_lost_answer_is_unknown: as_it_is, append,
        [found("\"1\"", "a"), Lost, status(503)]
        => ["GET", "PUT If-Match: \"1\"", "PUT If-Match: \"1\""] => "outcome unknown";
    a_428_after_a_lost_answer_is_unknown: as_it_is, append,
        [found("\"1\"", "a"), Lost, status(428)]
        => ["GET", "PUT If-Match: \"1\"", "PUT If-Match: \"1\""] => "outcome unknown";
    who_wants_to_be_asked_again_is: Client::ask_again_if_unknown,
        |seen: &Seen| Ok(if seen.change_may_be_made() { Change::leave_alone() } else { Change::replace("x") }),
        [found("\"1\"", "a"), Lost, conflict(), found("\"2\"", "x")]
        => ["GET", "PUT If-Match: \"1\"", "PUT If-Match: \"1\"", "GET Cache-Control: no-cache"] => "left alone";
    a_404_to_the_repeat_of_a_delete_is_looked_at_again: Client::ask_again_if_unknown,
        |_: &Seen| Ok(Change::delete()),
        [found("\"1\"", "a"), Lost, status(404), status(404)]
        => ["GET", "DELETE If-Match: \"1\"", "DELETE If-Match: \"1\"", "GET Cache-Control: no-cache"] => "left alone";
    conflicts_end_after_the_attempts: |client| client.with_attempts(NonZeroU32::new(2).unwrap()), append,
        [found("\"1\"", "a"), conflict(), found("\"2\"", "b"), conflict()]
        => ["GET", "PUT If-Match: \"1\"", "GET Cache-Control: no-cache", "PUT If-Match: \"2\""] => "conflict";
    lost_reads_end_after_the_attempts: |client| client.with_attempts(NonZeroU32::new(2).unwrap()), append,
        [Lost, Lost] => ["GET", "GET"] => "unreachable";
    lost_writes_end_after_the_attempts: |client| client.with_attempts(NonZeroU32::new(2).unwrap()), append,
        [found("\"1\"", "a"), Lost, Lost]
        => ["GET", "PUT If-Match: \"1\"", "PUT If-Match: \"1\""] => "outcome unknown";
}

#[tokio::test(start_paused = true)]
async fn a_repeat_is_the_same_request_and_a_new_intent_has_a_new_id() {
    let script = Script::of([found("\"1\"", "a"), Lost, conflict(), found("\"2\"", "b"), Lost, status(204)]);
    script.client().ask_again_if_unknown().change(&target(), append).await.unwrap();
    let writes: Vec<_> = script.requests().into_iter().filter(|request| request.method == "PUT").collect();
    let [first, repeat, second, again] = writes.try_into().unwrap();
    for (one, other) in [(&first, &repeat), (&second, &again)] {
        assert_eq!((&one.headers, &one.content), (&other.headers, &other.content));
    }
    let [one, two] = [&first, &second].map(|write| write.get("idempotency-key").unwrap());
    assert_ne!(one, two);
    for id in [one, two] {
        assert!(id.starts_with('"') && id.ends_with('"') && id.len() == 38, "{id}");
    }
}

/// The digest is the one that `printf ax | openssl dgst -sha256 -binary | base64` prints.
#[tokio::test]
async fn content_has_its_digest() {
    let script = Script::of([found("\"1\"", "a"), status(204)]);
    script.client().change(&target(), append).await.unwrap();
    let write = script.requests().pop().unwrap();
    assert_eq!(write.content, "ax");
    assert_eq!(write.get("content-digest"), Some("sha-256=:XoU3DlVeldJ99o+TwMyqTt/B2l4oG0ei67omSaE+pfQ=:"));
}

#[tokio::test]
async fn a_428_shows_what_the_server_accepts() {
    let body = r#"{"title":"Precondition Required","required":["If-Match: *","If-None-Match: *"]}"#;
    let required = Answer(428, vec![("content-type", "application/problem+json")], body);
    let script = Script::of([found("\"1\"", "a"), required]);
    let error = script.client().change(&target(), append).await.unwrap_err();
    let Error::ConditionRequired { accepted, .. } = &error else { panic!("{error:?}") };
    assert_eq!(accepted, &["If-Match: *", "If-None-Match: *"]);
    assert!(error.to_string().contains("If-Match: *; If-None-Match: *"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_error_says_what_was_tried() {
    let script = Script::of([Lost, found("\"1\"", "a"), conflict(), found("\"2\"", "b"), status(503)]);
    let error = script.client().change(&target(), append).await.unwrap_err();
    let tried = error.tried();
    assert_eq!((tried.reads(), tried.writes(), tried.conflicts(), tried.lost()), (3, 2, 1, 1));
    assert_eq!(error.last_answer().unwrap().status(), 503);
    assert!(error.change_may_be_made(), "a 5xx does not say that nothing was made");
    assert_eq!(tried.write_id().unwrap(), script.requests()[4].headers.get("idempotency-key").unwrap());
    let shown = "the server gave another answer than expected: PUT http://localhost/note \
                 (reads: 3, writes: 2, conflicts: 1, lost answers: 1; last answer: 503)";
    assert_eq!(error.to_string(), shown);
}

#[tokio::test(start_paused = true)]
async fn the_function_sees_the_conflict() {
    let body = r#"{"changed_by":"Ada"}"#;
    let refused = Answer(412, vec![("content-type", "application/problem+json")], body);
    let script = Script::of([found("\"1\"", "a"), refused, found("\"2\"", "b"), status(204)]);
    let mut seen_by = Vec::new();
    let changed = script.client().change(&target(), |seen| {
        seen_by.push(seen.conflict().and_then(|conflict| conflict.member("changed_by")));
        append(seen)
    });
    changed.await.unwrap();
    assert_eq!(seen_by, [None, Some("Ada".into())]);
}

#[tokio::test]
async fn fields_of_the_target_stand_in_every_request_but_not_those_of_the_client() {
    let script = Script::of([found("\"1\"", "a"), status(204)]);
    let fields = [
        ("authorization", "Bearer secret"),
        ("if-match", "*"),
        ("if-none-match", "\"1\""),
        ("range", "bytes=0-0"),
        ("idempotency-key", "\"mine\""),
    ];
    let target = fields.into_iter().fold(target(), |target, (name, value)| {
        target.with_header(http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
    });
    script.client().change(&target, append).await.unwrap();
    assert_eq!(script.shown(), ["GET", "PUT If-Match: \"1\""]);
    for request in script.requests() {
        assert_eq!(request.get("authorization"), Some("Bearer secret"));
        assert_eq!(request.get("range"), None);
        assert_ne!(request.get("idempotency-key"), Some("\"mine\""));
    }
}
