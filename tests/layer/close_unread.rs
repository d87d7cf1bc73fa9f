//! `CloseUnreadLayer`: which answers say that the connection is closed.

use std::{convert::Infallible, future::poll_fn, pin::pin, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Version, header::CONNECTION};
use http_body::Body;
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::{CloseUnreadLayer, close_unread::WatchedBody};

use crate::support::{
    at_once,
    bodies::{Script, Step, data, trailers},
};

/// What the handler does with the content before it answers.
#[derive(Clone, Copy, Debug)]
enum Reads {
    Nothing,
    One,
    All,
    /// It gives the body to someone who holds it.
    Later,
}

fn connection_of(version: Version, body: Script, reads: Reads, answer: Response<()>) -> Vec<String> {
    let kept = Arc::new(std::sync::Mutex::new(None));
    let handler = service_fn(|request: Request<WatchedBody<Script>>| {
        let (kept, answer) = (Arc::clone(&kept), answer.clone());
        async move {
            let mut body = Box::pin(request.into_body());
            match reads {
                Reads::Nothing => {}
                Reads::One => drop(body.frame().await),
                Reads::All => while let Some(Ok(_)) = body.frame().await {},
                Reads::Later => *kept.lock().expect("unpoisoned") = Some(body),
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let announced = match body.size_hint().exact() {
        Some(length) => ("content-length", length.to_string()),
        None => ("transfer-encoding", "chunked".to_owned()),
    };
    let mut request = Request::put("/").header(announced.0, announced.1).body(body).expect("a request");
    *request.version_mut() = version;
    let Ok(response) = at_once(CloseUnreadLayer::new().layer(handler).oneshot(request));
    let lines = response.headers().get_all(CONNECTION).iter();
    lines.map(|line| line.to_str().expect("visible ASCII").to_owned()).collect()
}

fn answer(status: u16) -> Response<()> {
    let status = StatusCode::from_u16(status).expect("a status");
    Response::builder().status(status).body(()).expect("a response")
}

/// `VERSION body, what is read, status => the lines of Connection`.
macro_rules! says {
    ($($name:ident: $version:ident $body:expr, $reads:ident, $status:literal => [$($line:literal),*];)*) => {$(
        #[test]
        fn $name() {
            let lines = connection_of(Version::$version, $body, Reads::$reads, answer($status));
            let expected: &[&str] = &[$($line),*];
            assert_eq!(lines, expected);
        }
    )*};
}

fn two() -> Script {
    Script::known([data("one"), data("two")])
}

fn stream() -> Script {
    Script::unknown([data("one")])
}

says! {
    rule_76_unread_content_closes: HTTP_11 two(), Nothing, 405 => ["close"];
    rule_76_content_read_in_part_closes: HTTP_11 two(), One, 413 => ["close"];
    rule_76_a_redirect_closes: HTTP_11 two(), Nothing, 307 => ["close"];
    rule_76_a_failure_closes: HTTP_11 two(), Nothing, 503 => ["close"];
    rule_76_http_1_0_closes: HTTP_10 two(), Nothing, 412 => ["close"];
    rule_76_content_of_unknown_length_closes: HTTP_11 stream(), Nothing, 412 => ["close"];
    rule_76_a_stream_that_may_go_on_closes: HTTP_11 stream(), One, 412 => ["close"];
    rule_76_content_that_fails_closes: HTTP_11 Script::known([data("one"), Step::Error("late"), data("two")]), All, 408 => ["close"];
    read_content_keeps_the_connection: HTTP_11 two(), All, 412 => [];
    a_stream_that_was_read_keeps_the_connection: HTTP_11 stream(), All, 412 => [];
    trailers_that_were_read_keep_the_connection: HTTP_11 Script::known([data("one"), trailers("a", "b")]), All, 412 => [];
    the_last_data_is_the_end: HTTP_11 Script::known([data("one")]), One, 412 => [];
    no_content_keeps_the_connection: HTTP_11 Script::known([]), Nothing, 412 => [];
    content_that_is_still_held_keeps_the_connection: HTTP_11 two(), Later, 412 => [];
    a_success_is_left_alone: HTTP_11 two(), Nothing, 200 => [];
    another_protocol_is_left_alone: HTTP_11 two(), Nothing, 101 => [];
    rule_76_http_2_has_no_such_field: HTTP_2 two(), Nothing, 412 => [];
}

#[test]
fn close_is_said_once_and_beside_other_options() {
    for (said, expected) in [
        ("upgrade", &["upgrade", "close"][..]),
        ("close", &["close"]),
        ("keep-alive, Close", &["keep-alive, Close"]),
    ] {
        let mut answer = answer(426);
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static(said));
        assert_eq!(connection_of(Version::HTTP_11, two(), Reads::Nothing, answer), expected);
    }
}

#[test]
fn decision_13_the_watched_body_is_the_body_within() {
    let handler = service_fn(|request: Request<WatchedBody<Script>>| async move {
        let mut body = pin!(request.into_body());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(6), false));
        let mut read = Vec::new();
        while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            read.push(frame.expect("data").into_data().expect("data"));
        }
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
        assert_eq!(read, [Bytes::from("one"), Bytes::from("two")]);
        Ok::<_, Infallible>(answer(204))
    });
    let Ok(response) = at_once(CloseUnreadLayer::new().layer(handler).oneshot(Request::new(two())));
    assert_eq!(response.status(), 204);
}
