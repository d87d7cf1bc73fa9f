//! Writes: no response shows the current state before the handler performs them.

use std::{convert::Infallible, time::Duration};

use http::{Request, Response, request::Parts};
use tower::{Layer, ServiceExt, service_fn};
use tower_precondition::{
    PreconditionLayer, RejectionKind, Requirement, SerializedWrites, UnevaluatedWrites, Verdict,
};

use crate::support::{
    Answer,
    By::{self, Handler, Layer as ByLayer},
    EARLIER, at_once,
    bodies::Unread,
    current, finds, request, response, send, send_to,
};

/// `METHOD [fields] => the answer by default, the answer if writes are forwarded`.
macro_rules! writes {
    ($($name:ident: $method:literal [$($field:literal: $value:expr),*] => $by:expr, $forwarded:expr;)*) => {$(
        #[test]
        fn $name() {
            let fields: &[(&str, &str)] = &[$(($field, $value)),*];
            answers($method, fields, PreconditionLayer::from_response(), $by);
            let forwarding = PreconditionLayer::from_response().unevaluated_writes(UnevaluatedWrites::Forward);
            answers($method, fields, forwarding, $forwarded);
        }
    )*};
}

fn answers(
    method: &str,
    fields: &[(&str, &str)],
    layer: PreconditionLayer<tower_precondition::source::FromResponse>,
    by: By,
) -> Answer {
    let handled = response(200, &[("etag", "\"1\"")], "text");
    let answer = send_to(handled.clone(), layer, request(method, fields));
    assert_eq!(answer.by(), by, "{answer:?}");
    if by == Handler {
        let seen = answer.handled.as_ref().expect("the handler ran");
        assert_eq!(seen.headers, *request(method, fields).headers(), "it passes unchanged");
        assert!(answer.verdict().is_none());
        assert_eq!((answer.status(), &answer.head.headers), (200, handled.headers()), "it is not evaluated");
    }
    answer
}

writes! {
    put_without_a_condition_passes: "PUT" [] => Handler, Handler;
    delete_without_a_condition_passes: "DELETE" [] => Handler, Handler;
    post_without_a_condition_passes: "POST" [] => Handler, Handler;
    if_match_on_put: "PUT" ["if-match": "\"1\""] => ByLayer(501), Handler;
    if_match_on_patch: "PATCH" ["if-match": "\"1\""] => ByLayer(501), Handler;
    if_match_on_post: "POST" ["if-match": "\"1\""] => ByLayer(501), Handler;
    if_match_on_delete: "DELETE" ["if-match": "\"1\""] => ByLayer(501), Handler;
    if_match_on_an_unknown_method: "LOCK" ["if-match": "\"1\""] => ByLayer(501), Handler;
    methods_are_case_sensitive: "get" ["if-none-match": "\"1\""] => ByLayer(501), Handler;
    if_match_any: "PUT" ["if-match": "*"] => ByLayer(501), Handler;
    if_none_match_any: "PUT" ["if-none-match": "*"] => ByLayer(501), Handler;
    if_none_match_tags: "PUT" ["if-none-match": "\"0\""] => ByLayer(501), Handler;
    if_unmodified_since: "PUT" ["if-unmodified-since": EARLIER] => ByLayer(501), Handler;
    rule_36_a_date_before_1970_is_a_date: "PUT" ["if-unmodified-since": "Wed, 31 Dec 1969 23:59:59 GMT"] => ByLayer(501), Handler;
    an_empty_if_match_is_a_condition: "PUT" ["if-match": ""] => ByLayer(501), Handler;

    rule_32_an_invalid_date_is_no_condition: "PUT" ["if-unmodified-since": "yesterday"] => Handler, Handler;
    rule_32_two_lines_are_no_condition: "PUT" ["if-unmodified-since": EARLIER, "if-unmodified-since": EARLIER] => Handler, Handler;
    rule_28_if_modified_since_is_no_condition: "PUT" ["if-modified-since": EARLIER] => Handler, Handler;

    decision_4_malformed_if_match: "PUT" ["if-match": "1"] => ByLayer(400), ByLayer(400);
    decision_4_malformed_if_none_match: "DELETE" ["if-none-match": "\"1"] => ByLayer(400), ByLayer(400);
    decision_4_malformed_beside_if_match: "PATCH" ["if-match": "\"1\"", "if-none-match": "1"] => ByLayer(400), ByLayer(400);
}

#[test]
fn decision_8_if_range_on_a_write_stays_with_range() {
    let layer = PreconditionLayer::from_response();
    let answer = send(layer, request("PUT", &[("if-range", "\"1\""), ("range", "bytes=0-1")]));
    assert_eq!(answer.by(), Handler);
    assert_eq!(answer.handled.expect("the handler ran").headers.len(), 2);
}

#[test]
fn the_501_says_why_and_is_not_stored() {
    let layer = PreconditionLayer::from_response();
    let answer = answers("PUT", &[("if-match", "\"1\"")], layer, ByLayer(501));
    assert_eq!(
        answer.problem(),
        serde_json::json!({
            "title": "Not Implemented",
            "status": 501,
            "detail": "the precondition of this write cannot be evaluated: \
                       nothing tells the current state before the write is made",
        }),
    );
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    assert_eq!(answer.field("etag"), None);
    assert_eq!(answer.rejection().expect("it says why").kind(), RejectionKind::Unevaluated);
}

#[test]
fn rule_59_a_refused_upload_is_not_read_and_ends_the_connection() {
    let handler = service_fn(|_: Request<Unread>| async {
        panic!("the handler was called");
        #[allow(unreachable_code, reason = "it gives the type")]
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let service = PreconditionLayer::from_response().layer(handler);
    let upload =
        request("PUT", &[("if-match", "\"1\""), ("expect", "100-continue")]).map(|_| Unread::default());
    let Ok(response) = at_once(service.oneshot(upload));
    assert_eq!(response.status(), 501);
    assert_eq!(response.headers()["connection"], "close");
}

#[test]
fn rule_59_a_forwarded_upload_is_not_read_by_the_layer() {
    let handler =
        service_fn(|_: Request<Unread>| async { Ok::<_, Infallible>(Response::new(String::new())) });
    let layer = PreconditionLayer::from_response().unevaluated_writes(UnevaluatedWrites::Forward);
    let upload = request("PUT", &[("if-match", "\"1\"")]).map(|_| Unread::default());
    let Ok(response) = at_once(layer.layer(handler).oneshot(upload));
    assert_eq!(response.status(), 200);
}

#[test]
fn a_requirement_is_checked_first() {
    let layer = || PreconditionLayer::from_response().require(Requirement::on_writes());
    for method in ["PUT", "PATCH", "DELETE"] {
        assert_eq!(send(layer(), request(method, &[])).by(), ByLayer(428), "{method}");
        assert_eq!(send(layer(), request(method, &[("if-match", "1")])).by(), ByLayer(400), "{method}");
        assert_eq!(send(layer(), request(method, &[("if-match", "\"1\"")])).by(), ByLayer(501), "{method}");
    }
    assert_eq!(send(layer(), request("GET", &[])).by(), Handler);
}

#[test]
fn a_forwarded_write_can_meet_a_requirement() {
    let layer = PreconditionLayer::from_response()
        .unevaluated_writes(UnevaluatedWrites::Forward)
        .require(Requirement::on_writes());
    assert_eq!(send(layer.clone(), request("PUT", &[])).by(), ByLayer(428));
    assert_eq!(send(layer, request("PUT", &[("if-match", "\"0\"")])).by(), Handler);
}

/// The layer does not know whether the resource exists, so a requirement on existing ones refuses the write.
#[test]
fn a_requirement_on_existing_resources_refuses_writes_without_a_condition() {
    let layer = PreconditionLayer::from_response().require(Requirement::on_writes().existing_only());
    assert_eq!(send(layer.clone(), request("PUT", &[])).by(), ByLayer(501));
    assert_eq!(send(layer, request("GET", &[])).by(), Handler);
}

#[test]
fn a_requirement_on_existing_resources_uses_the_response_to_get() {
    let requirement = || Requirement::on_writes().for_methods([http::Method::GET]).existing_only();
    let layer = || PreconditionLayer::from_response().require(requirement());
    let exchange = |fields: &[(&str, &str)], status| {
        send_to(response(status, &[("etag", "\"1\"")], "text"), layer(), request("GET", fields)).status()
    };
    assert_eq!(exchange(&[], 200), 428);
    assert_eq!(exchange(&[], 404), 404);
    assert_eq!(exchange(&[("if-match", "\"1\"")], 200), 200);
    assert_eq!(exchange(&[("if-match", "\"0\"")], 200), 412);
}

#[test]
fn decision_12_the_verdict_of_an_outer_layer_does_not_reach_a_write_that_was_not_evaluated_inside() {
    let outer = PreconditionLayer::new(finds(current));
    for fields in [&[][..], &[("if-match", "\"1\"")]] {
        let inner = PreconditionLayer::from_response().unevaluated_writes(UnevaluatedWrites::Forward);
        let both = tower::ServiceBuilder::new().layer(outer.clone()).layer(inner);
        let seen = std::sync::Arc::new(std::sync::Mutex::new(None));
        let handler = {
            let seen = std::sync::Arc::clone(&seen);
            service_fn(move |request: Request<String>| {
                *seen.lock().expect("no test panics in here") =
                    Some(request.extensions().get::<Verdict>().is_some());
                async { Ok::<_, Infallible>(Response::new(String::new())) }
            })
        };
        let Ok(response) = at_once(both.service(handler).oneshot(request("PUT", fields)));
        assert_eq!(response.status(), 200);
        assert_eq!(*seen.lock().expect("no test panics in here"), Some(false));
    }
}

#[tokio::test(start_paused = true)]
async fn forwarded_writes_take_turns_and_refused_writes_release_theirs() {
    let writes =
        SerializedWrites::by(|head: &Parts| head.uri.path().to_owned()).wait_at_most(Duration::from_secs(9));
    let slow = service_fn(|_: Request<String>| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let layer = PreconditionLayer::from_response().serialize_writes(writes.clone());
    let forwarding = layer.clone().unevaluated_writes(UnevaluatedWrites::Forward).layer(slow);
    let refusing = layer.layer(slow);
    let began = tokio::time::Instant::now();
    let conditional = || request("PUT", &[("if-match", "\"1\"")]);
    let (first, second, refused, read) = tokio::join!(
        forwarding.clone().oneshot(conditional()),
        forwarding.oneshot(conditional()),
        refusing.clone().oneshot(conditional()),
        async {
            let answer = refusing.clone().oneshot(request("GET", &[("if-match", "\"1\"")])).await;
            (answer, began.elapsed())
        },
    );
    let (Ok(first), Ok(second), Ok(refused), (Ok(read), read_after)) = (first, second, refused, read);
    assert_eq!([first.status(), second.status(), refused.status()], [200, 200, 501]);
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    assert_eq!((read.status().as_u16(), read_after), (412, Duration::from_secs(1)), "reads never wait");
}
