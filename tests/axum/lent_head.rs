//! An extractor takes something out of a request, or adds something to it.
//!
//! A source copies the first request, and later ones only if an extractor took something. So each way to take is
//! tried at once, again, and after requests from which nothing was taken.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    mem,
};

use axum::{
    Extension, Router,
    body::Body,
    extract::{FromRequestParts, Path, Request},
    http::{HeaderName, HeaderValue, StatusCode, Uri, header::Entry, request::Parts},
    routing::any,
};
use tower::ServiceExt;
use tower_precondition::{PreconditionLayer, Validators, validators_from_fn};

use crate::support::{at_once, current, request};

/// Changes the head in the way that the request names in `x-way`.
struct Taking;

impl<S: Sync> FromRequestParts<S> for Taking {
    type Rejection = Infallible;

    fn from_request_parts(head: &mut Parts, _: &S) -> impl Future<Output = Result<Self, Infallible>> + Send {
        let way = head.headers.get("x-way").cloned();
        if let Some(take) =
            way.and_then(|way| WAYS.iter().find(|(name, _)| way == *name).map(|(_, take)| take))
        {
            take(head);
        }
        ready(Ok(Self))
    }
}

#[derive(Clone, PartialEq, Debug)]
struct User(&'static str);

#[derive(Clone, PartialEq, Debug)]
struct Added(u8);

type Change = fn(&mut Parts);

const WAYS: &[(&str, Change)] = &[
    ("a condition is removed", |head| {
        head.headers.remove("if-match");
    }),
    ("a field is removed", |head| {
        head.headers.remove("x-own");
    }),
    ("a value is replaced by one of its length", |head| {
        head.headers.insert("x-own", HeaderValue::from_static("seen"));
    }),
    ("a field is renamed", |head| {
        let value = head.headers.remove("x-own").expect("each request has it");
        head.headers.insert(HeaderName::from_static("x-new"), value);
    }),
    ("the last field is renamed", |head| {
        let value = head.headers.remove("x-last").expect("each request has it");
        head.headers.insert(HeaderName::from_static("x-new"), value);
    }),
    ("two fields swap their values", |head| {
        let [own, tag] =
            ["x-own", "if-match"].map(|name| head.headers.remove(name).expect("each request has it"));
        head.headers.insert("x-own", tag);
        head.headers.insert("if-match", own);
    }),
    ("one of two lines is removed", |head| {
        let first = head.headers.get("x-two").cloned().expect("each request has it");
        head.headers.insert("x-two", first);
    }),
    ("two lines swap their values", |head| {
        let Entry::Occupied(mut two) = head.headers.entry("x-two") else { panic!("each request has it") };
        let mut lines = two.iter_mut();
        let (first, second) = (lines.next(), lines.next());
        mem::swap(first.expect("it has two"), second.expect("it has two"));
    }),
    ("a field is added", |head| {
        head.headers.insert("x-more", HeaderValue::from_static("more"));
    }),
    ("all fields are taken", |head| drop(mem::take(&mut head.headers))),
    ("an extension is removed", |head| {
        head.extensions.remove::<User>();
    }),
    ("all extensions are taken", |head| head.extensions.clear()),
    ("the target is changed", |head| head.uri = Uri::from_static("/elsewhere")),
];

/// The ways that change only what was copied for the extractor anyway.
const HARMLESS: &str = "the target is changed";

/// Adds an extension, so that a number of extensions alone does not tell that another one was taken.
struct Adding;

impl<S: Sync> FromRequestParts<S> for Adding {
    type Rejection = Infallible;

    fn from_request_parts(head: &mut Parts, _: &S) -> impl Future<Output = Result<Self, Infallible>> + Send {
        head.extensions.insert(Added(5));
        ready(Ok(Self))
    }
}

fn lookup(_: Path<u64>, _: Adding, _: Taking) -> Ready<Validators> {
    ready(current())
}

/// Answers whether everything is there that [`ask`] sends.
async fn handler(Path(id): Path<u64>, Extension(user): Extension<User>, request: Request) -> StatusCode {
    let fields = request.headers();
    let two: Vec<_> = fields.get_all("x-two").iter().collect();
    let whole = id == 7
        && user == User("Ada")
        && request.uri().path() == "/documents/7"
        && fields["if-match"] == "\"1\""
        && fields["x-own"] == "kept"
        && fields.get("x-last").is_some_and(|last| last == "kept too")
        && two == ["1", "2"]
        && !fields.contains_key("x-more")
        && !fields.contains_key("x-new");
    if whole { StatusCode::ACCEPTED } else { StatusCode::IM_A_TEAPOT }
}

fn app() -> Router {
    let documents = any(handler).layer(PreconditionLayer::new(validators_from_fn(lookup)));
    Router::new().route("/documents/{id}", documents).layer(Extension(User("Ada")))
}

fn ask(app: &Router, way: &str, tag: &str) -> u16 {
    let fields = [
        ("if-match", tag),
        ("x-own", "kept"),
        ("x-two", "1"),
        ("x-two", "2"),
        ("x-way", way),
        ("x-last", "kept too"),
    ];
    let Ok(response) = at_once(app.clone().oneshot(request("PUT", &fields).map(Body::from)));
    let status = response.status().as_u16();
    if status == 503 {
        assert_eq!(response.headers()["retry-after"], "0");
    }
    status
}

#[test]
fn the_handler_gets_what_an_extractor_takes_from_each_request() {
    for (way, _) in WAYS {
        let app = app();
        for turn in ["first", "second", "third"] {
            assert_eq!(ask(&app, way, "\"1\""), 202, "{way}, {turn}");
            assert_eq!(ask(&app, way, "\"0\""), 412, "{way}, {turn}, with an old tag");
        }
    }
}

#[test]
fn a_request_that_is_not_whole_is_refused_and_the_next_one_is_copied() {
    for (way, _) in WAYS {
        let app = app();
        for turn in ["first", "second"] {
            assert_eq!(ask(&app, "nothing", "\"1\""), 202, "{way}, {turn}");
        }
        let expected = if *way == HARMLESS { 202 } else { 503 };
        assert_eq!(ask(&app, way, "\"1\""), expected, "{way}, for the first time");
        assert_eq!(ask(&app, way, "\"1\""), 202, "{way}, again");
        assert_eq!(ask(&app, "nothing", "\"1\""), 202, "{way}, and then nothing");
        assert_eq!(ask(&app, way, "\"0\""), 412, "{way}, with an old tag");
    }
}

#[test]
fn what_an_extractor_adds_to_the_extensions_reaches_the_handler() {
    let layer = PreconditionLayer::new(validators_from_fn(|_: Adding| ready(current())));
    let handler = |Extension(added): Extension<Added>| async move { added.0.to_string() };
    let app = Router::new().route("/documents/{id}", any(handler).layer(layer));
    for turn in ["copied", "lent", "lent again"] {
        let Ok(response) = at_once(app.clone().oneshot(request("GET", &[]).map(Body::from)));
        let content = at_once(axum::body::to_bytes(response.into_body(), usize::MAX)).expect("content");
        assert_eq!(content, "5", "{turn}");
    }
}

#[test]
fn a_look_up_that_an_extractor_ended_says_nothing_of_the_extractors_behind_it() {
    for (way, _) in WAYS {
        let app = app();
        let refused = Request::put("/documents/not-a-number").body(Body::empty()).expect("a request");
        let Ok(response) = at_once(app.clone().oneshot(refused));
        assert_eq!(response.status(), 400, "{way}, refused by `Path`");
        assert_eq!(ask(&app, way, "\"1\""), 202, "{way}");
    }
}
