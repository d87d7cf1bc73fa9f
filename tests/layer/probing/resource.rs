//! A service with one answer to HEAD and one to other methods. It records its requests.

use std::{
    fmt,
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use http::{Method, Request, Response, request::Parts};
use tower::Service;

use crate::support::response;

/// The service's own error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("gone")
    }
}

impl std::error::Error for Gone {}

#[derive(Clone, Debug)]
pub(crate) struct Resource {
    head: Result<Response<String>, Gone>,
    answer: Result<Response<String>, Gone>,
    seen: Arc<Mutex<Vec<(Parts, String)>>>,
}

impl Resource {
    /// Answers every HEAD like this, and other methods with 200 and `text`.
    pub(crate) fn whose_head_is(status: u16, fields: &[(&str, &str)]) -> Self {
        let answer = response(200, &[("x-answer", "handler")], "text");
        Self { head: Ok(response(status, fields, "")), answer: Ok(answer), seen: Arc::default() }
    }

    /// Fails on HEAD.
    pub(crate) fn without_head() -> Self {
        Self { head: Err(Gone), ..Self::whose_head_is(200, &[]) }
    }

    /// Fails on every method but HEAD.
    pub(crate) fn with_head_alone() -> Self {
        Self { answer: Err(Gone), ..Self::whose_head_is(200, &[]) }
    }

    pub(crate) fn methods(&self) -> Vec<String> {
        self.seen().iter().map(|(head, _)| head.method.to_string()).collect()
    }

    pub(crate) fn seen(&self) -> Vec<(Parts, String)> {
        self.seen.lock().expect("no test panics in here").clone()
    }
}

impl Service<Request<String>> for Resource {
    type Response = Response<String>;
    type Error = Gone;
    type Future = Ready<Result<Response<String>, Gone>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let is_head = request.method() == Method::HEAD;
        self.seen.lock().expect("no test panics in here").push(request.into_parts());
        ready(if is_head { self.head.clone() } else { self.answer.clone() })
    }
}
