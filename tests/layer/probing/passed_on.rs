//! If a check that comes before preconditions answers a write's HEAD, that answer is the answer.

use http::StatusCode;
use http_body::Body;
use http_body_util::Full;
use tower::{Layer, ServiceExt};
use tower_precondition::{PreconditionLayer, Rejection, UnevaluatedWrites};

use super::{Gone, Resource, layer, through};
use crate::support::{at_once, finds, request, tagged};

const STATUSES: [u16; 6] = [401, 407, 429, 503, 307, 308];

/// Fields of the answer to the HEAD that a client needs.
const KEPT: [(&str, &str); 9] = [
    ("www-authenticate", "Basic realm=\"a\""),
    ("www-authenticate", "Bearer"),
    ("proxy-authenticate", "Basic"),
    ("retry-after", "3"),
    ("location", "/elsewhere"),
    ("set-cookie", "a=1"),
    ("set-cookie", "b=2"),
    ("vary", "origin"),
    ("x-other", "1"),
];

#[test]
fn rule_2_a_check_that_answers_the_head_answers_the_write() {
    for status in STATUSES {
        for layer in [layer(), layer().unevaluated_writes(UnevaluatedWrites::Forward)] {
            for method in ["PUT", "DELETE", "POST", "LOCK"] {
                let resource = Resource::whose_head_is(status, &KEPT);
                let put = request(method, &[("if-match", "\"1\"")]);
                let answer = through(layer.clone(), &resource, put).expect("an answer");
                assert_eq!((answer.status().as_u16(), &**answer.body()), (status, ""));
                let expected = [&KEPT[..], &[("cache-control", "no-store")]].concat();
                assert_eq!(*answer.headers(), *request("PUT", &expected).headers());
                assert_eq!(resource.methods(), ["HEAD"], "nothing is performed");
                assert!(answer.extensions().get::<Rejection>().is_none(), "the layer rejects nothing");
            }
        }
    }
}

#[test]
fn the_passed_on_answer_says_nothing_of_content_that_it_lacks() {
    let said = [
        ("content-length", "12"),
        ("content-encoding", "gzip"),
        ("transfer-encoding", "chunked"),
        ("trailer", "x-checksum"),
        ("content-range", "bytes */12"),
        ("content-digest", "sha-256=:1:"),
        ("repr-digest", "sha-256=:1:"),
        ("digest", "sha-256=1"),
        ("content-md5", "1"),
        ("cache-control", "max-age=60"),
        ("cache-control", "public"),
    ];
    let resource = Resource::whose_head_is(401, &said);
    let answer = through(layer(), &resource, request("PUT", &[("if-match", "\"1\"")])).expect("an answer");
    assert_eq!(*answer.headers(), *request("PUT", &[("cache-control", "no-store")]).headers());
}

/// They are about the connection that the HEAD took.
#[test]
fn the_passed_on_answer_has_no_field_of_the_heads_connection() {
    let said = [
        ("connection", "keep-alive, X-Hop"),
        ("connection", "close"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "close"),
        ("upgrade", "h2c"),
        ("x-hop", "1"),
        ("www-authenticate", "Basic"),
    ];
    let resource = Resource::whose_head_is(401, &said);
    let answer = through(layer(), &resource, request("PUT", &[("if-match", "\"1\"")])).expect("an answer");
    let kept = [("www-authenticate", "Basic"), ("cache-control", "no-store")];
    assert_eq!(*answer.headers(), *request("PUT", &kept).headers());
}

/// Passing it on evaluates nothing, and performs nothing.
#[test]
fn an_answer_that_varies_is_passed_on() {
    let resource = Resource::whose_head_is(401, &[("vary", "*, content-type")]);
    let put = request("PUT", &[("if-match", "\"1\""), ("content-type", "a/b")]);
    assert_eq!(through(layer(), &resource, put).expect("an answer").status(), 401);
}

#[test]
fn rule_59_the_passed_on_answer_closes_a_connection_with_unread_content() {
    let resource = Resource::whose_head_is(401, &[("connection", "keep-alive")]);
    let put = request("PUT", &[("if-match", "\"1\""), ("expect", "100-continue")]);
    let answer = through(layer(), &resource, put).expect("an answer");
    assert_eq!(answer.headers()["connection"], "close");
}

#[test]
fn the_passed_on_answer_ends_at_its_head() {
    let resource = Resource::whose_head_is(401, &[]);
    let service = layer().layer(resource);
    let answer = at_once(service.oneshot(request("PUT", &[("if-match", "\"1\"")]))).expect("an answer");
    assert!(answer.body().is_end_stream());
}

#[test]
fn decision_16_the_passed_on_answer_is_that_of_an_inner_layer_to_outer_ones() {
    let outer = PreconditionLayer::from_response();
    let emitting = PreconditionLayer::new(finds(|| tagged("\"outer\"")));
    let resource = Resource::whose_head_is(401, &[("www-authenticate", "Basic")]);
    let alone = through(layer(), &resource, request("PUT", &[("if-match", "\"outer\"")])).expect("an answer");
    let nested = (outer.unevaluated_writes(UnevaluatedWrites::Forward), emitting, layer()).layer(resource);
    let answer = at_once(nested.oneshot(request("PUT", &[("if-match", "\"outer\"")]))).expect("an answer");
    assert_eq!((answer.status(), answer.headers()), (StatusCode::UNAUTHORIZED, alone.headers()));
}

/// A read gets the service's own answer to it, with its content.
#[test]
fn a_read_whose_head_is_answered_by_a_check_goes_on() {
    let fields = [("if-none-match", "\"1\""), ("accept", "a/b")];
    for status in STATUSES {
        for method in ["GET", "HEAD"] {
            let resource = Resource::whose_head_is(status, &KEPT);
            through(layer(), &resource, request(method, &fields)).expect("an answer");
            let seen = resource.seen();
            assert_eq!(seen.len(), 2, "{:?}", resource.methods());
            assert_eq!(
                (seen[1].0.method.as_str(), &seen[1].0.headers),
                (method, request("GET", &fields).headers())
            );
        }
    }
}

#[test]
fn the_body_of_the_answer_to_head_is_dropped_unread() {
    let service = tower::service_fn(|_: http::Request<String>| {
        let mut answer = http::Response::new(Full::new(bytes::Bytes::from_static(b"sign in")));
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
        std::future::ready(Ok::<_, Gone>(answer))
    });
    let put = request("PUT", &[("if-match", "\"1\"")]);
    let answer = at_once(layer().layer(service).oneshot(put)).expect("an answer");
    assert_eq!(answer.status(), 401);
    let content = at_once(http_body_util::BodyExt::collect(answer.into_body())).expect("no error").to_bytes();
    assert_eq!(content, "");
}
