//! Status, fields and content of each answer, as they arrive.

use http::{Method, header};

use crate::{
    Wire,
    client::{Answer, Client, request},
    resources::TEXT,
    tables::{on_every_wire, over_http1},
};

on_every_wire! {
    decision_9_a_304_has_no_length;
    decision_9_a_304_has_the_fields_of_the_200;
    decision_10_a_412_shows_the_current_validators;
    decision_13_a_200_keeps_its_length;
    decision_13_an_unknown_length_stays_unknown;
    decision_13_trailers_pass;
    rule_56_head_mirrors_get;
    rule_56_a_rejected_head_has_no_content;
    rule_63_a_304_has_no_content;
    rule_64_rejections_have_content_of_known_length;
}

over_http1! {
    rules_56_63_nothing_follows_a_head_without_content;
}

const CURRENT: &str = "\"2\"";
const STALE: &str = "\"1\"";

async fn ask(
    client: &mut Client,
    method: Method,
    path: &str,
    condition: header::HeaderName,
    tag: &str,
) -> Answer {
    client.exchange(request(method, path, &[(condition, tag)], "")).await
}

async fn decision_9_a_304_has_no_length(wire: Wire) {
    let (server, mut client) = wire.open().await;
    for method in [Method::GET, Method::HEAD] {
        for path in ["/document", "/stream"] {
            let answer = ask(&mut client, method.clone(), path, header::IF_NONE_MATCH, CURRENT).await;
            assert_eq!(answer.status, 304);
            assert!(!answer.headers.contains_key(header::CONTENT_LENGTH), "{method} {path}: {answer:?}");
            assert!(!answer.headers.contains_key(header::TRANSFER_ENCODING), "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(server.calls(), 0);
}

async fn decision_9_a_304_has_the_fields_of_the_200(wire: Wire) {
    let (_server, mut client) = wire.open().await;
    for method in [Method::GET, Method::HEAD] {
        let answer = ask(&mut client, method, "/document", header::IF_NONE_MATCH, CURRENT).await;
        assert_eq!(answer.status, 304);
        let names = ["cache-control", "content-location", "date", "etag", "expires", "vary"];
        assert_eq!(answer.names(), names);
        assert_eq!(answer.field(header::CACHE_CONTROL), "max-age=60");
        assert_eq!(answer.field(header::CONTENT_LOCATION), "/document.en");
        assert_eq!(answer.field(header::ETAG), CURRENT);
        assert_eq!(answer.field(header::EXPIRES), "0");
        assert_eq!(answer.field(header::VARY), "accept-language");
    }
}

async fn decision_10_a_412_shows_the_current_validators(wire: Wire) {
    let (server, mut client) = wire.open().await;
    let answer = ask(&mut client, Method::PUT, "/document", header::IF_MATCH, STALE).await;
    assert_eq!(answer.status, 412);
    let names = ["cache-control", "content-length", "content-type", "date", "etag", "last-modified"];
    assert_eq!(answer.names(), names);
    assert_eq!(answer.field(header::CACHE_CONTROL), "no-store");
    assert_eq!(answer.field(header::CONTENT_TYPE), "application/problem+json");
    assert_eq!(answer.field(header::ETAG), CURRENT);
    assert_eq!(answer.field(header::LAST_MODIFIED), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert!(answer.text().contains(r#""current_etag":"\"2\"""#), "{}", answer.text());
    assert_eq!(server.calls(), 0);
}

async fn decision_13_a_200_keeps_its_length(wire: Wire) {
    let (_server, mut client) = wire.open().await;
    let answer = client.exchange(request(Method::GET, "/document", &[], "")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.field(header::CONTENT_LENGTH), TEXT.len().to_string());
    assert!(!answer.headers.contains_key(header::TRANSFER_ENCODING));
    assert_eq!(answer.field(header::ETAG), CURRENT);
    assert_eq!(answer.text(), TEXT);
}

async fn decision_13_an_unknown_length_stays_unknown(wire: Wire) {
    let (_server, mut client) = wire.open().await;
    let answer = client.exchange(request(Method::GET, "/stream", &[], "")).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key(header::CONTENT_LENGTH), "{answer:?}");
    assert_eq!(answer.headers.contains_key(header::TRANSFER_ENCODING), matches!(client, Client::Http1(_)));
    assert_eq!(answer.text(), "one, two");
}

async fn decision_13_trailers_pass(wire: Wire) {
    let (_server, mut client) = wire.open().await;
    let answer = client.exchange(request(Method::GET, "/stream", &[(header::TE, "trailers")], "")).await;
    assert_eq!(answer.text(), "one, two");
    assert_eq!(answer.trailers.get(header::CONTENT_LANGUAGE).expect("a trailer"), "en");
}

async fn rule_56_head_mirrors_get(wire: Wire) {
    let (_server, mut client) = wire.open().await;
    let mut get = client.exchange(request(Method::GET, "/document", &[], "")).await;
    let mut head = client.exchange(request(Method::HEAD, "/document", &[], "")).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.field(header::CONTENT_LENGTH), TEXT.len().to_string());
    // The clock may tick between the two.
    assert!(get.headers.remove(header::DATE).is_some() && head.headers.remove(header::DATE).is_some());
    assert_eq!(head.headers, get.headers);
    assert_eq!(head.text(), "");
}

async fn rule_56_a_rejected_head_has_no_content(wire: Wire) {
    let (server, mut client) = wire.open().await;
    let cases = [("/document", &[(header::IF_MATCH, STALE)] as &[_], 412), ("/guarded", &[], 428)];
    for (path, fields, status) in cases {
        let mut get = client.exchange(request(Method::GET, path, fields, "")).await;
        let mut head = client.exchange(request(Method::HEAD, path, fields, "")).await;
        assert_eq!(head.status, status);
        assert_eq!(head.field(header::CONTENT_LENGTH), get.content.len().to_string());
        assert!(get.headers.remove(header::DATE).is_some() && head.headers.remove(header::DATE).is_some());
        assert_eq!(head.headers, get.headers);
        assert_eq!(head.text(), "");
        assert_ne!(get.text(), "");
    }
    assert_eq!(server.calls(), 0);
}

async fn rule_63_a_304_has_no_content(wire: Wire) {
    let (_server, mut client) = wire.open().await;
    for method in [Method::GET, Method::HEAD] {
        // A server sends trailers only to a client that accepts them.
        let fields = [(header::IF_NONE_MATCH, CURRENT), (header::TE, "trailers")];
        let answer = client.exchange(request(method, "/stream", &fields, "")).await;
        assert_eq!(answer.status, 304);
        assert_eq!(answer.text(), "");
        assert!(answer.trailers.is_empty());
    }
}

async fn rule_64_rejections_have_content_of_known_length(wire: Wire) {
    let (server, mut client) = wire.open().await;
    let cases = [
        (Method::PUT, "/document", "1", 400),
        (Method::DELETE, "/absent", STALE, 404),
        (Method::PUT, "/document", STALE, 412),
        (Method::GET, "/document", STALE, 412),
        (Method::PUT, "/broken", STALE, 503),
    ];
    for (method, path, tag, status) in cases {
        let answer = ask(&mut client, method, path, header::IF_MATCH, tag).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.field(header::CONTENT_LENGTH), answer.content.len().to_string());
        assert!(answer.text().contains(&format!(r#""status":{status}"#)), "{}", answer.text());
        assert!(!answer.headers.contains_key(header::TRANSFER_ENCODING));
    }
    assert_eq!(server.calls(), 0);
}

/// Reads the bytes after the head, which a client that trusts the rules would not look at.
async fn rules_56_63_nothing_follows_a_head_without_content(wire: Wire) {
    let cases = [
        (Method::GET, "/document", header::IF_NONE_MATCH, CURRENT, 304),
        (Method::HEAD, "/document", header::IF_NONE_MATCH, CURRENT, 304),
        (Method::HEAD, "/document", header::IF_MATCH, CURRENT, 200),
        (Method::HEAD, "/document", header::IF_MATCH, STALE, 412),
        (Method::HEAD, "/guarded", header::ACCEPT, "*/*", 428),
    ];
    for (method, path, name, value, status) in cases {
        let (_server, mut client) = wire.open().await;
        let fields = [(name, value), (header::CONNECTION, "close")];
        let answer = client.exchange(request(method, path, &fields, "")).await;
        assert_eq!(answer.status, status);
        let Client::Http1(mut connection) = client else { unreachable!("the table is for HTTP/1.1") };
        assert_eq!(connection.rest().await, "");
    }
}
