//! Decisions 7 and 19: what an answer of the layer does to the connection, or to the stream, of its request.

use std::{
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use http::{Request, Response, Version, request::Parts};
use http_body::Body;
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::{PreconditionLayer, RefusedUploads, Representation, Requirement, SerializedWrites};

use crate::support::{
    By::Layer as ByLayer,
    bodies::{End, Length, Script, Step, data},
    current, fails, finds, never_asked, poll_once, request, response, send,
};

/// Polls again whenever the future asks for it.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

/// The answers of the layer to this upload, by `Connection`, and how often each polled the content.
fn refused(version: Version, fields: &[(&str, &str)], body: &Script) -> (Option<String>, usize) {
    let mut seen = Vec::new();
    for (method, condition, tag, status) in [
        ("PUT", "if-match", "\"2\"", 412),
        ("PUT", "if-match", "2", 400),
        ("GET", "if-none-match", "\"1\"", 304),
    ] {
        let polled = Arc::default();
        let body = body.clone().counted_in(&polled);
        let mut request = request(method, &[&[(condition, tag)], fields].concat()).map(|_| body);
        *request.version_mut() = version;
        let handler =
            service_fn(|_: Request<Script>| async { Ok::<_, Infallible>(Response::new(String::new())) });
        let Ok(answer) = block_on(PreconditionLayer::new(finds(current)).layer(handler).oneshot(request));
        assert_eq!(answer.status(), status);
        let connection =
            answer.headers().get("connection").map(|said| said.to_str().expect("ASCII").to_owned());
        seen.push((connection, polled.load(Ordering::SeqCst)));
    }
    seen.dedup();
    let Ok([one]) = <[_; 1]>::try_from(seen) else { panic!("all answers are alike") };
    one
}

/// `VERSION [fields], the content => Connection, how often the content is polled`.
macro_rules! connection {
    ($($name:ident: $version:ident [$($field:literal: $value:literal),*], $body:expr => $said:expr, $polls:literal;)*) => {$(
        #[test]
        fn $name() {
            let (said, polls) = refused(Version::$version, &[$(($field, $value)),*], &$body);
            assert_eq!((said.as_deref(), polls), ($said, $polls));
        }
    )*};
}

const CLOSE: Option<&str> = Some("close");

/// Content that has come.
fn come() -> Script {
    Script::known([data("one")])
}

/// Content that hyper passes on after it was asked for.
fn asked_for() -> Script {
    Script::known([Step::Pause, data("one")])
}

/// Chunks, whose end is a message of its own.
fn chunks() -> Script {
    Script::unknown([Step::Pause, data("one"), Step::Pause])
}

/// Content that is still on its way.
fn late() -> Script {
    Script::known([Step::Pause, Step::Pause, Step::Pause, data("one")])
}

connection! {
    decision_19_content_that_has_come_leaves_the_connection: HTTP_11 ["content-length": "3"], come() => None, 1;
    decision_19_content_is_asked_for_once: HTTP_11 ["content-length": "3"], asked_for() => None, 2;
    decision_19_chunks_that_have_come_leave_the_connection: HTTP_11 ["transfer-encoding": "chunked"], chunks() => None, 4;
    decision_19_late_content_closes: HTTP_11 ["content-length": "3"], late() => CLOSE, 3;
    decision_19_half_of_the_content_closes: HTTP_11 ["content-length": "6"], Script::known([data("one"), Step::Pause, Step::Pause, Step::Pause, data("two")]) => CLOSE, 4;
    decision_19_content_that_fails_closes: HTTP_11 ["content-length": "3"], Script::known([Step::Error("gone"), data("one")]) => CLOSE, 1;
    decision_19_more_than_was_announced_closes: HTTP_11 ["transfer-encoding": "chunked"], Script::unknown([Step::Data(vec![0; 8193].into())]) => CLOSE, 1;
    decision_19_eight_kibibytes_are_looked_for: HTTP_11 ["content-length": "8192"], Script::known([Step::Data(vec![0; 8192].into())]) => None, 1;
    decision_7_large_content_is_not_polled: HTTP_11 ["content-length": "8193"], Script::known([Step::Data(vec![0; 8193].into())]) => CLOSE, 0;
    decision_7_expected_content_is_not_polled: HTTP_11 ["expect": "100-continue", "content-length": "3"], come() => CLOSE, 0;
    decision_7_expected_chunks_are_not_polled: HTTP_11 ["expect": "100-continue", "transfer-encoding": "chunked"], come() => CLOSE, 0;
    decision_7_a_length_beyond_numbers_closes: HTTP_11 ["content-length": "99999999999999999999"], Script::new(Length::Between(u64::MAX, u64::MAX), End::Unknown, []) => CLOSE, 0;
    decision_7_empty_content_leaves_the_connection: HTTP_11 ["content-length": "0"], Script::known([]) => None, 0;
    decision_7_no_content_leaves_the_connection: HTTP_11 [], Script::known([]) => None, 0;
    decision_7_http_10_closes_too: HTTP_10 ["content-length": "1000000"], Script::new(Length::Between(1_000_000, 1_000_000), End::Unknown, []) => CLOSE, 0;
    decision_7_http_2_ends_the_stream_alone: HTTP_2 ["content-length": "1000000"], late() => None, 0;
    decision_7_http_2_needs_no_close_for_expected_content: HTTP_2 ["expect": "100-continue"], late() => None, 0;
    decision_7_http_3_ends_the_stream_alone: HTTP_3 ["content-length": "1000000"], late() => None, 0;
}

/// While the layer looks for content, nobody else waits for what it holds.
#[tokio::test]
async fn decision_19_everything_is_released_before_the_look() {
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    let source = move |_: &Parts| {
        let (in_look_up, guard) = (Arc::clone(&held), Arc::clone(&held));
        async move {
            let _in_look_up = in_look_up;
            Representation::from(current()).with_guard(guard)
        }
    };
    let writes = SerializedWrites::by(|_: &Parts| ());
    let handler =
        service_fn(|_: Request<Script>| async { Ok::<_, Infallible>(Response::new(String::new())) });
    let service = PreconditionLayer::new(source).serialize_writes(writes).layer(handler);
    let idle = Arc::strong_count(&alive);
    let put = |body| request("PUT", &[("if-match", "\"2\""), ("content-length", "3")]).map(|_| body);
    let mut first = Box::pin(service.clone().oneshot(put(late())));
    assert!(poll_once(first.as_mut()).is_pending(), "it looks");
    assert_eq!(Arc::strong_count(&alive), idle);
    let second = tokio::time::timeout(Duration::from_secs(1), service.oneshot(put(come()))).await;
    assert_eq!(second.expect("its turn has come").expect("an answer").status(), 412);
    assert_eq!(first.await.expect("an answer").headers()["connection"], "close");
}

/// The answer over HTTP/2, poll by poll: its content comes first, and its end waits for the upload.
async fn stream_of(bounds: RefusedUploads, fields: &[(&str, &str)], body: Script) -> (Duration, usize) {
    let polled = Arc::default();
    let body = body.counted_in(&polled);
    let mut request = request("PUT", &[&[("if-match", "\"2\"")], fields].concat()).map(|_| body);
    *request.version_mut() = Version::HTTP_2;
    let handler =
        service_fn(|_: Request<Script>| async { Ok::<_, Infallible>(Response::new(String::new())) });
    let layer = PreconditionLayer::new(finds(current)).refused_uploads(bounds);
    let Ok(answer) = layer.layer(handler).oneshot(request).await;
    let mut body = answer.into_body();
    let begun = tokio::time::Instant::now();
    let length = body.size_hint().exact();
    let content =
        body.frame().await.expect("the content comes first").expect("data").into_data().expect("data");
    assert_eq!(length, Some(content.len() as u64));
    assert_eq!(polled.load(Ordering::SeqCst), 0, "the answer does not wait for the upload");
    assert!(body.frame().await.is_none());
    assert!(body.is_end_stream());
    (begun.elapsed(), polled.load(Ordering::SeqCst))
}

/// `the content => the milliseconds until the stream ends, how often the content is polled`.
macro_rules! streams {
    ($($name:ident: [$($field:literal: $value:literal),*], $body:expr => $time:literal, $polls:literal;)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let bounds = RefusedUploads::new()
                .read_at_most(4)
                .idle_at_most(Duration::from_millis(200))
                .time_at_most(Duration::from_millis(300));
            let (time, polls) = stream_of(bounds, &[$(($field, $value)),*], $body).await;
            assert_eq!((time.as_millis(), polls), ($time, $polls));
        }
    )*};
}

streams! {
    decision_19_a_stream_ends_with_its_upload: [], come() => 0, 1;
    decision_19_a_stream_waits_for_its_upload: [], Script::known([Step::Pause]) => 200, 1;
    decision_19_a_stream_reads_so_many_bytes: [], Script::known([data("four"), data("more")]) => 200, 1;
    decision_19_a_stream_that_fails_ends: [], Script::known([Step::Error("gone"), data("one")]) => 0, 1;
    decision_7_a_stream_with_expected_content_ends: ["expect": "100-continue"], Script::known([Step::Pause]) => 0, 0;
}

#[test]
fn decision_7_every_kind_of_answer_closes() {
    let upload = |method, fields: &[_]| {
        request(method, &[fields, &[("content-length", "1000000"), ("content-type", "text/plain")]].concat())
    };
    let refused = || Representation::refused(response(401, &[], "who?"));
    let answers = [
        send(PreconditionLayer::new(never_asked).require(Requirement::on_writes()), upload("PUT", &[])),
        send(PreconditionLayer::new(finds(Representation::absent)), upload("DELETE", &[("if-match", "*")])),
        send(PreconditionLayer::new(fails), upload("PUT", &[])),
        send(PreconditionLayer::new(finds(refused)), upload("PUT", &[])),
    ];
    assert_eq!(answers.each_ref().map(|answer| answer.by()), [428, 404, 503, 401].map(ByLayer));
    for answer in &answers {
        assert_eq!(answer.field("connection"), CLOSE, "{}", answer.status());
    }
}

#[test]
fn decision_7_the_layer_adds_no_connection_field_to_the_handlers_answer() {
    let fields = [("if-match", "\"1\""), ("content-length", "1000000"), ("expect", "100-continue")];
    let answer = send(PreconditionLayer::new(finds(current)), request("PUT", &fields));
    assert_eq!(answer.field("connection"), None);
}
