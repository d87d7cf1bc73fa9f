//! A handler that records its requests, and an exchange with it through a layer.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, request};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt};
use tower_precondition::ResponseBody;

use super::{Answer, at_once, response};

/// Gives every request the same answer, and records the heads of the requests.
#[derive(Clone, Debug)]
pub(crate) struct Handler {
    answer: Response<String>,
    seen: Arc<Mutex<Vec<request::Parts>>>,
}

impl Handler {
    pub(crate) fn answering(answer: Response<String>) -> Self {
        Self { answer, seen: Arc::default() }
    }

    /// The head of the last request that it got.
    pub(crate) fn last_seen(&self) -> request::Parts {
        self.seen.lock().expect("no test panics in here").pop().expect("the handler ran")
    }
}

impl<B> Service<Request<B>> for Handler {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.seen.lock().expect("no test panics in here").push(request.into_parts().0);
        ready(Ok(self.answer.clone()))
    }
}

/// Sends a request through the layer to a handler that answers 200 with `text`.
pub(crate) fn send<L, S>(layer: L, request: Request<String>) -> Answer
where
    L: Layer<Handler, Service = S>,
    S: Service<Request<String>, Response = Response<ResponseBody<String>>, Error = Infallible>,
{
    send_to(response(200, &[], "text"), layer, request)
}

/// Sends a request through the layer to a handler that answers this.
pub(crate) fn send_to<L, S>(answer: Response<String>, layer: L, request: Request<String>) -> Answer
where
    L: Layer<Handler, Service = S>,
    S: Service<Request<String>, Response = Response<ResponseBody<String>>, Error = Infallible>,
{
    let handler = Handler::answering(answer);
    let Ok(response) = at_once(layer.layer(handler.clone()).oneshot(request));
    let (head, body) = response.into_parts();
    let body: Bytes = at_once(body.collect()).expect("a body without errors").to_bytes();
    let mut seen = handler.seen.lock().expect("no test panics in here");
    assert!(seen.len() <= 1, "the handler ran {} times", seen.len());
    Answer { head, body: String::from_utf8(body.into()).expect("text"), handled: seen.pop() }
}

type BoxedFuture<'a, R, E> = Pin<Box<dyn Future<Output = Result<R, E>> + Send + 'a>>;

/// A function as a service. Its type does not name the function: the layer is then compiled once for all of them.
pub(crate) struct ServiceFn<'a, Q, R, E>(Arc<dyn Fn(Q) -> BoxedFuture<'a, R, E> + Send + Sync + 'a>);

/// Takes the place of [`tower::service_fn`].
pub(crate) fn service_fn<'a, Q, R, E, F>(handle: impl Fn(Q) -> F + Send + Sync + 'a) -> ServiceFn<'a, Q, R, E>
where
    F: Future<Output = Result<R, E>> + Send + 'a,
{
    ServiceFn(Arc::new(move |request| Box::pin(handle(request))))
}

impl<Q, R, E> Clone for ServiceFn<'_, Q, R, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<'a, Q, R, E> Service<Q> for ServiceFn<'a, Q, R, E> {
    type Response = R;
    type Error = E;
    type Future = BoxedFuture<'a, R, E>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Q) -> Self::Future {
        (self.0)(request)
    }
}
