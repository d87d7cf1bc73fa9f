//! Which requests have an id, which of them are the same, and who sees it.

use std::{future::ready, sync::Mutex};

use http::{HeaderName, Request, request::Parts};
use tower_precondition::{
    Attached, PreconditionLayer, Representation, SerializedWrites, Verdict, WriteIdentity, WriteIds,
    validators_from_fn,
};

use crate::support::{at_once, current, request, send, service_fn};

const DIGEST: &str = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
const OTHER_DIGEST: &str = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
const SHA_512: &str =
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

fn ids() -> WriteIds {
    WriteIds::new(|head: &Parts| head.headers.get("x-user").cloned())
}

fn identity_by(ids: &WriteIds, method: &str, fields: &[(&str, &str)]) -> Option<WriteIdentity> {
    ids.identity(&request(method, fields).into_parts().0)
}

/// `METHOD [fields] => whether it has an id`. The sender is given.
macro_rules! has_id {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),* $(,)?] => $has:literal;)*) => {$(
        #[test]
        fn $name() {
            let fields = [("x-user", "ada"), $(($field, $value)),*];
            assert_eq!(identity_by(&ids(), $method, &fields).is_some(), $has);
        }
    )*};
}

has_id! {
    decision_20_a_write_with_a_condition_and_a_digest:
        "PUT" ["idempotency-key": "\"1\"", "if-match": "\"1\"", "content-digest": DIGEST] => true;
    decision_20_if_none_match_counts:
        "PUT" ["idempotency-key": "\"1\"", "if-none-match": "*", "content-digest": DIGEST] => true;
    decision_20_sha_512_counts:
        "POST" ["idempotency-key": "1", "if-match": "*", "content-digest": SHA_512] => true;
    decision_20_one_good_digest_among_others: "PATCH" ["idempotency-key": "1", "if-match": "*",
        "content-digest": "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:", "content-digest": "unixsum=:AAA=:, sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"]
        => true;
    decision_20_no_content_needs_no_digest:
        "MOVE" ["idempotency-key": "1", "if-match": "*", "content-length": "0"] => true;
    decision_20_a_deletion_needs_no_digest: "DELETE" ["idempotency-key": "1", "if-match": "*"] => true;
    decision_20_255_bytes: "DELETE" ["idempotency-key": &"i".repeat(255), "if-match": "*"] => true;
    decision_20_no_condition: "PUT" ["idempotency-key": "1", "content-digest": DIGEST] => false;
    decision_20_a_date_alone: "PUT" ["idempotency-key": "1", "content-digest": DIGEST,
        "if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT"] => false;
    decision_20_a_read: "GET" ["idempotency-key": "1", "if-match": "*", "content-digest": DIGEST] => false;
    decision_20_no_id: "DELETE" ["if-match": "*"] => false;
    decision_20_two_lines: "DELETE" ["idempotency-key": "1", "idempotency-key": "1", "if-match": "*"] => false;
    decision_20_256_bytes: "DELETE" ["idempotency-key": &"i".repeat(256), "if-match": "*"] => false;
    decision_20_an_empty_id: "DELETE" ["idempotency-key": "", "if-match": "*"] => false;
    decision_20_an_empty_string: "DELETE" ["idempotency-key": "\"\"", "if-match": "*"] => false;
    decision_20_another_field: "DELETE" ["x-request-id": "1", "if-match": "*"] => false;
    decision_20_content_without_a_digest:
        "PUT" ["idempotency-key": "1", "if-match": "*", "content-length": "5"] => false;
    decision_20_perhaps_content: "PUT" ["idempotency-key": "1", "if-match": "*"] => false;
    decision_20_content_of_unknown_length:
        "PUT" ["idempotency-key": "1", "if-match": "*", "content-length": "0", "transfer-encoding": "chunked"] => false;
    decision_20_a_deletion_with_content:
        "DELETE" ["idempotency-key": "1", "if-match": "*", "content-type": "application/json"] => false;
    decision_20_a_digest_that_is_easily_forged: "PUT" ["idempotency-key": "1", "if-match": "*",
        "content-digest": "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"] => false;
    decision_20_a_digest_that_is_cut: "PUT" ["idempotency-key": "1", "if-match": "*",
        "content-digest": "sha-256=:X48E9qOokqqrvdts8nOJRA==:"] => false;
    decision_20_a_digest_of_the_representation_alone:
        "PUT" ["idempotency-key": "1", "if-match": "*", "repr-digest": DIGEST] => false;
}

#[test]
fn decision_20_a_request_without_a_sender_has_no_id() {
    assert_eq!(identity_by(&ids(), "DELETE", &[("idempotency-key", "1"), ("if-match", "*")]), None);
}

/// The request that the next rows change.
const BASE: [(&str, &str); 7] = [
    ("x-user", "ada"),
    ("idempotency-key", "\"1\""),
    ("if-match", "\"1\""),
    ("content-type", "application/json"),
    ("content-length", "18"),
    ("content-digest", DIGEST),
    ("accept", "*/*"),
];

/// `[changed fields] => whether it is the same request`. An empty value takes the field away.
macro_rules! same {
    ($($name:ident: [$($field:literal: $value:expr),*] => $same:literal;)*) => {$(
        #[test]
        fn $name() {
            let changed: &[(&str, &str)] = &[$(($field, $value)),*];
            let kept = BASE.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
            let added = changed.iter().filter(|(_, value)| !value.is_empty());
            let fields: Vec<_> = kept.chain(added).copied().collect();
            let (first, second) = (identity_by(&ids(), "PUT", &BASE), identity_by(&ids(), "PUT", &fields));
            assert!(first.is_some() && second.is_some());
            assert_eq!(first == second, $same);
        }
    )*};
}

same! {
    decision_20_the_same_request: [] => true;
    decision_20_another_order_of_names: ["if-match": "\"1\""] => true;
    decision_20_an_id_without_quotes: ["idempotency-key": "1"] => true;
    decision_20_fields_that_say_nothing_of_the_write: ["accept": "text/html", "user-agent": "x", "expect": "100-continue"] => true;
    decision_20_another_id: ["idempotency-key": "\"2\""] => false;
    decision_20_another_sender: ["x-user": "grace"] => false;
    decision_20_another_tag: ["if-match": "\"2\""] => false;
    decision_20_one_more_tag: ["if-match": "\"1\", \"2\""] => false;
    decision_20_another_condition: ["if-match": "", "if-none-match": "\"1\""] => false;
    decision_20_one_more_condition: ["if-none-match": "\"2\""] => false;
    decision_20_one_more_date: ["if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT"] => false;
    decision_20_a_range: ["range": "bytes=0-4"] => false;
    decision_20_another_type: ["content-type": "text/plain"] => false;
    decision_20_another_length: ["content-length": "19"] => false;
    decision_20_a_coding: ["content-encoding": "gzip"] => false;
    decision_20_a_part: ["content-range": "bytes 0-4/9"] => false;
    decision_20_another_digest: ["content-digest": OTHER_DIGEST] => false;
    decision_20_another_method_by_a_field: ["x-http-method-override": "DELETE"] => false;
    decision_20_another_destination: ["destination": "/b"] => false;
    decision_20_another_lock_in_if: ["if": "(<urn:uuid:1>)"] => false;
    decision_20_another_lock_to_release: ["lock-token": "<urn:uuid:1>"] => false;
}

#[test]
fn decision_20_another_method_or_target_is_another_request() {
    let of = |method: &str, target: &str| {
        let fields =
            [("x-user", "ada"), ("idempotency-key", "1"), ("if-match", "*"), ("content-length", "0")];
        let mut head = request(method, &fields).into_parts().0;
        head.uri = target.parse().expect("a target");
        ids().identity(&head).expect("an id")
    };
    let first = of("PUT", "/documents/7?view=full");
    assert_eq!(first, of("PUT", "/documents/7?view=full"));
    assert_eq!(first, of("PUT", "http://replica.example/documents/7?view=full"), "another replica");
    for (method, target) in [
        ("DELETE", "/documents/7?view=full"),
        ("PUT", "/documents/8?view=full"),
        ("PUT", "/documents/7?view=short"),
        ("PUT", "/documents/7?"),
        ("PUT", "/documents/7"),
    ] {
        assert_ne!(first, of(method, target), "{method} {target}");
    }
    assert_ne!(of("PUT", "/documents/7"), of("PUT", "/documents/7?"));
}

#[test]
fn decision_20_lines_do_not_run_into_each_other() {
    let of = |fields: &[(&str, &str)]| {
        let fields =
            [&[("x-user", "ada"), ("idempotency-key", "1"), ("content-length", "0")], fields].concat();
        identity_by(&ids(), "PUT", &fields).expect("an id")
    };
    let every = [
        of(&[("if-match", "\"1\",\"2\"")]),
        of(&[("if-match", "\"1\","), ("if-match", "\"2\"")]),
        of(&[("if-match", "\"1\""), ("if-match", ",\"2\"")]),
        of(&[("if-match", "\"1\""), ("if-none-match", "\"2\"")]),
    ];
    let distinct: std::collections::HashSet<_> = every.iter().collect();
    assert_eq!(distinct.len(), every.len());
}

#[test]
fn decision_20_the_field_and_further_fields_are_settings() {
    let action = HeaderName::from_static("x-action");
    let ids = ids().in_field(HeaderName::from_static("x-write")).also_by([action]);
    let of = |action: &str| {
        let fields = [("x-user", "ada"), ("x-write", "1"), ("if-match", "*"), ("x-action", action)];
        identity_by(&ids, "DELETE", &fields)
    };
    assert!(of("a").is_some());
    assert_ne!(of("a"), of("b"));
    let usual = [("x-user", "ada"), ("idempotency-key", "1"), ("if-match", "*")];
    assert_eq!(identity_by(&ids, "DELETE", &usual), None);
}

#[test]
fn rule_23_success_can_be_limited_to_if_match() {
    let ids = ids().only_if_match();
    let of = |conditions: &[(&str, &str)]| {
        let fields =
            [&[("x-user", "ada"), ("idempotency-key", "1"), ("content-length", "0")], conditions].concat();
        identity_by(&ids, "PUT", &fields).is_some()
    };
    assert!(of(&[("if-match", "\"1\"")]));
    assert!(!of(&[("if-none-match", "*")]));
    assert!(!of(&[("if-match", "\"1\""), ("if-none-match", "\"2\"")]));
    assert!(!of(&[]));
}

const WITH_AN_ID: [(&str, &str); 4] =
    [("x-user", "ada"), ("idempotency-key", "1"), ("if-match", "\"1\""), ("content-length", "0")];

/// What the source and the handler see of the identity: the handler in the extensions, and by the verdict.
fn seen(ids: Option<WriteIds>, request: Request<String>) -> [Option<WriteIdentity>; 3] {
    let by_source = Mutex::new(None);
    let source = |head: &Parts| {
        *by_source.lock().expect("no test panics in here") = head.extensions.get().copied();
        ready(Representation::current(current()))
    };
    let layer = PreconditionLayer::new(source);
    let answer = match ids {
        Some(ids) => send(layer.write_ids(ids), request),
        None => send(layer, request),
    };
    let in_verdict = answer.verdict().and_then(Verdict::write_identity).copied();
    let extensions = &answer.handled.expect("the handler ran").extensions;
    [by_source.into_inner().expect("no test panics in here"), extensions.get().copied(), in_verdict]
}

#[test]
fn decision_12_the_source_and_the_handler_find_the_identity() {
    let identity = identity_by(&ids(), "PUT", &WITH_AN_ID);
    assert!(identity.is_some());
    assert_eq!(seen(Some(ids()), request("PUT", &WITH_AN_ID)), [identity; 3]);
    assert_eq!(seen(Some(ids()), request("PUT", &WITH_AN_ID[1..])), [None; 3], "no sender");
    assert_eq!(seen(None, request("PUT", &WITH_AN_ID)), [None; 3], "the layer was not told of ids");
}

#[test]
fn decision_12_an_identity_of_an_outer_layer_does_not_pass_for_one_of_this_layer() {
    let outer = identity_by(&ids(), "PUT", &WITH_AN_ID).expect("an id");
    let mut repeated = request("PUT", &WITH_AN_ID[1..]);
    repeated.extensions_mut().insert(outer);
    assert_eq!(seen(Some(ids()), repeated), [None; 3]);
}

#[tokio::test]
async fn decision_20_a_write_in_turn_has_its_identity() {
    use tower::{Layer, ServiceExt};
    let writes = SerializedWrites::by(|head: &Parts| head.uri.path().to_owned());
    let layer =
        PreconditionLayer::new(|_: &Parts| ready(current())).write_ids(ids()).serialize_writes(writes);
    let handler = service_fn(|request: Request<String>| {
        let identity = request.extensions().get::<Verdict>().and_then(Verdict::write_identity).copied();
        ready(Ok::<_, std::convert::Infallible>(http::Response::new(format!("{}", identity.is_some()))))
    });
    let response = layer.layer(handler).oneshot(request("PUT", &WITH_AN_ID)).await.expect("an answer");
    let content = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
    assert_eq!(content, "true");
}

#[test]
fn decision_12_look_ups_and_handlers_under_axum_extract_the_identity() {
    use axum::{Router, body::Body, extract::FromRequestParts, routing::put};
    use tower::ServiceExt;
    let source = validators_from_fn(async |identity: Option<WriteIdentity>| {
        Representation::from(current()).with_attached(identity)
    });
    let handler = async |Attached(by_source): Attached<Option<WriteIdentity>>, own: Option<WriteIdentity>| {
        assert_eq!(by_source, own);
        format!("{}", own.is_some())
    };
    let layer = PreconditionLayer::new(source).write_ids(ids());
    let app: Router = Router::new().route("/documents/{id}", put(handler).route_layer(layer));
    for (fields, has) in [(&WITH_AN_ID[..], "true"), (&WITH_AN_ID[1..], "false")] {
        let Ok(response) = at_once(app.clone().oneshot(request("PUT", fields).map(Body::from)));
        let content = at_once(axum::body::to_bytes(response.into_body(), usize::MAX)).expect("content");
        assert_eq!(content, has);
    }
    let mut head = request("PUT", &WITH_AN_ID).into_parts().0;
    let missing = at_once(WriteIdentity::from_request_parts(&mut head, &())).expect_err("no layer was there");
    assert!(missing.to_string().contains("write_ids"));
}

#[test]
fn an_identity_is_shown_in_hexadecimal() {
    let identity = identity_by(&ids(), "PUT", &WITH_AN_ID).expect("an id");
    let shown = format!("{identity:?}");
    assert_eq!(shown.len(), "WriteIdentity()".len() + 64);
    assert!(shown.contains(&format!("{:02x}", identity.as_bytes()[0])));
    assert!(format!("{:?}", ids()).contains("idempotency-key"));
}
