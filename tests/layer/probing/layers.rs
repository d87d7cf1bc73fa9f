//! Layers with a limited number of places: `probing()` holds no place while it waits for another.

use std::{
    convert::Infallible,
    future::{Future, pending},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Method, Request, Response, request::Parts};
use tokio::time::{sleep, timeout};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt,
    buffer::BufferLayer,
    limit::{ConcurrencyLimitLayer, GlobalConcurrencyLimitLayer},
    load_shed::LoadShedLayer,
    service_fn,
};
use tower_precondition::SerializedWrites;

use super::layer;
use crate::support::{poll_once, request, response};

async fn slow(request: Request<String>) -> Result<Response<String>, Infallible> {
    sleep(Duration::from_millis(10)).await;
    match *request.method() {
        Method::HEAD => Ok(response(200, &[("etag", "\"1\"")], "")),
        _ => Ok(response(204, &[], "")),
    }
}

/// Eight at a time, each a HEAD and a write.
async fn all_are_made<S, B>(service: S)
where
    S: Service<Request<String>, Response = Response<B>, Future: Send> + Clone + Send + 'static,
    S::Error: std::fmt::Debug + Send,
    B: Send + 'static,
{
    let mut writes = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let mut service = service.clone();
        writes.spawn(async move {
            let service = service.ready().await.expect("it is ready");
            service.call(request("PUT", &[("if-match", "\"1\"")])).await.expect("an answer").status()
        });
    }
    let made = timeout(Duration::from_secs(60), writes.join_all()).await.expect("no write waits for ever");
    assert_eq!(made, [204; 8].map(|status| http::StatusCode::from_u16(status).expect("a status")));
}

#[tokio::test(start_paused = true)]
async fn probing_releases_its_place_before_it_asks_for_the_next() {
    all_are_made(ServiceBuilder::new().layer(layer()).layer(ConcurrencyLimitLayer::new(1)).service_fn(slow))
        .await;
    all_are_made(
        ServiceBuilder::new().layer(layer()).layer(GlobalConcurrencyLimitLayer::new(1)).service_fn(slow),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn in_and_around_a_buffer() {
    let inner = ServiceBuilder::new().layer(layer()).layer(BufferLayer::new(1));
    all_are_made(inner.layer(ConcurrencyLimitLayer::new(1)).service_fn(slow)).await;
    let outer = ServiceBuilder::new().layer(BufferLayer::new(1)).layer(ConcurrencyLimitLayer::new(1));
    all_are_made(outer.layer(layer()).service_fn(slow)).await;
}

#[tokio::test(start_paused = true)]
async fn with_writes_that_take_turns() {
    let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned());
    let layer = layer().serialize_writes(writes.wait_at_most(Duration::from_secs(60)));
    let began = tokio::time::Instant::now();
    all_are_made(ServiceBuilder::new().layer(layer).layer(ConcurrencyLimitLayer::new(8)).service_fn(slow))
        .await;
    assert_eq!(began.elapsed(), Duration::from_millis(8 * 20), "one HEAD and its write after the other");
}

/// The layer sends the HEAD within the turn, so only one of several writes with the same version succeeds.
#[tokio::test(start_paused = true)]
async fn one_of_several_queued_writes_is_made() {
    let version = Arc::new(AtomicUsize::new(1));
    let document = {
        let version = Arc::clone(&version);
        service_fn(move |request: Request<String>| {
            let version = Arc::clone(&version);
            async move {
                sleep(Duration::from_millis(10)).await;
                if *request.method() != Method::HEAD {
                    version.fetch_add(1, Ordering::SeqCst);
                }
                let tag = format!("\"{}\"", version.load(Ordering::SeqCst));
                Ok::<_, Infallible>(response(200, &[("etag", &tag)], ""))
            }
        })
    };
    let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned());
    let service = layer().serialize_writes(writes.wait_at_most(Duration::from_secs(60))).layer(document);
    let put = || service.clone().oneshot(request("PUT", &[("if-match", "\"1\"")]));
    let (Ok(first), Ok(second), Ok(third)) = tokio::join!(put(), put(), put());
    assert_eq!([first.status(), second.status(), third.status()], [200, 412, 412]);
    assert_eq!(version.load(Ordering::SeqCst), 2);
}

/// A turn also ends if the service fails to get ready between the HEAD and the write.
#[tokio::test(start_paused = true)]
async fn a_turn_ends_if_the_service_fails_to_be_ready_again() {
    let (mock, mut handle) = tower_test::mock::pair::<Request<String>, Response<String>>();
    let writes = SerializedWrites::by(|_: &Parts| ()).wait_at_most(Duration::from_secs(1));
    let mut failing = layer().serialize_writes(writes.clone()).layer(mock);
    handle.allow(1);
    let mut first =
        Box::pin(failing.ready().await.expect("it is ready").call(request("PUT", &[("if-match", "*")])));
    assert!(poll_once(first.as_mut()).is_pending());
    let (_, answer) = handle.next_request().await.expect("it is asked");
    answer.send_response(response(200, &[], ""));
    assert!(poll_once(first.as_mut()).is_pending());
    handle.send_error("gone");
    assert!(poll_once(first.as_mut()).is_ready());

    let next = layer().serialize_writes(writes).layer(service_fn(slow));
    let Ok(answer) = next.oneshot(request("PUT", &[])).await;
    assert_eq!(answer.status(), 204, "although the failed future still exists");
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_sheds_load_gets_no_unevaluated_write() {
    let full = || {
        let limit = GlobalConcurrencyLimitLayer::new(1);
        let never = service_fn(|_: Request<String>| pending::<Result<Response<String>, Infallible>>());
        let mut held = Box::pin(limit.layer(never).oneshot(request("PUT", &[])));
        assert!(poll_once(held.as_mut()).is_pending());
        let service =
            ServiceBuilder::new().layer(layer()).layer(LoadShedLayer::new()).layer(limit).service_fn(slow);
        (service, held)
    };
    let (service, held) = full();
    let put = request("PUT", &[("if-match", "\"1\"")]);
    assert_eq!(service.clone().oneshot(put).await.expect("an answer").status(), 503);
    let get = service.clone().oneshot(request("GET", &[("if-match", "\"1\"")])).await;
    assert!(get.is_err_and(|error| error.is::<tower::load_shed::error::Overloaded>()));
    drop(held);
    let put = request("PUT", &[("if-match", "\"1\"")]);
    assert_eq!(service.oneshot(put).await.expect("an answer").status(), 204);
}

#[tokio::test(start_paused = true)]
async fn the_heads_future_and_answer_are_dropped_before_the_service_is_made_ready_again() {
    /// Holds its one place until the future and the answer are dropped.
    struct One(Arc<()>);
    impl Clone for One {
        fn clone(&self) -> Self {
            Self(Arc::clone(&self.0))
        }
    }
    impl Service<Request<String>> for One {
        type Response = Response<Held>;
        type Error = Infallible;
        type Future = Kept;

        fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
            // This service, and the clone that replaced it in the layer.
            assert!(Arc::strong_count(&self.0) <= 2, "something of the HEAD is still there");
            std::task::Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<String>) -> Self::Future {
            let body = Held(request.into_body(), Arc::clone(&self.0));
            let response = Response::builder().header("etag", "\"1\"").body(body).expect("a response");
            Kept(std::future::ready(Ok(response)), Arc::clone(&self.0))
        }
    }
    struct Kept(
        std::future::Ready<Result<Response<Held>, Infallible>>,
        #[expect(dead_code, reason = "it is held")] Arc<()>,
    );
    impl Future for Kept {
        type Output = Result<Response<Held>, Infallible>;

        fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
            Pin::new(&mut self.0).poll(cx)
        }
    }
    struct Held(String, #[expect(dead_code, reason = "it is held")] Arc<()>);

    let mut service = layer().layer(One(Arc::new(())));
    let answer =
        service.ready().await.expect("it is ready").call(request("PUT", &[("if-match", "\"1\"")])).await;
    assert_eq!(answer.expect("an answer").status(), 200);
    let _ = |held: Held| held.0;
}
