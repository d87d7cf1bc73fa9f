//! The layer sends HEAD to the ready service, makes it ready again, and calls it.

use std::{future::Future, pin::Pin, task::Poll};

use http::{Request, Response};
use tower::{Layer, Service};
use tower_precondition::UnevaluatedWrites;
use tower_test::mock::{Handle, Mock, pair};

use super::layer;
use crate::support::{poll_once, request, response};

type MockHandler = Mock<Request<String>, Response<String>>;
type MockHandle = Handle<Request<String>, Response<String>>;

fn is_ready(service: &mut impl Service<Request<String>>) -> bool {
    let poll = service.poll_ready(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    poll.map(|ready| assert!(ready.is_ok())).is_ready()
}

/// The method of the one request that waits, and the handle that answers it.
fn called(handle: &mut MockHandle) -> (String, tower_test::mock::SendResponse<Response<String>>) {
    match handle.poll_request() {
        Poll::Ready(Some((request, answer))) => (request.method().to_string(), answer),
        _ => panic!("the service was not called"),
    }
}

fn begun(
    fields: &[(&str, &str)],
) -> (Pin<Box<impl Future<Output = Result<Response<impl Sized>, tower::BoxError>>>>, MockHandle) {
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let mut service = layer().layer(mock);
    handle.allow(0);
    assert!(!is_ready(&mut service), "readiness is the service's own");
    handle.allow(1);
    assert!(is_ready(&mut service));
    (Box::pin(service.call(request("PUT", fields))), handle)
}

#[test]
fn decision_15_the_ready_service_asks_and_is_made_ready_again_before_it_is_called() {
    let (mut future, mut handle) = begun(&[("if-match", "\"1\"")]);
    let (method, answer) = called(&mut handle);
    assert_eq!(method, "HEAD", "the ready service is called at once");
    assert!(poll_once(future.as_mut()).is_pending());
    answer.send_response(response(200, &[("etag", "\"1\"")], ""));
    assert!(poll_once(future.as_mut()).is_pending());
    assert!(handle.poll_request().is_pending(), "it is not ready again");
    handle.allow(1);
    assert!(poll_once(future.as_mut()).is_pending());
    let (method, answer) = called(&mut handle);
    assert_eq!(method, "PUT");
    answer.send_response(response(204, &[], ""));
    let Poll::Ready(Ok(answer)) = poll_once(future.as_mut()) else { panic!("it is answered") };
    assert_eq!(answer.status(), 204);
}

#[test]
fn decision_15_without_a_head_the_service_is_called_at_the_first_poll() {
    let (mut future, mut handle) = begun(&[]);
    assert!(poll_once(future.as_mut()).is_pending());
    let (method, answer) = called(&mut handle);
    assert_eq!(method, "PUT");
    answer.send_response(response(204, &[], ""));
    assert!(poll_once(future.as_mut()).is_ready());
}

#[test]
fn decision_15_an_answer_of_the_layer_needs_no_second_readiness() {
    let (mut future, mut handle) = begun(&[("if-match", "\"0\"")]);
    called(&mut handle).1.send_response(response(200, &[("etag", "\"1\"")], ""));
    let Poll::Ready(Ok(answer)) = poll_once(future.as_mut()) else { panic!("it is answered") };
    assert_eq!(answer.status(), 412);
    assert!(handle.poll_request().is_pending());
}

#[test]
fn decision_6_an_error_of_readiness_between_the_two_calls_is_the_result() {
    let (mut future, mut handle) = begun(&[("if-match", "\"1\"")]);
    called(&mut handle).1.send_response(response(200, &[("etag", "\"1\"")], ""));
    assert!(poll_once(future.as_mut()).is_pending());
    handle.send_error("gone");
    let Poll::Ready(Err(error)) = poll_once(future.as_mut()) else { panic!("it fails") };
    assert_eq!(error.to_string(), "gone");
}

#[test]
fn a_service_that_fails_to_answer_the_head_is_called_if_writes_are_forwarded() {
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let mut service = layer().unevaluated_writes(UnevaluatedWrites::Forward).layer(mock);
    handle.allow(2);
    assert!(is_ready(&mut service));
    let mut future = Box::pin(service.call(request("PUT", &[("if-match", "\"1\"")])));
    called(&mut handle).1.send_error("lost");
    assert!(poll_once(future.as_mut()).is_pending());
    assert_eq!(called(&mut handle).0, "PUT");
}

#[test]
fn a_future_dropped_between_the_two_calls_calls_nothing_more() {
    let (mut future, mut handle) = begun(&[("if-match", "\"1\"")]);
    handle.allow(2);
    let (_, answer) = called(&mut handle);
    assert!(poll_once(future.as_mut()).is_pending());
    drop(future);
    answer.send_response(response(200, &[("etag", "\"1\"")], ""));
    assert!(matches!(handle.poll_request(), Poll::Ready(None)), "the service has no caller left");
}

#[test]
fn a_future_dropped_before_readiness_calls_nothing_more() {
    let (mut future, mut handle) = begun(&[("if-match", "\"1\"")]);
    called(&mut handle).1.send_response(response(200, &[("etag", "\"1\"")], ""));
    assert!(poll_once(future.as_mut()).is_pending());
    drop(future);
    handle.allow(1);
    assert!(matches!(handle.poll_request(), Poll::Ready(None)), "the service has no caller left");
}
