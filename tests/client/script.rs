//! A service that gives scripted answers and records the requests.

use std::{
    collections::VecDeque,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use tower::Service;
use tower_precondition::client::{Client, Target};

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Answer(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// The service fails.
    Lost,
    /// No answer ever comes.
    Never,
}

use Reply::Answer;

/// A state as an answer shows it.
pub(crate) fn found(tag: &'static str, content: &'static str) -> Reply {
    Answer(200, vec![("etag", tag)], content)
}

pub(crate) fn status(status: u16) -> Reply {
    Answer(status, vec![], "")
}

#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Bytes,
}

impl Recorded {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The method with its condition, such as `PUT If-Match: "1"`.
    pub(crate) fn shown(&self) -> String {
        let fields = [("if-match", "If-Match"), ("if-none-match", "If-None-Match")];
        let fields = fields
            .into_iter()
            .chain([("if-unmodified-since", "If-Unmodified-Since"), ("cache-control", "Cache-Control")]);
        let shown = fields.filter_map(|(name, shown)| Some(format!(" {shown}: {}", self.get(name)?)));
        shown.fold(self.method.to_string(), |shown, field| shown + &field)
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

impl Script {
    pub(crate) fn of(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: Arc::new(Mutex::new(replies.into_iter().collect())), requests: Arc::default() }
    }

    pub(crate) fn client(&self) -> Client<Self, Full<Bytes>> {
        Client::new(self.clone())
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }

    /// The requests, each as [`Recorded::shown`].
    pub(crate) fn shown(&self) -> Vec<String> {
        self.requests().iter().map(Recorded::shown).collect()
    }
}

pub(crate) fn target() -> Target {
    "http://localhost/note".parse().unwrap()
}

impl Service<Request<Full<Bytes>>> for Script {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let script = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let content = body.collect().await.unwrap().to_bytes();
            let recorded = Recorded { method: head.method, headers: head.headers, content };
            script.requests.lock().unwrap().push(recorded);
            let reply = script.replies.lock().unwrap().pop_front().expect("the script has an answer left");
            match reply {
                Answer(status, fields, content) => {
                    let response = Response::builder().status(status);
                    let response = fields
                        .into_iter()
                        .fold(response, |response, (name, value)| response.header(name, value));
                    Ok(response.body(Full::from(content)).unwrap())
                }
                Reply::Lost => Err(io::ErrorKind::ConnectionReset.into()),
                Reply::Never => std::future::pending().await,
            }
        })
    }
}
