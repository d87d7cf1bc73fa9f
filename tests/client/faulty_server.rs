//! A server with one document, behind a network that loses, delays and duplicates.

use std::{
    collections::HashMap,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::time::sleep;
use tower::Service;

use super::random::Random;

/// How often each fault happens, in a hundred requests, and what the server can do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct World {
    /// The request does not arrive.
    pub(crate) lost_requests: usize,
    /// The request arrives, and its answer does not.
    pub(crate) lost_answers: usize,
    /// The answer does not come, and nothing says so.
    pub(crate) silence: usize,
    /// The request arrives late.
    pub(crate) delays: usize,
    /// The request arrives twice. The second answer counts.
    pub(crate) duplicates: usize,
    /// Another client adds a line before the request arrives.
    pub(crate) others: usize,
    /// Another client deletes the document before the request arrives.
    pub(crate) deletes: usize,
    /// A read without `no-cache` shows an old state.
    pub(crate) stale_reads: usize,
    /// The server keeps a record of the writes that it made.
    pub(crate) keeps_record: bool,
}

#[derive(Clone)]
pub(crate) struct FaultyServer(Arc<Mutex<Shared>>);

pub(crate) struct Shared {
    world: World,
    random: Random,
    /// The version and the lines, or nothing.
    document: Option<(u64, String)>,
    previous: Option<(u64, String)>,
    version: u64,
    /// The identity of each write that was made.
    made: HashMap<String, (Method, HeaderMap)>,
    /// The requests that left the client.
    pub(crate) sent: Vec<(Method, HeaderMap, Bytes)>,
}

impl FaultyServer {
    pub(crate) fn new(seed: u64, world: World) -> Self {
        Self(Arc::new(Mutex::new(Shared {
            world,
            random: Random::new(seed),
            document: None,
            previous: None,
            version: 0,
            made: HashMap::new(),
            sent: Vec::new(),
        })))
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Shared) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.with(|shared| {
            let lines = shared.document.iter().flat_map(|(_, text)| text.lines());
            lines.map(str::to_owned).collect()
        })
    }
}

impl Shared {
    fn chance(&mut self, of: impl FnOnce(&World) -> usize) -> bool {
        let percent = of(&self.world);
        self.random.percent(percent)
    }

    fn store(&mut self, text: Option<String>) {
        self.version += 1;
        self.previous = self.document.take();
        self.document = text.map(|text| (self.version, text));
    }

    fn meddle(&mut self) {
        if self.chance(|world| world.others) {
            let text = self.document.as_ref().map_or(String::new(), |(_, text)| text.clone());
            self.store(Some(format!("{text}other {}\n", self.version)));
        }
        if self.chance(|world| world.deletes) {
            self.store(None);
        }
    }

    fn answer(&mut self, method: &Method, headers: &HeaderMap, content: &Bytes) -> Response<Full<Bytes>> {
        if method == Method::GET {
            let may_be_old = !headers.contains_key("cache-control") && self.chance(|world| world.stale_reads);
            let shown = if may_be_old { self.previous.as_ref() } else { self.document.as_ref() };
            return match shown {
                Some((version, text)) => {
                    let response = Response::builder().header("etag", format!("\"{version}\""));
                    response.body(Full::from(text.clone())).unwrap()
                }
                None => status(404),
            };
        }
        let id = headers["idempotency-key"].to_str().unwrap().to_owned();
        let identity = (method.clone(), headers.clone());
        if self.world.keeps_record && self.made.get(&id) == Some(&identity) {
            return status(204);
        }
        let current = self.document.as_ref().map(|(version, _)| format!("\"{version}\""));
        let holds = match (headers.get("if-match"), headers.get("if-none-match")) {
            (Some(tag), None) => current.is_some_and(|current| current == tag.to_str().unwrap()),
            (None, Some(any)) => any == "*" && current.is_none(),
            _ => panic!("a write has one condition: {headers:?}"),
        };
        if !holds {
            return status(412);
        }
        let text = (method != Method::DELETE).then(|| String::from_utf8(content.to_vec()).unwrap());
        self.store(text);
        self.made.insert(id, identity);
        status(204)
    }
}

fn status(status: u16) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

impl Service<Request<Full<Bytes>>> for FaultyServer {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let server = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let content = body.collect().await.unwrap().to_bytes();
            let lost = Err(io::ErrorKind::ConnectionReset.into());
            server.with(|shared| {
                shared.sent.push((head.method.clone(), head.headers.clone(), content.clone()))
            });
            if server.with(|shared| shared.chance(|world| world.lost_requests)) {
                return lost;
            }
            let delay = server.with(|shared| match shared.chance(|world| world.delays) {
                true => 1 + shared.random.below(40_000) as u64,
                false => 1 + shared.random.below(20) as u64,
            });
            // Whoever gives up on a request does not call it back: it arrives all the same.
            let arriving = tokio::spawn(async move {
                sleep(Duration::from_millis(delay)).await;
                server.with(|shared| {
                    shared.meddle();
                    let mut answer = shared.answer(&head.method, &head.headers, &content);
                    if shared.chance(|world| world.duplicates) {
                        shared.meddle();
                        answer = shared.answer(&head.method, &head.headers, &content);
                    }
                    let lost = shared.chance(|world| world.lost_answers);
                    let silent = shared.chance(|world| world.silence);
                    (answer, lost, silent)
                })
            });
            match arriving.await.unwrap() {
                (_, _, true) => std::future::pending().await,
                (_, true, _) => lost,
                (answer, ..) => Ok(answer),
            }
        })
    }
}
