//! Writes that wait for their turn, in services with a limited number of places.

use std::{convert::Infallible, future::ready, pin::pin, task::Poll, time::Duration};

use http::{Request, Response, request::Parts};
use tokio::time::sleep;
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt,
    buffer::BufferLayer,
    limit::{ConcurrencyLimitLayer, GlobalConcurrencyLimitLayer},
};
use tower_precondition::{PreconditionLayer, SerializedWrites, TagComparison, ValidatorSource};
use tower_test::mock::{Handle, Mock, pair};

use crate::support::{at_once, current, finds, poll_once, request, response, service_fn};

fn by_path() -> SerializedWrites {
    SerializedWrites::by(|head: &Parts| head.uri.path().to_owned()).wait_at_most(Duration::from_secs(60))
}

fn layer(
    writes: &SerializedWrites,
) -> PreconditionLayer<impl ValidatorSource<Future: Send> + Send + Sync + use<>> {
    PreconditionLayer::new(finds(current)).serialize_writes(writes.clone())
}

async fn slow(_: Request<String>) -> Result<Response<String>, Infallible> {
    sleep(Duration::from_millis(10)).await;
    Ok(response(200, &[], "text"))
}

type MockHandler = Mock<Request<String>, Response<String>>;
type MockHandle = Handle<Request<String>, Response<String>>;

/// The ready service waits together with its request, and is the one that is called.
#[tokio::test(start_paused = true)]
async fn decision_15_the_ready_service_waits_and_is_called() {
    the_second_waits(layer(&by_path()));
}

/// A layer that takes suffixes off has a way of its own to the queue.
#[tokio::test(start_paused = true)]
async fn decision_21_writes_take_turns_where_suffixes_are_taken_off() {
    let suffixes = TagComparison::new().suffixed_by_proxy(["-gzip"]);
    the_second_waits(layer(&by_path()).compare_tags(suffixes));
}

fn the_second_waits(layer: PreconditionLayer<impl ValidatorSource>) {
    let (mock, mut handle): (MockHandler, MockHandle) = pair();
    let mut service = layer.layer(mock);
    handle.allow(2);
    let mut started = Vec::new();
    for _ in 0..2 {
        assert!(at_once(service.ready()).is_ok());
        let mut future = Box::pin(service.call(request("PUT", &[])));
        assert!(poll_once(future.as_mut()).is_pending());
        started.push(future);
    }
    let (_, answer) = at_once(handle.next_request()).expect("the first is called");
    assert!(handle.poll_request().is_pending(), "the second waits");
    answer.send_response(response(200, &[], ""));
    assert!(poll_once(started[0].as_mut()).is_ready());
    assert!(poll_once(started[1].as_mut()).is_pending());
    let (_, answer) = at_once(handle.next_request()).expect("the second is called");
    answer.send_response(response(200, &[], ""));
    assert!(poll_once(started[1].as_mut()).is_ready());
}

#[tokio::test(start_paused = true)]
async fn decision_15_a_write_that_waited_too_long_releases_its_place() {
    let writes = by_path().wait_at_most(Duration::from_secs(1));
    let inner = ServiceBuilder::new().layer(GlobalConcurrencyLimitLayer::new(2)).service(service_fn(slow));
    let mut service = layer(&writes).layer(inner);
    let held = {
        let mut future = Box::pin(
            layer(&writes)
                .layer(service_fn(|_: Request<String>| {
                    std::future::pending::<Result<Response<String>, Infallible>>()
                }))
                .oneshot(request("PUT", &[])),
        );
        assert!(poll_once(future.as_mut()).is_pending());
        future
    };
    for _ in 0..3 {
        let answer = service.ready().await.expect("a place is free").call(request("PUT", &[])).await;
        assert_eq!(answer.expect("an answer").status(), 503);
    }
    drop(held);
    let answer = service.ready().await.expect("a place is free").call(request("PUT", &[])).await;
    assert_eq!(answer.expect("an answer").status(), 200);
}

/// Asserts that all of them are answered in time.
async fn all_are_made<S, B>(service: S)
where
    S: Service<Request<String>, Response = Response<B>, Future: Send> + Clone + Send + 'static,
    S::Error: std::fmt::Debug + Send,
    B: Send + 'static,
{
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let method = if number % 4 == 3 { "GET" } else { "PUT" };
            tokio::spawn(service.clone().oneshot(request(method, &[])))
        })
        .collect();
    for task in tasks {
        let answer = tokio::time::timeout(Duration::from_secs(50), task).await.expect("no write is stuck");
        assert_eq!(answer.expect("no panic").expect("an answer").status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn writes_do_not_deadlock_within_a_limit_of_one() {
    let limit = ConcurrencyLimitLayer::new(1);
    all_are_made(ServiceBuilder::new().layer(limit).layer(layer(&by_path())).service(service_fn(slow))).await;
}

/// A waiting write holds a place, but the write whose turn it is has one too, so it ends.
#[tokio::test(start_paused = true)]
async fn writes_do_not_deadlock_around_a_limit() {
    for places in [1, 2, 5] {
        let limit = GlobalConcurrencyLimitLayer::new(places);
        all_are_made(ServiceBuilder::new().layer(layer(&by_path())).layer(limit).service(service_fn(slow)))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn writes_do_not_deadlock_beside_a_buffer() {
    for bound in [1, 3] {
        let outside = ServiceBuilder::new()
            .layer(BufferLayer::new(bound))
            .layer(layer(&by_path()))
            .service(service_fn(slow));
        all_are_made(outside).await;
        let inside = ServiceBuilder::new()
            .layer(layer(&by_path()))
            .layer(BufferLayer::new(bound))
            .service(service_fn(slow));
        all_are_made(inside).await;
    }
}

/// The cost of a limit inside the layer: writes that wait for their turn take places from reads.
#[tokio::test(start_paused = true)]
async fn a_waiting_write_takes_a_place_of_the_limit_from_a_read() {
    let limit = GlobalConcurrencyLimitLayer::new(2);
    let never =
        service_fn(|_: Request<String>| std::future::pending::<Result<Response<String>, Infallible>>());
    let service = layer(&by_path()).layer(limit.layer(never));
    let writes: Vec<_> = (0..2)
        .map(|_| {
            let mut future = Box::pin(service.clone().oneshot(request("PUT", &[])));
            assert!(poll_once(future.as_mut()).is_pending());
            future
        })
        .collect();
    let mut reader = service.clone();
    let mut ready_for_reader = pin!(ServiceExt::<Request<String>>::ready(&mut reader));
    assert!(poll_once(ready_for_reader.as_mut()).is_pending());
    drop(writes);
    assert!(matches!(poll_once(ready_for_reader), Poll::Ready(Ok(_))));
}

#[tokio::test(start_paused = true)]
async fn a_queue_works_within_another_queue() {
    let (outer, inner) = (by_path(), SerializedWrites::by(|_: &Parts| ()));
    all_are_made(ServiceBuilder::new().layer(layer(&outer)).layer(layer(&inner)).service(service_fn(slow)))
        .await;
}

/// A queue inside itself waits for itself until the time limit ends that.
#[tokio::test(start_paused = true)]
async fn a_queue_within_itself_waits_until_its_limit() {
    let writes = by_path();
    let service = ServiceBuilder::new()
        .layer(layer(&writes))
        .layer(layer(&writes))
        .service(service_fn(|_: Request<String>| ready(Ok::<_, Infallible>(response(200, &[], "")))));
    let answer = service.clone().oneshot(request("PUT", &[])).await.expect("an answer");
    assert_eq!(answer.status(), 503);
    let answer = service.oneshot(request("GET", &[])).await.expect("an answer");
    assert_eq!(answer.status(), 200);
}
