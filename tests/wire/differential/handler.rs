//! The service that the layer wraps.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use tower::Service;

use super::world::{State, World};

/// Fields that describe the content of a 200, and of nothing else.
pub(super) const DESCRIPTIONS: [(&str, &str); 7] = [
    ("content-language", "en"),
    ("content-disposition", "inline"),
    ("content-security-policy", "script-src 'nonce-r4nd0m'"),
    ("content-security-policy-report-only", "default-src 'self'"),
    ("content-digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
    ("repr-digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
    ("content-md5", "Q2hlY2sgSW50ZWdyaXR5IQ=="),
];

/// Fields that describe no content, or that nobody knows.
pub(super) const OTHERS: [(&str, &str); 3] =
    [("set-cookie", "seen=1"), ("access-control-allow-origin", "https://a.example"), ("x-app", "1")];

impl World {
    /// The handler's own answer: status, fields and content.
    pub(super) fn answer(
        &self,
        state: State,
        method: &str,
        range: Option<&str>,
    ) -> (u16, HeaderMap, Vec<u8>) {
        let reads = matches!(method, "GET" | "HEAD" | "QUERY");
        if let Some(status) = self.check {
            return refused(status);
        }
        if !reads {
            let status = if method == "OPTIONS" { 204 } else { self.write_status };
            return (status, HeaderMap::new(), Vec::new());
        }
        if state == State::Absent {
            return described(404, HeaderMap::new(), state.content().into_bytes(), method);
        }
        let mut fields = self.handler.fields(state, self.now);
        if self.describes_content {
            put_all(&mut fields, &DESCRIPTIONS);
            put_all(&mut fields, &OTHERS);
        }
        let content = match self.status {
            204 => return (204, fields, Vec::new()),
            _ => state.content().into_bytes(),
        };
        let range = range.filter(|_| self.serves_ranges && method == "GET" && self.status == 200);
        match range.map_or(Part::Whole, |range| part(range, content.len())) {
            Part::Whole => described(self.status, fields, content, method),
            Part::Unsatisfiable => {
                if !self.tags_416 {
                    fields.remove(header::ETAG);
                    fields.remove(header::LAST_MODIFIED);
                }
                put_all(&mut fields, &[("content-range", &format!("bytes */{}", content.len()))]);
                described(416, fields, b"no such range".to_vec(), method)
            }
            Part::Of(from, to) => {
                put_all(
                    &mut fields,
                    &[("content-range", &format!("bytes {from}-{}/{}", to - 1, content.len()))],
                );
                described(206, fields, content[from..to].to_vec(), method)
            }
        }
    }
}

fn refused(status: u16) -> (u16, HeaderMap, Vec<u8>) {
    let mut fields = HeaderMap::new();
    let field = match status {
        401 => ("www-authenticate", "Basic realm=\"a\""),
        407 => ("proxy-authenticate", "Basic realm=\"a\""),
        429 | 503 => ("retry-after", "60"),
        300..=399 => ("location", "/elsewhere"),
        _ => ("x-app", "1"),
    };
    put_all(&mut fields, &[field]);
    (status, fields, Vec::new())
}

fn put_all(fields: &mut HeaderMap, lines: &[(&'static str, &str)]) {
    for (name, value) in lines {
        fields.insert(*name, HeaderValue::from_str(value).expect("visible ASCII"));
    }
}

/// HEAD mirrors the fields of GET, and the length.
fn described(
    status: u16,
    mut fields: HeaderMap,
    content: Vec<u8>,
    method: &str,
) -> (u16, HeaderMap, Vec<u8>) {
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    if method == "HEAD" {
        fields.insert(header::CONTENT_LENGTH, content.len().into());
        return (status, fields, Vec::new());
    }
    (status, fields, content)
}

enum Part {
    Whole,
    Of(usize, usize),
    Unsatisfiable,
}

/// Reads a single range; a server may ignore all others.
fn part(range: &str, length: usize) -> Part {
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Part::Whole;
    };
    match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(from), _) if from >= length => Part::Unsatisfiable,
        (Ok(from), Ok(to)) if to >= from => Part::Of(from, length.min(to + 1)),
        (Ok(from), Err(_)) if to.is_empty() => Part::Of(from, length),
        (Err(_), Ok(last)) if from.is_empty() && last > 0 => Part::Of(length - last.min(length), length),
        _ => Part::Whole,
    }
}

/// The service that the layer wraps. It never looks at a condition.
#[derive(Clone, Debug)]
pub(super) struct Handler {
    world: Arc<World>,
    pub(super) state: Arc<Mutex<State>>,
    pub(super) seen: Arc<Mutex<Vec<Parts>>>,
}

impl Handler {
    pub(super) fn new(world: &World) -> Self {
        let state = Arc::new(Mutex::new(State::Absent));
        Self { world: Arc::new(world.clone()), state, seen: Arc::default() }
    }

    pub(super) fn set(&self, state: State) {
        *self.state.lock().expect("no test panics in here") = state;
    }

    pub(super) fn take_seen(&self) -> Vec<Parts> {
        std::mem::take(&mut *self.seen.lock().expect("no test panics in here"))
    }
}

impl Service<Request<Full<Bytes>>> for Handler {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let head = request.into_parts().0;
        let state = *self.state.lock().expect("no test panics in here");
        let range = head.headers.get(header::RANGE).and_then(|range| range.to_str().ok());
        let (status, fields, content) = self.world.answer(state, head.method.as_str(), range);
        self.seen.lock().expect("no test panics in here").push(head);
        let mut response = Response::new(Full::from(content));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        *response.headers_mut() = fields;
        ready(Ok(response))
    }
}
