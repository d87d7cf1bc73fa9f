//! Decision 13: the layer does not change the size and the end that a body reports.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::{PreconditionLayer, ResponseBody};

use crate::support::{
    at_once,
    bodies::{End, Length, Script, Step},
    current, finds, request,
};

/// Returns this body after the layer: once with a look-up, and once without.
fn behind<B>(make: impl Fn() -> B) -> [ResponseBody<B>; 2] {
    ["GET", "OPTIONS"].map(|method| {
        let handler = service_fn(|_: Request<String>| {
            let body = make();
            async move { Ok::<_, Infallible>(Response::new(body)) }
        });
        let service = PreconditionLayer::new(finds(current)).layer(handler);
        let Ok(response) = at_once(service.oneshot(request(method, &[])));
        response.into_body()
    })
}

#[test]
fn decision_13_an_exact_size_stays_exact() {
    for body in behind(|| Full::new(Bytes::from_static(b"text"))) {
        assert_eq!(body.size_hint().exact(), Some(4));
        assert!(!body.is_end_stream());
        assert_eq!(at_once(body.collect()).expect("content").to_bytes(), "text");
    }
}

#[test]
fn decision_13_an_empty_body_is_at_its_end_and_of_size_zero() {
    for body in behind(|| Full::new(Bytes::new())) {
        assert!(body.is_end_stream());
        assert_eq!(body.size_hint().exact(), Some(0));
    }
}

#[test]
fn decision_13_bounds_of_a_size_stay() {
    let bounded = || Script::new(Length::Between(3, 9), End::Unknown, []);
    for body in behind(bounded) {
        assert_eq!((body.size_hint().lower(), body.size_hint().upper()), (3, Some(9)));
        assert!(!body.is_end_stream());
    }
}

#[test]
fn decision_13_trailers_pass() {
    let trailers = HeaderMap::from_iter([(http::header::EXPIRES, HeaderValue::from_static("0"))]);
    let make = || {
        let trailers = trailers.clone();
        Full::new(Bytes::from_static(b"text")).with_trailers(async { Some(Ok(trailers)) })
    };
    for body in behind(make) {
        let collected = at_once(body.boxed_unsync().collect()).expect("content");
        assert_eq!(collected.trailers(), Some(&trailers));
        assert_eq!(collected.to_bytes(), "text");
    }
}

#[test]
fn decision_13_an_error_of_the_body_passes() {
    for body in behind(|| Script::unknown([Step::Error("cut off")])) {
        let error = at_once(body.collect()).expect_err("an error");
        assert_eq!(error.to_string(), "cut off");
    }
}
