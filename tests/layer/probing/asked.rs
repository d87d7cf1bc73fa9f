//! The fields of the HEAD, and the requests for which the layer sends one.

use http::{HeaderMap, HeaderName, Version, header};
use tower_precondition::{Requirement, UnevaluatedWrites, Verdict};

use super::{Resource, exchange, layer, through};
use crate::support::{EARLIER, LATER, MODIFIED, request};

const CURRENT: [(&str, &str); 2] = [("etag", "\"1\""), ("last-modified", MODIFIED)];

/// `METHOD [fields] => the methods of the requests that reach the service`.
macro_rules! asked {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*] => [$($seen:literal),*];)*) => {$(
        #[test]
        fn $name() {
            let resource = Resource::whose_head_is(200, &CURRENT);
            exchange(&resource, $method, &[$(($field, $value)),*]);
            let expected: &[&str] = &[$($seen),*];
            assert_eq!(resource.methods(), expected);
        }
    )*};
}

asked! {
    get_without_a_condition_sends_no_head: "GET" [] => ["GET"];
    head_without_a_condition_sends_no_head: "HEAD" [] => ["HEAD"];
    query_without_a_condition_sends_no_head: "QUERY" [] => ["QUERY"];
    put_without_a_condition_sends_no_head: "PUT" [] => ["PUT"];
    delete_without_a_condition_sends_no_head: "DELETE" [] => ["DELETE"];
    post_without_a_condition_sends_no_head: "POST" ["content-length": "4"] => ["POST"];
    range_alone_sends_no_head: "GET" ["range": "bytes=0-1"] => ["GET"];
    rule_37_if_range_alone_sends_no_head: "GET" ["if-range": "\"1\""] => ["GET"];
    rule_60_if_range_on_head_sends_no_head: "HEAD" ["if-range": "\"1\"", "range": "bytes=0-1"] => ["HEAD"];
    rule_28_if_modified_since_on_a_write_sends_no_head: "PUT" ["if-modified-since": MODIFIED] => ["PUT"];
    rule_32_an_invalid_date_sends_no_head: "PUT" ["if-unmodified-since": "soon"] => ["PUT"];
    rule_32_two_dates_send_no_head: "PUT" ["if-unmodified-since": LATER, "if-unmodified-since": LATER] => ["PUT"];
    decision_4_a_malformed_list_sends_no_head: "PUT" ["if-match": "1"] => [];
    rule_4_options_sends_no_head: "OPTIONS" ["if-match": "\"1\""] => ["OPTIONS"];
    rule_4_connect_sends_no_head: "CONNECT" ["if-match": "\"1\""] => ["CONNECT"];
    an_upgrade_sends_no_head: "GET" ["if-match": "\"0\"", "connection": "upgrade", "upgrade": "websocket"] => ["GET"];
    decision_3_query_sends_no_head: "QUERY" ["if-none-match": "\"1\""] => ["QUERY"];
    decision_3_query_for_a_range_sends_no_head: "QUERY" ["if-range": "\"1\"", "range": "bytes=0-1"] => ["QUERY"];

    get_that_passes_sends_one_head: "GET" ["if-none-match": "\"0\""] => ["HEAD", "GET"];
    get_that_is_answered_sends_one_head: "GET" ["if-none-match": "\"1\""] => ["HEAD"];
    get_with_all_conditions_sends_one_head: "GET" ["if-match": "\"1\"", "if-none-match": "\"0\"", "if-modified-since": EARLIER, "if-unmodified-since": LATER, "if-range": "\"1\"", "range": "bytes=0-1"] => ["HEAD", "GET"];
    head_sends_one_head: "HEAD" ["if-none-match": "\"0\""] => ["HEAD", "HEAD"];
    head_that_is_answered_sends_one_head: "HEAD" ["if-none-match": "\"1\""] => ["HEAD"];
    if_range_with_range_sends_one_head: "GET" ["if-range": "\"1\"", "range": "bytes=0-1"] => ["HEAD", "GET"];
    a_write_that_passes_sends_one_head: "PUT" ["if-match": "\"1\""] => ["HEAD", "PUT"];
    a_write_that_is_refused_sends_one_head: "PUT" ["if-match": "\"0\""] => ["HEAD"];
    a_delete_sends_one_head: "DELETE" ["if-match": "\"1\"", "if-unmodified-since": LATER] => ["HEAD", "DELETE"];
    an_unknown_method_sends_one_head: "LOCK" ["if-none-match": "*"] => ["HEAD"];
}

/// The head of the probe for a PUT with these fields.
fn probe_of(fields: &[(&str, &str)]) -> http::request::Parts {
    let resource = Resource::whose_head_is(200, &CURRENT);
    exchange(&resource, "PUT", fields);
    let (head, body) = resource.seen().swap_remove(0);
    assert_eq!((head.method.as_str(), &*body), ("HEAD", ""));
    head
}

/// Each group has its reason in the documentation of `probing()`.
const NOT_COPIED: &[(&str, &str)] = &[
    ("if-match", "\"1\""),
    ("if-match", "\"2\""),
    ("if-none-match", "\"0\""),
    ("if-modified-since", MODIFIED),
    ("if-unmodified-since", MODIFIED),
    ("if-range", "\"1\""),
    ("if", "(<urn:uuid:1>)"),
    ("range", "bytes=0-1"),
    ("expect", "100-continue"),
    ("upgrade", "h2c"),
    ("http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA"),
    ("destination", "/documents/8"),
    ("overwrite", "F"),
    ("depth", "infinity"),
    ("lock-token", "<urn:uuid:1>"),
    ("timeout", "Second-60"),
    ("idempotency-key", "\"8e03978e\""),
    ("content-length", "4"),
    ("content-type", "text/plain"),
    ("content-encoding", "gzip"),
    ("content-language", "en"),
    ("content-location", "/here"),
    ("content-range", "bytes 0-3/9"),
    ("content-md5", "1"),
    ("content-digest", "sha-256=:1:"),
    ("content-disposition", "inline"),
    ("content-of-a-later-rfc", "1"),
    ("digest", "sha-256=1"),
    ("repr-digest", "sha-256=:1:"),
    ("transfer-encoding", "chunked"),
    ("trailer", "x-checksum"),
];

#[test]
fn decision_18_the_head_has_no_field_that_names_an_action_a_condition_or_content() {
    assert_eq!(probe_of(NOT_COPIED).headers, HeaderMap::new());
}

/// Without them, the HEAD would tell the state of another resource, or none.
#[test]
fn the_head_has_each_line_of_the_fields_that_may_select_or_authorize() {
    let kept = [
        ("host", "documents.example.com"),
        ("authorization", "Bearer 1"),
        ("proxy-authorization", "Basic 1"),
        ("accept", "text/html"),
        ("accept", "text/plain"),
        ("accept-encoding", "gzip"),
        ("accept-language", "en"),
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("x-api-key", "1"),
        ("x-tenant", "north"),
        ("api-version", "2"),
        ("prefer", "return=minimal"),
        ("x-content-type", "1"),
        ("x-if-match", "1"),
        ("connection", "close, x-tenant"),
        ("te", "trailers"),
        ("early-data", "1"),
        ("forwarded", "for=192.0.2.1"),
    ];
    let probe = probe_of(&[&kept[..], &[("if-match", "\"1\"")]].concat());
    assert_eq!(probe.headers, *request("PUT", &kept).headers());
}

#[test]
fn the_head_lacks_the_fields_that_the_user_names() {
    let named = [HeaderName::from_static("x-action"), header::ACCEPT, HeaderName::from_static("x-command")];
    let layer = || {
        let [action, accept, command] = named.clone();
        layer().probe_without([action]).probe_without(vec![accept, command])
    };
    let fields =
        [("if-match", "\"1\""), ("x-action", "a"), ("x-action", "b"), ("accept", "a/b"), ("cookie", "c")];
    for fields in [
        fields,
        fields.map(|(name, value)| if name == "x-action" { ("x-command", value) } else { (name, value) }),
    ] {
        let resource = Resource::whose_head_is(200, &CURRENT);
        through(layer(), &resource, request("PUT", &fields)).expect("an answer");
        let [(probe, _), (put, _)] = &resource.seen()[..] else { panic!("a HEAD and a PUT") };
        assert_eq!(probe.headers, *request("HEAD", &[("cookie", "c")]).headers());
        assert_eq!(put.headers, *request("PUT", &fields).headers(), "the write has them all");
    }
}

/// The target of a layer inside that lets a field or a parameter replace the method.
const OVERRIDES: [(&str, Option<(&str, &str)>); 9] = [
    ("/", Some(("x-http-method-override", "DELETE"))),
    ("/", Some(("x-http-method", "DELETE"))),
    ("/", Some(("x-method-override", "DELETE"))),
    ("/?_method=DELETE", None),
    ("/?a=b&_method=DELETE", None),
    ("/?_method", None),
    ("/?%5Fmethod=DELETE", None),
    ("/?a=b&%5fm%65thod=DELETE", None),
    ("/?a=b;_method=DELETE", None),
];

#[test]
fn decision_18_a_request_with_a_method_override_sends_no_head() {
    for (target, field) in OVERRIDES {
        for (method, refused) in [("GET", 200), ("HEAD", 200), ("POST", 501), ("PUT", 501), ("LOCK", 501)] {
            let fields = [[("if-match", "\"0\"")].to_vec(), field.into_iter().collect()].concat();
            for (layer, status) in
                [(layer(), refused), (layer().unevaluated_writes(UnevaluatedWrites::Forward), 200)]
            {
                let resource = Resource::whose_head_is(200, &CURRENT);
                let mut sent = request(method, &fields);
                *sent.uri_mut() = target.parse().expect("a target");
                let answer = through(layer, &resource, sent).expect("an answer");
                assert_eq!(answer.status(), status, "{method} {target} {field:?}");
                let reached: &[&str] = if status == 200 { &[method] } else { &[] };
                assert_eq!(resource.methods(), reached, "{method} {target} {field:?}");
                if status == 200 {
                    assert_eq!(resource.seen()[0].0.headers, *request(method, &fields).headers());
                } else {
                    assert!(answer.body().contains("names another method"), "{}", answer.body());
                }
            }
        }
    }
}

#[test]
fn a_parameter_that_only_resembles_a_method_override_does_not_count() {
    for target in [
        "/?method=DELETE",
        "/?a_method=DELETE",
        "/?a=_method",
        "/?_methods=1",
        "/_method=1",
        "/?%255Fmethod=1",
        "/?%5Gmethod=1",
        "/?_method%5",
    ] {
        let resource = Resource::whose_head_is(200, &CURRENT);
        let mut sent = request("PUT", &[("if-match", "\"0\"")]);
        *sent.uri_mut() = target.parse().expect("a target");
        assert_eq!(through(layer(), &resource, sent).expect("an answer").status(), 412, "{target}");
    }
}

#[test]
fn the_head_has_the_target_the_version_and_the_extensions() {
    let resource = Resource::whose_head_is(200, &CURRENT);
    let mut put = request("PUT", &[("if-match", "\"1\"")]).map(|_| String::from("mine"));
    *put.uri_mut() = "https://documents.example.com/a?b=c".parse().expect("a target");
    *put.version_mut() = Version::HTTP_2;
    put.extensions_mut().insert(7_u8);
    assert_eq!(through(layer(), &resource, put).expect("an answer").status(), 200);
    let seen = resource.seen();
    let [(probe, empty), (head, content)] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((&**empty, &**content), ("", "mine"));
    for head in [probe, head] {
        assert_eq!(head.uri, "https://documents.example.com/a?b=c");
        assert_eq!(head.version, Version::HTTP_2);
        assert_eq!(head.extensions.get(), Some(&7_u8));
    }
}

/// The layer does not evaluate the HEAD, so its handler finds no verdict.
#[test]
fn decision_12_the_head_has_no_verdict_of_a_layer_outside() {
    let outer = tower_precondition::PreconditionLayer::new(crate::support::finds(crate::support::current));
    let resource = Resource::whose_head_is(200, &CURRENT);
    let service = tower::ServiceBuilder::new().layer(outer).layer(layer()).service(resource.clone());
    let put = request("PUT", &[("if-match", "\"1\"")]);
    let answer = crate::support::at_once(tower::ServiceExt::oneshot(service, put)).expect("an answer");
    assert_eq!(answer.status(), 200);
    let verdicts: Vec<_> =
        resource.seen().iter().map(|(head, _)| head.extensions.get::<Verdict>().is_some()).collect();
    assert_eq!(verdicts, [false, true]);
}

#[test]
fn decision_8_the_service_sees_all_fields_but_the_evaluated_conditions() {
    let resource = Resource::whose_head_is(200, &CURRENT);
    exchange(
        &resource,
        "GET",
        &[("if-none-match", "\"0\""), ("if-modified-since", LATER), ("accept", "a/b")],
    );
    assert_eq!(resource.seen()[1].0.headers, *request("GET", &[("accept", "a/b")]).headers());
}

#[test]
fn a_write_keeps_its_conditions_and_its_content_fields() {
    let fields = [("if-match", "\"1\""), ("content-type", "text/plain"), ("expect", "100-continue")];
    let resource = Resource::whose_head_is(200, &CURRENT);
    exchange(&resource, "PUT", &fields);
    assert_eq!(resource.seen()[1].0.headers, *request("PUT", &fields).headers());
}

#[test]
fn a_requirement_of_existing_resources_sends_a_head() {
    let layer = || layer().require(Requirement::on_writes().existing_only());
    for (head, fields, status, methods) in [
        (200, &[][..], 428, &["HEAD"][..]),
        (404, &[], 200, &["HEAD", "PUT"]),
        (410, &[], 200, &["HEAD", "PUT"]),
        (403, &[], 501, &["HEAD"]),
        (200, &[("if-match", "\"1\"")], 200, &["HEAD", "PUT"]),
        (200, &[("if-match", "\"0\"")], 412, &["HEAD"]),
    ] {
        let resource = Resource::whose_head_is(head, &CURRENT);
        let answer = through(layer(), &resource, request("PUT", fields)).expect("an answer");
        assert_eq!(
            (answer.status().as_u16(), &*resource.methods()),
            (status, &methods.iter().map(|m| m.to_string()).collect::<Vec<_>>()[..]),
            "{head} {fields:?}"
        );
    }
}

#[test]
fn a_requirement_on_the_request_alone_sends_no_head() {
    let resource = Resource::whose_head_is(200, &CURRENT);
    let answer = through(layer().require(Requirement::on_writes()), &resource, request("PUT", &[]))
        .expect("an answer");
    assert_eq!(answer.status(), 428);
    assert!(resource.methods().is_empty());
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
}
