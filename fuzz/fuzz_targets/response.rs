//! Evaluates requests against whole responses. Nothing panics, the right one answers, and a 304 has
//! all the fields that it should have and no others.
#![no_main]

#[expect(dead_code, reason = "the target `request` needs more of it")]
mod fields;

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
use tower_precondition::{Condition, EntityTagLayer, PreconditionLayer, Rejection, UnevaluatedWrites};
use tower_service::Service;

use fields::Asked;
use precondition_oracle::{Action, Current, DateField, Tag, TagField};

fuzz_target!(|exchange: Exchange| {
    let (method, asked) = (exchange.method(), lines(&exchange.asked, AskedField::name));
    // Under a condition, `EntityTagLayer` sends a HEAD inward as GET.
    let inward = match method == Method::HEAD && exchange.tags && is_conditional(&asked) {
        true => Method::GET,
        false => method.clone(),
    };
    let bare = exchange.answer(&inward);
    let inner = Inner { answer: exchange.answer(&inward), seen: Arc::default() };
    let unevaluated = if exchange.forwards { UnevaluatedWrites::Forward } else { UnevaluatedWrites::Refuse };
    let layer = PreconditionLayer::from_response().unevaluated_writes(unevaluated);
    let mut request = Request::new(Full::new(Bytes::from_static(b"content")));
    *request.method_mut() = method.clone();
    *request.headers_mut() = asked.clone();

    let (response, tagged) = match exchange.tags {
        true => {
            // The answer of the inner layer alone.
            let mut tagging =
                EntityTagLayer::new().limit(16).layer(Inner { seen: Arc::default(), ..inner.clone() });
            let mut plain = Request::new(Full::new(Bytes::new()));
            *plain.method_mut() = inward.clone();
            let (mut tagged, body) =
                now(tagging.call(plain)).expect("the handler does not fail").into_parts();
            if inward != method {
                declare_length(&mut tagged, body.size_hint().exact());
            }
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
            assert_eq!(content, Bytes::from(exchange.content(&method)));
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
            assert_eq!(seen.is_some(), reads(&method), "the handler sees only reads");
        }
    }
});

#[derive(Debug)]
enum Expected {
    Handler,
    NotModified,
    Rejected(u16),
}

/// The evaluation of reads against the response, and the rules about writes, which come before it.
fn expected(method: &Method, asked: &HeaderMap, answer: &http::response::Parts, forwards: bool) -> Expected {
    if ["CONNECT", "OPTIONS", "TRACE"].contains(&method.as_str()) {
        return Expected::Handler;
    }
    let fields = Asked::of(asked);
    if !reads(method) {
        let has = |field: HeaderName| asked.contains_key(field);
        let conditional =
            has(header::IF_MATCH) || has(header::IF_NONE_MATCH) || fields.has_unmodified_since();
        return match () {
            () if fields.is_malformed() => Expected::Rejected(400),
            () if conditional && !forwards => Expected::Rejected(501),
            () => Expected::Handler,
        };
    }
    let current = current_of(&answer.headers);
    match answer.status.as_u16() {
        200 | 204 => {}
        // What a part lacks is not known.
        206 if current.tag.is_none() && lists_tags(&fields.if_match) => return Expected::Rejected(501),
        416 if current.tag.is_none() && lists_tags(&fields.if_match) => return Expected::Handler,
        206 | 416 => {}
        _ => return Expected::Handler,
    }
    match fields.evaluate(method.as_str(), Some(&current)).action {
        Action::Perform => Expected::Handler,
        Action::Answer304 => Expected::NotModified,
        Action::Answer412(_) => Expected::Rejected(412),
    }
}

fn lists_tags(if_match: &TagField) -> bool {
    matches!(if_match, TagField::List(tags) if !tags.is_empty())
}

/// Returns whether a condition other than If-Range is present. If-Range counts only beside Range.
fn is_conditional(asked: &HeaderMap) -> bool {
    Condition::ALL
        .iter()
        .any(|condition| *condition != Condition::IfRange && asked.contains_key(condition.field()))
}

/// Adds the Content-Length that a server would add to the answer to GET.
fn declare_length(answer: &mut http::response::Parts, length: Option<u64>) {
    let headers = &mut answer.headers;
    if let (false, false, Some(length)) =
        ([204, 304].contains(&answer.status.as_u16()), headers.contains_key(header::CONTENT_LENGTH), length)
    {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
}

/// The validators that a response carries. A repeated or invalid one counts as missing.
fn current_of(headers: &HeaderMap) -> Current {
    let tag = match fields::lines(headers, header::ETAG).as_slice() {
        [line] => Tag::parse(line),
        _ => None,
    };
    let modified =
        match DateField::read(&fields::lines(headers, header::LAST_MODIFIED), fields::now().unix_seconds()) {
            DateField::At(seconds) => Some((seconds, false)),
            _ => None,
        };
    Current { tag, modified }
}

/// Removes the fields that describe content, and Last-Modified if there is a tag (§15.4.5).
fn of_not_modified(mut headers: HeaderMap) -> HeaderMap {
    let tagged = current_of(&headers).tag.is_some();
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

/// A request, and the handler's answer.
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

/// The value of a field. Most are a few fixed values, so that two of them often match.
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

    /// A server sends no content in answer to HEAD.
    fn content(&self, method: &Method) -> Vec<u8> {
        match *method {
            Method::HEAD => Vec::new(),
            _ => self.content.clone(),
        }
    }

    fn answer(&self, method: &Method) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.content(method).into()));
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

/// Builds the headers, without the values that no header can hold.
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

/// The service behind the layers. It keeps the headers that it saw.
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

/// Splits a response: its head, its content, and the size that the body announced.
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
