//! Whole responses, judged by what they say of themselves: nothing panics, who answers is who a short
//! oracle says, and a 304 has all that it should and nothing that it should not.
#![no_main]

#[expect(dead_code, reason = "the oracle of requests needs more of it")]
mod reading;

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{self, HeaderName},
};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use tower_layer::Layer;
use tower_precondition::{
    Condition, EntityTagLayer, HttpDate, PreconditionLayer, Rejection, UnevaluatedWrites,
};
use tower_service::Service;

use reading::{Tag, Tags, read};

fuzz_target!(|exchange: Exchange| {
    let (method, asked) = (exchange.method(), lines(&exchange.asked, AskedField::name));
    let bare = exchange.answer();
    let inner = Inner { answer: exchange.answer(), seen: Arc::default() };
    let unjudged = if exchange.forwards { UnevaluatedWrites::Forward } else { UnevaluatedWrites::Refuse };
    let layer = PreconditionLayer::from_response().unevaluated_writes(unjudged);
    let mut request = Request::new(Full::new(Bytes::from_static(b"content")));
    *request.method_mut() = method.clone();
    *request.headers_mut() = asked.clone();

    let (response, tagged) = match exchange.tags {
        true => {
            // What the layer inside makes of the answer, without the layer that judges it.
            let mut tagging =
                EntityTagLayer::new().limit(16).layer(Inner { seen: Arc::default(), ..inner.clone() });
            let mut plain = Request::new(Full::new(Bytes::new()));
            *plain.method_mut() = method.clone();
            let tagged = now(tagging.call(plain)).expect("the handler does not fail").into_parts().0;
            let mut service = layer.layer(EntityTagLayer::new().limit(16).layer(inner.clone()));
            (parts(now(service.call(request)).expect("the handler does not fail")), tagged)
        }
        false => {
            let mut service = layer.layer(inner.clone());
            (parts(now(service.call(request)).expect("the handler does not fail")), bare.into_parts().0)
        }
    };
    let seen = inner.seen.lock().expect("nothing panicked").take();
    let (head, content, size) = response;

    match expected(&method, &asked, &tagged, exchange.forwards) {
        Expected::Handler => {
            assert_eq!(head.status, tagged.status);
            assert_eq!(head.headers, tagged.headers);
            assert_eq!(content, Bytes::from(exchange.content()));
            let seen = seen.expect("the handler was called");
            if !reads(&method) {
                assert!(Condition::ALL.iter().filter(|c| **c != Condition::IfRange).all(|condition| {
                    seen.get_all(condition.field()).iter().eq(asked.get_all(condition.field()))
                }));
            }
        }
        Expected::NotModified => {
            assert_eq!(head.status, StatusCode::NOT_MODIFIED);
            assert_eq!((content.len(), size), (0, None));
            assert_eq!(head.headers, of_not_modified(tagged.headers));
            assert!(seen.is_some_and(|seen| Condition::ALL.iter().all(|c| !seen.contains_key(c.field()))));
        }
        Expected::Rejected(status) => {
            assert_eq!(head.status, status);
            assert!(head.extensions.get::<Rejection>().is_some());
            assert_eq!(head.headers.get(header::CACHE_CONTROL), Some(&HeaderValue::from_static("no-store")));
            assert_eq!(seen.is_some(), reads(&method), "no write is made that was not judged");
        }
    }
});

#[derive(Debug)]
enum Expected {
    Handler,
    NotModified,
    Rejected(u16),
}

/// RFC 9110 §13.2.2 for what is judged afterwards, with the rules about writes that cannot be.
fn expected(method: &Method, asked: &HeaderMap, answer: &http::response::Parts, forwards: bool) -> Expected {
    let has = |field: HeaderName| asked.contains_key(field);
    if ["CONNECT", "OPTIONS", "TRACE"].contains(&method.as_str()) {
        return Expected::Handler;
    }
    let unmodified_since = date(asked, header::IF_UNMODIFIED_SINCE).filter(|_| !has(header::IF_MATCH));
    if !reads(method) {
        let malformed = [header::IF_MATCH, header::IF_NONE_MATCH]
            .into_iter()
            .any(|field| has(field.clone()) && read(&all(asked, field)).is_none());
        let conditional = has(header::IF_MATCH) || has(header::IF_NONE_MATCH) || unmodified_since.is_some();
        return match () {
            () if malformed => Expected::Rejected(400),
            () if conditional && !forwards => Expected::Rejected(501),
            () => Expected::Handler,
        };
    }
    let tag = match &*all(&answer.headers, header::ETAG) {
        [line] => Tag::parse(line.as_bytes()),
        _ => None,
    };
    let modified = date(&answer.headers, header::LAST_MODIFIED);
    match answer.status.as_u16() {
        200 | 206 => {}
        416 if tag.is_some() || modified.is_some() => {}
        _ => return Expected::Handler,
    }
    let names = |field: HeaderName, equal: fn(&Tag, &Tag) -> bool| match read(&all(asked, field)) {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::Listed(tags)) => tag.as_ref().is_some_and(|own| tags.iter().any(|tag| equal(tag, own))),
    };
    if has(header::IF_MATCH) && !names(header::IF_MATCH, Tag::strong_eq) {
        return Expected::Rejected(412);
    }
    if unmodified_since.zip(modified).is_some_and(|(date, modified)| modified > date) {
        return Expected::Rejected(412);
    }
    let not_modified = match has(header::IF_NONE_MATCH) {
        true => names(header::IF_NONE_MATCH, Tag::weak_eq),
        false => date(asked, header::IF_MODIFIED_SINCE)
            .zip(modified)
            .is_some_and(|(date, modified)| modified <= date),
    };
    if not_modified { Expected::NotModified } else { Expected::Handler }
}

/// All fields but those of content, and Last-Modified where there is a tag (§15.4.5).
fn of_not_modified(mut headers: HeaderMap) -> HeaderMap {
    let tagged = matches!(&*all(&headers, header::ETAG), [line] if Tag::parse(line.as_bytes()).is_some());
    for name in [
        "content-type",
        "content-length",
        "content-encoding",
        "content-language",
        "content-range",
        "transfer-encoding",
        "trailer",
    ] {
        headers.remove(name);
    }
    if tagged {
        headers.remove(header::LAST_MODIFIED);
    }
    headers
}

fn reads(method: &Method) -> bool {
    ["GET", "HEAD", "QUERY"].contains(&method.as_str())
}

fn all(headers: &HeaderMap, field: HeaderName) -> Vec<HeaderValue> {
    headers.get_all(field).iter().cloned().collect()
}

/// The date of a field that has one line and a valid date on it.
fn date(headers: &HeaderMap, field: HeaderName) -> Option<HttpDate> {
    match &*all(headers, field) {
        [line] => std::str::from_utf8(line.as_bytes()).ok()?.parse().ok(),
        _ => None,
    }
}

/// A request, and what the handler answers it.
#[derive(Arbitrary, Debug)]
struct Exchange {
    method: AnyMethod,
    asked: Vec<(AskedField, Value)>,
    status: Status,
    answered: Vec<(AnsweredField, Value)>,
    content: Vec<u8>,
    forwards: bool,
    tags: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum AnyMethod {
    Get,
    Head,
    Query,
    Put,
    Delete,
    Options,
    Lock,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum AskedField {
    IfMatch,
    IfNoneMatch,
    IfModifiedSince,
    IfUnmodifiedSince,
    IfRange,
    Range,
    Accept,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum AnsweredField {
    Etag,
    LastModified,
    ContentType,
    ContentRange,
    ContentEncoding,
    CacheControl,
    Vary,
    SetCookie,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Status {
    Ok,
    NoContent,
    PartialContent,
    NotModified,
    NotFound,
    RangeNotSatisfiable,
    InternalServerError,
}

/// The value of a field. Most are drawn from few, so that two of them often say the same.
#[derive(Arbitrary, Debug)]
enum Value {
    Any,
    Strong,
    Weak,
    Other,
    List,
    Early,
    Late,
    Octets(Vec<u8>),
}

impl Exchange {
    fn method(&self) -> Method {
        let name: &[u8] = match self.method {
            AnyMethod::Get => b"GET",
            AnyMethod::Head => b"HEAD",
            AnyMethod::Query => b"QUERY",
            AnyMethod::Put => b"PUT",
            AnyMethod::Delete => b"DELETE",
            AnyMethod::Options => b"OPTIONS",
            AnyMethod::Lock => b"LOCK",
        };
        Method::from_bytes(name).expect("a token")
    }

    /// As a server has it: a HEAD is answered without content.
    fn content(&self) -> Vec<u8> {
        match self.method {
            AnyMethod::Head => Vec::new(),
            _ => self.content.clone(),
        }
    }

    fn answer(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.content().into()));
        *response.status_mut() = match self.status {
            Status::Ok => StatusCode::OK,
            Status::NoContent => StatusCode::NO_CONTENT,
            Status::PartialContent => StatusCode::PARTIAL_CONTENT,
            Status::NotModified => StatusCode::NOT_MODIFIED,
            Status::NotFound => StatusCode::NOT_FOUND,
            Status::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
            Status::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
        };
        *response.headers_mut() = lines(&self.answered, AnsweredField::name);
        response
    }
}

/// The lines; what cannot be a field value is left out.
fn lines<F: Copy>(lines: &[(F, Value)], name: fn(F) -> HeaderName) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (field, value) in lines {
        if let Ok(value) = HeaderValue::from_bytes(value.octets()) {
            headers.append(name(*field), value);
        }
    }
    headers
}

impl AskedField {
    fn name(self) -> HeaderName {
        match self {
            Self::IfMatch => header::IF_MATCH,
            Self::IfNoneMatch => header::IF_NONE_MATCH,
            Self::IfModifiedSince => header::IF_MODIFIED_SINCE,
            Self::IfUnmodifiedSince => header::IF_UNMODIFIED_SINCE,
            Self::IfRange => header::IF_RANGE,
            Self::Range => header::RANGE,
            Self::Accept => header::ACCEPT,
        }
    }
}

impl AnsweredField {
    fn name(self) -> HeaderName {
        match self {
            Self::Etag => header::ETAG,
            Self::LastModified => header::LAST_MODIFIED,
            Self::ContentType => header::CONTENT_TYPE,
            Self::ContentRange => header::CONTENT_RANGE,
            Self::ContentEncoding => header::CONTENT_ENCODING,
            Self::CacheControl => header::CACHE_CONTROL,
            Self::Vary => header::VARY,
            Self::SetCookie => header::SET_COOKIE,
        }
    }
}

impl Value {
    fn octets(&self) -> &[u8] {
        match self {
            Self::Any => b"*",
            Self::Strong => b"\"a\"",
            Self::Weak => b"W/\"a\"",
            Self::Other => b"\"b\"",
            Self::List => b"\"b\", W/\"a\",",
            Self::Early => b"Sun, 06 Nov 1994 08:49:37 GMT",
            Self::Late => b"Sun, 06 Nov 1994 08:49:38 GMT",
            Self::Octets(octets) => octets,
        }
    }
}

/// The service behind the layers; it keeps the fields that it saw.
#[derive(Clone)]
struct Inner {
    answer: Response<Full<Bytes>>,
    seen: Arc<Mutex<Option<HeaderMap>>>,
}

impl<B> Service<Request<B>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let before = self.seen.lock().expect("nothing panicked").replace(request.headers().clone());
        assert!(before.is_none(), "the handler is called once at most");
        ready(Ok(self.answer.clone()))
    }
}

/// A response taken apart: its head, its content, and the size that it told.
fn parts<B>(response: Response<B>) -> (http::response::Parts, Bytes, Option<u64>)
where
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let (head, body) = response.into_parts();
    let size = body.size_hint().exact();
    (head, now(body.collect()).expect("the content is in memory").to_bytes(), size)
}

/// The output of a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("something waits although everything is ready"),
    }
}
