//! Reads arbitrary bytes as WebDAV's `If`. The reading ends, the oracle finds the same lists and the same truth, and
//! the field is read again as it is printed.
#![no_main]

use std::future::ready;

use http::{HeaderMap, HeaderValue, Request, Response, Uri, request::Parts};
use libfuzzer_sys::fuzz_target;
use precondition_oracle::{DavState, IfList as Expected, Named, Tag, evaluate_if, read_if};
use tower_layer::Layer;
use tower_precondition::{
    EntityTag, PreconditionLayer, ResourceState, SubmittedTokens, Validators,
    webdav::{IfField, IfList, NamedResource},
};
use tower_service::Service;

// Each line of the input is a line of the field, because a field value holds no line break.
fuzz_target!(|input: &[u8]| {
    let lines: Vec<_> =
        input.split(|octet| *octet == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let mut headers = HeaderMap::new();
    for line in &lines {
        headers.append("if", line.clone());
    }
    let bytes: Vec<Vec<u8>> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
    let expected = read_if(&bytes);
    match IfField::from_headers(&headers) {
        None => assert!(lines.is_empty()),
        Some(Err(error)) => {
            assert_eq!(expected, None, "{error}");
            let line = lines.get(error.line()).expect("the error is in a line that is there");
            assert_eq!(line.as_bytes().get(error.offset()).copied(), error.found());
            assert!(!error.to_string().is_empty());
            assert_eq!(status(&headers), 400);
        }
        Some(Ok(field)) => {
            let expected = expected.expect("the crate reads it");
            assert_eq!(read(field), expected);
            reads_what_it_prints(field);
            let truth = evaluate_if(&expected, &|tag| state(tag.unwrap_or("/")));
            let held = evaluated(field, &headers);
            assert_eq!((held.is_some(), held == Some(true)), truth);
            let status = status(&headers);
            // A field that names many resources is 400.
            assert!(status == 400 || status == if truth.0 { 200 } else { 412 }, "{status}: {field}");
        }
    }
});

/// The state of a path, made from its length. A URL of another server has none.
fn state(tag: &str) -> Option<DavState> {
    if !tag.starts_with('/') {
        return None;
    }
    let tokens = ["urn:1", "urn:2", "DAV:no-lock"];
    let tokens = tokens.iter().enumerate().filter(|(number, _)| tag.len() >> number & 1 == 1);
    let tag = (tag.len() > 1).then(|| Tag { weak: tag.len().is_multiple_of(5), opaque: b"a".to_vec() });
    Some(DavState { tokens: tokens.map(|(_, token)| (*token).to_owned()).collect(), tag })
}

fn built(state: DavState) -> ResourceState {
    let tag = state.tag.map(|tag| match tag.weak {
        true => EntityTag::weak(&tag.opaque),
        false => EntityTag::strong(&tag.opaque),
    });
    ResourceState::from(tag.map(|tag| tag.expect("a tag"))).with_lock_tokens(state.tokens)
}

fn read(field: IfField<'_>) -> Vec<Expected> {
    let list = |list: IfList<'_>| Expected {
        resource: list.resource().map(str::to_owned),
        conditions: list
            .conditions()
            .map(|condition| {
                let named = match (condition.token(), condition.entity_tag()) {
                    (Some(token), None) => Named::Token(token.to_owned()),
                    (None, Some(tag)) => Named::Tag(tag.to_vec()),
                    both => panic!("a token or a tag, not {both:?}"),
                };
                (condition.is_negated(), named)
            })
            .collect(),
    };
    field.lists().map(list).collect()
}

/// `Some(true)` if the field holds and names a state.
fn evaluated(field: IfField<'_>, headers: &HeaderMap) -> Option<bool> {
    let states: Vec<_> = field.lists().map(|list| state(list.resource().unwrap_or("/")).map(built)).collect();
    let mut states = states.iter();
    let held = field.evaluate(|_| states.next().and_then(Option::as_ref)).ok()?;
    assert!(!headers.is_empty());
    Some(held.names_state())
}

fn reads_what_it_prints(field: IfField<'_>) {
    let printed = field.to_string();
    // Octets that are not UTF-8 are replaced, and a tag with others is another tag.
    if printed.is_ascii() {
        let value = HeaderValue::from_str(&printed).expect("it is ASCII");
        let again = IfField::parse(&value).expect("it is printed as a field");
        assert_eq!(read(again), read(field));
        assert_eq!(again.to_string(), printed);
    }
}

/// Answers 200 if all tokens of the field were submitted.
#[derive(Clone)]
struct Handler;

impl Service<Request<String>> for Handler {
    type Response = Response<String>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Response<String>, std::convert::Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), std::convert::Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<String>) -> Self::Future {
        if let Some(Ok(field)) = IfField::from_headers(request.headers()) {
            let submitted = SubmittedTokens::of(request.extensions());
            assert!(field.tokens().eq(submitted.iter()));
        }
        ready(Ok(Response::new(String::new())))
    }
}

/// The status of a PUT to the root, which has no tag. No tag can name the server: the request has no Host.
fn status(headers: &HeaderMap) -> u16 {
    let current = |_: &Parts| ready(Validators::new());
    let locks = |resource: &Uri, head: &Parts| {
        let tag = resource.path_and_query().map_or("/", |path| path.as_str());
        assert_ne!(NamedResource::of(Some(tag), head), NamedResource::Elsewhere);
        ready(state(tag).map(built).unwrap_or_default())
    };
    let mut service = PreconditionLayer::new(current).webdav(locks).layer(Handler);
    let mut request = Request::put("/").body(String::new()).expect("a request");
    *request.headers_mut() = headers.clone();
    let mut answer = std::pin::pin!(service.call(request));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::future::Future::poll(answer.as_mut(), &mut context) {
        std::task::Poll::Ready(Ok(response)) => response.status().as_u16(),
        std::task::Poll::Pending => panic!("nothing here is awaited"),
    }
}
