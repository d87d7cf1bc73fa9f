//! Around a client: a reverse proxy evaluates the resources that it owns, and forwards the fields of others.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, request::Parts};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};
use tower_precondition::{EntityTag, PreconditionLayer, Representation};

use crate::support::client::serve;

/// The requests that reached the origin: method, path and fields.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(Method, String, HeaderMap)>>>);

impl Seen {
    fn take(&self) -> Vec<(Method, String, HeaderMap)> {
        std::mem::take(&mut self.0.lock().expect("no test panics in here"))
    }
}

/// The origin has the tag `"7"` at every path, and evaluates nothing.
async fn origin(seen: Seen) -> SocketAddr {
    async fn answer(State(seen): State<Seen>, request: Request) -> Response {
        let (head, _) = request.into_parts();
        let path = head.uri.path().to_owned();
        seen.0.lock().expect("no test panics in here").push((head.method, path, head.headers));
        ([("etag", "\"7\"")], "from the origin").into_response()
    }
    serve(Router::new().fallback(answer).with_state(seen)).await
}

/// Sends everything on to the origin.
fn to(
    origin: SocketAddr,
) -> impl Service<Request, Response = http::Response<hyper::body::Incoming>, Error: std::fmt::Debug, Future: Send>
+ Clone {
    let rewrite = move |mut request: Request| {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = format!("http://{origin}{path}").parse::<Uri>().expect("a target");
        request
    };
    ServiceBuilder::new()
        .map_request(rewrite)
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>())
}

async fn ask<S, B>(proxy: &S, method: &str, path: &str, fields: &[(&str, &str)]) -> StatusCode
where
    S: Service<Request, Response = http::Response<B>, Error: std::fmt::Debug> + Clone,
{
    let request = Request::builder().method(method).uri(path);
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.body(Body::empty()).expect("a request");
    proxy.clone().oneshot(request).await.expect("an answer").status()
}

#[tokio::test]
async fn rule_3_a_proxy_evaluates_only_its_own_resources() {
    let seen = Seen::default();
    let own = |head: &Parts| {
        let found = match head.uri.path() {
            "/own" => EntityTag::from_version(7).into(),
            _ => Representation::defer_to_handler(),
        };
        std::future::ready(found)
    };
    let proxy = PreconditionLayer::new(own).layer(to(origin(seen.clone()).await));

    for (method, field, value, status) in [
        ("GET", "if-none-match", "\"7\"", 304),
        ("GET", "if-match", "\"1\"", 412),
        ("PUT", "if-match", "\"1\"", 412),
        ("PUT", "if-none-match", "*", 412),
    ] {
        assert_eq!(ask(&proxy, method, "/own", &[(field, value)]).await, status);
        assert!(seen.take().is_empty(), "{method} {field}: the proxy answers without its origin");
    }
    for method in ["GET", "PUT", "DELETE", "PATCH", "QUERY"] {
        let fields = [
            ("if-match", "\"1\""),
            ("if-match", "W/\"2\", \"3\""),
            ("if-none-match", "\"7\""),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("if-unmodified-since", "no date"),
        ];
        assert_eq!(ask(&proxy, method, "/other", &fields).await, 200);
        let [(came, path, headers)] = &seen.take()[..] else { panic!("one request") };
        assert_eq!((came.as_str(), path.as_str()), (method, "/other"));
        for (name, _) in fields {
            let expected: Vec<_> =
                fields.iter().filter(|(other, _)| *other == name).map(|(_, value)| *value).collect();
            let found: Vec<_> =
                headers.get_all(name).iter().map(|value| value.to_str().expect("text")).collect();
            assert_eq!(found, expected, "{method} {name}");
        }
    }
    // The origin decides about a range.
    let range = [("range", "bytes=0-3"), ("if-range", "\"1\"")];
    assert_eq!(ask(&proxy, "GET", "/other", &range).await, 200);
    let [(.., headers)] = &seen.take()[..] else { panic!("one request") };
    assert!(
        range.iter().all(|(name, value)| headers.get(*name).is_some_and(|found| found == value)),
        "{headers:?}"
    );
}

/// The proxy owns everything, and asks its origin, which evaluates nothing.
#[tokio::test]
async fn the_proxy_asks_its_origin_before_a_write() {
    let seen = Seen::default();
    let proxy = PreconditionLayer::probing().probe_writes().layer(to(origin(seen.clone()).await));
    for (method, field, value, status, came) in [
        ("PUT", "if-match", "\"1\"", 412, &["HEAD"][..]),
        ("PUT", "if-match", "\"7\"", 200, &["HEAD", "PUT"]),
        ("GET", "if-none-match", "\"7\"", 304, &["HEAD"]),
        ("GET", "if-none-match", "\"1\"", 200, &["HEAD", "GET"]),
        ("GET", "accept", "*/*", 200, &["GET"]),
        ("PUT", "accept", "*/*", 200, &["PUT"]),
    ] {
        assert_eq!(ask(&proxy, method, "/any", &[(field, value)]).await, status, "{method} {field}");
        let seen = seen.take();
        let methods: Vec<_> = seen.iter().map(|(method, ..)| method.as_str()).collect();
        assert_eq!(methods, came, "{method} {field}");
        // The origin gets no condition with the HEAD.
        let asked = seen.iter().find(|(method, ..)| method == Method::HEAD);
        assert!(asked.is_none_or(|(.., headers)| !headers.contains_key(field)));
    }
}
